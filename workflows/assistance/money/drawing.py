"""Drawing a roll: everybody who is due for a month, frozen; those who can't be paid are held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from models.base import table_of
from models.money import HeldPayment, Payment, PaymentMethod, PaymentState, Roll, RollState
from models.offices import Office
from models.trail import SubjectKind
from models.types import new_id
from workflows.assistance.money.contents import Line, content_hash, persons_of
from workflows.assistance.money.due import (
    DueGrant,
    Waiting,
    due_grants,
    waiting_payments,
)
from workflows.assistance.money.ledger import MONTHLY, PROGRAMMES
from workflows.assistance.money.owners import owners_in
from workflows.assistance.money.partitions import Here, Jobs
from workflows.audit import Subject, TrailAction, append_entry
from workflows.calendar import local_day
from workflows.errors import Actor, Conflict, Finding, Invalid
from workflows.numbers import next_number
from workflows.transaction import require_transaction


@dataclass(frozen=True, slots=True)
class Partition:
    """The due grants of one township; everything that is needed to make their payments up."""

    roll_id: str
    district_id: str
    township_id: str
    programme: str
    month: date
    grants: tuple[DueGrant, ...]
    actor_id: str | None
    now: datetime


@dataclass(slots=True)
class Prepared:
    """What one partition gives: rows to insert, families held, and what the roll sums up."""

    payments: list[dict[str, Any]] = field(default_factory=list)
    held: list[dict[str, Any]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    persons: int = 0
    total: Decimal = Decimal(0)


def draw_roll(
    session: Session,
    district_id: str,
    programme: str,
    month: date,
    *,
    actor: Actor,
    now: datetime,
    jobs: Jobs | None = None,
) -> Roll:
    """Draw the roll of a programme (`PROGRAMMES`) for a month; `month` is its first day.

    On the roll: for monthly benefits every grant that pays for the month and has no payment for it
    yet, and repeated payments and arrears that wait; otherwise every payment that waits. A family
    with a member who has died, or a payee without a usable account, is held: kept with its reason
    and an owner, not on the roll. Later rolls of the same month are its supplements. `jobs` does
    the townships.

    Raises:
        Invalid: `programme_unknown`, `month_ahead`.
        Conflict: `nothing_to_draw`.
    """
    require_transaction(session)
    _check(programme, month, now)
    # the series stays locked until the end: two rolls of a district are never drawn at once
    number = next_number(session, district_id, f"roll/{month:%Y}")
    roll = _empty_roll(session, district_id, programme, month, number, actor, now)
    parts = _partitions(session, roll, actor, now) if programme in MONTHLY else []
    prepared = (jobs or Here()).run(prepare, parts)
    waiting = waiting_payments(
        session, district_id, programme, month if programme in MONTHLY else None
    )
    prepared.append(_join(roll, waiting, now))
    held = [row for one in prepared for row in one.held]
    roll.payments = sum(len(one.lines) for one in prepared)
    if roll.payments == 0:
        raise _nothing(len(held))
    roll.persons = sum(one.persons for one in prepared)
    roll.total = sum((one.total for one in prepared), Decimal(0))
    roll.content_hash = content_hash(line for one in prepared for line in one.lines)
    session.add(roll)
    session.flush()  # payments refer to it
    for one in prepared:
        if one.payments:
            session.execute(insert(table_of(Payment)), one.payments)
    _put_on(session, roll, [row for row in waiting if row.held is None])
    keep_held(session, roll, held, actor=actor, now=now)
    _note(session, roll, len(held), actor, now)
    return roll


def prepare(part: Partition) -> Prepared:
    """The payments of one township, without a database: a job of its own."""
    found = Prepared()
    for grant in part.grants:
        if grant.held is not None:
            found.held.append(
                {
                    "township_id": part.township_id,
                    "household_id": grant.household_id,
                    "person_id": grant.person_id,
                    "case_id": grant.case_id,
                    "payment_id": None,
                    "amount": grant.monthly,
                    "reason": grant.held,
                }
            )
            continue
        row = _row(part, grant)
        found.payments.append(row)
        found.lines.append(Line(*(row[name] for name in Line._fields)))
        found.persons += grant.members
        found.total += grant.monthly
    return found


def keep_held(
    session: Session,
    roll: Roll,
    held: Sequence[Mapping[str, Any]],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Keep the families that a roll leaves out, each with an owner."""
    if not held:
        return
    owners = owners_in(session, roll.district_id, actor.account_id, now=now)
    session.execute(
        insert(table_of(HeldPayment)),
        [
            {
                "id": new_id(),
                "district_id": roll.district_id,
                "roll_id": roll.id,
                "owner_id": owners.next_for(row["township_id"]),
                "held_at": now,
                **row,
            }
            for row in held
        ],
    )


def roll_subject(roll: Roll) -> Subject:
    """The trail's chain of a roll, among the chains of money."""
    return Subject(SubjectKind.FUND, roll.id, roll.district_id)


