"""A single-person household (单人户): one member's facts, as the tables about it see them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from workflows.definitions.answering import Answer
from workflows.definitions.asking import ask_decision
from workflows.definitions.policy import Policy
from workflows.errors import Invalid
from workflows.feel import Value, from_json

SINGLE: Final = "single_assessment"
#: Decisions that are asked about the person, as for a member of any household.
_INCOME: Final = "dibao_income_item"
_TOPUPS: Final = ("dibao_member_topup", "dibao_member_disabled")
#: Facts of the member that the table of grounds looks at.
_GROUNDS: Final = (
    "disability_grade", "disability_kind", "serious_illness", "employed", "clergy_years",
)  # fmt: skip
#: What the single person's assessment takes over from the family's.
_SHARED: Final = ("per_capita", "edge_line", "property_ok", "review_months", "level")

_Amount = Callable[[str, Mapping[str, Value]], Decimal]


def single_inputs(
    law: Policy,
    facts: Mapping[str, Any],
    family: Answer,
    person_id: str,
    on: date,
    now: datetime,
) -> dict[str, Any]:
    """What `single_assessment` is asked with: the family as assessed, and the person alone.

    `facts` are the household's and `family` the answer of its assessment. The income is the
    person's own, each item counted by the table that counts everybody's; the top-up is what a
    member like this one gets.

    Raises:
        Invalid: `person_left` when the person is no longer a member; what a table refuses.
    """

    def amount(key: str, inputs: Mapping[str, Value]) -> Decimal:
        result, _ = ask_decision(law, key, {**inputs, "day": on}, on, now, tells=False)
        return Decimal(str(result.value))

    steps = {
        step["id"]: from_json(step["result"])
        for step in family.result.explanation.to_json()["steps"]
        if step["kind"] == "decision"
    }
    member = _member(steps, person_id)
    income = _own_income(facts, person_id, amount)
    result: Any = family.result.value
    topups = (amount(key, {"member": member["member"]}) for key in _TOPUPS)
    return {
        "on": on,
        "family": _family(facts, steps, income),
        "person": {
            "age": member["age"],
            **{name: member["member"].get(name) for name in _GROUNDS},
            "county_category": None,
            "own_income": income,
        },
        "assessed": {
            **{name: result[name] for name in _SHARED},
            "warning": next(iter(result["warnings"]), None),
            "topup": sum(topups, Decimal(0)),
        },
    }


def _own_income(facts: Mapping[str, Any], person_id: str, amount: _Amount) -> Decimal:
    """What counts of the person's own incomes, at least nothing."""
    own = (item for item in facts["incomes"] if item["member"] == person_id)
    return max(sum((amount(_INCOME, {"income": item}) for item in own), Decimal(0)), Decimal(0))


def _family(facts: Mapping[str, Any], steps: Mapping[str, Any], income: Decimal) -> dict[str, Any]:
    """The family; somebody whose family isn't counted, as clergy who left it, stands alone."""
    size = steps["dibao_members"]["size"]
    return {
        "area": facts["area"],
        "total": steps["dibao_countable_income"] if size else income,
        "members": size or Decimal(1),
        "property_ok": facts["property_ok"],
    }


def _member(steps: Mapping[str, Any], person_id: str) -> Mapping[str, Any]:
    """The member as the assessment judged it, also one who doesn't count with the family."""
    for judged in steps["dibao_members"]["judged"]:
        if judged["id"] == person_id:
            found: Mapping[str, Any] = judged
            return found
    raise Invalid(
        "person_left",
        "单独申请的人已经不是这个家庭的成员，请先更正家庭信息。",
        "The person who applies alone is no longer a member of the household.",
    )
