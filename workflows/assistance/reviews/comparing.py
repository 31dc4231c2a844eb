"""Old against new, line by line: for the page, the hearing and the notice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from workflows.assistance.context import OperationContext

#: The decisions whose rows say why a change turns out as it does, in the order of telling.
REASONS: Final = (
    "dibao_review_outcome",
    "gradual_exit_end",
    "gradual_exit_plan",
    "change_course",
    "review_change",
)
_CENT: Final = Decimal("0.01")


def compare(
    context: OperationContext,
    *,
    situation: Mapping[str, Any],
    action: str,
    amount: Decimal,
    rule_month: str,
    exit_from: str | None = None,
) -> dict[str, Any]:
    """Old and new side by side, why, the amount and the first month of the change.

    `amount` is in yuan a month, months are such as 2022-10. What follows a gradual exit begins
    when that ends, not earlier and not later.
    """
    from_month = _from_month(situation, action, rule_month)
    paid = Decimal(0) if action == "stop" else amount
    lines = list(_lines(context, situation, action, paid, from_month, exit_from))
    return {
        "compared": "\n".join(lines),
        "reasons": "".join(_sentences(context)),
        "from_month": from_month,
        "amount": paid,
    }


def _from_month(situation: Mapping[str, Any], action: str, rule_month: str) -> str:
    if situation["phase"] == "exit_over" and situation["exit_until"] is not None:
        return str(situation["exit_until"])
    if action == "unchanged":
        return rule_month
    return max(rule_month, str(situation["start_month"]))


def _lines(
    context: OperationContext,
    situation: Mapping[str, Any],
    action: str,
    paid: Decimal,
    from_month: str,
    exit_from: str | None,
) -> Iterator[str]:
    before: Mapping[str, Any] = situation["before"] or {}
    after: Mapping[str, Any] = context.variables.get("assessment") or {}
    yield f"共同生活成员：{_was(before, 'members')} 人 → {after.get('members')} 人"
    yield f"家庭计入收入：{_sum(before, 'countable')} → {_sum(after, 'countable')} 元/月"
    yield f"人均收入：{_sum(before, 'per_capita')} → {_sum(after, 'per_capita')} 元/月"
    yield f"低保标准：{_sum(before, 'standard')} → {_sum(after, 'standard')} 元/人·月"
    if situation["withheld"]:
        yield f"按另一决定扣减：{situation['withheld']:.2f} 元/月"
    yield f"每月发放：{situation['monthly']:.2f} → {paid:.2f} 元"
    if action == "gradual_exit":
        yield f"渐退：自 {from_month} 起，至 {exit_from} 的前一个月止"
    elif action != "unchanged":
        yield f"自 {from_month} 起"


def _was(values: Mapping[str, Any], key: str) -> str:
    value = values.get(key)
    return "—" if value is None else str(value)


def _sum(values: Mapping[str, Any], key: str) -> str:
    value = values.get(key)
    return "—" if value is None else f"{Decimal(value).quantize(_CENT):.2f}"


def _sentences(context: OperationContext) -> Iterator[str]:
    """What the rows that hit say, each once; the tables were asked in this act."""
    newest = {one["decision"]: one for one in context.reasons if one.get("decision") in REASONS}
    told: dict[str, None] = {}
    for key in REASONS:
        for step in newest.get(key, {}).get("explanation", {}).get("steps", ()):
            sentence = (step.get("sentence") or {}).get("zh")
            if sentence:
                told[sentence] = None
    return iter(told)
