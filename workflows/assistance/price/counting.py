"""Who is owed the subsidy of a month: every family and person of the groups, each person once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, delete, func, insert, select
from sqlalchemy.orm import Session

from models.assistance import Assessment, Grant, GrantAmount
from models.base import table_of
from models.households import Area, Household, HouseholdMember, Person
from models.jobs import Job, JobState
from models.price import BatchState, PriceBatch, PriceIndex, PriceShare
from models.types import new_id
from workflows.assistance.context import OperationContext
from workflows.assistance.money.due import pays_for
from workflows.assistance.price.indices import group_rule, locked_batch
from workflows.errors import Conflict, NotFound
from workflows.feel import from_json
from workflows.jobs import Chunk, queue_job

#: The kind of job that counts a batch.
COUNT_JOB: Final = "price.count"
#: Grants that one chunk looks at.
BATCH: Final = 500
#: The groups that this system knows people of, in the order in which they are looked at: somebody
#: who gets 特困 isn't counted again with the family. Each is a programme of grants.
GROUPS: Final = ("tekun", "dibao")
#: Batches whose shares count as given.
GIVEN: Final = (BatchState.APPROVED, BatchState.ORDERED, BatchState.PAID)
DIED: Final = "died"
NOT_COUNTED: Final = "not_counted"
GIVEN_BEFORE: Final = "given_before"
GIVEN_MORE: Final = "given_more"
NOT_RECEIVED: Final = "not_received"
_MEMBERS: Final = "dibao_members"


class _Entitled(NamedTuple):
    """A grant of a group that pays on the day of the index."""

    grant_id: str
    #: whom alone it is for
    person_id: str | None
    household_id: str
    head_id: str
    township_id: str
    area: Area
    assessment_id: str | None
    result: Any


def preview_batch(
    context: OperationContext, *, index_id: str, batch_id: str | None = None
) -> dict[str, Any]:
    """Begin to count who is owed the month's subsidy; a job does it, some hundred at a time.

    With `batch_id` the same batch is counted again from the beginning.

    Raises:
        NotFound: `price_index_not_found`, `price_batch_not_found`. Conflict: `price_batch_decided`.
    """
    session, case = context.session, context.case
    index = session.get(PriceIndex, index_id)
    if index is None or index.case_id != case.id:
        raise NotFound("price_index_not_found", "找不到这个指数。", "There is no such index.")
    amounts = {
        f"{group}/{area.value}": f"{found['amount']:.2f}"
        for group in GROUPS
        for area in Area
        if (found := group_rule(context, index, group, area.value))["included"]
    }
    if batch_id is None:
        batch = PriceBatch(
            id=new_id(),
            district_id=case.district_id,
            case_id=case.id,
            index_id=index.id,
            month=index.month,
            number=_next_number(session, case.district_id, index.month),
            state=BatchState.PREVIEWED,
            made_at=context.now,
        )
        session.add(batch)
    else:
        batch = locked_batch(context, batch_id)
        if batch.state is not BatchState.PREVIEWED:
            raise Conflict(
                "price_batch_decided", "这一批已经审核。", "This batch was decided on already."
            )
    batch.amounts = amounts
    batch.families = batch.persons = batch.excluded = 0
    batch.total = Decimal(0)
    batch.townships, batch.groups, batch.reasons = {}, {}, {}
    batch.counts = (batch.counts or 0) + 1
    session.flush()  # its shares refer to it
    session.execute(delete(PriceShare).where(PriceShare.batch_id == batch.id))
    queue_job(
        session,
        district_id=case.district_id,
        kind=COUNT_JOB,
        key=count_key(batch),
        payload={"batch": batch.id, "counts": batch.counts},
        by_id=context.actor.account_id,
        now=context.now,
    )
    context.notes.append({"batch": batch.id, "amounts": amounts, "counts": batch.counts})
    return {"batch_id": batch.id}


def count_key(batch: PriceBatch) -> str:
    """The key of the job that counts a batch this time."""
    return f"{COUNT_JOB}/{batch.id}/{batch.counts}"


def require_counted(session: Session, batch: PriceBatch) -> None:
    """Refuse to go on before the list is whole.

    Raises:
        Conflict: `price_counting`, `price_count_failed`.
    """
    state = session.scalar(select(Job.state).where(Job.key == count_key(batch)))
    if state is JobState.DONE:
        return
    if state in {JobState.FAILED, JobState.CANCELLED}:
        raise Conflict(
            "price_count_failed",
            "名单没有测算成功，请选择重新测算。",
            "The list couldn't be counted; have it counted again.",
        )
    raise Conflict(
        "price_counting",
        "后台还在测算名单，请稍后再办。",
        "The list is still being counted; try again in a moment.",
    )


def count_step(session: Session, job: Job, now: datetime) -> Chunk:
    """Look at the next grants of a group and keep a share for each of their people."""
    batch = session.scalars(
        select(PriceBatch).where(PriceBatch.id == job.payload["batch"]).with_for_update()
    ).one()
    if batch.state is not BatchState.PREVIEWED or batch.counts != job.payload["counts"]:
        return Chunk(None)  # counted anew, or decided on, since this was queued
    index = session.get_one(PriceIndex, batch.index_id)
    group, _, after = (job.cursor or f"{GROUPS[0]} ").partition(" ")
    entitled = _next(session, batch, index, group, after)
    _keep(session, batch, index, group, entitled)
    if len(entitled) == BATCH:
        return Chunk(f"{group} {entitled[-1].grant_id}", done=len(entitled))
    following = GROUPS[GROUPS.index(group) + 1 :]
    if following:
        return Chunk(f"{following[0]} ", done=len(entitled))
    _sum_up(session, batch)
    return Chunk(None, done=len(entitled))


def _next(
    session: Session, batch: PriceBatch, index: PriceIndex, group: str, after: str
) -> list[_Entitled]:
    """The next grants of a group that pay for the month of publication. One SELECT."""
    month = index.published_on.replace(day=1)
    query: Select[Any] = (
        select(
            Grant.id,
            Grant.person_id,
            Grant.household_id,
            Household.head_person_id,
            Household.township_id,
            Household.area,
            Assessment.id,
            Assessment.result,
        )
        .join(GrantAmount, GrantAmount.grant_id == Grant.id)
        .join(Household, Household.id == Grant.household_id)
        .outerjoin(
            Assessment,
            Assessment.id == func.coalesce(GrantAmount.assessment_id, Grant.assessment_id),
        )
        .where(
            Grant.district_id == batch.district_id,
            Grant.programme == group,
            Grant.decided_on <= index.published_on,
            Grant.id > after,
            pays_for(month),
        )
        .order_by(Grant.id)
        .limit(BATCH)
    )
    return [_Entitled(*row) for row in session.execute(query)]


def _keep(
    session: Session,
    batch: PriceBatch,
    index: PriceIndex,
    group: str,
    entitled: Sequence[_Entitled],
) -> None:
    if not entitled:
        return
    people = _people(session, entitled)
    counted = _counted(session, entitled, people)
    ids = {person_id for _, persons in people for person_id, _ in persons}
    known = set(
        session.scalars(
            select(PriceShare.person_id).where(
                PriceShare.batch_id == batch.id, PriceShare.person_id.in_(ids)
            )
        )
    )
    given = _given(session, batch, ids)
    rows = []
    for grant, persons in people:
        amount = Decimal(batch.amounts.get(f"{group}/{grant.area.value}", 0))
        for person_id, died_on in persons:
            if person_id in known:
                continue
            known.add(person_id)
            owed, excluded = amount, None
            if died_on is not None and died_on <= index.published_on:
                owed, excluded = Decimal(0), DIED
            elif person_id not in counted[grant.grant_id]:
                owed, excluded = Decimal(0), NOT_COUNTED
            rows.append(_share(batch, group, grant, person_id, owed, excluded, given))
    if rows:
        session.execute(insert(table_of(PriceShare)), rows)


def _share(
    batch: PriceBatch,
    group: str,
    grant: _Entitled,
    person_id: str,
    owed: Decimal,
    excluded: str | None,
    given: Mapping[str, Decimal],
) -> dict[str, Any]:
    before = given.get(person_id, Decimal(0))
    if excluded is None and before:
        if before == owed:
            excluded = GIVEN_BEFORE
        elif before > owed:
            excluded = GIVEN_MORE
    return {
        "batch_id": batch.id,
        "person_id": person_id,
        "district_id": batch.district_id,
        "month": batch.month,
        "township_id": grant.township_id,
        "household_id": grant.household_id,
        "grant_id": grant.grant_id,
        "payee_id": grant.person_id or grant.head_id,
        "price_group": group,
        "owed": owed,
        "amount": Decimal(0) if excluded else owed - before,
        "excluded": excluded,
    }


def _people(
    session: Session, entitled: Sequence[_Entitled]
) -> list[tuple[_Entitled, list[tuple[str, date | None]]]]:
    """The people of each grant with the day they died: of a person's own grant that person only."""
    families: dict[str, list[tuple[str, date | None]]] = {}
    rows = session.execute(
        select(HouseholdMember.household_id, Person.id, Person.died_on)
        .join(Person, Person.id == HouseholdMember.person_id)
        .where(
            HouseholdMember.household_id.in_({grant.household_id for grant in entitled}),
            HouseholdMember.superseded_at.is_(None),
        )
        .order_by(HouseholdMember.id)
    )
    for household_id, person_id, died_on in rows:
        families.setdefault(household_id, []).append((person_id, died_on))
    found = []
    for grant in entitled:
        people = families.get(grant.household_id, [])
        if grant.person_id is not None:
            people = [one for one in people if one[0] == grant.person_id]
        found.append((grant, people))
    return found


