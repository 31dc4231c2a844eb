"""Which standards rise when: found in the policy's parameters by what they adjust."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final

from workflows.calendar import months_later
from workflows.definitions.policy import Policy

#: A standard that has held for longer is no news: who was granted before has been adjusted.
_LOOKS_BACK: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Rise:
    """New values of a programme's standards from a day on, and the first month paid by them."""

    programme: str
    holds_from: date
    month: date
    #: [{key, label, unit, old, new, certainty}], values as text
    standards: Sequence[Mapping[str, Any]]


def due_rises(law: Policy, today: date) -> list[Rise]:
    """The rises that have begun in the last year, oldest first.

    Not earlier: until its first day benefits are still decided by the old standard, and a list made
    before would miss them.
    """
    found: dict[tuple[str, date], list[Mapping[str, Any]]] = defaultdict(list)
    for parameter in law.parameters.parameters.values():
        if parameter.adjusts is None:
            continue
        for before, after in pairwise(parameter.entries):
            if before.value == after.value:
                continue
            if today - _LOOKS_BACK < after.valid_from <= today:
                found[parameter.adjusts, after.valid_from].append(
                    {
                        "key": parameter.key,
                        "label": parameter.label,
                        "unit": parameter.unit,
                        "old": str(before.value),
                        "new": str(after.value),
                        "certainty": after.certainty,
                    }
                )
    return [
        Rise(programme, day, _first_month(day), standards)
        for (programme, day), standards in sorted(found.items(), key=lambda one: one[0][1])
    ]


def _first_month(day: date) -> date:
    return day if day.day == 1 else months_later(day.replace(day=1), 1)
