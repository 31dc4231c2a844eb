"""Published forms that somebody fills in: files uploaded on the way, names for ids, fragments."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import render_template, request
from sqlalchemy import select

from models.assistance import Attachment
from web.config import settings
from web.database import current_moment, db_session
from web.forms_html import FormView, Posted, show_form
from web.forms_html.shown import start_values
from workflows.access import Viewer
from workflows.assistance.attachments import add_attachment
from workflows.assistance.files import keep_file
from workflows.decisions.forms import FieldKind, Form
from workflows.errors import Actor, Finding, Invalid
from workflows.runtime.inbox.task import staff_of
from workflows.transaction import transaction

#: Below the data folder.
FOLDER = "attachments"
_MOST_FILES = 50
_MOST_NAMED = 200


@dataclass(frozen=True, slots=True)
class Filled:
    """A form that was sent: answers with the ids of files kept just now, and refused files."""

    posted: Posted
    raw: dict[str, Any]
    findings: tuple[Finding, ...]


def filled(posted: Posted, viewer: Viewer, actor: Actor) -> Filled:
    """Keep the files that came with a form, so that nothing chosen is lost whatever comes next.

    A file to be taken off is named by `remove`.
    """
    raw = dict(posted.raw)
    gone = request.form.get("remove")
    if gone:
        raw = {key: _without(value, gone) for key, value in raw.items()}
    findings: list[Finding] = []
    for key, files in posted.files.items():
        for file in files[:_MOST_FILES]:
            try:
                kept = keep_file(settings().data / FOLDER, file.stream, file.filename or "")
            except Invalid as error:
                findings.append(
                    Finding(
                        error.code,
                        f"“{(file.filename or '')[:60]}”：{error.message}",
                        f"{(file.filename or '')[:60]}: {error.message_en}",
                        field=key,
                    )
                )
                continue
            with transaction(db_session()) as session:
                row = add_attachment(
                    session,
                    district_id=viewer.district_id,
                    sha256=kept.sha256,
                    size=kept.size,
                    media_type=kept.media_type,
                    name=kept.name,
                    actor=actor,
                    now=current_moment(),
                )
                raw[key] = [*_items(raw.get(key)), row.id]
    return Filled(posted, raw, tuple(findings))


def _items(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else []


def _without(value: Any, gone: str) -> Any:
    return [item for item in value if item != gone] if isinstance(value, list) else value


def attachment_ids(raw: Mapping[str, Any]) -> list[str]:
    """What may be ids of attachments among raw answers, at most 200, in their order."""
    items = (str(item) for value in raw.values() for item in _items(value))
    return [item for item in items if _is_uuid(item)][:_MOST_NAMED]


def file_names(viewer: Viewer, ids: Sequence[str]) -> dict[str, str]:
    """The names of attachments of the viewer's district. One SELECT where there are any."""
    if not ids:
        return {}
    rows = db_session().execute(
        select(Attachment.id, Attachment.name).where(
            Attachment.id.in_(ids), Attachment.district_id == viewer.district_id
        )
    )
    return {row.id: row.name for row in rows}


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def shown_form(
    form: Form | None,
    raw: Mapping[str, Any],
    scope: Mapping[str, Any],
    office_id: str,
    *,
    now: datetime,
    findings: Sequence[Finding] = (),
) -> FormView | None:
    """The form ready to draw; people to choose from are looked up only where it asks for them.

    What a form only shows isn't sent with it and is taken from the scope again.
    """
    if form is None:
        return None
    fixed = {
        key: value for key, value in start_values(form, scope).items() if form.fields[key].readonly
    }
    raw = {**fixed, **raw}
    asks = any(found.kind is FieldKind.SURVEYORS for found in form.fields.values())
    staff = staff_of(db_session(), office_id, now=now) if asks else ()
    return show_form(form, raw, scope=scope, now=now, findings=findings, staff=staff)


def fragment(
    viewer: Viewer,
    form: Form | None,
    sent: Filled,
    scope: Mapping[str, Any],
    office_id: str,
    *,
    ask: str,
) -> str:
    """The fields that a form shows for what has been typed so far; `ask`: where it asks again."""
    return render_template(
        "forms/fragment.html",
        view=shown_form(
            form, sent.raw, scope, office_id, now=current_moment(), findings=sent.findings
        ),
        ask=ask,
        files=file_names(viewer, attachment_ids(sent.raw)),
    )


def new_request_key() -> str:
    """A key under which a form is carried out once."""
    return uuid.uuid4().hex


__all__ = [
    "FOLDER",
    "Filled",
    "attachment_ids",
    "file_names",
    "filled",
    "fragment",
    "new_request_key",
    "shown_form",
]