def _counted(
    session: Session,
    entitled: Sequence[_Entitled],
    people: Iterable[tuple[_Entitled, list[tuple[str, date | None]]]],
) -> dict[str, frozenset[str]]:
    """By grant: the members that its assessment counts (57 号 7, 8).

    Where as many count as live there, all do; only the assessments of other families are opened.
    """
    found: dict[str, frozenset[str]] = {}
    unclear: dict[str, str] = {}
    for grant, persons in people:
        found[grant.grant_id] = frozenset(person_id for person_id, _ in persons)
        members = from_json((grant.result or {}).get("members"))
        differs = members is not None and int(members) != len(persons)
        if grant.person_id is None and differs and grant.assessment_id is not None:
            unclear[grant.assessment_id] = grant.grant_id
    if unclear:
        rows = session.execute(
            select(Assessment.id, Assessment.explanation).where(Assessment.id.in_(unclear))
        )
        for assessment_id, explanation in rows:
            grant_id = unclear[assessment_id]
            found[grant_id] = found[grant_id] & _ids(explanation)
    return found


def _ids(explanation: Any) -> frozenset[str]:
    """The members that an assessment's explanation says count."""
    for step in explanation["decision"]["steps"]:
        if step["id"] == _MEMBERS:
            return frozenset(from_json(step["result"])["ids"])
    return frozenset()


