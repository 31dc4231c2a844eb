"""Where people belong: one open household each, and what an application does about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select, update
from sqlalchemy.orm import Session

from models.assistance import Grant, GrantState
from models.cases import Case, CaseState
from models.household_changes import ChangeKind, HouseholdChange, HouseholdChangeState
from models.households import (
    Household,
    HouseholdMember,
    IncomeItem,
    Person,
    PropertyFinding,
    PropertyItem,
)
from models.offices import Office
from models.relief import ReliefEvent, ReliefGrant
from models.trail import SubjectKind
from models.types import new_id
from workflows.audit import Subject, TrailAction, append_entry
from workflows.calendar import local_day
from workflows.errors import Actor, Finding, Invalid
from workflows.feel import to_json

#: Why a household has come to its end.
MERGED, MOVED_AWAY, EMPTIED = "merged", "moved_away", "emptied"


@dataclass(frozen=True, slots=True)
class Known:
    """A household that some of the people belong to now, and what binds them to it."""

    household: Household
    members: frozenset[str]
    village: str
    township: str
    #: numbers of open cases that aren't about relief
    open_cases: tuple[str, ...]
    granted: bool


def household_subject(household: Household) -> Subject:
    """The trail's chain of a household."""
    return Subject(SubjectKind.HOUSEHOLD, household.id, household.district_id)


def present_households(session: Session, person_ids: Sequence[str]) -> list[Known]:
    """The households that the people belong to now. Three SELECTs, two where there are none."""
    ids = session.scalars(
        select(HouseholdMember.household_id)
        .where(HouseholdMember.person_id.in_(person_ids), HouseholdMember.superseded_at.is_(None))
        .distinct()
    ).all()
    if not ids:
        return []
    village, township = Office.__table__.alias(), Office.__table__.alias()
    rows = session.execute(
        select(
            Household,
            HouseholdMember.person_id,
            village.c.name.label("village"),
            township.c.name.label("township"),
            exists()
            .where(Grant.household_id == Household.id, Grant.state == GrantState.ACTIVE)
            .label("granted"),
        )
        .join(HouseholdMember, HouseholdMember.household_id == Household.id)
        .join(village, village.c.id == Household.village_id)
        .join(township, township.c.id == Household.township_id)
        .where(Household.id.in_(ids), HouseholdMember.superseded_at.is_(None))
        .order_by(Household.id, HouseholdMember.id)
    ).all()
    cases = session.execute(
        select(Case.household_id, Case.number)
        .where(Case.household_id.in_(ids), Case.state == CaseState.OPEN, ~is_relief())
        .order_by(Case.number)
    ).all()
    return [
        Known(
            first.Household,
            frozenset(row.person_id for row in rows if row.Household is first.Household),
            first.village,
            first.township,
            tuple(row.number for row in cases if row.household_id == first.Household.id),
            first.granted,
        )
        for first in {row.Household.id: row for row in rows}.values()
    ]


def is_relief() -> ColumnElement[bool]:
    """Whether a case is about a relief event, its own or one that it has joined."""
    return or_(
        exists().where(ReliefEvent.case_id == Case.id),
        exists().where(ReliefGrant.case_id == Case.id),
    )


def settle_membership(
    session: Session,
    persons: Sequence[Person],
    household: Household | None,
    *,
    actor: Actor,
    now: datetime,
) -> Household | None:
    """Let the people belong to one household; `persons` are locked, the applicant comes first.

    A new application of a household that is known is that household's; the household is returned,
    None where nobody belongs anywhere. Another household comes along where all its people do, and
    where neither a case nor a benefit binds them to it: it ends. Anything else is an act of its
    own, the change of a household. Relief asks for no register and binds nobody.

    Raises:
        Invalid: for each member who belongs elsewhere `open_case_elsewhere`, `granted_elsewhere`
            or `member_elsewhere`.
    """
    entered = {person.id: place for place, person in enumerate(persons)}
    known = present_households(session, list(entered))
    own = household
    if own is None:
        own = _applying(known, persons[0].id, entered.keys())
    findings: list[Finding] = []
    for one in known:
        if household is not None and one.household.id == household.id:
            continue  # a correction of its own facts
        same = own is not None and one.household.id == own.id
        findings.extend(_against(one, entered, actor, same=same))
    if findings:
        raise Invalid(findings=findings)
    for one in known:
        if own is None or one.household.id != own.id:
            _come_along(session, one, own, persons, actor=actor, now=now)
    return own


