"""Questions to the policy in force: what a decision gives on a day, where a deadline falls."""

from __future__ import annotations

from decimal import Decimal
from math import isfinite
from typing import Any, Final

from web.api.operations import ApiBlueprint, operation
from web.api.policy_schemas import (
    AnswerSchema,
    CatalogueSchema,
    DeadlineListSchema,
    DeadlineSchema,
    QuestionSchema,
    StartSchema,
)
from web.asked import answer_document, clock_row, deadline_document, excluded_of, moment_of
from web.auth import current_viewer
from web.database import current_moment, db_session
from web.problems import api_language
from workflows.access import Action
from workflows.calendar import local_day
from workflows.decisions import ParameterRecorder
from workflows.decisions.catalogue import decision_catalogue
from workflows.definitions.policy import Policy
from workflows.definitions.questions import changed_parameters, reply_to
from workflows.definitions.release import current_policy
from workflows.errors import Finding, Invalid
from workflows.feel import FeelError, from_json
from workflows.runtime.clock_terms import clock_rule, derived_deadline

blueprint = ApiBlueprint("api_questions", __name__, description="Questions to the policy.")

_TAGS: Final = frozenset({"number", "date", "time", "date and time", "duration"})
_DEEPEST: Final = 40


@operation(blueprint, "GET", "/decisions", Action.POLICY_READ, answer=CatalogueSchema())
def decisions() -> dict[str, Any]:
    """Every decision of the policy in force: its facts, what it gives, and their types."""
    entries = decision_catalogue(_policy().decisions.values())
    return {"decisions": [entry.to_json() for entry in entries]}


@operation(
    blueprint, "POST", "/decisions/<key>", Action.POLICY_READ,
    body=QuestionSchema(), answer=AnswerSchema(),
)  # fmt: skip
def decide(key: str, body: dict[str, Any]) -> dict[str, Any]:
    """Evaluate a decision of the policy in force, with the rows that hit and their clauses."""
    policy = _policy()
    answer = reply_to(
        policy,
        key,
        _value(body["inputs"], "inputs", 0),
        on=body["on"] or local_day(current_moment()),
        changes=_value(body["parameters"], "parameters", 0),
        place="inputs",
        what_if=body["what_if"],
    )
    return {
        **answer_document(answer, policy),
        "release": policy.content_hash,
        "lines": list(answer.result.explanation.lines(api_language())),
    }


@operation(blueprint, "GET", "/deadlines", Action.POLICY_READ, answer=DeadlineListSchema())
def deadlines() -> dict[str, Any]:
    """Every legal deadline of the policy in force."""
    clocks = _policy().clocks
    return {"deadlines": [clock_row(clocks[key]) for key in sorted(clocks)]}


@operation(
    blueprint, "POST", "/deadlines/<key>", Action.POLICY_READ,
    body=StartSchema(), answer=DeadlineSchema(),
)  # fmt: skip
def deadline(key: str, body: dict[str, Any]) -> dict[str, Any]:
    """Where a legal deadline falls that starts on a day or at a moment, line by line."""
    policy, recorder = _policy(), ParameterRecorder()
    rule = clock_rule(policy, key)
    changes = _value(body["parameters"], "parameters", 0)
    found = derived_deadline(
        policy,
        rule,
        moment_of(body["start"], offset_needed=True),
        recorder,
        parameters=changed_parameters(policy.parameters, changes),
        extended=body["extended"],
        excluded=[excluded_of(text) for text in body["without"]],
    )
    text = "text_en" if api_language() == "en" else "text_zh"
    return {
        **deadline_document(found, rule, policy, recorder=recorder),
        "due_on": found.due_on,
        "due_at": found.due_at,
        "calendar": found.calendar_version,
        "lines": [
            {
                "first_on": line["first_on"],
                "last_on": line["last_on"],
                "counted": line["counted"],
                "text": line[text],
            }
            for line in (line.to_json() for line in found.lines)
        ],
    }


def _policy() -> Policy:
    return current_policy(db_session(), current_viewer().district_id)


def _value(raw: Any, place: str, depth: int) -> Any:
    """JSON as a FEEL value; an object with one key that names a type is a value of that type."""
    if depth > _DEEPEST:
        raise _not_understood(place, "嵌套过深。", "It nests too deep.")
    if raw is None or isinstance(raw, bool | str):
        return raw
    if isinstance(raw, int | float):
        if not isfinite(raw):
            raise _not_understood(place, "不是有限的数。", "This is no finite number.")
        return Decimal(repr(raw))
    if isinstance(raw, list):
        return [_value(item, f"{place}.{index}", depth + 1) for index, item in enumerate(raw)]
    tag, content = next(iter(raw.items()), ("", None))
    if len(raw) == 1 and tag in _TAGS and isinstance(content, str):
        try:
            return from_json(raw)
        except FeelError as error:
            raise _not_understood(place, f"不是有效的 {tag}。", f"This is no {tag}.") from error
    return {name: _value(item, f"{place}.{name}", depth + 1) for name, item in raw.items()}


def _not_understood(place: str, message: str, message_en: str) -> Invalid:
    finding = Finding("request.field", message, message_en, field=place)
    return Invalid("request.invalid", findings=[finding])
