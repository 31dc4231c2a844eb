"""Write docs/regulation/clauses.md: every clause of the register with what implements it."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from lxml import etree

from workflows.decisions.explanation import clause_ids, is_clause_column
from workflows.decisions.strict_yaml import load_yaml
from workflows.definitions.files import load_policy
from workflows.definitions.policy import Policy, parse_policy
from workflows.definitions.registers import Clause

ROOT: Final = Path(__file__).resolve().parent.parent
POLICY: Final = ROOT / "bpmn"
PAGE: Final = ROOT / "docs" / "regulation" / "clauses.md"
_DMN: Final = "{*}"
_KINDS: Final = {"quoted": "原文", "summary": "摘要"}
_CERTAINTIES: Final = {
    "found": "读到全文",
    "found_part": "只读到节录",
    "elsewhere": "其他地方的规定",
    "derived": "推导",
    "memory": "记忆，须核实",
    "default": "没有依据",
}
_HEAD: Final = """# 条款与实现

本页由 `make docs` 按 `bpmn/` 中的文件生成，不手工修改。

登记簿有 {clauses} 个条款，其中 {used} 个由流程图、时限、参数、决策表或者告知书引用。
没有引用的条款列出来供查阅，不等于已经实现。“摘要”不是原文，引用前须核对正式文本。
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
    """The page as Markdown: a section per text of law, a paragraph per clause."""
    uses = uses_of(policy)
    cited = sum(bool(uses.get(clause_id)) for clause_id in policy.clauses)
    parts = [_HEAD.format(clauses=len(policy.clauses), used=cited)]
    by_law: dict[str, list[Clause]] = defaultdict(list)
    for clause in policy.clauses.values():
        by_law[clause.text].append(clause)
    for law, clauses in by_law.items():
        parts.append(f"## {law}\n")
        parts.extend(_paragraph(clause, uses.get(clause.id, {})) for clause in clauses)
    return "\n".join(parts)


def _paragraph(clause: Clause, uses: Mapping[str, list[str]]) -> str:
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
    lines.extend(f"- {kind}：{'；'.join(names)}" for kind, names in uses.items())
    return "\n".join([*lines, ""] if uses else lines)


def uses_of(policy: Policy) -> dict[str, dict[str, list[str]]]:
    """By clause id, then by kind of place: the places that name it, each once, in order."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for source in (
        _diagrams(policy),
        _clocks(policy),
        _parameters(policy),
        _tables(policy),
        _holidays(policy),
    ):
        for clause_id, kind, place in source:
            if place not in found[clause_id][kind]:
                found[clause_id][kind].append(place)
    for clause_id, kind, place in _notices(policy):
        found[clause_id][kind].append(place)
    return {clause_id: dict(places) for clause_id, places in found.items()}


def _diagrams(policy: Policy) -> Iterator[tuple[str, str, str]]:
    for process in policy.processes.values():
        for clause_id in process.clauses:
            yield clause_id, "流程", process.name
        for element in process.elements.values():
            place = f"{process.name} {element.name or '汇合'}（`{element.id}`）"
            for clause_id in element.clauses:
                yield clause_id, "步骤", place


def _clocks(policy: Policy) -> Iterator[tuple[str, str, str]]:
    used = {
        action.key
        for process in policy.processes.values()
        for element in process.elements.values()
        for action in element.clocks
    }
    for clock in policy.clocks.values():
        unused = "" if clock.key in used else "，尚无流程启动"
        for clause_id in clock.clauses:
            yield clause_id, "时限", f"{clock.name}（`{clock.key}`{unused}）"


def _holidays(policy: Policy) -> Iterator[tuple[str, str, str]]:
    for version in policy.holidays:
        for clause_id in version.clauses:
            yield clause_id, "法定节日", f"自{version.valid_from}（`statutory-holidays.yaml`）"


def _parameters(policy: Policy) -> Iterator[tuple[str, str, str]]:
    for parameter in policy.parameters:
        sources = [*parameter.clauses]
        for entry in parameter.entries:
            sources += [*entry.source, *entry.clauses]
        for source in sources:
            if source in policy.clauses:
                yield source, "参数", f"{parameter.label}（`{parameter.key}`）"


def _tables(policy: Policy) -> Iterator[tuple[str, str, str]]:
    for content in policy.files.below("decisions", ".dmn").values():
        for decision in etree.fromstring(content).iter(f"{_DMN}decision"):
            for clause_id in _rows(decision):
                yield clause_id, "决策表", f"{decision.get('name')}（`{decision.get('id')}`）"


def _rows(decision: etree._Element) -> Iterator[str]:
    for table in decision.iter(f"{_DMN}decisionTable"):
        names = [found.get("name") or "" for found in table.findall(f"{_DMN}annotation")]
        columns = [place for place, name in enumerate(names) if is_clause_column(name)]
        for rule in table.findall(f"{_DMN}rule"):
            entries = rule.findall(f"{_DMN}annotationEntry")
            cells = [entry.findtext(f"{_DMN}text") for entry in entries]
            for column in columns:
                yield from clause_ids((cells[column] if column < len(cells) else None) or "")


def _notices(policy: Policy) -> Iterator[tuple[str, str, str]]:
    for path, content in policy.files.below("notices", ".yaml").items():
        for kind, text in load_yaml(content, file=path).items():
            for clause_id in text.get("clauses", ()):
                yield clause_id, "告知书", f"{text['title']}（`{kind}`）"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
