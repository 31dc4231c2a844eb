"""Where the members of an application are registered and live, and who left poverty."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from models.households import Household
from models.offices import Office
from workflows.assistance.context import OperationContext
from workflows.assistance.households import rule_facts
from workflows.definitions.asking import ask_decision
from workflows.errors import Fault

#: The decision that says who counts as a member (57 号 7).
MEMBERS: Final = "dibao_members"
#: Parameters that name the province and the district of this installation.
OWN_PROVINCE: Final = "place.own_province"
OWN_COUNTY: Final = "place.own_county"
#: Codes of the member form: here, elsewhere in the district, in the province, or in another one.
_HERE, _DISTRICT, _PROVINCE = "here", "district", "city"


def place_facts(context: OperationContext) -> dict[str, Any]:
    """What the table of places sees: registration and residence of each member that counts.

    Members are numbered from 1, so that the trail names nobody. One of whom nothing is entered is
    registered and lives here. In a case about one person only that person counts.

    Raises:
        Fault: `no_household`.
    """
    own = _own_place(context)
    people = _counted(context)
    applicant = context.case.person_id or _household(context).head_person_id
    return {
        "members": [_member(str(place), one, own) for place, one in enumerate(people, 1)],
        "here": own["place"],
        "applicant": next(
            (str(place) for place, one in enumerate(people, 1) if one["id"] == applicant), ""
        ),
    }


def poverty_facts(context: OperationContext) -> dict[str, Any]:
    """What the table about people who left poverty sees (通知 二(一)1), and who they are, in order.

    Raises:
        Fault: `no_household`.
    """
    household = _household(context)
    facts = rule_facts(context.session, household, context.today, context.keys)
    people = [one for one in _counted(context, facts) if one.get("poverty_exit_person") is True]
    return {
        "people": [
            {
                "number": Decimal(number),
                "able_bodied": one.get("able_bodied") is True,
                "labour_reduced": one.get("labour_reduced") is True,
                "employed": one.get("employed") is True,
            }
            for number, one in enumerate(people, 1)
        ],
        "person_ids": [one["id"] for one in people],
        "unstable_income": facts["unstable_income"] is not False,
    }


def _household(context: OperationContext) -> Household:
    case = context.case
    found = context.session.get(Household, case.household_id) if case.household_id else None
    if found is None:
        raise Fault("no_household", "办件没有家庭信息。", "The case has no household.")
    return found


def _own_place(context: OperationContext) -> dict[str, str]:
    def named(key: str) -> str:
        return str(context.law.parameters.value(key, context.today).value)

    township = context.session.get_one(Office, context.case.township_id)
    return {"province": named(OWN_PROVINCE), "county": named(OWN_COUNTY), "place": township.name}


def _counted(
    context: OperationContext, facts: Mapping[str, Any] | None = None
) -> list[Mapping[str, Any]]:
    """The members that count on this day, as the rules see them."""
    if facts is None:
        household = _household(context)
        facts = rule_facts(context.session, household, context.today, context.keys)
    if context.case.person_id is not None:
        return [one for one in facts["members"] if one["id"] == context.case.person_id]
    result, _ = ask_decision(
        context.law, MEMBERS, {"household": facts}, context.today, context.now, tells=False
    )
    counted = set(result.value["ids"])
    return [one for one in facts["members"] if one["id"] in counted]


def _member(number: str, facts: Mapping[str, Any], own: Mapping[str, str]) -> dict[str, Any]:
    at = facts.get("hukou_at") or _HERE
    lives = facts.get("lives_at") or _HERE
    province = own["province"] if at in (_HERE, _DISTRICT, _PROVINCE) else facts["hukou_province"]
    county = own["county"] if at in (_HERE, _DISTRICT) else facts["hukou_county"]
    return {
        "id": number,
        "hukou_province": province,
        "hukou_county": county,
        "hukou_place": own["place"] if at == _HERE else _named(at, province, county, facts),
        "residence_province": (
            own["province"] if lives in (_HERE, _PROVINCE) else facts["residence_province"]
        ),
        "residence_county": own["county"] if lives == _HERE else facts["residence_county"],
    }


def _named(at: str, province: str, county: str, facts: Mapping[str, Any]) -> str:
    """A place as an answer to the family names it: as much of it as is needed to find it."""
    if at == _DISTRICT:
        return str(facts["hukou_place"])
    return f"{'' if at == _PROVINCE else province}{county}{facts['hukou_place']}"
