"""What the check of a death looks at and does: family, benefits, head, end, held money."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy import or_, select, update

from models.assistance import Grant, GrantState
from models.households import Household, HouseholdMember, IncomeItem, Person
from models.types import new_id
from workflows.assistance.context import OperationContext
from workflows.assistance.deaths import recording
from workflows.assistance.grants import end_grant, order_arrears
from workflows.assistance.households import (
    household_subject,
    identity_of,
    member_facts,
    open_case_number,
)
from workflows.assistance.households.facts import FACTS
from workflows.assistance.recoveries.excess import excess_by_month
from workflows.audit import TrailAction, append_entry
from workflows.errors import Conflict, Fault, Invalid
from workflows.feel import to_json
from workflows.privacy import parse_id_number, seal, unwrap_data_key

_RELATIONS: Final = {
    "self": "户主",
    "spouse": "配偶",
    "child": "子女",
    "parent": "父母",
    "grandparent": "祖父母、外祖父母",
    "grandchild": "孙子女、外孙子女",
    "sibling": "兄弟姐妹",
    "child_in_law": "儿媳、女婿",
}
_PROGRAMMES: Final = {"dibao": "低保", "tekun": "特困"}
_NOTHING: Final = Decimal(0)


class _Family(NamedTuple):
    household: Household
    dead: tuple[HouseholdMember, Person]
    left: Sequence[tuple[HouseholdMember, Person]]
    #: benefits of that person alone, and of the household
    own: Grant | None
    family: Grant | None


def look_at_death(context: OperationContext, *, person_id: str) -> dict[str, Any]:
    """Who is left in the household, whether the head has died, and which benefits are concerned.

    A benefit of the household whose last member has died counts as the person's own.

    Raises:
        Fault: `death_unknown`, `member_unknown`.
    """
    found = _family(context, person_id)
    _, person = found.dead
    if person.died_on is None:
        raise Fault("death_unknown", "没有登记死亡。", "No death is recorded.")
    return {
        "died_on": person.died_on,
        "left": Decimal(len(found.left)),
        "left_choices": [_choice(context, member, one) for member, one in found.left],
        "head_died": found.household.head_person_id == person.id,
        "own_grant_id": None if found.own is None else found.own.id,
        "family_grant_id": None if found.family is None else found.family.id,
        "told": _told(found),
    }


def correct_death_day(
    context: OperationContext, *, person_id: str, died_on: date
) -> dict[str, Any]:
    """Correct the day of a death.

    Raises:
        Invalid: `died_in_future`.
    """
    recording.correct_day(
        context.session, person_id, died_on=died_on, actor=context.actor, now=context.now
    )
    return {"died_on": died_on}


def undo_recorded_death(
    context: OperationContext, *, person_id: str, reason: str
) -> dict[str, Any]:
    """Undo a wrong record; months that were held meanwhile are ordered as arrears.

    Raises:
        Invalid: `reason_missing`.
    """
    found = _family(context, person_id)
    recording.undo_death(
        context.session, person_id, reason=reason, actor=context.actor, now=context.now
    )
    for grant in (found.own, found.family):
        if grant is not None:
            order_arrears(context, grant)
    context.notes.append({"person": person_id, "alive": True})
    return {}


def register_death(
    context: OperationContext, *, person_id: str, payee: str | None = None
) -> dict[str, Any]:
    """Keep in the household's facts that a member has died, and who is its head from now on.

    The member counts no more in a calculation and their incomes neither; the household's money
    stays held until the check is closed.

    Raises:
        Invalid: `payee_missing` where the head has died and others are left.
    """
    found = _family(context, person_id)
    session, household = context.session, found.household
    member, person = found.dead
    if household.head_person_id == person.id and found.left:
        heirs = {one.id for _, one in found.left}
        if payee not in heirs:
            raise Invalid(
                "payee_missing",
                "户主已经死亡，请从家庭成员中选择新的户主和领款人。",
                "The head has died; choose the new head among the members left.",
            )
        household.head_person_id = payee
    key = unwrap_data_key(context.keys, person.id, person.data_key or b"")
    facts = {**member_facts(member, key), "status": "deceased"}
    row_id = new_id()
    member.superseded_at = context.now
    session.add(
        HouseholdMember(
            id=row_id,
            household_id=household.id,
            person_id=person.id,
            relation=member.relation,
            facts=seal(
                key, FACTS, row_id,
                orjson.dumps({name: to_json(value) for name, value in facts.items()}).decode(),
            ),
            recorded_at=context.now,
            recorded_by_id=context.actor.account_id,
        )
    )  # fmt: skip
    session.execute(
        update(IncomeItem)
        .where(
            IncomeItem.household_id == household.id,
            IncomeItem.person_id == person.id,
            IncomeItem.superseded_at.is_(None),
        )
        .values(superseded_at=context.now)
    )
    append_entry(
        session,
        household_subject(household),
        TrailAction.HOUSEHOLD_RECORDED,
        actor=context.actor,
        now=context.now,
        data={"death": True, "members": len(found.left), "new_head": payee is not None},
    )
    session.flush()  # the calculation reads the household in the same act
    return {}


def end_by_death(
    context: OperationContext, *, grant_id: str, from_month: date, reason: str
) -> dict[str, Any]:
    """End a benefit from the month after the death on; one that ended earlier stays ended."""
    grant = context.session.get_one(Grant, grant_id)
    if grant.state is GrantState.ACTIVE:
        end_grant(context, grant, from_month=max(from_month, grant.start_month), reason=reason)
    context.case.monthly = _NOTHING
    return {"ended_on": context.today}


def close_death(
    context: OperationContext,
    *,
    person_id: str,
    from_month: date,
    awaits: str,
    own_grant_id: str | None = None,
    family_grant_id: str | None = None,
) -> dict[str, Any]:
    """End the membership, so that the family's money flows again, and order what was held.

    What was paid for months from `from_month` on is found and told, never taken back by itself:
    `overpaid` in yuan of the benefit `overpaid_grant_id`, null where nothing was. `awaits` is the
    process that
    changes the family's benefit and has to be done first.

    Raises:
        Conflict: `change_underway`.
    """
    if family_grant_id is not None:
        _require_changed(context, awaits)
    found = _family(context, person_id)
    found.dead[0].superseded_at = found.dead[0].superseded_at or context.now
    context.session.flush()  # arrears are looked up without the member
    overpaid: dict[str, Any] = {
        "overpaid_grant_id": None, "overpaid": _NOTHING, "overpaid_from": None,
    }  # fmt: skip
    for grant_id in (family_grant_id, own_grant_id):
        if grant_id is None:
            continue
        grant = context.session.get_one(Grant, grant_id)
        if grant_id == family_grant_id:
            order_arrears(context, grant)
        months = excess_by_month(context, grant, from_month, recalculate=False)
        if months:
            total = sum((one.amount for one in months), _NOTHING)
            overpaid = {
                "overpaid_grant_id": grant.id,
                "overpaid": total,
                "overpaid_from": months[0].month,
            }
    context.notes.append({"person": person_id, "overpaid": overpaid["overpaid"]})
    return overpaid


def _require_changed(context: OperationContext, process: str) -> None:
    number = open_case_number(context.session, context.case.household_id, process)
    if number is not None:
        raise Conflict(
            "change_underway",
            f"待遇变更 {number} 还没有办完，办完以后再确认。",
            f"The change of the benefit, {number}, isn't done yet; confirm when it is.",
            details={"number": number},
        )


def _family(context: OperationContext, person_id: str) -> _Family:
    session = context.session
    household = session.get_one(Household, context.case.household_id)
    rows = session.execute(
        select(HouseholdMember, Person)
        .join(Person, Person.id == HouseholdMember.person_id)
        .where(
            HouseholdMember.household_id == household.id,
            HouseholdMember.superseded_at.is_(None),
        )
        .order_by(HouseholdMember.id)
        .execution_options(populate_existing=True)
    ).all()
    dead = next(((member, one) for member, one in rows if one.id == person_id), None)
    if dead is None:
        dead = _left_out(context, household.id, person_id)
    if dead is None:
        raise Fault(
            "member_unknown",
            "这个人不是家庭现在的成员。",
            "The person isn't a present member of the household.",
        )
    left = [(member, one) for member, one in rows if one.died_on is None]
    grants = session.scalars(
        select(Grant)
        .where(
            Grant.household_id == household.id,
            Grant.state == GrantState.ACTIVE,
            or_(Grant.person_id.is_(None), Grant.person_id == person_id),
        )
        .order_by(Grant.id)
    ).all()
    own = next((one for one in grants if one.person_id == person_id or not left), None)
    family = next((one for one in grants if one.person_id is None and left), None)
    return _Family(household, dead, left, own, family)


def _left_out(
    context: OperationContext, household_id: str, person_id: str
) -> tuple[HouseholdMember, Person] | None:
    """Somebody whom a survey has left out of the household since; their newest version in it."""
    row = context.session.execute(
        select(HouseholdMember, Person)
        .join(Person, Person.id == HouseholdMember.person_id)
        .where(HouseholdMember.household_id == household_id, HouseholdMember.person_id == person_id)
        .order_by(HouseholdMember.recorded_at.desc(), HouseholdMember.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).first()
    return None if row is None else (row[0], row[1])


def _choice(context: OperationContext, member: HouseholdMember, person: Person) -> dict[str, Any]:
    """A member to choose, by relation and year of birth: a name doesn't go into a process."""
    number = identity_of(person, context.keys).id_number
    born = parse_id_number(number, today=context.today).born_on
    relation = _RELATIONS.get(member.relation, "其他成员")
    return {"value": person.id, "label": f"{relation}（{born.year}年出生）"}


def _told(found: _Family) -> str:
    parts = [f"家庭还有{len(found.left)}人"]
    if found.household.head_person_id == found.dead[1].id:
        parts.append("死亡的是户主")
    for grant, whose in ((found.own, "本人"), (found.family, "家庭")):
        if grant is not None:
            name = _PROGRAMMES.get(grant.programme, grant.programme)
            parts.append(f"{whose}领取{name}，每月{grant.monthly:.2f}元")
    if found.own is None and found.family is None:
        parts.append("没有在领的待遇")
    return "；".join(parts) + "。"
