"""The trail for auditors: search, look, verify, export. Every look at a chain is recorded."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, render_template, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from models.accounts import Account
from models.base import db
from models.cases import Case
from models.offices import Office, OfficeLevel
from models.trail import SubjectKind, TrailEntry, Unsealed
from models.types import new_id
from web.auth import current_viewer
from web.config import settings
from web.database import current_moment, db_session
from web.guard import requires
from web.i18n import language, message
from web.sight import note_access
from workflows.access import Action, Viewer, acting, may
from workflows.audit import (
    AccessKind,
    Subject,
    TrailAction,
    action_name,
    append_entry,
    is_sealed,
)
from workflows.audit.export import Scope, entries_csv, export_all, export_subject
from workflows.audit.problems import Report
from workflows.audit.sealing import last_head
from workflows.audit.verification import verify_all, verify_subject
from workflows.errors import NotAllowed, NotFound
from workflows.runtime.inbox.search import normalised_text
from workflows.transaction import transaction

blueprint = Blueprint("audit", __name__, url_prefix="/audit")

_PAGE = 50
#: A larger trail is verified by `doudi audit verify`, not while somebody waits for a page.
_MOST_VERIFIED = 100_000


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as the page shows it; sealed values are masked."""

    entry: TrailEntry
    what: str
    who: str
    facts: list[tuple[str, str]]


@blueprint.get("")
@requires(Action.TRAIL_VERIFY)
def trail() -> str:
    """The search, the state of sealing, and the newest acts or those of what was searched."""
    return _page(None)


@blueprint.post("/verify")
@requires(Action.TRAIL_VERIFY)
def verify() -> str:
    """Check one chain, or everything."""
    viewer = current_viewer()
    session = db_session()
    subject = _subject(viewer, request.form.get("q", ""))
    if subject is not None:
        report = verify_subject(session, subject)
    else:
        if (session.scalar(select(func.count()).select_from(TrailEntry)) or 0) > _MOST_VERIFIED:
            raise NotAllowed(
                "trail.large",
                "留痕较多，请由运维人员用命令 doudi audit verify 校验全部留痕。",
                "The trail is large; verify all of it with `doudi audit verify`.",
            )
        signer = settings().keys.signer
        report = verify_all(session, keys={signer.key_id: signer.public})
    with transaction(session):
        append_entry(
            session,
            subject or Subject(SubjectKind.DISTRICT, viewer.district_id, viewer.district_id),
            TrailAction.TRAIL_VERIFIED,
            actor=acting(viewer, Action.TRAIL_VERIFY),
            now=current_moment(),
            data={"entries": report.entries, "problems": report.problem_count},
        )
    return _page(report)


