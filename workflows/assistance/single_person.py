"""A single-person household (单人户): one member's facts, as the tables about it see them."""

from __future__ import annotations

from collections.abc import Mapping
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
    steps = {
        step["id"]: from_json(step["result"])
        for step in family.result.explanation.to_json()["steps"]
        if step["kind"] == "decision"
    }
    member = _member(facts, steps, person_id)
    own_income = sum(
        (_asked(law, _INCOME, {"income": item, "day": on}, on, now)
         for item in facts["incomes"] if item["member"] == person_id),
        Decimal(0),
    )  # fmt: skip
    topup = sum(
        (_asked(law, key, {"member": member["member"], "day": on}, on, now) for key in _TOPUPS),
        Decimal(0),
    )
    result: Any = family.result.value
    size = steps["dibao_members"]["size"]
    known = member["member"]
    return {
        "on": on,
        "family": {
            "area": facts["area"],
            # somebody whose family isn't counted, as clergy who left it, is measured alone
            "total": steps["dibao_countable_income"] if size else own_income,
            "members": size or Decimal(1),
            "property_ok": facts["property_ok"],
        },
        "person": {
            "age": member["age"],
            **{
                name: known.get(name)
                for name in (
                    "disability_grade", "disability_kind", "serious_illness", "employed",
                    "clergy_years",
                )
            },
            "county_category": None,
            "own_income": max(own_income, Decimal(0)),
        },
        "assessed": {
            **{
                name: result[name]
                for name in (
                    "per_capita", "edge_line", "property_ok", "review_months", "level", "warnings",
                )
            },
            "topup": topup,
        },
    }  # fmt: skip


def _member(
    facts: Mapping[str, Any], steps: Mapping[str, Any], person_id: str
) -> Mapping[str, Any]:
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


def _asked(law: Policy, key: str, inputs: Mapping[str, Value], on: date, now: datetime) -> Decimal:
    result, _ = ask_decision(law, key, inputs, on, now, tells=False)
    return Decimal(str(result.value))
