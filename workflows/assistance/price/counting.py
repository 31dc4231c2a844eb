"""Who is owed the subsidy of a month: every family and person of the groups, each person once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from models.base import table_of
from models.households import Area
from models.jobs import Job, JobState
from models.price import BatchState, PriceBatch, PriceIndex, PriceShare
from models.types import new_id
from workflows.assistance.context import OperationContext
from workflows.assistance.price.entitled import (
    BATCH,
    SOURCES,
    Entitled,
    counted_members,
    next_entitled,
    people_of,
)
from workflows.assistance.price.indices import group_rule, locked_batch
from workflows.errors import Conflict, NotFound
from workflows.jobs import Chunk, queue_job

#: The kind of job that counts a batch.
COUNT_JOB: Final = "price.count"
#: The parameter that says as what somebody is counted who belongs to two groups.
ORDER: Final = "price.group_order"
#: Batches whose shares count as given.
GIVEN: Final = (BatchState.APPROVED, BatchState.ORDERED, BatchState.PAID)
DIED: Final = "died"
NOT_COUNTED: Final = "not_counted"
GIVEN_BEFORE: Final = "given_before"
GIVEN_MORE: Final = "given_more"
NOT_RECEIVED: Final = "not_received"


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
    order = _order(context, index.published_on)
    amounts = {
        f"{group}/{area.value}": f"{found['amount']:.2f}"
        for group in order
        for area in Area
        if (found := group_rule(context, index, group, area.value))["included"]
    }
    groups = [one for one in order if any(f"{one}/{area.value}" in amounts for area in Area)]
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
        payload={"batch": batch.id, "counts": batch.counts, "groups": groups},
        by_id=context.actor.account_id,
        now=context.now,
    )
    context.notes.append(
        {"batch": batch.id, "amounts": amounts, "groups": groups, "counts": batch.counts}
    )
    return {"batch_id": batch.id}


def _order(context: OperationContext, day: date) -> list[str]:
    """The groups that this system knows people of, in the order of the parameter.

    One that the parameter doesn't name comes last, so that nobody is lost.
    """
    told = [str(one) for one in context.law.parameters.value(ORDER, day).value]
    known = [one for one in told if one in SOURCES]
    return [*known, *(one for one in SOURCES if one not in known)]


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
    groups: list[str] = job.payload["groups"]
    if not groups:
        _sum_up(session, batch)
        return Chunk(None)
    group, _, after = (job.cursor or f"{groups[0]} ").partition(" ")
    entitled = next_entitled(session, batch.district_id, index.published_on, group, after)
    _keep(session, batch, index, group, entitled)
    if len(entitled) == BATCH:
        return Chunk(f"{group} {entitled[-1].source_id}", done=len(entitled))
    following = groups[groups.index(group) + 1 :]
    if following:
        return Chunk(f"{following[0]} ", done=len(entitled))
    _sum_up(session, batch)
    return Chunk(None, done=len(entitled))


def _keep(
    session: Session,
    batch: PriceBatch,
    index: PriceIndex,
    group: str,
    entitled: Sequence[Entitled],
) -> None:
    if not entitled:
        return
    people = people_of(session, entitled)
    counted = counted_members(session, people)
    ids = {person_id for _, persons in people for person_id, _ in persons}
    kept = _kept(session, batch, ids)
    known = dict(kept)
    given = _given(session, batch, ids)
    rows: dict[str, dict[str, Any]] = {}
    for one, persons in people:
        amount = Decimal(batch.amounts.get(f"{group}/{one.area.value}", 0))
        for person_id, died_on in persons:
            owed, excluded = amount, None
            if died_on is not None and died_on <= index.published_on:
                owed, excluded = Decimal(0), DIED
            elif person_id not in counted[one.source_id]:
                owed, excluded = Decimal(0), NOT_COUNTED
            # who doesn't count in one group may well count in another
            before = known.get(person_id, "")
            if before == "" or (before == NOT_COUNTED and excluded is None):
                rows[person_id] = _share(batch, group, one, person_id, owed, excluded, given)
                known[person_id] = excluded
    if again := rows.keys() & kept.keys():
        session.execute(
            delete(PriceShare).where(
                PriceShare.batch_id == batch.id, PriceShare.person_id.in_(again)
            )
        )
    if rows:
        session.execute(insert(table_of(PriceShare)), list(rows.values()))


def _share(
    batch: PriceBatch,
    group: str,
    found: Entitled,
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
        "township_id": found.township_id,
        "household_id": found.household_id,
        "grant_id": found.grant_id,
        "payee_id": found.person_id or found.head_id,
        "price_group": group,
        "owed": owed,
        "amount": Decimal(0) if excluded else owed - before,
        "excluded": excluded,
    }


def _kept(session: Session, batch: PriceBatch, ids: Iterable[str]) -> dict[str, str | None]:
    """Who of these is in the batch already, and why they get nothing, if so. One SELECT."""
    rows = session.execute(
        select(PriceShare.person_id, PriceShare.excluded).where(
            PriceShare.batch_id == batch.id, PriceShare.person_id.in_(set(ids))
        )
    )
    return {row[0]: row[1] for row in rows}


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
