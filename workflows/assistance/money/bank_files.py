"""The file that goes to the bank: one row for each payment, made from sealed accounts on demand.

UTF-8 without a mark, comma separated, lines end with a line feed, quotes only where needed:

    payment_key,bank,account,holder,amount,programme,month
    grant/…/2021-11,农商银行,6217…,陈某,515.50,dibao,2021-11

`payment_key` is the idempotency key of a row: the bank pays the same key once. `amount` is yuan
with two decimals. `month` is empty for relief. The rows are in the order of the payments' ids, so
that the same roll always gives the same bytes.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from models.households import Person
from models.money import BankAccount, Payment, PaymentState
from workflows.assistance.money.bank_accounts import open_account
from workflows.assistance.money.partitions import Here, Jobs
from workflows.privacy import KeyRing, unwrap_data_key

COLUMNS: Final = ("payment_key", "bank", "account", "holder", "amount", "programme", "month")
#: out to the bank, in from it
OUT: Final = "out"
IN: Final = "in"
MEDIA_TYPE: Final = "text/csv; charset=utf-8"
_PART: Final = 5_000


class SealedRow(NamedTuple):
    """A row of the file with its account still sealed."""

    key: str
    amount: Decimal
    programme: str
    month: date | None
    account_id: str
    account: bytes
    person_id: str
    data_key: bytes | None


@dataclass(frozen=True, slots=True)
class SealedRows:
    """Some rows with what opens them: a job of its own. `keys` is the ring as JSON."""

    rows: tuple[SealedRow, ...]
    keys: str


@dataclass(frozen=True, slots=True)
class FileOut:
    """The bytes of a file for the bank; `total` in yuan."""

    content: bytes
    rows: int
    total: Decimal

    @property
    def sha256(self) -> str:
        """64 hex digits over the bytes."""
        return hashlib.sha256(self.content).hexdigest()


def goes_out() -> ColumnElement[bool]:
    """Whether a payment of a roll is in its file: not those that were withheld before."""
    return or_(Payment.state != PaymentState.CANCELLED, Payment.failed_at.is_not(None))


def bank_file(
    session: Session, roll_id: str, keys: KeyRing, *, jobs: Jobs | None = None
) -> FileOut:
    """The file of a roll, the same bytes each time. One SELECT; `jobs` opens the accounts.

    Raises:
        NotFound: `privacy.erased`, `privacy.no_key`.
        Invalid: `privacy.unreadable`.
    """
    found = session.execute(
        select(
            Payment.key,
            Payment.amount,
            Payment.programme,
            Payment.month,
            BankAccount.id,
            BankAccount.account,
            Person.id,
            Person.data_key,
        )
        .join(BankAccount, BankAccount.id == Payment.bank_account_id)
        .join(Person, Person.id == BankAccount.person_id)
        .where(Payment.roll_id == roll_id, goes_out())
        .order_by(Payment.id)
    )
    rows = [SealedRow(*row) for row in found]
    ring = keys.to_json()
    parts = [
        SealedRows(tuple(rows[start : start + _PART]), ring) for start in range(0, len(rows), _PART)
    ]
    texts = (jobs or Here()).run(write_rows, parts)
    content = (",".join(COLUMNS) + "\n" + "".join(texts)).encode()
    return FileOut(content, len(rows), sum((row.amount for row in rows), Decimal(0)))


def write_rows(part: SealedRows) -> str:
    """The lines of some rows, with their accounts in clear: a job of its own."""
    keys = KeyRing.from_json(part.keys)
    return _lines(_clear(row, keys) for row in part.rows)


def _clear(row: SealedRow, keys: KeyRing) -> tuple[str, ...]:
    key = unwrap_data_key(keys, row.person_id, row.data_key)
    account = open_account(row.account_id, row.account, key)
    return (
        row.key,
        account.bank,
        account.number,
        account.holder,
        f"{row.amount:.2f}",
        row.programme,
        "" if row.month is None else f"{row.month:%Y-%m}",
    )


def _lines(rows: Iterable[tuple[str, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
