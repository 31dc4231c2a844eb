"""A correction in sentences: why, and month by month; for forms and notices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from models.retroactive import TouchedKind
from workflows.assistance.retroactive.recalculation import Recalculation
from workflows.definitions.registers import Clause
from workflows.feel import format_value, from_json

#: The article of a source that is a text as a whole.
WHOLE: Final = "全文"


def reasons_in_words(detail: Mapping[str, Any], clauses: Mapping[str, Clause]) -> str:
    """Which values changed, one line each; for a rule that can't be run, that it can't."""
    if detail.get("problem"):
        return f"按当时登记的情况无法重新核算（{detail['problem']}），须由人工核实。"
    lines = []
    for row in detail["parameters"]:
        first = date.fromisoformat(row["valid_from"])
        old, new = (format_value(from_json(row[name])) for name in ("old", "new"))
        lines.append(
            f"{row['label']}：{old}{row['unit']}，更正为{new}{row['unit']}"
            f"（{first.year}年{first.month}月{first.day}日起；依据：{_sources(row, clauses)}）"
        )
    return "\n".join(lines)


def _sources(row: Mapping[str, Any], clauses: Mapping[str, Clause]) -> str:
    found = (clauses.get(one) for one in row["source"])
    return "、".join(
        one.text if one.article == WHOLE else f"{one.text}{one.article}"
        for one in found
        if one is not None
    )


def sums_in_words(found: Recalculation) -> str:
    """The monthly amount before and after, and what the paid months come to."""
    if found.kind is TouchedKind.UNCLEAR:
        return "系统没有算出金额。"
    if found.kind is TouchedKind.ELIGIBILITY:
        before, after = ("不符合", "符合") if found.new_monthly else ("符合", "不再符合")
        return f"原来{before}条件，按更正的标准{after}条件；系统不算补发或者追回的金额。"
    monthly = f"每月{found.old_monthly:.2f}元，更正为{found.new_monthly:.2f}元；"
    if not found.total:
        return f"{monthly}已经发放{len(found.months)}个月，没有少发或者多发。"
    word = "少发" if found.total > 0 else "多发"
    return f"{monthly}已经发放{len(found.months)}个月，{word}合计{abs(found.total):.2f}元。"


def months_in_words(months: Sequence[Mapping[str, str]]) -> str:
    """Received, due and difference of each paid month, one line each."""
    if not months:
        return "尚未发放。"
    return "\n".join(_month(row) for row in months)


def _month(row: Mapping[str, str]) -> str:
    difference = Decimal(row["difference"])
    told = (
        "不变" if not difference else f"{'补' if difference > 0 else '多发'}{abs(difference):.2f}"
    )
    return f"{row['month'][:7]}：已发{row['received']}元，应发{row['due']}元，{told}"
