"""The same person in another application or benefit, here or elsewhere, before acceptance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.assistance import Grant, GrantState
from models.cases import Case
from models.household_changes import DuplicateFinding, ElsewhereList, ElsewherePerson
from models.households import Household, HouseholdMember, Person
from models.trail import SubjectKind
from models.types import new_id
from workflows.assistance.context import OperationContext
from workflows.audit import Subject, TrailAction, append_entry
from workflows.calendar import local_day
from workflows.definitions.asking import ask_decision
from workflows.definitions.policy import Policy
from workflows.errors import Actor, Conflict, Invalid, NotFound
from workflows.transaction import require_transaction

DECISION: Final = "application_duplicate"
BLOCK: Final = "block"
#: What somebody may have found out; `stays_there` says that the other place goes on.
RESULTS: Final = ("not_the_same", "ended_there", "stays_there")
_SETTLES: Final = frozenset({"not_the_same", "ended_there"})
_GRANT, _ELSEWHERE = "grant", "elsewhere"


@dataclass(frozen=True, slots=True)
class Hit:
    """One application or benefit of a member of the household, and what the rule makes of it."""

    person_id: str
    source: str
    source_id: str
    programme: str
    standing: str
    #: the other district; empty for this one
    where: str
    listed_on: date | None
    action: str
    finding: DuplicateFinding | None

    @property
    def blocks(self) -> bool:
        """Whether the application can't be accepted yet."""
        settled = self.finding is not None and self.finding.result in _SETTLES
        return self.action == BLOCK and not settled


def hits_of(session: Session, case: Case, law: Policy, now: datetime) -> list[Hit]:
    """What a search over all members finds for an application. Three SELECTs, by blind index."""
    if case.household_id is None:
        return []
    found = session.scalars(
        select(DuplicateFinding).where(DuplicateFinding.case_id == case.id)
    ).all()
    settled = {(one.person_id, one.source, one.source_id): one for one in found}
    hits = []
    for raw in (*_granted(session, case), *_listed(session, case)):
        place = "elsewhere" if raw["where"] else "here"
        asked = {
            "place": place,
            "applied": case.process_key,
            "programme": raw["programme"],
            "standing": raw["standing"],
        }
        result, _ = ask_decision(law, DECISION, {"hit": asked}, local_day(now), now, tells=False)
        key = (raw["person_id"], raw["source"], raw["source_id"])
        hits.append(Hit(**raw, action=str(result.value), finding=settled.get(key)))
    return hits


def _granted(session: Session, case: Case) -> list[dict[str, Any]]:
    """Benefits that the household or one of its present members receives here."""
    members = select(HouseholdMember.person_id).where(
        HouseholdMember.household_id == case.household_id,
        HouseholdMember.superseded_at.is_(None),
    )
    of_household = select(Grant.id).where(Grant.household_id == case.household_id)
    of_person = select(Grant.id).where(Grant.person_id.in_(members))
    rows = session.execute(
        select(
            Grant.id,
            Grant.programme,
            func.coalesce(Grant.person_id, Household.head_person_id).label("person_id"),
        )
        .join(Household, Household.id == Grant.household_id)
        .where(
            Grant.id.in_(of_household.union(of_person)),
            Grant.state == GrantState.ACTIVE,
            Grant.case_id != case.id,
        )
        .order_by(Grant.id)
    )
    return [
        {
            "person_id": row.person_id,
            "source": _GRANT,
            "source_id": row.id,
            "programme": row.programme,
            "standing": "receiving",
            "where": "",
            "listed_on": None,
        }
        for row in rows
    ]


def _listed(session: Session, case: Case) -> list[dict[str, Any]]:
    """People of the household on the lists of other districts."""
    rows = session.execute(
        select(
            Person.id,
            ElsewherePerson.id.label("row_id"),
            ElsewherePerson.programme,
            ElsewherePerson.standing,
            ElsewhereList.source,
            ElsewhereList.listed_on,
        )
        .join(HouseholdMember, HouseholdMember.person_id == Person.id)
        .join(ElsewherePerson, ElsewherePerson.id_number_index == Person.id_number_index)
        .join(ElsewhereList, ElsewhereList.id == ElsewherePerson.list_id)
        .where(
            HouseholdMember.household_id == case.household_id,
            HouseholdMember.superseded_at.is_(None),
            ElsewhereList.district_id == case.district_id,
            ElsewhereList.superseded_at.is_(None),
        )
        .order_by(ElsewhereList.source, ElsewherePerson.id)
    )
    return [
        {
            "person_id": row.id,
            "source": _ELSEWHERE,
            "source_id": row.row_id,
            "programme": row.programme,
            "standing": row.standing,
            "where": row.source,
            "listed_on": row.listed_on,
        }
        for row in rows
    ]


def require_no_duplicates(context: OperationContext) -> None:
    """Before acceptance: nobody of the household applies or receives what excludes this (57 号 5).

    Raises:
        Conflict: `duplicate_found`, saying where and what to do.
    """
    blocking = [
        one for one in hits_of(context.session, context.case, context.law, context.now)
        if one.blocks
    ]  # fmt: skip
    if not blocking:
        return
    places = "、".join(dict.fromkeys(one.where or "本区" for one in blocking))
    raise Conflict(
        "duplicate_found",
        f"受理以前查到同一人在{places}已有申请或者待遇。请在办件页核实：不是同一人或者那边已经结束的，"
        "登记以后再受理；那边继续的，本件不受理，说明向哪里申请。",
        f"The same person applies or receives in {places}. Settle it on the case's page before"
        " acceptance; where the other place goes on, this application isn't accepted.",
        details={"hits": len(blocking)},
    )


def clear_duplicate(
    session: Session,
    case: Case,
    law: Policy,
    answers: Mapping[str, str],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Keep what was found out about a hit; `answers` name source, source_id, result and note.

    Raises:
        NotFound: `hit_not_found`. Invalid: `result_missing`, `note_missing`.
    """
    require_transaction(session)
    wanted = (answers.get("source"), answers.get("source_id"))
    hit = next(
        (one for one in hits_of(session, case, law, now) if (one.source, one.source_id) == wanted),
        None,
    )
    if hit is None:
        raise NotFound("hit_not_found", "没有查到这一条。", "There is no such hit.")
    result, note = answers.get("result", ""), answers.get("note", "").strip()
    if result not in RESULTS:
        raise Invalid("result_missing", "请选择核实的结果。", "Choose what was found out.")
    if not note:
        raise Invalid("note_missing", "请写明怎样核实。", "Say how it was found out.")
    known = hit.finding
    if known is None:
        known = DuplicateFinding(
            id=new_id(), district_id=case.district_id, case_id=case.id,
            person_id=hit.person_id, source=hit.source, source_id=hit.source_id,
        )  # fmt: skip
        session.add(known)
    known.result, known.note = result, note
    known.recorded_at, known.recorded_by_id = now, actor.account_id
    append_entry(
        session,
        Subject(SubjectKind.CASE, case.id, case.district_id),
        TrailAction.DUPLICATE_CLEARED,
        actor=actor,
        now=now,
        data={"source": hit.source, "programme": hit.programme, "where": hit.where,
              "result": result, "note": note},
    )  # fmt: skip
    session.flush()
