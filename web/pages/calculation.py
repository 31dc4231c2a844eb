"""An assessment as lines to read: each decision with its inputs, rows, clauses and parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from models.assistance import Assessment
from web.formats import money
from web.forms_html.known import plain_text
from web.i18n import text_of
from web.pages.vocabulary import Words
from workflows.decisions.explanation import is_clause_column, sentence_language
from workflows.definitions.policy import Policy
from workflows.feel import from_json


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table that hit: its number, clauses by id and the notes beside it."""

    number: int
    clauses: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One decision: what went in, which rows hit, which parameters it read, what came out."""

    name: str
    result: str
    is_amount: bool
    inputs: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    parameters: tuple[Mapping[str, Any], ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Calculation:
    """The incomes one by one, the lines of the whole, those of each member, and all parameters."""

    incomes: tuple[tuple[str, str, str, Decimal, Decimal], ...]
    lines: tuple[Line, ...]
    details: tuple[Line, ...]
    parameters: tuple[Mapping[str, Any], ...]
    result: Mapping[str, Any]


def calculation_lines(
    made: Assessment, policy: Policy, words: Words, people: Mapping[str, str]
) -> Calculation:
    """What an assessment kept, in words; `people` names members by id.

    A decision that was made once is a line of the whole; what was made for each member or income
    again and again is a detail.
    """
    steps = [step for step in made.explanation["decision"]["steps"] if step["kind"] == "decision"]
    times: dict[str, int] = {}
    for step in steps:
        times[step["id"]] = times.get(step["id"], 0) + 1
    lines, details = [], []
    for step in steps:
        result = from_json(step["result"])
        line = _line(step, result, policy)
        if times[step["id"]] == 1 and not isinstance(result, list | dict):
            lines.append(line)
        elif not isinstance(result, list | dict):
            details.append(line)
    return Calculation(
        tuple(_incomes(steps, words, people)),
        tuple(lines),
        tuple(details),
        tuple(made.explanation.get("parameters", ())),
        {key: from_json(value) for key, value in made.result.items()},
    )


def _line(step: Mapping[str, Any], result: Any, policy: Policy) -> Line:
    return Line(
        name=step["name"],
        result=_result(result, step, policy),
        is_amount=isinstance(result, Decimal),
        inputs=tuple(
            (text, _short(from_json(value)))
            for text, value in step["inputs"]
            if not isinstance(from_json(value), dict | list)
        ),
        rows=tuple(
            Row(
                int(row["row"]),
                tuple(row["clauses"]),
                tuple(
                    text
                    for name, text in row["annotations"]
                    if not is_clause_column(name) and sentence_language(name) is None
                ),
            )
            for row in step["rules"]
        ),
        parameters=tuple(step["parameters"]),
        warnings=tuple(one["message"] for one in step["warnings"]),
    )


def _incomes(steps: Any, words: Words, people: Mapping[str, str]) -> Any:
    """The list of counted incomes: the one result whose items say what was counted of each."""
    for step in steps:
        result = from_json(step["result"])
        items = result if isinstance(result, list) else []
        if not items or not all(isinstance(item, dict) and "counted" in item for item in items):
            continue
        for item in items:
            if not isinstance(item.get("counted"), Decimal):
                break
            yield (
                people.get(str(item.get("member")), "家庭"),
                words.value("income.kind", item.get("kind")),
                words.value("income.basis", item.get("basis")),
                item.get("monthly"),
                item["counted"],
            )
        else:
            return


def _result(value: Any, step: Mapping[str, Any], policy: Policy) -> str:
    """A result in words; what a code is called stands in the decision's model."""
    if isinstance(value, Decimal):
        whole = value == value.to_integral_value()
        return f"{int(value):,}" if whole else money(round(value, 2))
    model = policy.decisions.get(step["id"])
    if isinstance(value, str) and model is not None:
        named = dict(model.decision(step["id"]).wording.values)
        if value in named:
            return text_of(named[value].zh, named[value].en)
    return value if isinstance(value, str) else _short(value)


def _short(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value == round(value, 4) else f"{round(value, 4):f}"
    return plain_text(value)
