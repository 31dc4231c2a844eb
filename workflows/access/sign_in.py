"""Signing in: throttled by login and by address, with one answer for every wrong attempt."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models.accounts import Account, SignInThrottle
from models.trail import SubjectKind
from workflows.access.passwords import hash_password, needs_rehash, password_matches
from workflows.access.viewer import Viewer, viewer_of_account
from workflows.audit import Subject, TrailAction, append_entry
from workflows.errors import SYSTEM, Actor, NotAllowed
from workflows.transaction import require_transaction

#: GB/T 22239-2019 8.1.4.1: failed sign-ins are answered by a lock
WINDOW = timedelta(minutes=15)
MOST_PER_LOGIN = 5
MOST_PER_ADDRESS = 50
_PLAUSIBLE = re.compile(r"[a-z][a-z0-9._-]*")


class TooManyAttempts(NotAllowed):
    """There were too many failed attempts; wait a quarter of an hour, then try again."""

    code = "session.locked"
    default_message = "登录失败次数过多，请15分钟后再试。"


class WrongPassword(NotAllowed):
    """The login or the password is wrong."""

    code = "session.refused"
    default_message = "账号或密码不正确。"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A checked attempt: whether the password was right, and for which account."""

    login: str
    address: str
    account_id: str | None
    district_id: str | None
    matches: bool
    #: a fresh hash where the kept one has old parameters
    new_hash: str | None


def normal_login(login: str) -> str:
    """The one spelling of a login."""
    return login.replace("\0", "").strip().lower()[:100]


def check_attempt(
    session: Session, login: str, password: str, *, address: str, now: datetime
) -> Attempt:
    """Compare the password; reads only, so that no lock is held during the costly hash.

    Raises:
        TooManyAttempts: for a locked login or address; the password is not looked at.
    """
    login = normal_login(login)
    _require_open(session, login, address, now)
    account = session.execute(
        select(Account.id, Account.district_id, Account.password_hash).where(
            Account.login == login, Account.active
        )
    ).one_or_none()
    matches = password_matches(account.password_hash if account else None, password)
    rehash = account is not None and matches and needs_rehash(account.password_hash)
    return Attempt(
        login=login,
        address=address,
        account_id=account.id if account else None,
        district_id=account.district_id if account else None,
        matches=matches,
        new_hash=hash_password(password) if rehash else None,
    )


def sign_in(session: Session, attempt: Attempt, *, now: datetime) -> Viewer:
    """Record a right attempt and forget the wrong ones before it.

    Raises:
        TooManyAttempts: when the login was locked while this password was being compared.
        WrongPassword: when the attempt was wrong, or the account has just been closed.
    """
    require_transaction(session)
    _require_open(session, attempt.login, attempt.address, now)
    viewer = None
    if attempt.matches and attempt.account_id is not None:
        viewer = viewer_of_account(session, attempt.account_id, now=now, address=attempt.address)
    if viewer is None:
        raise WrongPassword
    session.execute(delete(SignInThrottle).where(SignInThrottle.source == _of_login(attempt.login)))
    if attempt.new_hash is not None:
        session.execute(
            update(Account)
            .where(Account.id == viewer.account_id)
            .values(password_hash=attempt.new_hash)
        )
    append_entry(
        session,
        Subject(SubjectKind.ACCOUNT, viewer.account_id, viewer.district_id),
        TrailAction.SESSION_STARTED,
        actor=viewer.actor(),
        now=now,
        data={},
    )
    return viewer


