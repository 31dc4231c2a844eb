"""Who has to see to a payment that was held or failed: an officer of the family's township."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import cycle

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.accounts import Account, Role, RoleHolding


class Owners:
    """Hands out the case officers of each township in turn; `fallback` where there is none."""

    def __init__(self, officers: dict[str, list[str]], fallback: str | None) -> None:
        self._turns: dict[str, Iterator[str]] = {
            township_id: cycle(accounts) for township_id, accounts in officers.items()
        }
        self._fallback = fallback

    def next_for(self, township_id: str) -> str | None:
        """The account whose turn it is."""
        turn = self._turns.get(township_id)
        return self._fallback if turn is None else next(turn)


def owners_in(session: Session, district_id: str, fallback: str | None, *, now: datetime) -> Owners:
    """The case officers who hold their role now, by township. One SELECT."""
    rows = session.execute(
        select(RoleHolding.office_id, Account.id)
        .join(Account, Account.id == RoleHolding.account_id)
        .where(
            Account.district_id == district_id,
            Account.active.is_(True),
            RoleHolding.role == Role.CASE_OFFICER,
            RoleHolding.since <= now,
            or_(RoleHolding.until.is_(None), RoleHolding.until > now),
        )
        .order_by(RoleHolding.since, RoleHolding.id)
    )
    officers: dict[str, list[str]] = defaultdict(list)
    for office_id, account_id in rows:
        if account_id not in officers[office_id]:
            officers[office_id].append(account_id)
    return Owners(officers, fallback)
