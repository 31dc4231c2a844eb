"""A correction in sentences: why, and month by month; for forms and notices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from workflows.feel import format_value, from_json


def reasons_in_words(detail: Mapping[str, Any]) -> str:
    """Which values changed, one line each; for a rule that can't be run, that it can't."""
    if detail.get("problem"):
        return f"按当时登记的情况无法重新核算（{detail['problem']}），须由人工核实。"
    lines = []
    for row in detail["parameters"]:
        first = date.fromisoformat(row["valid_from"])
        old, new = (format_value(from_json(row[name])) for name in ("old", "new"))
        lines.append(
            f"{row['label']}：{old}{row['unit']}，更正为{new}{row['unit']}"
            f"（{first.year}年{first.month}月{first.day}日起；依据：{'、'.join(row['source'])}）"
        )
    return "\n".join(lines)


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