def _applying(known: Sequence[Known], applicant_id: str, entered: Any) -> Household | None:
    """The household that applies again: the applicant's, else one whose people all apply."""
    for one in known:
        if applicant_id in one.members:
            return one.household
    return next((one.household for one in known if one.members <= entered), None)


def _against(one: Known, entered: dict[str, int], actor: Actor, *, same: bool) -> list[Finding]:
    """What stands against taking people out of a household, each at its member."""
    if one.household.closed_on is not None:
        return []  # it has left; who comes back belongs where they apply
    theirs = sorted(entered[person] for person in one.members if person in entered)
    if one.open_cases:
        return [_already_applies(place, one.open_cases[0]) for place in theirs]
    stay = len(one.members - entered.keys())
    if same and not stay:
        return []
    if one.granted:
        return [_granted(place, one, actor) for place in theirs]
    return [_member(place, one, actor, stay) for place in theirs] if stay else []


def _already_applies(place: int, number: str) -> Finding:
    return Finding(
        "open_case_elsewhere",
        f"第{place + 1}名成员已在办件 {number} 中申请。",
        f"Member {place + 1} already applies in case {number}.",
        field=f"members.{place}.id_number",
    )


def _where(one: Known, actor: Actor) -> str:
    """Where the other household lives: the village for who works there, the township for all."""
    household = one.household
    near = {household.district_id, household.township_id, household.village_id}
    return one.township + (one.village if actor.office_id in near else "")


def _granted(place: int, one: Known, actor: Actor) -> Finding:
    where = _where(one, actor)
    return Finding(
        "granted_elsewhere",
        f"第{place + 1}名成员是{where}一户正在领取待遇的家庭的成员，一人只能属于一个家庭。"
        "分户、合户或者转入须先在原家庭办理“家庭变动”。",
        f"Member {place + 1} belongs to a household in {where} that receives a benefit; a person"
        " belongs to one household. Splitting, merging or moving is a change of that household.",
        field=f"members.{place}.id_number",
    )


def _member(place: int, one: Known, actor: Actor, stay: int) -> Finding:
    where = _where(one, actor)
    return Finding(
        "member_elsewhere",
        f"第{place + 1}名成员现登记在{where}的家庭，该户还有{stay}人不在本次申请中；"
        "请补齐共同生活的成员，或者先在原家庭办理“家庭变动”。",
        f"Member {place + 1} belongs to a household in {where} of which {stay} more are not in this"
        " application. Add who lives together, or change that household first.",
        field=f"members.{place}.id_number",
    )


def _come_along(
    session: Session,
    one: Known,
    own: Household | None,
    persons: Sequence[Person],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """All people of an idle household apply with another one; it ends and stays readable."""
    if one.household.closed_on is not None:
        end_memberships(session, one.household.id, now, [person.id for person in persons])
        return
    end_memberships(session, one.household.id, now)
    end_household(session, one.household, MERGED, actor=actor, now=now)
    if own is not None:
        session.add(
            HouseholdChange(
                id=new_id(),
                district_id=own.district_id,
                kind=ChangeKind.MERGE,
                state=HouseholdChangeState.DONE,
                household_id=own.id,
                other_household_id=one.household.id,
                people=sorted(one.members),
                recorded_at=now,
                recorded_by_id=actor.account_id,
                done_at=now,
            )
        )


def end_memberships(
    session: Session, household_id: str, now: datetime, person_ids: Sequence[str] | None = None
) -> None:
    """Supersede the present facts of a household, or only those of some of its people."""
    for table in (HouseholdMember, IncomeItem, PropertyItem):
        ends = update(table).where(
            table.household_id == household_id, table.superseded_at.is_(None)
        )
        if person_ids is not None:
            ends = ends.where(table.person_id.in_(person_ids))
        session.execute(ends.values(superseded_at=now))
    if person_ids is None:  # the judgement on property is on the household, not on its people
        session.execute(
            update(PropertyFinding)
            .where(
                PropertyFinding.household_id == household_id,
                PropertyFinding.superseded_at.is_(None),
            )
            .values(superseded_at=now)
        )


def end_household(
    session: Session, household: Household, reason: str, *, actor: Actor, now: datetime
) -> None:
    """Nobody belongs to the household any more; its cases, payments and trail stay as they are."""
    household.closed_on, household.closed_reason = local_day(now), reason
    append_entry(
        session,
        household_subject(household),
        TrailAction.HOUSEHOLD_CLOSED,
        actor=actor,
        now=now,
        data={"reason": reason, "on": to_json(household.closed_on)},
    )
