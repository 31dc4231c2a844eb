"""What kinds the built-in functions give (DMN 1.5, 10.3.4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from workflows.feel.inference.kinds import (
    ANY,
    BOOLEAN,
    NUMBER,
    STRING,
    Kind,
    context_of,
    joined,
    kind_named,
    list_of,
)

_DURATION: Final = kind_named("days and time duration", "years and months duration")
_ENTRY: Final = context_of({"key": STRING, "value": ANY})

#: Functions whose result is of one kind whatever they are given.
_FIXED: Final[tuple[tuple[Kind, tuple[str, ...]], ...]] = (
    (
        NUMBER,
        ("number", "count", "stddev", "product", "string length", "decimal", "floor", "ceiling",
         "round up", "round down", "round half up", "round half down", "modulo", "sqrt", "log",
         "exp", "day of year", "week of year", "last day of month"),
    ),
    (
        STRING,
        ("string", "substring", "upper case", "lower case", "substring before",
         "substring after", "replace", "string join", "day of week", "month of year"),
    ),
    (
        BOOLEAN,
        ("not", "is", "list contains", "contains", "starts with", "ends with", "matches", "odd",
         "even", "all", "any", "before", "after", "meets", "met by", "overlaps",
         "overlaps before", "overlaps after", "finishes", "finished by", "includes", "during",
         "starts", "started by", "coincides"),
    ),
    (kind_named("date"), ("date", "today")),
    (kind_named("time"), ("time",)),
    (kind_named("date and time"), ("date and time", "now")),
    (_DURATION, ("duration",)),
    (kind_named("years and months duration"), ("years and months duration",)),
    (kind_named("range"), ("range",)),
    (kind_named("context"), ("context", "context put", "context merge")),
    (list_of(STRING), ("split",)),
    (list_of(NUMBER), ("index of",)),
    (list_of(_ENTRY), ("get entries",)),
    (kind_named("list"), ("flatten", "mode")),
)  # fmt: skip
_BY_NAME: Final = {name: kind for kind, names in _FIXED for name in names}


def result_of(name: str, arguments: Sequence[Kind]) -> Kind:
    """The kind that a built-in function gives for arguments in their order."""
    fixed = _BY_NAME.get(name)
    if fixed is not None:
        return fixed
    rule = _RULES.get(name)
    return rule(arguments) if rule is not None and arguments else ANY


def known_results() -> frozenset[str]:
    """The functions of which more is known than that they give some value."""
    return frozenset(_BY_NAME) | frozenset(_RULES)


def _item(kind: Kind) -> Kind:
    """The kind of the items of an argument that becomes a list."""
    if kind.is_any:
        return ANY
    if "list" not in kind.names:
        return kind
    return (kind.item or ANY) if kind.is_only("list") else ANY


def _same_list(arguments: Sequence[Kind]) -> Kind:
    return list_of(_item(arguments[0]))


def _more(arguments: Sequence[Kind]) -> Kind:
    kind = _item(arguments[0])
    for added in arguments[1:]:
        kind = joined(kind, added)
    return list_of(kind)


def _all_lists(arguments: Sequence[Kind]) -> Kind:
    kind = _item(arguments[0])
    for added in arguments[1:]:
        kind = joined(kind, _item(added))
    return list_of(kind)


def _extreme(arguments: Sequence[Kind]) -> Kind:
    if len(arguments) == 1:
        return _item(arguments[0])
    kind = arguments[0]
    for other in arguments[1:]:
        kind = joined(kind, other)
    return kind


def _sum(arguments: Sequence[Kind]) -> Kind:
    # Of durations too, where the function takes them.
    kind = _extreme(arguments)
    return kind if kind.is_only("number") else ANY


_RULES: Final[dict[str, Callable[[Sequence[Kind]], Kind]]] = {
    "sublist": _same_list,
    "reverse": _same_list,
    "distinct values": _same_list,
    "duplicate values": _same_list,
    "remove": _same_list,
    "sort": _same_list,
    "append": _more,
    "insert before": lambda arguments: _more((arguments[0], *arguments[2:])),
    "list replace": lambda arguments: _more((arguments[0], *arguments[2:])),
    "concatenate": _all_lists,
    "union": _all_lists,
    "min": _extreme,
    "max": _extreme,
    "sum": _sum,
    "mean": _sum,
    "median": _sum,
    "abs": _sum,
}
