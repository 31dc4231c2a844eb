"""The types of a DMN model as checks and coercions (DMN 1.5, 7.3.2 and 10.3.2.9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from workflows.decisions.model import ItemDefinition, Text
from workflows.feel import FunctionValue, Value, type_name
from workflows.feel.arithmetic import as_moment
from workflows.feel.dates import is_day

Check = Callable[[Value], bool]
#: Compiles allowed values into a check of one value; None when they cannot be compiled.
TestCompiler = Callable[[Text, str], Check | None]

_ALIASES: Final = {
    "dateTime": "date and time",
    "date time": "date and time",
    "dayTimeDuration": "days and time duration",
    "days and time": "days and time duration",
    "yearMonthDuration": "years and months duration",
    "years and months": "years and months duration",
    "integer": "number",
    "long": "number",
    "double": "number",
    "decimal": "number",
}
_BASE: Final = frozenset(
    {
        "number", "string", "boolean", "date", "time", "date and time",
        "days and time duration", "years and months duration", "context", "list", "range",
        "function",
    }
)  # fmt: skip
_CLASSES: Final[Mapping[str, frozenset[type]]] = {
    "number": frozenset({Decimal}),
    "string": frozenset({str}),
    "boolean": frozenset({bool}),
    "date": frozenset({date}),
}
_MAX_NESTING: Final = 30


@dataclass(frozen=True, slots=True, eq=False)
class DmnType:
    """A type; `check` is asked about values that are not null."""

    name: str
    check: Check
    is_any: bool = False
    is_moment: bool = False
    #: Classes of which every value conforms, so that most values need no check.
    classes: frozenset[type] = frozenset()

    def fits(self, value: Value) -> bool:
        """Whether a value conforms; null conforms to every type."""
        return value is None or self.is_any or value.__class__ in self.classes or self.check(value)

    def coerce(self, value: Value) -> tuple[bool, Value]:
        """Whether a value conforms or can be converted, and what it becomes (10.3.2.9.4).

        A list of one item and that item change into each other; a date becomes its midnight.
        What does not fit becomes null.
        """
        if self.fits(value):
            return True, value
        if isinstance(value, list | tuple):
            if len(value) == 1 and self.fits(value[0]):
                return True, value[0]
        elif self.check([value]):
            return True, [value]
        if self.is_moment and is_day(value):
            return True, as_moment(value)
        return False, None


ANY: Final = DmnType("Any", lambda value: True, is_any=True)


def _base_type(name: str) -> DmnType:
    return DmnType(
        name,
        lambda value: type_name(value) == name,
        is_moment=name == "date and time",
        classes=_CLASSES.get(name, frozenset()),
    )


_BASE_TYPES: Final = {name: _base_type(name) for name in _BASE}


class TypeTable:
    """The types of one model and of what it imports, resolved by reference."""

    def __init__(
        self,
        items: Mapping[str, ItemDefinition],
        imported: Sequence[tuple[str, TypeTable]],
        compile_tests: TestCompiler,
    ) -> None:
        self._items = items
        self._imported = imported
        self._compile_tests = compile_tests
        self._made: dict[str, DmnType] = {}

    def find(self, reference: str | None) -> DmnType | None:
        """The type with this name, Any without one; None when nothing defines it."""
        if not reference:
            return ANY
        name = reference.strip()
        if name in self._items:
            return self._item(name)
        bare = name.rpartition("}")[2].rpartition(":")[2] if ":" in name or "}" in name else name
        bare = _ALIASES.get(bare, bare)
        if bare == "Any":
            return ANY
        if bare == "Null":
            return DmnType("Null", lambda value: False)
        if bare in _BASE_TYPES:
            return _BASE_TYPES[bare]
        return self._imported_type(name)

    def _imported_type(self, name: str) -> DmnType | None:
        for prefix, table in self._imported:
            if prefix == "" and name in table._items:
                return table.find(name)
            if prefix and name.startswith(prefix + "."):
                return table.find(name[len(prefix) + 1 :])
        return None

    def predicates(self) -> dict[str, Callable[[Value], bool]]:
        """Checks by name for `instance of`: own types, and imported ones with their prefix."""
        found: dict[str, Callable[[Value], bool]] = {name: self._lazy(name) for name in self._items}
        for prefix, table in self._imported:
            for name, check in table.predicates().items():
                found.setdefault(f"{prefix}.{name}" if prefix else name, check)
        return found

    def _lazy(self, name: str) -> Check:
        return lambda value: self._item(name).check(value)

    def _item(self, name: str) -> DmnType:
        made = self._made.get(name)
        if made is None:
            # A type may contain itself, so the name must be known before its parts are.
            self._made[name] = DmnType(name, self._lazy_made(name))
            made = self._made[name] = self._build(self._items[name], 0)
        return made

    def _lazy_made(self, name: str) -> Check:
        return lambda value: self._made[name].check(value)

    def _build(self, item: ItemDefinition, depth: int) -> DmnType:
        if depth > _MAX_NESTING:
            return ANY
        base = self._element(item, depth)
        allowed = None if item.allowed is None else self._compile_tests(item.allowed, item.name)
        element = base.check if allowed is None else _both(base, allowed)
        check = _each(element) if item.collection else element
        constraint = (
            None if item.constraint is None else self._compile_tests(item.constraint, item.name)
        )
        if constraint is not None:
            check = _both(DmnType(item.name, check), constraint)
        plain = allowed is None and constraint is None and not item.collection
        return DmnType(
            item.name,
            check,
            is_any=base.is_any and plain,
            is_moment=base.is_moment and not item.collection,
        )

    def _element(self, item: ItemDefinition, depth: int) -> DmnType:
        if item.function is not None:
            parameters = item.function[0]
            return DmnType(
                item.name,
                lambda value: (
                    isinstance(value, FunctionValue) and len(value.parameters) == len(parameters)
                ),
            )
        if item.components:
            parts = {part.name: self._build(part, depth + 1) for part in item.components}
            return DmnType(item.name, _context(parts))
        return self.find(item.type_ref) or ANY


def _both(base: DmnType, allowed: Check) -> Check:
    return lambda value: base.fits(value) and allowed(value)


def _each(element: Check) -> Check:
    def check(value: Value) -> bool:
        return isinstance(value, list | tuple) and all(
            item is None or element(item) for item in value
        )

    return check


def _context(parts: Mapping[str, DmnType]) -> Check:
    def check(value: Value) -> bool:
        return isinstance(value, Mapping) and all(
            name in value and part.fits(value[name]) for name, part in parts.items()
        )

    return check
