"""Write docs/regulation/clauses.md: every clause with what implements it, and the other way."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from workflows.definitions.files import load_policy
from workflows.definitions.policy import Policy, parse_policy
from workflows.definitions.registers import Clause
from workflows.definitions.uses import KINDS, Kind, Use, clause_uses_of

ROOT: Final = Path(__file__).resolve().parent.parent
POLICY: Final = ROOT / "bpmn"
PAGE: Final = ROOT / "docs" / "regulation" / "clauses.md"
_KINDS: Final = {"quoted": "原文", "summary": "摘要"}
_CERTAINTIES: Final = {
    "found": "读到全文",
    "found_part": "只读到节录",
    "elsewhere": "其他地方的规定",
    "derived": "推导",
    "memory": "记忆，须核实",
    "default": "没有依据",
    "none": "只知其存在，没有读到文本",
}
_USES: Final[Mapping[Kind, str]] = {
    "process": "流程", "step": "步骤", "form": "表单", "decision": "决策表", "clock": "时限",
    "parameter": "参数", "notice": "告知书", "operation": "操作", "holidays": "法定节日",
}  # fmt: skip
_HEAD: Final = """# 条款与实现

本页由 `make docs` 按 `bpmn/` 中的文件生成，不手工修改。

登记簿有 {clauses} 个条款，其中 {used} 个由流程图、表单、决策表、时限、参数或者告知书引用。
其余 {idle} 个写明为什么没有。
通知的每一段分成若干项，各有自己的编号。“摘要”不是原文，引用前须核对正式文本。
[按实现列出](#按实现列出)在后面。
"""


def main(arguments: list[str]) -> int:
    """Write the page; with `--check` return 1 when it is out of date instead."""
    text = page(parse_policy(load_policy(POLICY)))
    if "--check" in arguments:
        return 0 if PAGE.exists() and PAGE.read_text("utf-8") == text else 1
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(text, encoding="utf-8")
    return 0


def page(policy: Policy) -> str:
    """The page as Markdown: a section per text of law, a paragraph per clause, then the reverse."""
    uses = clause_uses_of(policy)
    cited = sum(bool(uses.get(clause_id)) for clause_id in policy.clauses)
    idle = len(policy.clauses) - cited
    parts = [_HEAD.format(clauses=len(policy.clauses), used=cited, idle=idle)]
    by_law: dict[str, list[Clause]] = defaultdict(list)
    for clause in policy.clauses.values():
        by_law[clause.text].append(clause)
    for law, clauses in by_law.items():
        parts.append(f"## {law}\n")
        parts.extend(_paragraph(clause, uses.get(clause.id, ()), policy) for clause in clauses)
    parts.append("## 按实现列出\n")
    parts.extend(_reverse(kind, uses, policy) for kind in KINDS)
    return "\n".join(part for part in parts if part)


def _paragraph(clause: Clause, uses: Sequence[Use], policy: Policy) -> str:
    days = []
    if clause.valid_from:
        days.append(f"自{clause.valid_from}")
    if clause.valid_until:
        days.append(f"至{clause.valid_until}")
    facts = [_KINDS[clause.kind], _CERTAINTIES[clause.certainty], "".join(days)]
    lines = [
        f"### {clause.article}\n",
        f"`{clause.id}` · {' · '.join(fact for fact in facts if fact)}\n",
    ]
    if clause.summary:
        lines.append(f"> {' '.join(clause.summary.split())}\n")
    named: dict[Kind, list[str]] = {}
    for use in uses:
        named.setdefault(use.kind, []).append(_named(use, policy))
    lines.extend(f"- {_USES[kind]}：{'；'.join(names)}" for kind, names in named.items())
    if clause.waits:
        lines.append(f"- 没有引用：{clause.waits}")
    return "\n".join([*lines, ""])


def _named(use: Use, policy: Policy) -> str:
    if use.kind == "process":
        return use.name
    place = policy.processes[use.process_id].name + " " if use.process_id else ""
    return f"{place}{use.name}（`{use.key}`{'，尚无流程启动' if use.idle else ''}）"


def _reverse(kind: Kind, uses: Mapping[str, Sequence[Use]], policy: Policy) -> str:
    """What rests on which clauses, by kind of place."""
    clauses: dict[Use, list[str]] = {}
    for clause_id in policy.clauses:
        for use in uses.get(clause_id, ()):
            if use.kind == kind and not _by_item(clause_id, use, uses, policy):
                clauses.setdefault(use, []).append(f"`{clause_id}`")
    if not clauses:
        return ""
    lines = [f"- {_named(use, policy)}：{'、'.join(found)}" for use, found in clauses.items()]
    return "\n".join([f"### {_USES[kind]}\n", *sorted(lines), ""])


def _by_item(clause_id: str, use: Use, uses: Mapping[str, Sequence[Use]], policy: Policy) -> bool:
    """Whether a paragraph is named by one of its items, which is listed itself."""
    return any(
        item.part_of == clause_id and use in uses.get(item.id, ())
        for item in policy.clauses.values()
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
