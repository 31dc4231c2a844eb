"""Checks timers: written in FEEL, of the right type, and neither instant nor endless."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from workflows.definitions.check.expressions import Compiled, is_bare_iso
from workflows.definitions.check.types import NoConstant, constant
from workflows.definitions.diagram.model import ProcessModel
from workflows.definitions.findings import Report
from workflows.feel import YearMonthDuration, type_name

_SHORTEST = timedelta(minutes=1)
_LONGEST = timedelta(days=3660)
_LONGEST_MONTHS = 120


def check_timers(process: ProcessModel, compiled: Sequence[Compiled], report: Report) -> None:
    """Report timers that are bare ISO 8601, and those whose constant value cannot be waited for."""
    texts = {found.use.owner: found for found in compiled if found.use.what[1] == "timer"}
    for element in process.elements.values():
        if element.timer is None:
            continue
        if is_bare_iso(element.timer.expression):
            report.add("timer.iso", element.id, text=element.timer.expression)
        elif element.id in texts:
            _check_constant(texts[element.id], element.timer.kind, report)


def _check_constant(compiled: Compiled, kind: str, report: Report) -> None:
    """Only what reads nothing has a value before a case runs."""
    try:
        value = constant(compiled.expression)
    except NoConstant:
        return
    owner = compiled.use.owner
    if kind == "date":
        if not isinstance(value, date):
            report.add("timer.type", owner, given=type_name(value), type="date")
    elif isinstance(value, YearMonthDuration):
        if not 0 < value.months <= _LONGEST_MONTHS:
            report.add("timer.range", owner)
    elif isinstance(value, timedelta):
        if not _SHORTEST <= value <= _LONGEST:
            report.add("timer.range", owner)
    else:
        report.add("timer.type", owner, given=type_name(value), type="duration")
