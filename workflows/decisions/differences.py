"""Where two versions of the dated parameters differ: periods of days with the old and new value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from workflows.decisions.parameter_reading import Parameter, ParameterEntry
from workflows.decisions.parameters import ParameterTable
from workflows.feel import Value, to_json

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Difference:
    """Days on which a parameter has another value than before; both ends are included.

    `last` is None where the difference has no end. `old` or `new` is None where that version has
    no value on these days. Source and certainty are those of the new value.
    """

    key: str
    label: str
    unit: str
    first: date
    last: date | None
    old: Value
    new: Value
    source: tuple[str, ...] = ()
    certainty: str = ""

    def holds_on(self, day: date) -> bool:
        """Whether the two versions differ on a day."""
        return self.first <= day and (self.last is None or day <= self.last)

    def to_json(self) -> dict[str, Any]:
        """For the record of a change: values as FEEL JSON, days as ISO text."""
        return {
            "key": self.key,
            "label": self.label,
            "unit": self.unit,
            "first": self.first.isoformat(),
            "last": None if self.last is None else self.last.isoformat(),
            "old": to_json(self.old),
            "new": to_json(self.new),
            "source": list(self.source),
            "certainty": self.certainty,
        }


def differences(before: ParameterTable, after: ParameterTable) -> tuple[Difference, ...]:
    """Every period in which a parameter's value differs, by key and first day.

    Another source, note or certainty of the same value is no difference.
    """
    keys = sorted({*before.parameters, *after.parameters})
    return tuple(
        found
        for key in keys
        for found in _periods(before.parameters.get(key), after.parameters.get(key))
    )


def reaching_back(before: ParameterTable, after: ParameterTable, day: date) -> list[Difference]:
    """The differences that begin before a day, where there was a value to decide by.

    A day without a value is a fault of the policy, so that nothing was decided under it.
    """
    return [
        found for found in differences(before, after) if found.first < day and found.old is not None
    ]


def _periods(old: Parameter | None, new: Parameter | None) -> Iterator[Difference]:
    told = new or old
    assert told is not None  # the key is of one of them
    old_entries = () if old is None else old.entries
    new_entries = () if new is None else new.entries
    firsts = sorted(set(_turns(old_entries)) | set(_turns(new_entries)))
    current: Difference | None = None
    for position, first in enumerate(firsts):
        last = firsts[position + 1] - _DAY if position + 1 < len(firsts) else None
        was, now = _entry_on(old_entries, first), _entry_on(new_entries, first)
        values = (None if was is None else was.value, None if now is None else now.value)
        if _same(*values):
            continue
        found = Difference(
            told.key, told.label, told.unit, first, last, *values,
            source=() if now is None else now.source,
            certainty="" if now is None else now.certainty,
        )  # fmt: skip
        if current is not None and _continues(current, found):
            current = replace(current, last=found.last)
            continue
        if current is not None:
            yield current
        current = found
    if current is not None:
        yield current


def _turns(entries: Sequence[ParameterEntry]) -> Iterator[date]:
    """The days on which a parameter may change: first days, and days after last ones."""
    for entry in entries:
        yield entry.valid_from
        if entry.valid_until is not None and entry.valid_until < date.max:
            yield entry.valid_until + _DAY


def _entry_on(entries: Sequence[ParameterEntry], day: date) -> ParameterEntry | None:
    """The entry in force on a day; entries are in the order of their first days."""
    for entry in reversed(entries):
        if entry.valid_from <= day:
            return entry if entry.valid_until is None or day <= entry.valid_until else None
    return None


def _same(old: Value, new: Value) -> bool:
    # true is not 1, though Python says so
    return isinstance(old, bool) == isinstance(new, bool) and bool(old == new)


def _continues(one: Difference, other: Difference) -> bool:
    return (
        one.last is not None
        and one.last + _DAY == other.first
        and _same(one.old, other.old)
        and _same(one.new, other.new)
        and (one.source, one.certainty) == (other.source, other.certainty)
    )