@blueprint.post("/export")
@requires(Action.TRAIL_EXPORT)
def export() -> Response:
    """The trail as CSV, or as JSON lines for the offline verifier; the export itself is an act."""
    viewer = current_viewer()
    form = "csv" if request.form.get("format") == "csv" else "jsonl"
    subject = _subject(viewer, request.form.get("q", ""))
    if subject is None and form == "jsonl":
        _require_only_district()
    with transaction(db_session()) as session:
        append_entry(
            session,
            Subject(SubjectKind.EXPORT, new_id(), viewer.district_id),
            TrailAction.EXPORT_MADE,
            actor=acting(viewer, Action.TRAIL_EXPORT),
            now=current_moment(),
            data={"format": form, "subject": str(subject) if subject else "all"},
        )
    tongue = language()

    def lines(session: Session) -> Iterator[str]:
        if form == "csv":
            return entries_csv(session, Scope(viewer.district_id), subject=subject, language=tongue)
        return export_subject(session, subject) if subject else export_all(session)

    name = f"doudi-trail-{current_moment():%Y%m%d-%H%M%S}.{form}"
    return Response(
        _streamed(lines),
        mimetype="text/csv" if form == "csv" else "application/x-ndjson",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _streamed(lines: Callable[[Session], Iterator[str]]) -> Iterator[bytes]:
    """The lines from a session of their own: the request's one ends before the body does."""
    engine = db.engine

    def body() -> Iterator[bytes]:
        with Session(engine) as session:
            for line in lines(session):
                yield line.encode()

    return body()


def _require_only_district() -> None:
    districts = db_session().scalar(
        select(func.count()).where(Office.level == OfficeLevel.DISTRICT)
    )
    if districts != 1:
        raise NotAllowed(
            "trail.many_districts",
            "本系统有多个区，全部留痕只能由运维人员用命令 doudi audit export 导出。",
            "There are several districts here; export everything with `doudi audit export`.",
        )


def _subject(viewer: Viewer, text: str) -> Subject | None:
    """What the search names: a case number or a login. None for an empty one; raises NotFound."""
    text = normalised_text(text)
    if not text:
        return None
    district_id = viewer.district_id
    session = db_session()
    case_id = session.scalar(
        select(Case.id).where(Case.district_id == district_id, Case.number == text)
    )
    if case_id is not None:
        return Subject(SubjectKind.CASE, case_id, district_id)
    account_id = session.scalar(
        select(Account.id).where(Account.district_id == district_id, Account.login == text)
    )
    if account_id is not None:
        return Subject(SubjectKind.ACCOUNT, account_id, district_id)
    raise NotFound("trail.nothing", "没有这个办件编号或账号。", "No such case number or login.")


def _page(report: Report | None) -> str:
    viewer = current_viewer()
    text = normalised_text(request.values.get("q", ""))
    subject, missing = None, False
    try:
        subject = _subject(viewer, text)
    except NotFound:
        missing = True
    lines = _lines(viewer, subject) if may(viewer, Action.TRAIL_READ) and not missing else None
    if subject is not None and lines:
        _record_look(viewer, subject)
    if missing:
        flash(message("没有这个办件编号或账号。"), "warn")
    session = db_session()
    head = last_head(session)
    return render_template(
        "trail.html",
        text=text,
        lines=lines,
        subject=subject,
        before=lines[-1].entry.id if lines and len(lines) == _PAGE else None,
        report=report,
        head=head,
        waiting=session.scalar(select(func.count()).select_from(Unsealed)),
        may_export=may(viewer, Action.TRAIL_EXPORT),
    )


def _record_look(viewer: Viewer, subject: Subject) -> None:
    note_access(
        subject,
        AccessKind.VIEWED,
        actor=acting(viewer, Action.TRAIL_READ),
        data={"page": "trail"},
    )


def _lines(viewer: Viewer, subject: Subject | None) -> list[Line]:
    statement = (
        select(TrailEntry, Account.name)
        .outerjoin(Account, Account.id == TrailEntry.actor_id)
        .where(TrailEntry.district_id == viewer.district_id)
        .order_by(TrailEntry.id.desc())
        .limit(_PAGE)
    )
    if subject is not None:
        statement = statement.where(
            TrailEntry.subject_kind == subject.kind, TrailEntry.subject_id == subject.id
        )
    before = request.args.get("before")
    if before:
        statement = statement.where(TrailEntry.id < before)
    rows = db_session().execute(statement).all()
    return [
        Line(entry, action_name(entry.action, language()), name or "", _facts(entry))
        for entry, name in rows
    ]


def _facts(entry: TrailEntry) -> list[tuple[str, str]]:
    data = json.loads(entry.body).get("data") or {}
    return [(key, _text(value)) for key, value in data.items()]


def _text(value: Any) -> str:
    if is_sealed(value):
        return message("（已加密）")
    if isinstance(value, dict | list):
        return json.dumps(_masked(value), ensure_ascii=False)
    return "—" if value is None else str(value)


def _masked(value: Any) -> Any:
    if is_sealed(value):
        return message("（已加密）")
    if isinstance(value, dict):
        return {key: _masked(item) for key, item in value.items()}
    return [_masked(item) for item in value] if isinstance(value, list) else value
