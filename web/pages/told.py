"""Answers that people gave in a case, as the trail kept them, with labels and names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from models.accounts import Account
from models.assistance import Attachment
from models.cases import Case
from models.households import Person
from web.auth import current_viewer
from web.config import settings
from web.database import db_session
from web.forms_html.known import KnownForm, Names, known_form
from workflows.decisions.forms import FieldKind, Form
from workflows.definitions.policy import Policy
from workflows.runtime.inbox.people import shown_person
from workflows.runtime.inbox.timeline import Event, known_element, timeline

_LATEST = 30
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody entered at an earlier step."""

    form: KnownForm
    by: str | None
    at: datetime


def earlier_answers(case: Case, policy: Policy) -> list[Told]:
    """What was entered in the case so far, newest first. At most five SELECTs."""
    events = timeline(db_session(), case, settings().keys.ring, limit=_LATEST)
    names = names_in(events, policy)
    told = []
    for event in events:
        found = told_answers(event, policy, names)
        if found is not None and (found.lines or found.files):
            told.append(Told(found, event.by, event.at))
    return told


def told_answers(event: Event, policy: Policy, names: Names) -> KnownForm | None:
    """The answers of one entry, by the labels of its form; None where it has none."""
    form = _form(event, policy)
    if form is None or not event.answers:
        return None
    fields = {key: found for key, found in form.fields.items() if key in event.answers}
    if not fields:
        return None
    return known_form(form.title, fields, event.answers, names)


def names_in(events: Sequence[Event], policy: Policy) -> Names:
    """What ids in the answers stand for. At most three SELECTs."""
    people = _ids(events, policy, FieldKind.SURVEYORS)
    files = _ids(events, policy, FieldKind.ATTACHMENTS)
    session, district = db_session(), current_viewer().district_id
    named: dict[str, str] = {}
    kept: dict[str, str] = {}
    if people:
        accounts = session.execute(
            select(Account.id, Account.name).where(
                Account.id.in_(people), Account.district_id == district
            )
        )
        named = {row.id: row.name for row in accounts}
    if files:
        attachments = session.execute(
            select(Attachment.id, Attachment.name).where(
                Attachment.id.in_(files), Attachment.district_id == district
            )
        )
        kept = {row.id: row.name for row in attachments}
    return Names({**named, **_members(_chosen_people(events, policy))}, kept)


def _members(ids: set[str]) -> dict[str, str]:
    """The names of people of households, for answers that choose among them."""
    if not ids:
        return {}
    rows = db_session().scalars(
        select(Person).where(Person.id.in_(ids), Person.district_id == current_viewer().district_id)
    )
    keys = settings().keys.ring
    shown = (shown_person(one.id, one.data_key, one.identity, keys) for one in rows)
    return {one.id: one.name for one in shown if one is not None}


def _chosen_people(events: Iterable[Event], policy: Policy) -> set[str]:
    """The ids among the answers to choices that the process itself offers."""
    found: set[str] = set()
    for event in events:
        form = _form(event, policy)
        for key, field in form.fields.items() if form else ():
            if field.options_from is None:
                continue
            value = (event.answers or {}).get(key)
            items = value if isinstance(value, list) else [value]
            found.update(item for item in items if isinstance(item, str) and _ID.fullmatch(item))
    return found


def _ids(events: Iterable[Event], policy: Policy, kind: FieldKind) -> set[str]:
    found: set[str] = set()
    for event in events:
        form = _form(event, policy)
        for key, field in form.fields.items() if form else ():
            value = (event.answers or {}).get(key)
            if field.kind is kind and isinstance(value, list):
                found.update(map(str, value))
    return found


def _form(event: Event, policy: Policy) -> Form | None:
    key = event.data.get("form")
    if not key:
        element = known_element(policy, event.data.get("element"))
        key = element.form if element is not None else None
    return policy.forms.get(str(key))
