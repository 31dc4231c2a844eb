"""Who works here: the accounts of a district with the roles they hold, for lists."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from models.accounts import Account, Role, RoleHolding
from models.offices import Office

_MOST = 500


@dataclass(frozen=True, slots=True)
class Post:
    """A role held at an office at the moment."""

    holding_id: str
    role: Role
    office_id: str
    office_name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Colleague:
    """An account as a list shows it."""

    id: str
    login: str
    name: str
    active: bool
    posts: tuple[Post, ...]


def colleagues(
    session: Session,
    district_id: str,
    *,
    now: datetime,
    text: str = "",
    role: Role | None = None,
    office_id: str | None = None,
) -> list[Colleague]:
    """Accounts of a district by login: at most 500, whose login or name contains `text`.

    With `role` or `office_id` only those who hold such a post now. Two SELECTs.
    """
    wanted = [Account.district_id == district_id]
    if text:
        wanted.append(
            or_(
                Account.login.icontains(text, autoescape=True),
                Account.name.icontains(text, autoescape=True),
            )
        )
    if role is not None or office_id is not None:
        posts = select(RoleHolding.account_id).where(*_current(now))
        if role is not None:
            posts = posts.where(RoleHolding.role == role)
        if office_id is not None:
            posts = posts.where(RoleHolding.office_id == office_id)
        wanted.append(Account.id.in_(posts))
    accounts = session.execute(
        select(Account.id, Account.login, Account.name, Account.active)
        .where(*wanted)
        .order_by(Account.active.desc(), Account.login)
        .limit(_MOST)
    ).all()
    held = posts_of(session, [account.id for account in accounts], now=now)
    return [
        Colleague(row.id, row.login, row.name, row.active, tuple(held[row.id])) for row in accounts
    ]


def posts_of(
    session: Session, account_ids: list[str], *, now: datetime
) -> defaultdict[str, list[Post]]:
    """The posts held now, by account."""
    found: defaultdict[str, list[Post]] = defaultdict(list)
    rows = session.execute(
        select(
            RoleHolding.account_id,
            RoleHolding.id,
            RoleHolding.role,
            Office.id.label("office_id"),
            Office.name,
            RoleHolding.since,
        )
        .join(Office, Office.id == RoleHolding.office_id)
        .where(RoleHolding.account_id.in_(account_ids), *_current(now))
        .order_by(RoleHolding.since, RoleHolding.id)
    )
    for row in rows:
        found[row.account_id].append(Post(row.id, row.role, row.office_id, row.name, row.since))
    return found


def _current(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        RoleHolding.since <= now,
        or_(RoleHolding.until.is_(None), RoleHolding.until > now),
    )
