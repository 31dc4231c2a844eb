"""Reviews, lawsuits, petitions and complaints in scenarios: who files, what is known of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.assistance import Notice
from models.cases import Case
from models.money import Payment
from models.recoveries import Recovery
from models.remedies import Remedy
from workflows.access import visible_cases
from workflows.access.viewer import viewer_of_account
from workflows.privacy import KeyRing
from workflows.runtime.inbox.queue import QueueFilter, queue_page
from workflows.runtime.remedies import Decision, Filing


def filing_of(
    session: Session, process: str, step: Mapping[str, Any], against: Case | None, township_id: str
) -> Filing:
    """What a step files: `party` as {name, phone}; nobody named files anonymously."""
    party = step.get("party") or {}
    decision = None
    if against is not None:
        notice = session.scalars(
            select(Notice)
            .where(Notice.case_id == against.id)
            .order_by(Notice.issued_at.desc(), Notice.id.desc())
            .limit(1)
        ).one_or_none()
        decision = Decision(against, notice)
    return Filing(
        process,
        township_id,
        against.village_id if against is not None else None,
        decision,
        str(party.get("name") or ""),
        "",
        str(party.get("phone") or ""),
    )


def remedy_facts(session: Session, case_id: str) -> dict[str, Any]:
    """What the register says of a case's remedy, and the processes that its case has opened."""
    remedy = session.scalars(
        select(Remedy).where(Remedy.case_id == case_id).execution_options(populate_existing=True)
    ).one()
    opened = session.scalars(
        select(Case.process_key).where(Case.opened_from_id == case_id).order_by(Case.id)
    ).all()
    first = session.scalars(
        select(Case.first_applied_on).where(
            Case.opened_from_id == case_id, Case.first_applied_on.is_not(None)
        )
    ).first()
    owed = session.execute(
        select(Recovery.state, Recovery.amount).where(Recovery.case_id == remedy.against_case_id)
    ).all()
    return {
        "kind": remedy.kind.value,
        "late": remedy.late,
        "last_on": remedy.last_on,
        "body": remedy.body,
        "file_number": remedy.file_number,
        "execution": remedy.execution.value,
        "result": remedy.result and remedy.result.value,
        "decided_on": remedy.decided_on,
        "measure": remedy.measure,
        "answered_on": remedy.answered_on,
        "closed": remedy.closed_on is not None,
        "named": remedy.named,
        "opened": list(opened),
        "first_applied_on": first,
        "recoveries": {state.value: amount for state, amount in owed},
    }


def arrears_of(session: Session, case_id: str) -> dict[str, Any]:
    """The arrears that a case has ordered, in yuan, and their months."""
    rows = session.scalars(
        select(Payment).where(Payment.case_id == case_id, Payment.grant_id.is_(None))
    ).all()
    months = sorted({month for row in rows for month in row.frozen.get("months", ())})
    return {"amount": sum((row.amount for row in rows), Decimal(0)), "months": months}


def seers(
    session: Session, keys: KeyRing, case_id: str, logins: Mapping[str, str], now: datetime
) -> Sequence[str]:
    """The logins whose lists show the case, or whose queues show a task of it."""
    found = []
    for login, account_id in logins.items():
        viewer = viewer_of_account(session, account_id, now=now)
        assert viewer is not None
        listed = session.scalar(select(Case.id).where(Case.id == case_id, visible_cases(viewer)))
        queued = queue_page(session, viewer, QueueFilter(), keys, now=now).rows
        if listed is not None or any(row.case_id == case_id for row in queued):
            found.append(login)
    return sorted(found)
