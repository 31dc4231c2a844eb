"""Answers of decisions and deadlines as documents: the same for the command line and the API."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from web.api.plain import plain, plain_values
from workflows.calendar import LOCAL_ZONE
from workflows.clocks.derivation import Derivation, Excluded
from workflows.decisions import DecisionResult
from workflows.decisions.parameters import ParameterRecorder
from workflows.definitions.policy import Policy
from workflows.definitions.questions import Reply
from workflows.definitions.registers import Clause, ClockDefinition
from workflows.definitions.telling import told
from workflows.errors import Finding, Invalid

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEARS: Final = range(1900, 2200)


def answer_document(answer: Reply, policy: Policy) -> dict[str, Any]:
    """A decision's value on a day with packs, rows, clauses, parameters and steps."""
    result, explanation = answer.result, answer.result.explanation.to_json()
    return {
        "decision": answer.entry.key,
        "name": answer.entry.name,
        "on": answer.on.isoformat(),
        "packs": [pack.id for pack in answer.packs],
        "picked_by": answer.picked.date if answer.picked else None,
        "value": plain(result.value),
        "outputs": plain_values(result.outputs),
        "rests_on_defaults": answer.rests_on_defaults,
        "told": [one.to_json() for one in told(explanation, policy.clauses)],
        "what_if": None if answer.what_if is None else [one.to_json() for one in answer.what_if],
        "rows": list(_rows(result)),
        "clauses": clause_documents(policy, result.explanation.clauses),
        "parameters": [used.to_json() for used in answer.parameters],
        "explanation": explanation,
    }


def deadline_document(
    found: Derivation,
    rule: ClockDefinition,
    policy: Policy,
    *,
    recorder: ParameterRecorder,
) -> dict[str, Any]:
    """A deadline with the lines that derive it, its clauses and parameters."""
    return {
        "clock": rule.key,
        "name": rule.name,
        **found.to_json(),
        "rests_on_defaults": any(used.certainty == "default" for used in recorder.uses),
        "clauses": clause_documents(policy, rule.clauses),
        "parameters": [used.to_json() for used in recorder.uses],
    }


def clock_row(rule: ClockDefinition) -> dict[str, Any]:
    """A deadline in the list of those that can be asked."""
    return {
        "key": rule.key,
        "name": rule.name,
        "unit": rule.unit,
        "severity": rule.severity,
        "clauses": list(rule.clauses),
    }


def clause_documents(policy: Policy, clause_ids: tuple[str, ...]) -> list[dict[str, str]]:
    """What the register says of each clause."""
    return [_clause(clause_id, policy.clauses.get(clause_id)) for clause_id in clause_ids]


def moment_of(text: str, field: str = "from", *, offset_needed: bool = False) -> date | datetime:
    """A day, or a moment; a moment without offset is local unless its offset is needed.

    Raises:
        Invalid: `clock.bad_start`, also for years that no law of ours has.
    """
    try:
        if _DAY.fullmatch(text):
            day = date.fromisoformat(text)
            if day.year in _YEARS:
                return day
        else:
            moment = datetime.fromisoformat(text)
            if moment.year in _YEARS and (moment.tzinfo or not offset_needed):
                return moment if moment.tzinfo else moment.replace(tzinfo=LOCAL_ZONE)
    except ValueError:
        pass
    message = "应为日期，或者时刻，如 2021-11-13T23:10。"
    message_en = "A day, or a moment such as 2021-11-13T23:10."
    finding = Finding("clock.bad_start", message, message_en, field=field)
    raise Invalid("clock.bad_start", message, message_en, findings=[finding])


def excluded_of(text: str) -> Excluded:
    """Days that don't count, as `2021-09-23..2021-09-29` or a single day.

    Raises:
        Invalid: `clock.bad_start`.
    """
    first, _, last = text.partition("..")
    days = [moment_of(part, "without") for part in (first, last or first)]
    if any(isinstance(day, datetime) for day in days):
        moment_of("", "without")
    return Excluded("给出的日期", "days given", days[0], days[1])


def _rows(result: DecisionResult) -> Iterator[dict[str, Any]]:
    for step in result.explanation.steps:
        for rule in step.rules:
            yield {"decision": step.id, "name": step.name, **rule.to_json()}


def _clause(clause_id: str, clause: Clause | None) -> dict[str, str]:
    if clause is None:
        return {"id": clause_id}
    shown: Mapping[str, str] = {
        "id": clause_id,
        "text": clause.text,
        "article": clause.article,
        "summary": clause.summary,
        "certainty": clause.certainty,
    }
    return dict(shown)
