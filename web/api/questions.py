"""Questions to the policy in force: what a decision gives on a day, where a deadline falls."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any

from web.api.operations import ApiBlueprint, operation
from web.api.plain import plain
from web.api.policy_schemas import AnswerSchema, DeadlineSchema, QuestionSchema, StartSchema
from web.auth import current_viewer
from web.database import current_moment, db_session
from web.problems import api_language
from workflows.access import Action
from workflows.calendar import LOCAL_ZONE, local_day
from workflows.decisions import DecisionModel, ParameterRecorder, evaluate_decision
from workflows.decisions.working_days import calendar_functions
from workflows.definitions.release import current_policy
from workflows.errors import Finding, Invalid, NotFound
from workflows.feel import FeelError, from_json
from workflows.runtime.clock_terms import derived_deadline

blueprint = ApiBlueprint("api_questions", __name__, description="Questions to the policy.")

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TAGS = frozenset({"number", "date", "time", "date and time", "duration"})
_DEEPEST = 40
_YEARS = range(1900, 2200)


@operation(
    blueprint, "POST", "/decisions/<key>", Action.POLICY_READ,
    body=QuestionSchema(), answer=AnswerSchema(),
)  # fmt: skip
def decide(key: str, body: dict[str, Any]) -> dict[str, Any]:
    """Evaluate a decision of the policy in force, with the rows that hit and their clauses."""
    now = current_moment()
    policy = current_policy(db_session(), current_viewer().district_id)
    model = policy.decisions.get(key)
    if model is None:
        raise NotFound("decision.unknown", "没有这项决策。", "There is no such decision.")
    on = body["on"] or local_day(now)
    recorder = ParameterRecorder()
    result = evaluate_decision(
        model,
        key,
        _inputs(model, key, body["inputs"]),
        functions={
            **calendar_functions(policy.calendar),
            "parameter": policy.parameters.host_function(on, recorder),
        },
        now=now.astimezone(LOCAL_ZONE),
        recorder=recorder,
    )
    return {
        "decision": model.decision(key).id,
        "on": on,
        "release": policy.content_hash,
        "value": plain(result.value),
        "lines": list(result.explanation.lines(api_language())),
        "explanation": result.explanation.to_json(),
        "parameters": [used.to_json() for used in recorder.uses],
    }


@operation(
    blueprint, "POST", "/deadlines/<key>", Action.POLICY_READ,
    body=StartSchema(), answer=DeadlineSchema(),
)  # fmt: skip
def deadline(key: str, body: dict[str, Any]) -> dict[str, Any]:
    """Where a legal deadline falls that starts on a day or at a moment, line by line."""
    policy = current_policy(db_session(), current_viewer().district_id)
    rule = policy.clocks.get(key)
    if rule is None:
        raise NotFound("clock.unknown", "没有这项时限。", "There is no such deadline.")
    recorder = ParameterRecorder()
    start = _start(body["start"])
    found = derived_deadline(policy, rule, start, recorder)
    text = "text_en" if api_language() == "en" else "text_zh"
    return {
        "clock": rule.key,
        "name": rule.name,
        "length": str(found.length),
        "unit": found.unit.value,
        "due_on": found.due_on,
        "due_at": found.due_at,
        "provisional": found.provisional,
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
        "parameters": [used.to_json() for used in recorder.uses],
    }


def _start(text: str) -> date | datetime:
    try:
        if _DAY.fullmatch(text):
            day = date.fromisoformat(text)
            if day.year in _YEARS:
                return day
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None and moment.year in _YEARS:
            return moment
    except ValueError:
        pass
    raise _not_understood("from", "应为日期，或者带时区的时刻。", "A day, or a moment with offset.")


def _inputs(model: DecisionModel, key: str, given: Mapping[str, Any]) -> dict[str, Any]:
    known = {variable.name: variable for variable in model.required_inputs(key)}
    unknown = [name for name in given if name not in known]
    if unknown:
        raise Invalid(
            "request.invalid",
            findings=[
                Finding(
                    "request.field",
                    "这项决策没有这个输入。",
                    "The decision has no such input.",
                    field=f"inputs.{name}",
                )
                for name in unknown
            ],
        )
    values = {}
    for name, raw in given.items():
        tag = known[name].type_ref
        tagged = {tag: raw} if isinstance(raw, str) and tag in _TAGS else raw
        values[name] = _value(tagged, f"inputs.{name}", 0)
    return values


def _value(raw: Any, place: str, depth: int) -> Any:
    """JSON as a FEEL value; an object with one key that names a type is a value of that type."""
    if depth > _DEEPEST:
        raise _not_understood(place, "嵌套过深。", "It nests too deep.")
    if raw is None or isinstance(raw, bool):
        return raw
    if isinstance(raw, int | float):
        if not isfinite(raw):
            raise _not_understood(place, "不是有限的数。", "This is no finite number.")
        return Decimal(repr(raw))
    if isinstance(raw, list):
        return [_value(item, f"{place}.{index}", depth + 1) for index, item in enumerate(raw)]
    if isinstance(raw, str):
        return raw
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
