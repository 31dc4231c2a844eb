"""Table scenarios: single questions to the decision tables of a policy, with the answers due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from workflows.calendar import LOCAL_ZONE
from workflows.decisions import DecisionResult, ParameterTable
from workflows.decisions.catalogue import catalogue_entry, read_facts
from workflows.definitions.asking import ask_decision
from workflows.definitions.policy import Policy
from workflows.errors import DoudiError
from workflows.feel import Value, format_value, type_name
from workflows.scenarios.coverage import Reached, rows_in
from workflows.scenarios.given import ScenarioFailed, demand

#: What a question may say.
KEYS = frozenset({"decide", "on", "input", "then", "refused", "hits", "parameters", "name"})


def asks_tables(scenario: Mapping[str, Any]) -> bool:
    """Whether a scenario asks questions; the others tell a case."""
    return "questions" in scenario


def ask_questions(policy: Policy, scenario: Mapping[str, Any], reached: Reached) -> None:
    """Ask every question; the rows that hit are added to `reached`.

    Raises:
        ScenarioFailed: with a line for each question that is not answered as it says.
    """
    wrong = []
    for position, question in enumerate(scenario["questions"], 1):
        where = f"{scenario['id']} question {position}"
        try:
            demand(isinstance(question, Mapping), f"{where}: no question")
            named = f", {question['name']}" if "name" in question else ""
            where += f" ({question['decide']} on {question['on']}{named})"
            changes = {**scenario.get("parameters", {}), **question.get("parameters", {})}
            law = replace(policy, parameters=_changed(policy.parameters, changes, where))
            _ask(law, question, where, reached)
        except ScenarioFailed as failure:
            wrong.append(str(failure))
        except (LookupError, TypeError, ValueError) as error:  # lacks what it needs
            wrong.append(f"{where}: {type(error).__name__}: {error}")
    demand(not wrong, "\n".join(wrong))


def _ask(law: Policy, question: Mapping[str, Any], where: str, reached: Reached) -> None:
    unknown = question.keys() - KEYS
    demand(not unknown, f"{where}: nothing is known of {', '.join(sorted(unknown))}")
    demand(("then" in question) != ("refused" in question), f"{where}: either then or refused")
    try:
        result = _answer(law, question["decide"], question.get("input") or {}, question["on"])
    except DoudiError as error:
        codes = [error.code, *(found.code for found in error.findings)]
        known = {*codes, *(code.rpartition(".")[2] for code in codes)}
        demand(question.get("refused") in known, f"{where}: refused with {error}")
        return
    reached.rows |= set(rows_in(result.explanation.to_json()))
    if "refused" in question:
        raise ScenarioFailed(f"{where}: should have been refused with {question['refused']}")
    wrong = [*_differences(result.value, question["then"], ""), *_hit_others(result, question)]
    demand(not wrong, f"{where}: {'; '.join(wrong)}")


def _answer(law: Policy, key: str, given: Mapping[str, Any], on: date) -> DecisionResult:
    """As `doudi decide` answers: facts that are not given are null, the day is `on`."""
    facts = read_facts(catalogue_entry(law.decisions, key), given, on=on)
    noon = datetime.combine(on, time(12), tzinfo=LOCAL_ZONE)
    return ask_decision(law, key, facts, on, noon)[0]


def _differences(found: Value, expected: Any, place: str) -> list[str]:
    """Where a value is not what is expected; of a context the entries that are expected."""
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        missing = [f"no {_at(place, key)}" for key in expected.keys() - found.keys()]
        return missing + [
            line
            for key, value in expected.items()
            if key in found
            for line in _differences(found[key], value, _at(place, key))
        ]
    if _same(found, expected):
        return []
    return [f"{place or 'the value'} is {format_value(found)} instead of {format_value(expected)}"]


def _same(found: Value, expected: Value) -> bool:
    """Equal, and of one type: Python takes true for 1."""
    if isinstance(found, list | tuple) and isinstance(expected, list | tuple):
        return len(found) == len(expected) and all(map(_same, found, expected))
    if isinstance(found, Mapping) and isinstance(expected, Mapping):
        return found.keys() == expected.keys() and all(
            _same(found[key], expected[key]) for key in found
        )
    return type_name(found) == type_name(expected) and bool(found == expected)


def _at(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


def _hit_others(result: DecisionResult, question: Mapping[str, Any]) -> list[str]:
    """Where other rows hit than `hits` says: of the decision asked, or by decision."""
    expected = question.get("hits")
    if expected is None:
        return []
    if not isinstance(expected, Mapping):
        expected = {question["decide"]: expected}
    found: dict[str, set[int]] = {}
    for step in result.explanation.steps:
        found.setdefault(step.id, set()).update(rule.number for rule in step.rules)
    return [
        f"{key} hit {_numbers(found.get(key, set()))} instead of {_numbers(rows)}"
        for key, rows in expected.items()
        if found.get(key, set()) != {int(row) for row in rows}
    ]


def _numbers(rows: Sequence[Any] | set[int]) -> str:
    return ", ".join(str(row) for row in sorted(rows)) or "nothing"


def _changed(table: ParameterTable, changes: Mapping[str, Any], where: str) -> ParameterTable:
    """The parameters with some at one value on all days."""
    changed = dict(table.parameters)
    for key, value in changes.items():
        demand(key in changed, f"{where}: no parameter {key}")
        first = replace(
            changed[key].entries[0], value=value, valid_from=date(2000, 1, 1), valid_until=None
        )
        changed[key] = replace(changed[key], entries=(first,))
    return ParameterTable(changed)
