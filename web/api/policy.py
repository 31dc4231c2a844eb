"""The published policy: releases, processes, forms, parameters, clauses."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import or_, select
from werkzeug.wrappers import Response

from models.releases import Release
from web.api.operations import ApiBlueprint, operation
from web.api.plain import plain
from web.api.policy_schemas import (
    ClausesSchema,
    FormSchema,
    ParametersSchema,
    ProcessSchema,
    ReleaseSchema,
    ReleasesSchema,
    VocabularySchema,
)
from web.api.task_documents import clause_document, form_document
from web.api.vocabulary import vocabulary
from web.auth import current_viewer
from web.database import db_session
from web.headers import confine
from workflows.access import Action
from workflows.decisions import DecisionModel
from workflows.definitions.diagram import Element
from workflows.definitions.policy import Policy
from workflows.definitions.release import current_release, policy_of
from workflows.definitions.uses import Use, clause_uses_of, parameter_uses_of
from workflows.errors import NotFound
from workflows.runtime.service_tasks import signatures

blueprint = ApiBlueprint("api_policy", __name__, description="The law as data.")

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_RELEASE = "/policy/releases/<release>"


@operation(blueprint, "GET", "/policy/releases", Action.POLICY_READ, answer=ReleasesSchema())
def releases() -> dict[str, Any]:
    """The releases of your district; `current` may stand for the id of the one in force."""
    district_id = current_viewer().district_id
    rows = db_session().scalars(
        select(Release)
        .where(or_(Release.district_id == district_id, Release.district_id.is_(None)))
        .order_by(Release.published_at.desc(), Release.id.desc())
    )
    return {"releases": [_row(row, current=place == 0) for place, row in enumerate(rows)]}


@operation(blueprint, "GET", _RELEASE, Action.POLICY_READ, answer=ReleaseSchema())
def show(release: str) -> dict[str, Any]:
    """What a release holds."""
    row, policy = _release(release)
    newest = current_release(db_session(), current_viewer().district_id)
    models = {id(model): model for model in policy.decisions.values()}.values()
    return {
        **_row(row, current=row.id == newest.id),
        "calendar": policy.calendar.version,
        "processes": {process.id: process.name for process in policy.processes.values()},
        "startable": [process.id for process in policy.startable()],
        "forms": {form.key: form.title for form in policy.forms.values()},
        "decisions": [found for model in models for found in _decisions(model)],
        "clocks": [
            {
                "key": clock.key,
                "name": clock.name,
                "unit": clock.unit,
                "length": clock.length,
                "severity": clock.severity,
                "clauses": list(clock.clauses),
            }
            for clock in policy.clocks.values()
        ],
    }


@operation(
    blueprint, "GET", f"{_RELEASE}/processes/<process_id>", Action.POLICY_READ,
    answer=ProcessSchema(),
)  # fmt: skip
def process(release: str, process_id: str) -> dict[str, Any]:
    """A process with its steps, their roles, forms and clauses."""
    found = _release(release)[1].process(process_id)
    return {
        "id": found.id,
        "name": found.name,
        "documentation": found.documentation,
        "clauses": list(found.clauses),
        "variables": {name: variable.type for name, variable in found.variables.items()},
        "elements": [_element(element) for element in found.elements.values()],
    }


@operation(
    blueprint, "GET", f"{_RELEASE}/processes/<process_id>/diagram", Action.POLICY_READ,
    answer=("application/xml",),
)  # fmt: skip
def diagram(release: str, process_id: str) -> Response:
    """The BPMN file that a process is drawn in."""
    policy = _release(release)[1]
    content = policy.files.get(policy.process(process_id).file)
    return confine(Response(content or b"", mimetype="application/xml"))


@operation(
    blueprint, "GET", f"{_RELEASE}/forms/<key>", Action.POLICY_READ,
    answer=FormSchema(),
)  # fmt: skip
def form(release: str, key: str) -> Any:
    """A form as a form-js document."""
    found = form_document(_release(release)[1], key)
    if found is None:
        raise NotFound("form.not_found", "政策版本中没有这个表单。", "There is no such form.")
    return found


@operation(
    blueprint, "GET", f"{_RELEASE}/parameters", Action.POLICY_READ, answer=ParametersSchema()
)
def parameters(release: str) -> dict[str, Any]:
    """Every parameter with its values by date, source and certainty."""
    policy = _release(release)[1]
    table, uses = policy.parameters.parameters, parameter_uses_of(policy, signatures())
    return {
        "parameters": [
            {
                "key": found.key,
                "label": found.label,
                "unit": found.unit,
                "type": found.type,
                "question": found.question,
                "note": found.note,
                "alternatives": list(found.alternatives),
                "waits": found.waits,
                "used_by": [_use(use) for use in uses.get(found.key, ())],
                "values": [
                    {
                        "valid_from": entry.valid_from,
                        "valid_until": entry.valid_until,
                        "value": plain(entry.value),
                        "source": list(entry.source),
                        "certainty": entry.certainty,
                        "settle": entry.settle,
                        "note": entry.note,
                    }
                    for entry in found.entries
                ],
            }
            for found in sorted(table.values(), key=lambda found: found.key)
        ]
    }


@operation(blueprint, "GET", f"{_RELEASE}/clauses", Action.POLICY_READ, answer=ClausesSchema())
def clauses(release: str) -> dict[str, Any]:
    """The register of clauses, with what rests on each."""
    policy = _release(release)[1]
    uses = clause_uses_of(policy)
    return {
        "clauses": [
            {
                **clause_document(policy, clause.id),
                "kind": clause.kind,
                "certainty": clause.certainty,
                "valid_from": clause.valid_from,
                "valid_until": clause.valid_until,
                "part_of": clause.part_of or None,
                "waits": clause.waits or None,
                "used_by": [_use(use) for use in uses.get(clause.id, ())],
            }
            for clause in policy.clauses.values()
        ]
    }


@operation(
    blueprint, "GET", f"{_RELEASE}/vocabulary", Action.POLICY_READ, answer=VocabularySchema()
)
def words(release: str) -> dict[str, Any]:
    """Which texts the facts of an application may be."""
    known = vocabulary(_release(release)[1])
    return {"facts": {fact: sorted(values) for fact, values in sorted(known.items())}}


def _use(use: Use) -> dict[str, Any]:
    return {
        "kind": use.kind,
        "key": use.key,
        "name": use.name,
        "process": use.process_id,
        "idle": use.idle,
    }


def _release(name: str) -> tuple[Release, Policy]:
    session, district_id = db_session(), current_viewer().district_id
    if name == "current":
        row: Release | None = current_release(session, district_id)
    elif _ID.fullmatch(name):
        row = session.scalar(
            select(Release).where(
                Release.id == name,
                or_(Release.district_id == district_id, Release.district_id.is_(None)),
            )
        )
    else:
        row = None
    if row is None:
        raise NotFound("release.not_found", "找不到这个政策版本。", "There is no such release.")
    return row, policy_of(session, row.id)


def _row(row: Release, *, current: bool) -> dict[str, Any]:
    return {
        "id": row.id,
        "content_hash": row.content_hash,
        "published_at": row.published_at,
        "note": row.note,
        "current": current,
    }


def _element(element: Element) -> dict[str, Any]:
    assignment = element.assignment
    return {
        "id": element.id,
        "kind": element.kind.value,
        "name": element.name,
        "documentation": element.documentation,
        "role": None if assignment is None else assignment.role,
        "level": None if assignment is None else assignment.level,
        "form": element.form,
        "clauses": list(element.clauses),
    }


def _decisions(model: DecisionModel) -> list[dict[str, Any]]:
    return [
        {
            "key": decision.id,
            "name": decision.name,
            "inputs": {
                variable.name: variable.type_ref for variable in model.required_inputs(decision.id)
            },
        }
        for decision in model.all_decisions
    ]
