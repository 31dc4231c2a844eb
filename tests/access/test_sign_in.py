"""Counting failed sign-ins, on both databases and at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.accounts import SignInThrottle
from workflows.access.sign_in import (
    MOST_PER_LOGIN,
    WINDOW,
    Attempt,
    TooManyAttempts,
    WrongPassword,
    check_attempt,
    locked_logins,
    refuse_sign_in,
    sign_in,
    unlock_login,
)
from workflows.transaction import transaction

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def failed(login: str) -> Attempt:
    """A wrong attempt for an unknown login."""
    return Attempt(login, "192.0.2.1", None, None, False, None)


def test_failures_at_the_same_moment_are_all_counted(engine: Engine) -> None:
    # given
    def fail(_number: int) -> None:
        with Session(engine) as session, transaction(session):
            refuse_sign_in(session, failed("li"), now=NOW)

    # when
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(fail, range(12)))
    # then
    with Session(engine) as session:
        counted = {
            throttle.source: throttle.failures
            for throttle in session.scalars(select(SignInThrottle))
        }
    assert counted == {"login:li": 12, "address:192.0.2.1": 12}


def test_a_lock_holds_until_its_window_has_passed_or_it_is_lifted(session: Session) -> None:
    # given
    with transaction(session):
        for _ in range(MOST_PER_LOGIN):
            refuse_sign_in(session, failed("li"), now=NOW)
    # when / then
    assert locked_logins(session, now=NOW) == {"li"}
    with pytest.raises(TooManyAttempts):
        check_attempt(session, " LI ", "x", address="192.0.2.9", now=NOW)
    assert locked_logins(session, now=NOW + WINDOW) == set()
    with transaction(session):
        unlock_login(session, "li")
    assert not check_attempt(session, "li", "x", address="192.0.2.9", now=NOW).matches


def test_a_password_that_was_right_is_refused_when_the_lock_came_meanwhile(
    session: Session,
) -> None:
    # given
    with transaction(session):
        for _ in range(MOST_PER_LOGIN):
            refuse_sign_in(session, failed("li"), now=NOW)
    # when / then
    right = Attempt("li", "192.0.2.9", "01a208f1-b476-70fa-ad23-d31d692d0b4c", None, True, None)
    with pytest.raises(TooManyAttempts), transaction(session):
        sign_in(session, right, now=NOW)
    with pytest.raises(WrongPassword), transaction(session):
        sign_in(session, right, now=NOW + WINDOW)
