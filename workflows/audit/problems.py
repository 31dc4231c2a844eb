"""What a verification can find, each with a code and sentences in two languages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

#: A report keeps this many problems and counts the rest.
MAX_KEPT: Final = 1_000

SENTENCES: Final = {
    "chain.changed": ("内容与摘要不符，已被改动", "the content does not fit its hash: changed"),
    "chain.columns": ("查询列与封存内容不符：{detail}", "columns differ from the record: {detail}"),
    "chain.gap": ("序号不连续，有留痕被删除或插入", "the sequence is broken: deleted or inserted"),
    "chain.link": ("与前一条的摘要不衔接", "it does not follow the hash of the entry before"),
    "chain.head": ("链尾与登记的末条不符，有留痕被删除", "the chain does not end at its head: cut"),
    "chain.headless": ("留痕没有对应的链头", "the entries have no head"),
    "access.changed": ("查阅记录与摘要不符，已被改动", "the access record was changed"),
    "access.columns": ("查阅记录的查询列与封存内容不符：{detail}", "columns differ: {detail}"),
    "tree.gap": ("封存树缺少叶子", "the tree lacks a leaf"),
    "tree.missing": ("已封存的记录不见了", "a sealed record is gone"),
    "tree.changed": ("已封存的记录与封存时不同", "a sealed record differs from what was sealed"),
    "tree.root": ("树根与已签名的树头不符", "the root does not fit the signed head"),
    "tree.signature": (
        "树头的签名无效或密钥不可信",
        "the head's signature is not valid or trusted",
    ),
    "tree.unsigned": ("有叶子没有被任何树头覆盖", "leaves that no head covers"),
    "tree.beyond": ("树头超出现有的叶子，树被截断", "a head beyond the leaves: the tree was cut"),
    "tree.node": ("存储的中间节点与叶子不符", "a stored node does not fit the leaves"),
    "tree.anchor": (
        "与外部留存的树根不符，历史被改写",
        "differs from the root kept elsewhere: rewritten",
    ),
    "tree.anchor_beyond": (
        "树短于外部留存的大小，历史被回退",
        "shorter than the size kept elsewhere: rolled back",
    ),
    "seal.escaped": ("记录既未封存也不在待封存之列", "neither sealed nor waiting to be sealed"),
    "seal.orphan": ("待封存的记录不见了", "a record that waited to be sealed is gone"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; `place` names the row, subject or leaf."""

    code: str
    place: str
    detail: str = ""

    @property
    def message(self) -> str:
        """The Chinese sentence."""
        return f"{self.place}：{SENTENCES[self.code][0].format(detail=self.detail)}。"

    @property
    def message_en(self) -> str:
        """The English sentence."""
        return f"{self.place}: {SENTENCES[self.code][1].format(detail=self.detail)}."


@dataclass(slots=True)
class Report:
    """What was checked and what was found; the first thousand problems are kept."""

    subjects: int = 0
    entries: int = 0
    accesses: int = 0
    leaves: int = 0
    heads: int = 0
    waiting: int = 0
    problem_count: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def intact(self) -> bool:
        """Whether nothing is wrong."""
        return self.problem_count == 0

    def add(self, code: str, place: str, detail: str = "") -> None:
        """Note a problem."""
        self.problem_count += 1
        if len(self.problems) < MAX_KEPT:
            self.problems.append(Problem(code, place, detail))
