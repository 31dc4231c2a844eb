"""The policy files as the tests read them: parameters, clocks, clauses, calendar, decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

from workflows.calendar import WorkingCalendar
from workflows.decisions import DecisionModel, ParameterTable, evaluate_decision, parse_dmn
from workflows.decisions.strict_yaml import load_yaml

POLICY = Path(__file__).parents[2] / "bpmn"


def read_yaml(name: str) -> Any:
    """A YAML file of the policy with decimals and dates."""
    return load_yaml((POLICY / name).read_bytes(), file=name)


@cache
def parameters() -> ParameterTable:
    """All parameters of the policy."""
    files = sorted((POLICY / "parameters").glob("*.yaml"))
    return ParameterTable.from_yaml({file.name: file.read_bytes() for file in files})


@cache
def clause_ids() -> frozenset[str]:
    """The ids of the register of clauses."""
    return frozenset(clause["id"] for clause in read_yaml("clauses.yaml"))


@cache
def clocks() -> Mapping[str, Mapping[str, Any]]:
    """The legal clocks by key."""
    return {clock["key"]: clock for clock in read_yaml("clocks.yaml")}


@cache
def working_calendar() -> WorkingCalendar:
    """The working calendar of the policy."""
    table = read_yaml("calendar.yaml")
    return WorkingCalendar(
        holidays=frozenset(row["on"] for row in table["holidays"]),
        make_up_workdays=frozenset(row["on"] for row in table["workdays"]),
        known_from=table["known_from"],
        known_until=table["known_until"],
        version=table["version"],
    )


@cache
def decision_model(name: str) -> DecisionModel:
    """The decisions of one DMN file."""
    return parse_dmn((POLICY / "decisions" / name).read_bytes(), file=name)


def decide(
    file: str,
    decision: str,
    inputs: Mapping[str, Any],
    *,
    on: date,
    table: ParameterTable | None = None,
) -> Any:
    """The value of a decision with the parameters of the policy (or of `table`) on a day."""
    result = evaluate_decision(
        decision_model(file),
        decision,
        inputs,
        functions={"parameter": (table or parameters()).host_function(on)},
        now=datetime.combine(on, time(4), tzinfo=UTC),
    )
    return result.value


def with_parameter(key: str, value: Any) -> ParameterTable:
    """The parameters of the policy with another value for one key, on every day."""
    table = parameters()
    parameter = table.parameters[key]
    entries = tuple(replace(entry, value=value) for entry in parameter.entries)
    return ParameterTable({**table.parameters, key: replace(parameter, entries=entries)})


def scenario_files(key: str) -> list[Path]:
    """The scenarios that say `key`: `process` for stories, `questions` for those of tables."""
    return [
        file
        for file in sorted((POLICY / "scenarios").glob("*.yaml"))
        if f"\n{key}:" in file.read_text("utf-8")
    ]
