"""Tasks as JSON data: a row of the queue, and one task with everything needed to do it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson

from models.clocks import Clock
from web.api.cursors import cursor
from web.api.plain import plain_values
from web.problems import api_language
from workflows.decisions import FieldKind, Form
from workflows.definitions.files import PolicyFiles
from workflows.definitions.policy import Policy
from workflows.feel import compile_expression
from workflows.runtime.host import HOST_FUNCTION_NAMES
from workflows.runtime.inbox.people import Shown
from workflows.runtime.inbox.queue import QueuePage, QueueRow
from workflows.runtime.inbox.task import TaskView
from workflows.runtime.projection import NO_DEADLINE


def queue_document(page: QueuePage, now: datetime) -> dict[str, Any]:
    """A page of the queue."""
    return {"tasks": [row_document(row, now) for row in page.rows], "next": cursor(page.following)}


def row_document(row: QueueRow, now: datetime) -> dict[str, Any]:
    """One open task; `urgency` is green, yellow or red, or none without a deadline."""
    limited = row.due_at < NO_DEADLINE
    return {
        "id": row.id,
        "name": row.name,
        "process": row.process_key,
        "role": row.role,
        "office_id": row.office_id,
        "created_at": row.created_at,
        "due_at": row.due_at if limited else None,
        "warn_at": row.warn_at if limited else None,
        "urgency": _urgency(row, now) if limited else "none",
        "assignee": None
        if row.assignee_id is None
        else {"id": row.assignee_id, "name": row.assignee},
        "case": {"id": row.case_id, "number": row.case_number, "status": row.case_status},
        "applicant": person_document(row.applicant),
        "township": row.township,
        "village": row.village,
    }


def person_document(person: Shown | None) -> dict[str, Any] | None:
    """A person by name and masked id-card number."""
    if person is None:
        return None
    return {"id": person.id, "name": person.name, "id_number": person.masked_number}


def task_document(view: TaskView, staff: list[tuple[str, str]], now: datetime) -> dict[str, Any]:
    """One task with its form, what the form already knows, the law and the deadline."""
    row, element, form = view.row, view.element, view.form
    return {
        **row_document(row, now),
        "element": element.id,
        "documentation": element.documentation,
        "case_version": view.case.version,
        "form": None if form is None else form_document(view.policy, form.key),
        "values": {} if form is None else _known_values(form, view.scope),
        "returns": [{"to": target, "name": name} for target, name in view.returns],
        "clauses": [clause_document(view.policy, clause) for clause in element.clauses],
        "deadline": None if view.clock is None else clock_document(view.clock),
        "refusal": None
        if view.refusal is None
        else {"code": view.refusal.code, "detail": _sentence(view.refusal)},
        "staff": [{"id": account_id, "name": name} for account_id, name in staff],
    }


def asks_for_staff(form: Form | None) -> bool:
    """Whether the form has a list of surveyors to choose."""
    return form is not None and any(
        found.kind is FieldKind.SURVEYORS for found in form.fields.values()
    )


def clause_document(policy: Policy, clause_id: str) -> dict[str, Any]:
    """A clause of the register."""
    clause = policy.clauses.get(clause_id)
    if clause is None:
        return {"id": clause_id, "text": "", "article": "", "summary": "", "source": ""}
    return {
        "id": clause.id,
        "text": clause.text,
        "article": clause.article,
        "summary": clause.summary,
        "source": clause.source,
    }


def clock_document(clock: Clock) -> dict[str, Any]:
    """A legal deadline with the lines that lead to it, in the language asked for."""
    derivation = clock.derivation
    text = "text_en" if api_language() == "en" else "text_zh"
    return {
        "key": clock.key,
        "name": clock.name,
        "state": clock.state.value,
        "severity": clock.severity,
        "started_on": clock.started_on,
        "due_on": clock.due_on,
        "due_at": clock.due_at,
        "warn_at": clock.warn_at,
        "stopped_at": clock.stopped_at,
        "alarmed_at": clock.alarmed_at,
        "provisional": bool(derivation.get("provisional")),
        "rests_on_defaults": any(
            used["certainty"] == "default"
            for used in derivation.get("inputs", {}).get("parameters", ())
        ),
        "length": derivation["length"],
        "unit": derivation["unit"],
        "lines": [
            {
                "first_on": line["first_on"],
                "last_on": line["last_on"],
                "counted": line["counted"],
                "text": line[text],
            }
            for line in derivation["lines"]
        ],
    }


def form_document(policy: Policy, key: str | None) -> Any:
    """A published form-js document; None where there is no such form."""
    form = policy.forms.get(key or "")
    return None if form is None else _form_document(policy.files, form.file)


@lru_cache(maxsize=256)
def _form_document(files: PolicyFiles, file: str) -> Any:
    return orjson.loads(files.get(file) or b"null")


def _known_values(form: Form, scope: Mapping[str, Any]) -> dict[str, Any]:
    """What the process knows of the form's fields, and of the names that its conditions use."""
    names = set(form.fields) | _names_of_conditions(form)
    return plain_values({name: scope[name] for name in sorted(names) if name in scope})


@lru_cache(maxsize=256)
def _names_of_conditions(form: Form) -> frozenset[str]:
    names: set[str] = set()
    for _, _, expression in form.conditions():
        compiled = compile_expression(expression.removeprefix("="), functions=HOST_FUNCTION_NAMES)
        names |= compiled.free_names
    return frozenset(names)


def _urgency(row: QueueRow, now: datetime) -> str:
    if now >= row.due_at:
        return "red"
    return "yellow" if now >= row.warn_at else "green"


def _sentence(refusal: Any) -> str:
    text: str = refusal.message_en if api_language() == "en" else refusal.message
    return text
