"""An act of a person at the edge: one transaction, and an incident when the policy can't go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.orm import Session

from workflows.decisions import DecisionError
from workflows.errors import Actor, Fault
from workflows.runtime.cases import raise_incident
from workflows.transaction import transaction


@contextmanager
def act_on(
    session: Session, case_id: str | None, *, actor: Actor, now: datetime
) -> Iterator[Session]:
    """A transaction for an act on a case; None where the act is about to open one.

    Raises:
        Fault, DecisionError: again, after a second transaction has recorded the incident.
    """
    try:
        with transaction(session):
            yield session
    except (Fault, DecisionError) as error:
        if case_id is not None:
            with transaction(session):
                raise_incident(session, case_id, error, actor=actor, now=now)
        raise
