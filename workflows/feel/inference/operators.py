"""What operators make of kinds, found by trying them on a value of each type."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from workflows.feel.arithmetic import OPERATIONS, negate
from workflows.feel.comparison import compare, equal
from workflows.feel.errors import FeelError
from workflows.feel.inference.kinds import ANY, SAMPLES, Kind, kind_named
from workflows.feel.limits import DEFAULT_LIMITS
from workflows.feel.properties import property_of
from workflows.feel.run import Run
from workflows.feel.values import Value, type_name

#: Errors that say that the types don't go together, whatever the values.
_OF_TYPES: Final = frozenset({"operand_types", "operand_type", "unknown_property"})


def _tried(act: Callable[[], Value]) -> str | None:
    """The type of a result, empty when it depends on the values; None when the types are wrong."""
    try:
        return type_name(act())
    except FeelError as error:
        return None if error.code in _OF_TYPES else ""


def _run() -> Run:
    return Run({}, functions=None, types=None, limits=DEFAULT_LIMITS, now=None)


@lru_cache(maxsize=1024)
def _operated(operator: str, left: str, right: str) -> str | None:
    return _tried(lambda: OPERATIONS[operator](_run(), SAMPLES[left], SAMPLES[right]))


@lru_cache(maxsize=1024)
def _compares(operator: str, left: str, right: str) -> bool:
    first, second = SAMPLES[left], SAMPLES[right]
    if operator in ("=", "!="):
        return equal(_run(), first, second) is not None
    return compare(first, second) is not None


@lru_cache(maxsize=64)
def _negated(name: str) -> str | None:
    return _tried(lambda: negate(SAMPLES[name]))


@lru_cache(maxsize=1024)
def _property(name: str, part: str) -> str | None:
    return _tried(lambda: property_of(SAMPLES[name], part))


def _kind(found: set[str | None]) -> Kind | None:
    """The kind of results; None when there is none at all."""
    results = found - {None}
    if not results:
        return None
    names = {name for name in results if name is not None}
    return ANY if names & {"", "null", "unknown"} else kind_named(*names)


def arithmetic(operator: str, left: Kind, right: Kind) -> Kind | None:
    """The kind of `left operator right`; None when no types of theirs go together."""
    if left.is_any or right.is_any:
        return ANY
    return _kind({_operated(operator, one, other) for one in left.names for other in right.names})


def comparable(operator: str, left: Kind, right: Kind) -> bool:
    """Whether a comparison can be anything but null."""
    if left.is_any or right.is_any:
        return True
    return any(_compares(operator, one, other) for one in left.names for other in right.names)


def negation(operand: Kind) -> Kind | None:
    """The kind of `-operand`; None when none of its types can be negated."""
    return ANY if operand.is_any else _kind({_negated(name) for name in operand.names})


def part_of(source: Kind, part: str) -> Kind | None:
    """The kind of `source.part`, of the items for a list; None when nothing has such a part."""
    if source.is_any:
        return ANY
    found: list[Kind] = []
    for name in source.names:
        if name == "context":
            if source.parts is None:
                return ANY
            if part in source.parts:
                found.append(source.parts[part])
        elif name == "list":
            of_items = ANY if source.item is None else part_of(source.item, part)
            if of_items is not None:
                found.append(Kind(frozenset({"list"}), item=of_items))
        elif _property(name, part) is not None:
            found.append(_of_property(source, name, part))
    if len(found) > 1:
        return ANY
    return found[0] if found else None


def _of_property(source: Kind, name: str, part: str) -> Kind:
    if name == "range":
        ends = part in ("start", "end")
        return (source.item or ANY) if ends else kind_named("boolean")
    return _kind({_property(name, part)}) or ANY