def _given(session: Session, batch: PriceBatch, ids: Iterable[str]) -> dict[str, Decimal]:
    """What people were given for the month by other batches. One SELECT."""
    rows = session.execute(
        select(PriceShare.person_id, func.sum(PriceShare.amount))
        .join(PriceBatch, PriceBatch.id == PriceShare.batch_id)
        .where(
            PriceShare.district_id == batch.district_id,
            PriceShare.month == batch.month,
            PriceShare.person_id.in_(set(ids)),
            PriceShare.excluded.is_(None),
            PriceBatch.state.in_(GIVEN),
        )
        .group_by(PriceShare.person_id)
    )
    return {person_id: Decimal(amount) for person_id, amount in rows}


def _sum_up(session: Session, batch: PriceBatch) -> None:
    """Totals of the batch, of its townships and groups. Two SELECTs."""
    rows = session.execute(
        select(
            PriceShare.township_id,
            PriceShare.price_group,
            PriceShare.excluded,
            func.count(),
            func.sum(PriceShare.amount),
        )
        .where(PriceShare.batch_id == batch.id)
        .group_by(PriceShare.township_id, PriceShare.price_group, PriceShare.excluded)
    )
    townships: dict[str, dict[str, Any]] = {}
    groups: dict[str, int] = {}
    reasons: dict[str, int] = {}
    for township_id, group, excluded, persons, total in rows:
        of = townships.setdefault(
            township_id, {"families": 0, "persons": 0, "total": "0.00", "excluded": 0}
        )
        if excluded is not None:
            of["excluded"] += persons
            reasons[excluded] = reasons.get(excluded, 0) + persons
            continue
        of["persons"] += persons
        of["total"] = f"{Decimal(of['total']) + total:.2f}"
        groups[group] = groups.get(group, 0) + persons
    payees = session.execute(
        select(PriceShare.township_id, func.count(PriceShare.payee_id.distinct()))
        .where(PriceShare.batch_id == batch.id, PriceShare.excluded.is_(None))
        .group_by(PriceShare.township_id)
    )
    for township_id, families in payees:
        townships[township_id]["families"] = families
    batch.townships, batch.groups, batch.reasons = townships, groups, reasons
    batch.families = sum(of["families"] for of in townships.values())
    batch.persons = sum(of["persons"] for of in townships.values())
    batch.excluded = sum(of["excluded"] for of in townships.values())
    batch.total = sum((Decimal(of["total"]) for of in townships.values()), Decimal(0))


def _next_number(session: Session, district_id: str, month: date) -> int:
    last = session.scalar(
        select(func.max(PriceBatch.number)).where(
            PriceBatch.district_id == district_id, PriceBatch.month == month
        )
    )
    return (last or 0) + 1
