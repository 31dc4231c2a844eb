"""Kinds: what is known of a value before there is one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

from workflows.feel.nodes import TypeNode
from workflows.feel.types import ALIASES, SIMPLE
from workflows.feel.values import (
    FeelTime,
    FunctionValue,
    Range,
    Value,
    YearMonthDuration,
    type_name,
)

#: Deeper parts of a kind are not looked at.
MOST_LEVELS: Final = 8
_NULL_NAME: Final = "null"


@dataclass(frozen=True, slots=True)
class Kind:
    """The names of the types that a value may have, null aside; without a name, any.

    `item` is the kind of a list's items or a range's ends, `parts` are the entries of a context
    that has no others, `parameters` and `result` belong to a function; None is unknown. The last
    `optional` parameters may be left out; `results` are by the first argument, when it is written
    out.
    """

    names: frozenset[str] = frozenset()
    item: Kind | None = None
    parts: Mapping[str, Kind] | None = None
    parameters: tuple[tuple[str, Kind], ...] | None = None
    result: Kind | None = None
    results: Mapping[str, Kind] | None = None
    optional: int = 0
    #: The name of a declared type, to call it by.
    label: str = field(default="", compare=False)

    @property
    def is_any(self) -> bool:
        """Whether nothing is known of it, or nothing but null."""
        return not self.names or _NULL_NAME in self.names

    def is_only(self, name: str) -> bool:
        """Whether every value of it that is not null has this type."""
        return self.names == {name}

    def __str__(self) -> str:
        if self.label:
            return self.label
        if self.is_only("list") and self.item is not None and not self.item.is_any:
            return f"list<{self.item}>"
        return " / ".join(sorted(self.names)) or "Any"


ANY: Final = Kind()
NULL: Final = Kind(frozenset({_NULL_NAME}))
_ONE: Final = {name: Kind(frozenset({name})) for name in SIMPLE}
NUMBER: Final = _ONE["number"]
STRING: Final = _ONE["string"]
BOOLEAN: Final = _ONE["boolean"]

#: One value of each type, for asking an operator what it makes of it.
SAMPLES: Final[Mapping[str, Value]] = {
    "number": Decimal(2),
    "string": "a",
    "boolean": True,
    "date": date(2026, 1, 1),
    "time": FeelTime(8, 0, 0, 0, UTC),
    "date and time": datetime(2026, 1, 1, tzinfo=UTC),
    "days and time duration": timedelta(days=1),
    "years and months duration": YearMonthDuration(1),
    "list": [],
    "context": {},
    "range": Range(Decimal(1), Decimal(2)),
    "function": FunctionValue("function", (), lambda run, arguments: None),
}


def kind_named(*names: str) -> Kind:
    """The kind of values that have one of these types; an unknown name makes it any."""
    known = [ALIASES.get(name, name) for name in names]
    if len(known) == 1 and known[0] in _ONE:
        return _ONE[known[0]]
    return Kind(frozenset(known)) if all(name in SIMPLE for name in known) else ANY


def list_of(item: Kind) -> Kind:
    """A list of such items."""
    return Kind(frozenset({"list"}), item=item)


def context_of(parts: Mapping[str, Kind]) -> Kind:
    """A context with these entries and no others."""
    return Kind(frozenset({"context"}), parts=parts)


def function_of(
    parameters: Iterable[tuple[str, Kind]],
    result: Kind,
    *,
    optional: int = 0,
    results: Mapping[str, Kind] | None = None,
) -> Kind:
    """A function with these parameters."""
    return Kind(
        frozenset({"function"}),
        parameters=tuple(parameters),
        result=result,
        results=results,
        optional=optional,
    )


def kind_of_value(value: Value) -> Kind:
    """The kind of a value, without looking into it."""
    name = type_name(value)
    return NULL if name == _NULL_NAME else _ONE.get(name, ANY)


def kind_of_type(node: TypeNode | None, level: int = 0) -> Kind:
    """The kind of a type as it is written in a text; named types are any."""
    if node is None or level > MOST_LEVELS:
        return ANY
    if node.name in ("list", "range") and node.arguments:
        item = kind_of_type(node.arguments[0], level + 1)
        return Kind(frozenset({node.name}), item=item)
    if node.name == "context" and node.entries:
        # Other entries may come with those that are declared, but nothing says so.
        return context_of({key: kind_of_type(part, level + 1) for key, part in node.entries})
    return kind_named(node.name)


def joined(first: Kind, second: Kind, level: int = 0) -> Kind:
    """The kind of a value that is of one or the other; null joins any of them."""
    if first is second or second == NULL:
        return first
    if first == NULL:
        return second
    if first.is_any or second.is_any or level > MOST_LEVELS:
        return ANY
    names = first.names | second.names
    item = first.item or second.item
    if first.item is not None and second.item is not None:
        item = joined(first.item, second.item, level + 1)
    elif first.names & {"list", "range"} and second.names & {"list", "range"}:
        item = None
    parts = first.parts if second.parts is None else second.parts
    if "context" in first.names and "context" in second.names:
        parts = None
        if (
            first.parts is not None
            and second.parts is not None
            and first.parts.keys() == second.parts.keys()
        ):
            parts = {
                name: joined(part, second.parts[name], level + 1)
                for name, part in first.parts.items()
            }
    return Kind(names, item=item, parts=parts)


def may_become(given: Kind, wanted: Kind, level: int = 0, *, missing: bool = False) -> bool:
    """Whether some value of a kind conforms to a declared one, or is converted (10.3.2.9.4).

    What is unknown may. A list and its only item change into each other, a date becomes midnight.
    With `missing`, a context may lack entries, which are then null.
    """
    if given.is_any or wanted.is_any or level > MOST_LEVELS:
        return True
    for name in given.names & wanted.names:
        if name == "list":
            if given.item is None or wanted.item is None:
                return True
            if may_become(given.item, wanted.item, level + 1, missing=missing):
                return True
        elif name != "context" or _parts_may(given, wanted, level, missing=missing):
            return True
    if "date" in given.names and "date and time" in wanted.names:
        return True
    if "list" in wanted.names and not given.is_only("list"):
        single = Kind(given.names - {"list"}, parts=given.parts)
        if wanted.item is None or may_become(single, wanted.item, level + 1, missing=missing):
            return True
    return "list" in given.names and (
        given.item is None or may_become(given.item, wanted, level + 1, missing=missing)
    )


def _parts_may(given: Kind, wanted: Kind, level: int, *, missing: bool) -> bool:
    if given.parts is None or wanted.parts is None:
        return True
    return all(
        may_become(given.parts[name], part, level + 1, missing=missing)
        if name in given.parts
        else missing
        for name, part in wanted.parts.items()
    )
