"""The person that a case of extreme hardship is about: their facts, and the support they get."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select

from models.assistance import Assessment, Grant, GrantState
from models.households import Household
from workflows.assistance.context import OperationContext
from workflows.assistance.grants import amount_of_month, counting_amounts
from workflows.assistance.households import rule_facts
from workflows.assistance.money.ledger import TEKUN
from workflows.calendar import months_later
from workflows.errors import Conflict, Fault, Invalid, NotFound
from workflows.feel import from_json

#: How the tables of extreme hardship name the schooling that the household's file has.
_SCHOOLING: Final[Mapping[str, str]] = {
    "none": "none",
    "compulsory": "compulsory",
    "senior": "senior",
    "vocational": "vocational",
}


def person_id_of(context: OperationContext) -> str:
    """The person of the case.

    Raises:
        Fault: `no_person`.
    """
    if context.case.person_id is None:
        raise Fault("no_person", "办件没有指明是哪一个人。", "The case says nothing of a person.")
    return context.case.person_id


def read_facts(context: OperationContext, *, on: Any) -> dict[str, Any]:
    """Age, disability, schooling and incomes (yuan a month) of the person on a day.

    An income recorded for the household as a whole counts by an equal share.

    Raises:
        Fault: `no_person`. Invalid: `not_a_member`.
    """
    person_id = person_id_of(context)
    household = context.session.get_one(Household, context.case.household_id)
    facts = rule_facts(context.session, household, on, context.keys)
    members = facts["members"]
    member = next((one for one in members if one["id"] == person_id), None)
    if member is None:
        raise Invalid(
            "not_a_member",
            "这个人已经不在该家庭的档案中。",
            "The person isn't in the household's file any more.",
        )
    born_on = member["birth_on"]
    incomes = [
        {
            "kind": item["kind"],
            "monthly": item["monthly"] if item["member"] else item["monthly"] / len(members),
        }
        for item in facts["incomes"]
        if item["member"] in (person_id, None)
    ]
    return {
        "facts": {
            "age": Decimal(on.year - born_on.year - ((on.month, on.day) < _birthday(born_on))),
            "disability_grade": member.get("disability_grade"),
            "disability_kind": member.get("disability_kind"),
            "schooling": _SCHOOLING.get(member.get("student") or "none", "other"),
            "incomes": incomes,
        }
    }


def tekun_grant(context: OperationContext, grant_id: str | None) -> Grant:
    """The support of the person: by its id, else the one that pays them; it hasn't ended.

    Raises:
        NotFound: `no_grant`. Conflict: `grant_ended`.
    """
    found = context.session.get(Grant, grant_id) if grant_id else _active(context)
    if found is None or found.programme != TEKUN or found.household_id != context.case.household_id:
        raise NotFound(
            "no_grant",
            "这个人没有正在享受的特困供养。",
            "The person receives no support for extreme hardship.",
        )
    if found.state is GrantState.ENDED:
        raise Conflict("grant_ended", "该供养已经终止。", "The support has ended.")
    return found


def grant_facts(context: OperationContext, *, grant_id: str | None = None) -> dict[str, Any]:
    """What the person gets now, in yuan a month, and by which tier of care.

    Raises:
        NotFound: `no_grant`. Conflict: `grant_ended`.
    """
    grant = tekun_grant(context, grant_id)
    context.case.person_id = grant.person_id
    amounts = counting_amounts(context.session, grant.id)
    next_month = months_later(context.today.replace(day=1), 1)
    amount = amount_of_month(amounts, next_month) or amounts[-1]
    row = context.session.get_one(Assessment, amount.assessment_id or grant.assessment_id)
    facts = read_facts(context, on=context.today)["facts"]
    context.notes.append({"grant": grant.id, "monthly": amount.monthly})
    return {
        "grant_id": grant.id,
        "monthly": amount.monthly,
        "tier": from_json(row.result["tier"]),
        "facts": {"age": facts["age"], "schooling": facts["schooling"]},
    }


def _active(context: OperationContext) -> Grant | None:
    found = context.session.scalars(
        select(Grant).where(
            Grant.household_id == context.case.household_id,
            Grant.programme == TEKUN,
            Grant.state == GrantState.ACTIVE,
        )
    ).all()
    own = [one for one in found if one.person_id == context.case.person_id]
    # a household with one supported person needs no naming
    return own[0] if own else (found[0] if len(found) == 1 else None)


def _birthday(born_on: Any) -> tuple[int, int]:
    return (born_on.month, born_on.day)
