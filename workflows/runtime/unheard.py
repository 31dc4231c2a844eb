"""What people bring up by a posting's code and no step of its case takes: handed on, answered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.assistance import Objection
from models.cases import Case, CaseState, KeptMessage
from models.types import new_id
from workflows.audit import TrailAction, append_entry
from workflows.calendar import local_day
from workflows.definitions.release import current_policy
from workflows.errors import SYSTEM, Actor
from workflows.feel import from_json
from workflows.privacy import KeyRing
from workflows.runtime.acts import lock_case
from workflows.runtime.evidence import case_subject, key_for, open_answers
from workflows.runtime.remedies import COMPLAINT, Decision, Filing, open_remedy
from workflows.transaction import reading, transaction

#: The messages by which a case hears what people bring up.
OBJECTION: Final = "publicity.objection"
COMPLAINED: Final = "complaint.received"
#: How many kept ones a round of the worker looks at.
FEW: Final = 20
#: Who stays unnamed, as the form of an objection has it.
_NOBODY: Final = ("", "匿名")
_LONGEST: Final = 500


def hand_on(
    session: Session,
    case: Case,
    keys: KeyRing,
    *,
    content: str,
    name: str,
    contact: str,
    filed_on: date,
    receipt: str,
    actor: Actor,
    now: datetime,
) -> bool:
    """Register it as a complaint, which is checked within its period and answered (57 号 37).

    Who brought it up is sealed for the complaint's case alone; the trail of the case that it is
    about has the number of the receipt and no more. False where the policy in force has no
    complaints.
    """
    if COMPLAINT not in current_policy(session, case.district_id).processes:
        return False
    named = name.strip() not in _NOBODY
    answers = {
        "filed_on": filed_on.isoformat(),
        "complaint_channel": "online",
        "complaint_about": "family",
        "complaint_content": f"{content}（扫码提出，回执{receipt}）"[:_LONGEST],
        "complaint_leads": True,
    }
    filing = Filing(
        COMPLAINT,
        case.township_id,
        case.village_id,
        Decision(case, None),
        name.strip() if named else "",
        "",
        contact.strip(),
        "online",
    )
    open_remedy(session, filing, answers, keys, actor=actor, now=now)
    append_entry(
        session,
        case_subject(case),
        TrailAction.MESSAGE_RECEIVED,
        actor=actor,
        now=now,
        data={"message": COMPLAINED, "handed_on": True, "receipt": receipt},
    )
    return True


def hand_on_unheard(session: Session, keys: KeyRing, now: datetime) -> int:
    """A duty of the worker: what was kept for cases that have closed since; how many.

    It came while another objection was handled, and no further posting took it.
    """
    with reading(session):
        kept = session.execute(
            select(KeptMessage.id, KeptMessage.case_id)
            .join(Case, Case.id == KeptMessage.case_id)
            .where(
                KeptMessage.delivered_at.is_(None),
                KeptMessage.message.in_((OBJECTION, COMPLAINED)),
                Case.state == CaseState.CLOSED,
            )
            .order_by(KeptMessage.received_at)
            .limit(FEW)
        ).all()
    for kept_id, case_id in kept:
        with transaction(session):
            _hand_on_kept(session, kept_id, case_id, keys, now)
    return len(kept)


def _hand_on_kept(
    session: Session, kept_id: str, case_id: str, keys: KeyRing, now: datetime
) -> None:
    case = lock_case(session, case_id)
    kept = session.get_one(KeptMessage, kept_id, populate_existing=True)
    if kept.delivered_at is not None:
        return
    kept.delivered_at = now
    evidence = orjson.loads(kept.payload)
    key = key_for(session, str(evidence.get("person", "")), keys)
    opened = open_answers(key, case_subject(case), evidence)
    if opened is None:  # erased with the person: nobody can read it any more
        return
    said: dict[str, Any] = {name: from_json(value) for name, value in opened.items()}
    objected = kept.message == OBJECTION
    receipt = str(said.get("objection_receipt") or "—")
    received_on = local_day(kept.received_at)
    if objected:
        session.add(
            Objection(
                id=new_id(), district_id=case.district_id, case_id=case.id, kind="objection",
                received_on=received_on, detail={"channel": "code", "receipt": receipt},
                result=None,
            )
        )  # fmt: skip
    hand_on(
        session,
        case,
        keys,
        content=str(said.get("objection_content" if objected else "complaint_content") or ""),
        name=str(said.get("objector" if objected else "complainant") or ""),
        contact=str(said.get("objector_contact") or "") if objected else "",
        filed_on=received_on,
        receipt=receipt,
        actor=SYSTEM,
        now=now,
    )