def payment_key(target: str, target_id: str, month: date | None, number: int) -> str:
    """The bank's idempotency key: `grant/<id>/2021-11`, repeated `…/2`; `stage/<id>/1`, `…/2`."""
    if month is None:
        return f"{target}/{target_id}/{number}"
    key = f"{target}/{target_id}/{month:%Y-%m}"
    return key if number == 1 else f"{key}/{number}"


def _row(part: Partition, grant: DueGrant) -> dict[str, Any]:
    return {
        "id": new_id(),
        "district_id": part.district_id,
        "township_id": part.township_id,
        "key": payment_key("grant", grant.grant_id, part.month, grant.earlier + 1),
        "programme": part.programme,
        "case_id": grant.case_id,
        "household_id": grant.household_id,
        "person_id": grant.person_id,
        "grant_id": grant.grant_id,
        "roll_id": part.roll_id,
        "month": part.month,
        "method": PaymentMethod.BANK,
        "amount": grant.monthly,
        "bank_account_id": grant.account_id,
        "state": PaymentState.ORDERED,
        "frozen": {
            "members": grant.members,
            "base": f"{grant.base:.2f}",
            "topup": f"{grant.topup:.2f}",
            "monthly": f"{grant.monthly:.2f}",
            "area": grant.area,
            "township": part.township_id,
            "village": grant.village_id,
            "grant": grant.grant_id,
        },
        "ordered_at": part.now,
        "ordered_by_id": part.actor_id,
    }


def _check(programme: str, month: date, now: datetime) -> None:
    findings = []
    if programme not in PROGRAMMES:
        findings.append(
            Finding("programme_unknown", "没有这个救助项目。", "There is no such programme.",
                    field="programme")
        )  # fmt: skip
    if month.day != 1 or month > local_day(now):
        findings.append(
            Finding("month_ahead", "请选择本月或者以前的月份。",
                    "Choose this month or an earlier one.", field="month")
        )  # fmt: skip
    if findings:
        raise Invalid(findings[0].code, findings=findings)


def _empty_roll(
    session: Session,
    district_id: str,
    programme: str,
    month: date,
    number: int,
    actor: Actor,
    now: datetime,
) -> Roll:
    last = session.scalar(
        select(func.max(Roll.supplement)).where(
            Roll.district_id == district_id,
            Roll.programme == programme,
            Roll.month == month,
            Roll.state != RollState.CANCELLED,
        )
    )
    code = session.scalar(select(Office.code).where(Office.id == district_id)) or ""
    return Roll(
        id=new_id(),
        district_id=district_id,
        number=f"{code[:6]}-FF-{month:%Y%m}-{number:04d}",
        programme=programme,
        month=month,
        supplement=0 if last is None else last + 1,
        state=RollState.DRAWN,
        drawn_at=now,
        drawn_by_id=actor.account_id,
    )


def _partitions(session: Session, roll: Roll, actor: Actor, now: datetime) -> list[Partition]:
    by_township: dict[str, list[DueGrant]] = {}
    for grant in due_grants(session, roll.district_id, roll.programme, roll.month):
        by_township.setdefault(grant.township_id, []).append(grant)
    return [
        Partition(
            roll.id, roll.district_id, township_id, roll.programme, roll.month, tuple(grants),
            actor.account_id, now,
        )
        for township_id, grants in by_township.items()
    ]  # fmt: skip


def _join(roll: Roll, waiting: Sequence[Waiting], now: datetime) -> Prepared:
    """What waiting payments add to a roll; their rows are there already."""
    found = Prepared()
    for row in waiting:
        if row.held is not None:
            found.held.append(
                {
                    "township_id": row.township_id,
                    "household_id": row.household_id,
                    "person_id": row.person_id,
                    "case_id": row.case_id,
                    "payment_id": row.id,
                    "amount": row.amount,
                    "reason": row.held,
                }
            )
            continue
        found.lines.append(
            Line(row.id, row.key, row.household_id, row.person_id, row.account_id, row.month,
                 row.amount, row.frozen)
        )  # fmt: skip
        found.persons += persons_of(row.frozen)
        found.total += row.amount
    return found


def _put_on(session: Session, roll: Roll, waiting: Sequence[Waiting]) -> None:
    if waiting:
        payments = table_of(Payment)
        session.connection().execute(
            update(payments)
            .where(payments.c.id == bindparam("of_id"))
            .values(roll_id=roll.id, bank_account_id=bindparam("of_account")),
            [{"of_id": row.id, "of_account": row.account_id} for row in waiting],
        )


def _note(session: Session, roll: Roll, held: int, actor: Actor, now: datetime) -> None:
    append_entry(
        session,
        roll_subject(roll),
        TrailAction.ROLL_DRAWN,
        actor=actor,
        now=now,
        data={
            "number": roll.number,
            "programme": roll.programme,
            "month": roll.month,
            "payments": roll.payments,
            "persons": roll.persons,
            "total": roll.total,
            "held": held,
            "content_hash": roll.content_hash,
        },
    )


def _nothing(held: int) -> Conflict:
    return Conflict(
        "nothing_to_draw",
        f"该月没有可以列入清册的发放（另有{held}户暂缓发放）。",
        f"Nothing is due for this month ({held} families are held).",
        details={"held": held},
    )
