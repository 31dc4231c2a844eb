"""What can be asked of the decisions of a policy: keys, the facts each needs, what it gives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Final

from workflows.decisions.decision_models import DecisionModel
from workflows.decisions.model import (
    ContextExpression,
    Decision,
    DecisionTable,
    HitPolicy,
    ItemDefinition,
)
from workflows.errors import Finding, Invalid, NotFound
from workflows.feel import FeelSyntaxError, Value, as_value, compile_expression, type_name

#: Inputs and components that hold the day of a question when the asker gives none.
DAY_NAMES: Final = frozenset({"on", "day"})
_DEEPEST: Final = 12
#: A number written as a text: amounts in JSON often are.
_NUMBER: Final = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,10})?")
#: A column that puts "none" in the place of what is not given.
_OR_NONE: Final = re.compile(r'if ([\w.]+) = null or \1 = "" then "none" else \1')
#: Types of facts that have components or no type at all.
_CONTEXT: Final = "context"
_ANY: Final = "Any"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something a decision needs: `type` is a FEEL type, or context with `parts`.

    `values` are the codes that some table lists for it; empty when any value of the type will do.
    """

    name: str
    type: str
    many: bool = False
    description: str = ""
    values: tuple[Value, ...] = ()
    parts: tuple[Fact, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """For the list of keys."""
        found: dict[str, Any] = {"name": self.name, "type": self.type, "many": self.many}
        if self.description:
            found["description"] = self.description
        if self.values:
            found["values"] = list(self.values)
        if self.parts:
            found["parts"] = [part.to_json() for part in self.parts]
        return found


@dataclass(frozen=True, slots=True)
class Output:
    """A column, entry or single value that a decision gives; `values` are its known codes."""

    name: str
    type: str
    label: str = ""
    values: tuple[Value, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """For the list of keys."""
        found: dict[str, Any] = {"name": self.name, "type": self.type}
        if self.label:
            found["label"] = self.label
        if self.values:
            found["values"] = list(self.values)
        return found


@dataclass(frozen=True, slots=True)
class Entry:
    """A decision that can be asked by its key, the id in the DMN file.

    `many` says that the result is a list with one item for each row that hits.
    """

    key: str
    name: str
    question: str
    description: str
    file: str
    inputs: tuple[Fact, ...]
    outputs: tuple[Output, ...]
    many: bool = False

    def to_json(self) -> dict[str, Any]:
        """For the list of keys."""
        return {
            "key": self.key,
            "name": self.name,
            "question": self.question,
            "description": self.description,
            "file": self.file,
            "inputs": [fact.to_json() for fact in self.inputs],
            "outputs": [output.to_json() for output in self.outputs],
            "many": self.many,
        }


def decision_catalogue(models: Iterable[DecisionModel]) -> tuple[Entry, ...]:
    """Every decision of the models, by file and in the order of the file."""
    distinct = {id(model): model for model in models}.values()
    return tuple(
        entry
        for model in sorted(distinct, key=lambda model: model.file)
        for entry in _entries(model)
    )


def catalogue_entry(models: Mapping[str, DecisionModel], key: str) -> Entry:
    """The entry of a decision by id or name, hyphens for underscores; `models` as in a policy.

    Raises:
        NotFound: `decision.unknown`, with the nearest keys in `details`.
    """
    key = key.strip()
    model = models.get(key) or models.get(key.replace("-", "_").lower())
    if model is None:
        near = get_close_matches(key, models, n=3)
        hint = f"是不是 {'、'.join(near)}？" if near else "见 --list。"
        hint_en = f"Did you mean {', '.join(near)}?" if near else "See --list."
        raise NotFound(
            "decision.unknown",
            f"没有决策 {key}。{hint}",
            f"There is no decision {key}. {hint_en}",
            details={"near": near},
        )
    known = key if key in models else key.replace("-", "_").lower()
    return _entry(model, model.decision(known), _listed_values(model))


def read_facts(entry: Entry, given: object, *, on: date, place: str = "") -> dict[str, Value]:
    """The inputs of a decision from a document of YAML or JSON.

    Dates may be ISO texts where a date is declared, and numbers texts such as "1200.00" where a
    number is. A fact that is not given is null: the rows say what that means. The day is `on` where
    none is given. `place` goes before the fields of findings.

    Raises:
        Invalid: `facts.invalid` with a finding for each unknown name and each value of another
            type.
    """
    reader = _FactReader(on)
    facts = reader.context(entry.inputs, given, place)
    if reader.findings:
        raise Invalid("facts.invalid", findings=reader.findings)
    return facts


def _entries(model: DecisionModel) -> Iterator[Entry]:
    listed = _listed_values(model)
    for decision in model.all_decisions:
        yield _entry(model, decision, listed)


def _entry(
    model: DecisionModel, decision: Decision, listed: Mapping[str, tuple[Value, ...]]
) -> Entry:
    types = model.linked.definitions.types
    inputs = tuple(
        _fact(variable.name, variable.type_ref, types, listed, variable.name, 0)
        for variable in model.required_inputs(decision.id)
    )
    expression = decision.expression
    many = isinstance(expression, DecisionTable) and (
        expression.hit_policy in {HitPolicy.COLLECT, HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER}
        and expression.aggregation is None
    )
    return Entry(
        decision.id,
        decision.name,
        decision.question,
        decision.description,
        model.file,
        inputs,
        tuple(_outputs(decision)),
        many,
    )


def _outputs(decision: Decision) -> Iterator[Output]:
    expression = decision.expression
    if isinstance(expression, DecisionTable):
        for column in expression.outputs:
            values = () if column.allowed is None else _literals(column.allowed.text)
            kind = column.type_ref or _ANY
            yield Output(column.name or "value", kind, column.label or "", values)
    elif isinstance(expression, ContextExpression):
        for entry in expression.entries:
            if entry.variable is not None:
                yield Output(entry.variable.name, entry.variable.type_ref or _ANY)
    else:
        yield Output("value", decision.variable.type_ref or _ANY)


def _fact(
    name: str,
    reference: str | None,
    types: Mapping[str, ItemDefinition],
    listed: Mapping[str, tuple[Value, ...]],
    path: str,
    depth: int,
) -> Fact:
    """A fact of a type; `path` is how tables name it, by the input when it is reached by one."""
    item = types.get(reference or "")
    if item is None or depth > _DEEPEST:
        return Fact(name, reference or _ANY, values=listed.get(path, ()))
    many = item.collection
    if not item.components:
        inner = _fact(name, item.type_ref, types, listed, path, depth + 1)
        return Fact(name, inner.type, many or inner.many, inner.description, inner.values,
                    inner.parts)  # fmt: skip
    parts = []
    for part in item.components:
        # A list's items reach the tables as an input of that item's type: by its own name.
        place = f"<{reference}>.{part.name}" if depth else f"{path}.{part.name}"
        inner = _fact(part.name, part.type_ref, types, listed, place, depth + 1)
        parts.append(
            Fact(part.name, inner.type, part.collection or inner.many,
                 part.description or inner.description, inner.values, inner.parts)
        )  # fmt: skip
    return Fact(name, _CONTEXT, many, item.description, (), tuple(parts))


def _listed_values(model: DecisionModel) -> Mapping[str, tuple[Value, ...]]:
    """The codes that the tables list, by the path of the fact and by `<type>.component`."""
    names = {found.variable.name: found.variable.type_ref for found in model.input_data.values()}
    found: dict[str, tuple[Value, ...]] = {}
    for decision in model.all_decisions:
        table = decision.expression
        for column in table.inputs if isinstance(table, DecisionTable) else ():
            path = column.expression.text.strip()
            either = _OR_NONE.fullmatch(path)
            path = either[1] if either else path
            values = () if column.allowed is None else _literals(column.allowed.text)
            if not values:
                continue
            found.setdefault(path, values)
            start, _, rest = path.partition(".")
            if rest and "." not in rest and start in names:
                found.setdefault(f"<{names[start]}>.{rest}", values)
    return found


def _literals(text: str) -> tuple[Value, ...]:
    """The values of a list of literals; empty for any other tests."""
    try:
        expression = compile_expression(f"[{text}]")
    except FeelSyntaxError:
        return ()
    if expression.free_names:
        return ()
    values = expression.value({})
    if not isinstance(values, list):
        return ()
    known = tuple(value for value in values if value is not None)
    return known if all(isinstance(value, str) for value in known) else ()


class _FactReader:
    """Turns a document into facts and notes everything that is wrong with it."""

    def __init__(self, on: date) -> None:
        self.on = on
        self.findings: list[Finding] = []

    def context(self, parts: Iterable[Fact], given: object, place: str) -> dict[str, Value]:
        facts = {part.name: part for part in parts}
        if not isinstance(given, Mapping):
            self._wrong(place or "inputs", _CONTEXT, given)
            return {}
        for name in given:
            if name not in facts:
                self._unknown(f"{place}.{name}".strip("."), str(name), list(facts))
        return {
            name: self.value(fact, given.get(name), f"{place}.{name}".strip("."))
            for name, fact in facts.items()
        }

    def value(self, fact: Fact, given: object, place: str) -> Value:
        if given is None:
            return self.on if fact.name in DAY_NAMES and fact.type == "date" else None
        if fact.many:
            if not isinstance(given, list | tuple):
                self._wrong(place, "list", given)
                return None
            return [self.single(fact, item, f"{place}.{at}") for at, item in enumerate(given, 1)]
        return self.single(fact, given, place)

    def single(self, fact: Fact, given: object, place: str) -> Value:
        if fact.parts:
            return self.context(fact.parts, given, place)
        if given is None or fact.type == _ANY:
            return as_value(given)
        value = _converted(fact.type, given)
        if type_name(value) != fact.type:
            self._wrong(place, fact.type, given)
            return None
        return value

    def _wrong(self, place: str, kind: str, given: object) -> None:
        shown = "列表" if isinstance(given, list | tuple) else str(given)[:60]
        shown_en = "a list" if isinstance(given, list | tuple) else str(given)[:60]
        self.findings.append(
            Finding(
                "facts.type",
                f"{place} 应为 {kind}，不是 {shown}。",
                f"{place} should be a {kind}, not {shown_en}.",
                field=place,
            )
        )

    def _unknown(self, place: str, name: str, known: list[str]) -> None:
        near = get_close_matches(name, known, n=1)
        hint = f"是不是 {near[0]}？" if near else f"可以有：{'、'.join(known)}。"
        hint_en = f"Did you mean {near[0]}?" if near else f"It can have: {', '.join(known)}."
        self.findings.append(
            Finding(
                "facts.unknown",
                f"没有 {place} 这一项。{hint}",
                f"There is no {place}. {hint_en}",
                field=place,
            )
        )


def _converted(kind: str, given: Any) -> Value:
    """A value of a document as a FEEL value; unchanged when it cannot be one of the type."""
    if kind == "date" and isinstance(given, str):
        try:
            return date.fromisoformat(given)
        except ValueError:
            return given
    if kind == "number" and isinstance(given, str) and _NUMBER.fullmatch(given):
        return Decimal(given)
    return as_value(given)
