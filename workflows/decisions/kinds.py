"""The declared types of a model, of parameters and of the host's functions, as kinds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from workflows.decisions.linking import LinkedModel
from workflows.decisions.model import ItemDefinition
from workflows.decisions.parameters import FUNCTION_NAME, ParameterTable
from workflows.feel.inference.kinds import (
    ANY,
    BOOLEAN,
    MOST_LEVELS,
    NUMBER,
    STRING,
    Kind,
    context_of,
    function_of,
    joined,
    kind_named,
    kind_of_value,
    list_of,
)

_DAY: Final = kind_named("date")
_CALENDAR: Final[Mapping[str, Kind]] = {
    "workday after": function_of([("date", _DAY), ("n", NUMBER)], _DAY),
    "is workday": function_of([("date", _DAY)], BOOLEAN),
    "workdays between": function_of([("from", _DAY), ("to", _DAY)], NUMBER),
}


@lru_cache(maxsize=4)
def host_kinds(parameters: ParameterTable | None = None) -> Mapping[str, Kind]:
    """The functions that the host adds; with parameters, what each of them gives."""
    results = {
        parameter.key: _value_kind([entry.value for entry in parameter.entries])
        for parameter in parameters or ()
    }
    reading = function_of([("key", STRING), ("on", _DAY)], ANY, optional=1, results=results)
    return MappingProxyType({**_CALENDAR, FUNCTION_NAME: reading})


def _value_kind(values: list[object]) -> Kind:
    found = kind_of_value(values[0]) if values else ANY
    for value in values[1:]:
        found = joined(found, kind_of_value(value))
    return found


def declared_kind(linked: LinkedModel, reference: str | None, level: int = 0) -> Kind:
    """The kind of a type by its name in a model; any where it has none or nothing defines it."""
    if not reference or level > MOST_LEVELS:
        return ANY
    name = reference.strip()
    item = linked.definitions.types.get(name)
    if item is not None:
        return _item_kind(linked, item, level)
    for prefix, imported in linked.imports:
        inner = name.removeprefix(f"{prefix}.") if prefix else name
        if (not prefix or inner != name) and inner in imported.definitions.types:
            return declared_kind(imported, inner, level + 1)
    bare = name.rpartition("}")[2].rpartition(":")[2] if ":" in name or "}" in name else name
    found = linked.types.find(bare)
    return ANY if found is None else kind_named(found.name)


def _item_kind(linked: LinkedModel, item: ItemDefinition, level: int) -> Kind:
    if item.function is not None:
        parameters, result = item.function
        found = function_of(
            [
                (parameter.name, declared_kind(linked, parameter.type_ref, level + 1))
                for parameter in parameters
            ],
            declared_kind(linked, result, level + 1),
        )
    elif item.components and level <= MOST_LEVELS:
        parts = {part.name: _item_kind(linked, part, level + 1) for part in item.components}
        found = replace(context_of(parts), label=item.name)
    else:
        found = declared_kind(linked, item.type_ref, level + 1)
    return list_of(found) if item.collection else found