def refuse_sign_in(session: Session, attempt: Attempt, *, now: datetime) -> None:
    """Count a wrong attempt; the fifth of a login within a quarter of an hour locks it."""
    require_transaction(session)
    _count(session, _of_address(attempt.address), now)
    failures = _count(session, _of_login(attempt.login), now)
    if attempt.account_id is None:
        return
    subject = Subject(SubjectKind.ACCOUNT, attempt.account_id, attempt.district_id)
    data: dict[str, object] = {"failures": failures, "address": attempt.address}
    append_entry(session, subject, TrailAction.SESSION_REFUSED, actor=SYSTEM, now=now, data=data)
    if failures == MOST_PER_LOGIN:
        append_entry(session, subject, TrailAction.ACCOUNT_LOCKED, actor=SYSTEM, now=now, data=data)


def require_password_tries(session: Session, account: Account, *, now: datetime) -> None:
    """Whoever sits at somebody's open session can't try out passwords there either.

    Raises:
        TooManyAttempts: after the fifth wrong present password within a quarter of an hour.
    """
    failures = session.scalar(
        select(SignInThrottle.failures).where(
            SignInThrottle.source == _of_password(account.id),
            SignInThrottle.window_from > now - WINDOW,
        )
    )
    if (failures or 0) >= MOST_PER_LOGIN:
        raise TooManyAttempts


def refuse_password(session: Session, account: Account, *, actor: Actor, now: datetime) -> None:
    """Count a wrong present password that was given to change it."""
    require_transaction(session)
    failures = _count(session, _of_password(account.id), now)
    subject = Subject(SubjectKind.ACCOUNT, account.id, account.district_id)
    data: dict[str, object] = {"failures": failures, "address": actor.address}
    append_entry(session, subject, TrailAction.SESSION_REFUSED, actor=actor, now=now, data=data)


def spend_try(session: Session, source: str, *, most: int, now: datetime) -> None:
    """Count one more try of something that anybody may do without an account.

    Raises:
        TooManyAttempts: after `most` within a quarter of an hour.
    """
    require_transaction(session)
    if _count(session, source, now) > most:
        raise TooManyAttempts(
            "tries.throttled",
            "提交次数过多，请15分钟后再试。",
            "There were too many submissions; wait a quarter of an hour, then try again.",
        )


def locked_logins(session: Session, *, now: datetime) -> set[str]:
    """The logins that are locked at the moment."""
    sources = session.scalars(
        select(SignInThrottle.source).where(
            SignInThrottle.failures >= MOST_PER_LOGIN, SignInThrottle.window_from > now - WINDOW
        )
    )
    return {source.removeprefix("login:") for source in sources if source.startswith("login:")}


def unlock_login(session: Session, login: str) -> None:
    """Forget the failed attempts of a login."""
    require_transaction(session)
    session.execute(delete(SignInThrottle).where(SignInThrottle.source == _of_login(login)))


def _require_open(session: Session, login: str, address: str, now: datetime) -> None:
    limits = {_of_login(login): MOST_PER_LOGIN, _of_address(address): MOST_PER_ADDRESS}
    rows = session.execute(
        select(SignInThrottle.source, SignInThrottle.failures).where(
            SignInThrottle.source.in_(limits), SignInThrottle.window_from > now - WINDOW
        )
    )
    if any(row.failures >= limits[row.source] for row in rows):
        raise TooManyAttempts


def _count(session: Session, source: str, now: datetime) -> int:
    # Two first failures at the same moment must not collide.
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(
        insert(SignInThrottle)
        .values(source=source, failures=0, window_from=now)
        .on_conflict_do_nothing()
    )
    throttle = session.get_one(SignInThrottle, source, with_for_update=True)
    if throttle.window_from <= now - WINDOW:
        throttle.failures, throttle.window_from = 0, now
    throttle.failures += 1
    return throttle.failures


def _of_login(login: str) -> str:
    """What a login is counted under; an id number or a name typed there by mistake isn't kept."""
    if _PLAUSIBLE.fullmatch(login):
        return f"login:{login}"
    return f"login:#{hashlib.sha256(login.encode()).hexdigest()[:6]}"


def _of_password(account_id: str) -> str:
    return f"password:{account_id}"


def _of_address(address: str) -> str:
    return f"address:{address}"
