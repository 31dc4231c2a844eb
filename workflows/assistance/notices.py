"""Notices: issued once from the published texts with the case's own numbers, and served."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import func, select

from models.assistance import Notice
from models.offices import Office
from models.types import new_id
from workflows.assistance.context import OperationContext
from workflows.assistance.explained import Explained, explained_case
from workflows.calendar import LOCAL_ZONE, local_day
from workflows.decisions import ParameterRecorder
from workflows.decisions.strict_yaml import load_yaml
from workflows.definitions.files import PolicyFiles
from workflows.definitions.notices import PARAMETERS
from workflows.errors import Conflict, Fault, Invalid, NotFound
from workflows.feel import compile_expression
from workflows.outbox import queue_message

FOLDER = "notices"
#: The kind whose paragraphs are added to every notice that has `remedy`.
REMEDIES = "remedies"
#: The authority that a notice comes from.
DISTRICT, TOWNSHIP = "district", "township"
#: A day or a month as machines write it, alone: not a part of a case's number or of a telephone's.
_MACHINE_DATE: Final = re.compile(
    r"(?<![\d-])(\d{4})-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?(?![\d-])"
    r"(?: ?月)?(?: (?=[一-鿿]))?"
)
_PADDED_MONTH: Final = re.compile(r"(?<=年)0(?=\d月)")
#: What closes a paragraph; anything else gets a full stop.
_CLOSING: Final = "。：；？！…”"
_DOUBLED: Final = re.compile(r"。[。；]+")


@lru_cache(maxsize=16)
def notice_texts(files: PolicyFiles) -> Mapping[str, Any]:
    """The published notice texts by kind, over all files of the folder."""
    texts: dict[str, Any] = {}
    for path, content in files.below(FOLDER, ".yaml").items():
        texts.update(load_yaml(content, file=path))
    return texts


def issue_notice(
    context: OperationContext, *, kind: str, recipient: str | None = None
) -> dict[str, Any]:
    """Issue a notice of one kind; its paragraphs are FEEL texts over what the process knows.

    Raises:
        Fault: `unknown_notice`, `notice_text`.
        Conflict: `issued_once` for a kind that may be issued only once (57 号 10: all that is
            missing is told at one time).
    """
    session, case = context.session, context.case
    texts = notice_texts(context.law.files)
    if kind not in texts:
        raise Fault("unknown_notice", f"没有告知书“{kind}”。", f"There is no notice “{kind}”.")
    text = texts[kind]
    issued = session.scalar(
        select(func.count())
        .select_from(Notice)
        .where(Notice.case_id == case.id, Notice.kind == kind)
    )
    if issued and text.get("once"):
        raise Conflict(
            "issued_once",
            f"《{text['title']}》只能出具一次，已经出具。",
            f"The notice “{kind}” may be issued only once and has been.",
        )
    all_issued = session.scalar(
        select(func.count()).select_from(Notice).where(Notice.case_id == case.id)
    )
    notice = Notice(
        id=new_id(),
        district_id=case.district_id,
        case_id=case.id,
        kind=kind,
        number=f"{case.number}-{(all_issued or 0) + 1:02d}",
        content=_content(context, text, recipient),
        issued_at=context.now,
        issued_by_id=context.actor.account_id,
    )
    session.add(notice)
    session.flush()  # it is served in a later step that refers to it
    queue_message(
        session,
        district_id=case.district_id,
        topic="notice.issued",
        key=f"notice.issued/{notice.id}",
        payload={"case": case.number, "notice": notice.number, "kind": kind},
        now=context.now,
    )
    context.notes.append({"notice": notice.id, "kind": kind, "number": notice.number})
    return {"notice_id": notice.id}


def _content(
    context: OperationContext, text: Mapping[str, Any], recipient: str | None
) -> dict[str, Any]:
    """What the paper says: its paragraphs, and the clauses that it and its reasons rest on."""
    reasons = _reasons(context, text)
    names = _names(context, reasons)
    recorder = ParameterRecorder()
    texts = notice_texts(context.law.files)
    parts = [*text["paragraphs"]]
    if text.get("remedy"):
        parts += texts[REMEDIES]["paragraphs"]
    paragraphs = [_paragraph(context, part, names, recorder) for part in parts]
    if recorder.uses:
        context.notes.append({"parameters": [used.to_json() for used in recorder.uses]})
    return {
        "title": text["title"],
        "paragraphs": [said for said in paragraphs if said],
        "clauses": _clauses(context, text, reasons),
        "explains": [one.decision for one in reasons],
        "recipient": "objector" if recipient else "applicant",
        **_issuer(context),
    }


def _issuer(context: OperationContext) -> dict[str, str]:
    """The district where somebody of its own office decides; what time sets off is the township's.

    The district's id is that of its office. What it is signed with stays, whatever the office is
    called later.
    """
    case = context.case
    by_district = context.actor.office_id == case.district_id
    office = context.session.get(Office, case.district_id if by_district else case.township_id)
    signed = "" if office is None else office.signature or office.name
    return {"issuer": DISTRICT if by_district else TOWNSHIP, "signed_as": signed}


def _reasons(context: OperationContext, text: Mapping[str, Any]) -> list[Explained]:
    """The decisions of the case that the notice explains, in the order of its text."""
    wanted = text.get("explains", [])
    if not wanted:
        return []
    found = explained_case(
        context.session, context.case.id, context.law.clauses, during=context.reasons
    )
    by_key = {one.decision: one for one in found}
    return [by_key[key] for key in wanted if key in by_key]


def _clauses(
    context: OperationContext, text: Mapping[str, Any], reasons: Sequence[Explained]
) -> list[str]:
    """The clauses of the notice and of the rows that hit; what is only a default is no basis."""
    known = context.law.clauses
    hit = [
        clause
        for one in reasons
        for told in one.told
        for clause in told.clauses
        if clause in known and known[clause].certainty != "default"
    ]
    remedies = notice_texts(context.law.files)[REMEDIES]["clauses"] if text.get("remedy") else []
    return list(dict.fromkeys([*text.get("clauses", []), *hit, *remedies]))


def _names(context: OperationContext, reasons: Sequence[Explained]) -> dict[str, Any]:
    """What the paragraphs of a notice see; notices are written in Chinese."""
    told = [part for one in reasons for part in one.told]
    return {
        **{name: _shown(value) for name, value in context.variables.items()},
        "case": {
            "number": context.case.number,
            "opened_on": local_day(context.case.opened_at),
            "accepted_on": context.case.accepted_on,
            "monthly": _shown(context.case.monthly),
        },
        "explained": [said for part in told if (said := part.text("zh"))],
        "numbers_used": list(dict.fromkeys(said for part in told for said in part.numbers("zh"))),
        "what_would_change": [said for one in reasons for said in one.changes("zh")],
        "other_programmes": [said for one in reasons for said in one.others("zh")],
    }


def _paragraph(
    context: OperationContext,
    expression: str,
    names: Mapping[str, Any],
    recorder: ParameterRecorder,
) -> str:
    """A paragraph; an empty one is left out. It may read parameters, as of today."""
    compiled = compile_expression(expression, functions=PARAMETERS)
    scope = {**dict.fromkeys(compiled.free_names), **names}
    read = context.law.parameters.host_function(context.today, recorder)
    value = compiled.value(
        scope, functions={"parameter": read}, now=context.now.astimezone(LOCAL_ZONE)
    )
    if not isinstance(value, str):
        raise Fault(
            "notice_text",
            f"告知书的一段文字无法生成：{expression}",
            f"A paragraph of the notice can't be written: {expression}",
        )
    return as_printed(value)


def as_printed(said: str) -> str:
    """A paragraph as papers write it: days and months in Chinese, one full stop at its end.

    What people typed and what operations tell comes in many shapes: 2022-10, 2023年01月, reasons
    with and without a full stop.
    """

    def chinese(found: re.Match[str]) -> str:
        year, month, day = found.groups()
        return f"{year}年{int(month)}月" + (f"{int(day)}日" if day else "")

    text = _PADDED_MONTH.sub("", _MACHINE_DATE.sub(chinese, said)).strip()
    if text and text[-1] not in _CLOSING:
        text += "。"
    return _DOUBLED.sub("。", text)


def _shown(value: Any) -> Any:
    """Amounts inside contexts as texts with two decimals, so that a notice says 405.00."""
    if isinstance(value, Decimal):
        return f"{value:.2f}" if value == round(value, 2) else str(value)
    if isinstance(value, dict):
        return {name: _shown(part) for name, part in value.items()}
    return value


def serve_notice(
    context: OperationContext,
    *,
    notice_id: str,
    method: str | None,
    served_on: date | None,
    receipt: list[Any] | None = None,
) -> dict[str, Any]:
    """Record when and how a notice reached its recipient.

    Raises:
        NotFound: `notice_not_found`. Invalid: `served_before_issued`.
    """
    notice = context.session.get(Notice, notice_id)
    if notice is None or notice.case_id != context.case.id:
        raise NotFound("notice_not_found", "找不到这份告知书。", "There is no such notice.")
    served = served_on or context.today
    if served < local_day(notice.issued_at):
        raise Invalid(
            "served_before_issued",
            "送达日期不能早于出具日期。",
            "A notice can't be served before it was issued.",
        )
    notice.served_on = served
    notice.service_method = method
    context.notes.append({"notice": notice.id, "served_on": served.isoformat()})
    return {}
