"""What a roll contains: one line for each payment, and a hash over all of them in their order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import table_of
from models.money import Payment, PaymentState


class Line(NamedTuple):
    """What was reviewed of a payment; `frozen` as stored."""

    id: str
    key: str
    household_id: str
    person_id: str
    bank_account_id: str | None
    month: date | None
    amount: Decimal
    frozen: Any


def content_hash(lines: Iterable[Line]) -> str:
    """SHA-256 (64 hex digits) over the lines in the order of their ids."""
    whole = hashlib.sha256()
    for line in sorted(lines, key=lambda one: one.id):
        text = "|".join(
            (
                line.id,
                line.key,
                line.household_id,
                line.person_id,
                line.bank_account_id or "",
                "" if line.month is None else line.month.isoformat(),
                f"{line.amount:.2f}",
            )
        )
        whole.update(text.encode())
        whole.update(b"|")
        whole.update(orjson.dumps(line.frozen, option=orjson.OPT_SORT_KEYS))
        whole.update(b"\n")
    return whole.hexdigest()


def lines_of(session: Session, roll_id: str) -> list[tuple[Line, PaymentState]]:
    """Every payment of a roll with its state, those withheld at the release too. One SELECT."""
    payments = table_of(Payment).c
    rows = session.execute(
        select(*(payments[name] for name in Line._fields), payments.state).where(
            payments.roll_id == roll_id
        )
    )
    return [(Line(*row[:-1]), row[-1]) for row in rows]


def persons_of(frozen: Any) -> int:
    """How many people a payment is for; one where nothing else was frozen."""
    members = frozen.get("members") if isinstance(frozen, dict) else None
    return members if isinstance(members, int) else 1
