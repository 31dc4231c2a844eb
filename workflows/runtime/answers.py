"""What somebody submitted, checked against the published form of a diagram's element."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.assistance.attachments import adopt_attachments, require_staff
from workflows.decisions.forms import Answers, FieldKind, Form, validate_answers
from workflows.definitions.diagram import Element
from workflows.runtime.host import CaseHost


def form_answers(
    host: CaseHost, element: Element, scope: Mapping[str, Any], raw: Mapping[str, Any]
) -> Answers:
    """The answers that the element's form accepts, over what the process knows.

    Files that a form names are taken into the case; surveyors must be different active staff.

    Raises:
        Invalid: with every finding.
    """
    if element.form is None:
        return Answers({}, frozenset())
    form = host.pinned.forms[element.form]
    answers = validate_answers(form, raw, scope=scope, now=host.now)
    adopt_attachments(
        host.session, host.case, _named(form, answers, FieldKind.ATTACHMENTS), actor=host.actor
    )
    people = _named(form, answers, FieldKind.SURVEYORS)
    require_staff(host.session, host.actor.office_id, people, host.now)
    return answers


def _named(form: Form, answers: Answers, kind: FieldKind) -> list[tuple[str, list[str]]]:
    return [
        (field.key, list(answers.values.get(field.key) or ()))
        for field in form.fields.values()
        if field.kind is kind
    ]
