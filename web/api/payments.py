"""Payments that failed: list, hand over, repeat, cancel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from models.money import Payment
from models.trail import SubjectKind
from web.api.once import carry_out
from web.api.operations import Answer, ApiBlueprint, operation
from web.api.payment_schemas import (
    OwnerSchema,
    PaymentSchema,
    PaymentsSchema,
    ReasonSchema,
    payment_document,
)
from web.api.schemas import Empty
from web.auth import current_viewer
from web.config import settings
from web.database import current_moment, db_session
from web.sight import note_access
from workflows.access import Action, Place, acting
from workflows.assistance.money.failures import (
    cancel_payment,
    reassign_failure,
    repeat_payment,
)
from workflows.audit import AccessKind, Subject
from workflows.runtime.inbox.rolls import failed_payments, payment_seen

blueprint = ApiBlueprint("api_payments", __name__, description="Payments that failed.")


@operation(blueprint, "GET", "/payments/failures", Action.PAYMENT_READ, answer=PaymentsSchema())
def failures() -> dict[str, Any]:
    """Failures within your scope, the oldest first, at most 200."""
    viewer = current_viewer()
    rows = failed_payments(db_session(), viewer, settings().keys.ring)
    document = {"payments": [payment_document(row) for row in rows]}
    note_access(
        Subject(SubjectKind.DISTRICT, viewer.district_id, viewer.district_id),
        AccessKind.VIEWED, actor=acting(viewer, Action.PAYMENT_READ), data={"api": "failures"},
    )  # fmt: skip
    return document


@operation(
    blueprint, "POST", "/payments/<uuid:payment_id>/owner", Action.FAILURE_HANDLE,
    body=OwnerSchema(), answer=PaymentSchema(), once=True,
)  # fmt: skip
def owner(payment_id: str, body: dict[str, Any]) -> Answer:
    """Hand a failure to somebody who may handle it."""
    return _handle(
        payment_id, body,
        lambda session, **how: reassign_failure(session, payment_id, body["owner_id"], **how),
    )  # fmt: skip


@operation(
    blueprint, "POST", "/payments/<uuid:payment_id>/repeat", Action.FAILURE_HANDLE,
    body=Empty(), answer=PaymentSchema(), once=True,
)  # fmt: skip
def repeat(payment_id: str, body: dict[str, Any]) -> Answer:
    """Order a failed payment again; the answer is the new one."""
    return _handle(
        payment_id, body, lambda session, **how: repeat_payment(session, payment_id, **how)
    )


@operation(
    blueprint, "POST", "/payments/<uuid:payment_id>/cancel", Action.FAILURE_HANDLE,
    body=ReasonSchema(), answer=PaymentSchema(), once=True,
)  # fmt: skip
def cancel(payment_id: str, body: dict[str, Any]) -> Answer:
    """Cancel a payment that failed, or that waits and is on no roll."""
    return _handle(
        payment_id, body,
        lambda session, **how: cancel_payment(session, payment_id, body["reason"], **how),
    )  # fmt: skip


def _handle(payment_id: str, body: dict[str, Any], command: Callable[..., Payment]) -> Answer:
    viewer, now, keys = current_viewer(), current_moment(), settings().keys.ring
    found = payment_seen(db_session(), viewer, payment_id, keys).payment
    actor = acting(viewer, Action.FAILURE_HANDLE, Place(found.district_id, found.township_id))

    def act(session: Session) -> dict[str, Any]:
        payment = command(session, district_id=viewer.district_id, actor=actor, now=now)
        session.flush()  # it is read back as others see it
        return payment_document(payment_seen(session, viewer, payment.id, keys))

    return carry_out(act, content=body, actor=actor, now=now)
