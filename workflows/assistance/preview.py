"""What a household would get if its facts stood as entered; nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from workflows.assistance.assessments import DECISION
from workflows.assistance.households import HouseholdData
from workflows.definitions.asking import ask_decision
from workflows.definitions.policy import Policy
from workflows.privacy import parse_id_number


def previewed_assessment(
    data: HouseholdData, policy: Policy, *, on: date, now: datetime
) -> Mapping[str, Any]:
    """The assessment's result, keys as in `assess_household`, over facts just entered.

    Raises:
        Invalid: an id-card number that can't be right, or what a decision table refuses.
    """
    facts = {"household": _facts(data, on)}
    result, _ = ask_decision(policy, DECISION, facts, on, now, tells=False)
    found: Mapping[str, Any] = result.value
    return found


def _facts(data: HouseholdData, on: date) -> dict[str, Any]:
    return {
        "area": data.area.value,
        "on": on,
        "members": [
            {
                "id": str(place),
                "relation": member.relation,
                "birth_on": parse_id_number(member.id_number, today=on).born_on,
                "age": None,
                **member.facts,
            }
            for place, member in enumerate(data.members)
        ],
        "incomes": [
            {
                "member": None if item.member is None else str(item.member),
                "kind": item.kind,
                "basis": item.basis,
                "monthly": item.monthly,
                "label": item.label,
            }
            for item in data.incomes
        ],
        "property_ok": data.property_within_limits,
        "unstable_income": data.unstable_income,
    }
