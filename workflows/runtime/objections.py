"""Objections by the code on a posting: anybody lays one, without an account and without a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from models.assistance import Objection, Publicity
from models.cases import Case
from models.clocks import Alert
from models.offices import Office
from models.types import new_id
from workflows.access.sign_in import spend_try
from workflows.assistance.posting_content import CODE_LENGTH
from workflows.audit import TrailAction, append_entry
from workflows.calendar import local_day
from workflows.errors import Actor, Conflict, Finding, Invalid, NotFound
from workflows.numbers import next_number
from workflows.privacy import KeyRing
from workflows.runtime.acts import lock_case
from workflows.runtime.cases import send_message
from workflows.runtime.evidence import case_subject, sealed_answers
from workflows.runtime.unheard import COMPLAINED, OBJECTION, hand_on
from workflows.transaction import require_transaction

#: Who lays an objection: nobody whom the system knows.
PUBLIC: Final = Actor(account_id=None, role="public", name="群众")
#: The severity of an alert that somebody has objected and no step of a case waits for it.
UNHEARD: Final = "objection"
#: Tries within a quarter of an hour: of an address, and against one posting.
MOST_PER_ADDRESS: Final = 10
MOST_PER_POSTING: Final = 50
LONGEST_TEXT: Final = 500
LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class PublicPosting:
    """What the public page of a code shows; no name, though the sheet on the wall has one."""

    publicity_id: str
    case_id: str
    district_id: str
    village: str
    township: str
    process_key: str
    posted_on: date
    first_on: date
    last_on: date | None
    #: amounts and numbers as posted; empty once the period is over
    content: Mapping[str, Any]
    #: whether an objection is still one, and not a complaint
    hangs: bool


def posting_by_code(session: Session, code: str, *, today: date) -> PublicPosting:
    """The posting of a code as typed or scanned. One SELECT.

    Raises:
        NotFound: `posting_unknown`; nothing tells a wrong code from one that isn't posted yet.
    """
    plain = normal_code(code)
    row = None
    if len(plain) == CODE_LENGTH:
        village, township = _aliases()
        row = session.execute(
            select(Publicity, Case.process_key, village.name, township.name)
            .join(Case, Case.id == Publicity.case_id)
            .join(township, township.id == Case.township_id)
            .outerjoin(village, village.id == Publicity.village_id)
            .where(Publicity.code == plain)
        ).one_or_none()
    if row is None:
        raise NotFound(
            "posting_unknown",
            "没有这个编码的公示。请核对公示单上的编码；刚刚张贴的，请稍后再试。",
            "No posting has this code. Compare it with the sheet; if that has only just been"
            " posted, try again later.",
        )
    found, process_key, village_name, township_name = row
    hangs = found.last_on is not None and found.posted_on <= today <= found.last_on
    return PublicPosting(
        found.id, found.case_id, found.district_id, village_name or "", township_name, process_key,
        found.posted_on, found.first_on, found.last_on, dict(found.content) if hangs else {}, hangs,
    )  # fmt: skip


def normal_code(code: str) -> str:
    """A code without what people write between its signs, in capital letters."""
    return "".join(sign for sign in code.upper() if sign.isascii() and sign.isalnum())


def count_objection(
    session: Session, posting: PublicPosting, *, address: str, now: datetime
) -> None:
    """Count one try, in a transaction of its own.

    Raises:
        TooManyAttempts: too many from this address, or against this posting.
    """
    spend_try(session, f"objection:{address}", most=MOST_PER_ADDRESS, now=now)
    spend_try(session, f"posting:{posting.publicity_id}", most=MOST_PER_POSTING, now=now)


def lay_objection(
    session: Session,
    posting: PublicPosting,
    keys: KeyRing,
    *,
    content: str,
    name: str = "",
    contact: str = "",
    now: datetime,
) -> str:
    """Hand what somebody objects to the case, and give the number of the receipt.

    Within the period it is the message that the publicity waits for; afterwards a complaint
    (57 号 20). Where the case is closed, or its process knows no such message, it is registered as
    a complaint of its own, checked and answered by the district (57 号 37). What comes while
    another objection is handled is kept for the next posting, and the township is alerted.

    Raises:
        Invalid: `objection_empty`, `objection_too_long`.
    """
    require_transaction(session)
    _check(content, name, contact)
    today = local_day(now)
    case = lock_case(session, posting.case_id)
    receipt = _receipt(session, case, today)
    message, raw = _as_message(posting, today, content, name, contact, receipt)
    try:
        heard = send_message(session, case.id, message, raw, keys, actor=PUBLIC, now=now)
        if not heard and not posting.hangs:  # a process that knows no complaints has kept it
            _record(session, case, posting, receipt, now)
    except (Conflict, NotFound, Invalid):  # closed, or a process without such a message
        heard = hand_on(
            session, case, keys, content=content, name=name, contact=contact, filed_on=today,
            receipt=receipt, actor=PUBLIC, now=now,
        )  # fmt: skip
        if heard:
            _record(session, case, posting, receipt, now)
        else:
            _keep(session, case, posting, receipt, raw, keys, now)
    if not heard:
        _alert(session, case, receipt, now)
    return receipt


def _as_message(
    posting: PublicPosting, today: date, content: str, name: str, contact: str, receipt: str
) -> tuple[str, dict[str, Any]]:
    """The message that a case waits for, with the answers of its form."""
    if posting.hangs:
        return OBJECTION, {
            "objection_on": today.isoformat(),
            "objector": name or "匿名",
            "objector_contact": contact,
            "objection_channel": "code",
            "objection_content": content,
            "objection_receipt": receipt,
        }
    raw: dict[str, Any] = {
        "complaint_on": today.isoformat(),
        "complaint_named": bool(name),
        "complaint_channel": "late_objection",
        "complaint_content": f"{content}（回执 {receipt}）",
    }
    if name:
        raw["complainant"] = f"{name} {contact}".strip()[:LONGEST_NAME]
    return COMPLAINED, raw


def _check(content: str, name: str, contact: str) -> None:
    findings = []
    if not content.strip():
        findings.append(
            Finding("objection_empty", "请写明您反映的情况。", "Say what you object to.",
                    field="content")
        )  # fmt: skip
    limits = (("content", content, LONGEST_TEXT - 60), ("name", name, LONGEST_NAME),
              ("contact", contact, LONGEST_NAME))  # fmt: skip
    for field, text, limit in limits:
        if len(text) > limit:
            findings.append(
                Finding("objection_too_long", f"内容过长，最多{limit}个字。",
                        f"Too long: at most {limit} characters.", field=field)
            )  # fmt: skip
    if findings:
        raise Invalid(findings[0].code, findings=findings)


def _receipt(session: Session, case: Case, today: date) -> str:
    number = next_number(session, case.district_id, f"objection/{today.year}")
    return f"YY-{today.year}-{number:06d}"


def _keep(
    session: Session,
    case: Case,
    posting: PublicPosting,
    receipt: str,
    raw: Mapping[str, Any],
    keys: KeyRing,
    now: datetime,
) -> None:
    """Nothing of the case takes it: it stands with the case all the same, its text sealed."""
    _record(session, case, posting, receipt, now)
    append_entry(
        session,
        case_subject(case),
        TrailAction.MESSAGE_RECEIVED,
        actor=PUBLIC,
        now=now,
        data={
            "message": OBJECTION if posting.hangs else COMPLAINED,
            "kept": True,
            "receipt": receipt,
            "answers": sealed_answers(session, case, keys, raw),
        },
    )


def _record(
    session: Session, case: Case, posting: PublicPosting, receipt: str, now: datetime
) -> None:
    session.add(
        Objection(
            id=new_id(),
            district_id=case.district_id,
            case_id=case.id,
            kind="objection" if posting.hangs else "complaint",
            received_on=local_day(now),
            detail={"publicity": posting.publicity_id, "channel": "code", "receipt": receipt},
            result=None,
        )
    )


def _alert(session: Session, case: Case, receipt: str, now: datetime) -> None:
    session.add(
        Alert(
            id=new_id(),
            district_id=case.district_id,
            office_id=case.township_id,
            case_id=case.id,
            severity=UNHEARD,
            message=f"{case.number} 收到扫码提出的意见（{receipt}），没有待办在等它，请处理",
            raised_at=now,
        )
    )


def _aliases() -> tuple[type[Office], type[Office]]:
    return aliased(Office), aliased(Office)
