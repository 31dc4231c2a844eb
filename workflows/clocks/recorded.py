"""A clock's derivation from what its row has recorded, and the document that the row keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from workflows.calendar import WorkingCalendar, end_of_day
from workflows.clocks.derivation import Derivation, Extension, Pause, Unit, derive
from workflows.clocks.lines import length_line


def derive_recorded(inputs: Mapping[str, Any], calendar: WorkingCalendar) -> Derivation:
    """The deadline of what a clock has recorded: start, length, extensions, suspensions, recounts.

    What a recount has promised holds: a make-up workday that it kept is still counted, and the due
    day isn't earlier than the one it kept. Raises: as `derive`.
    """
    unit = Unit(inputs["unit"])
    recounts = inputs.get("recounts", ())
    found = derive(
        datetime.fromisoformat(inputs["from_at"])
        if unit is Unit.HOURS
        else date.fromisoformat(inputs["from"]),
        inputs["length"],
        unit,
        calendar=calendar.still_working(kept_workdays(inputs)),
        roll=inputs["roll"],
        extensions=[
            Extension(entry["label"], entry["label_en"], entry["to_length"], entry["by"])
            for entry in inputs["extensions"]
        ],
        pauses=[
            Pause(
                entry["label"],
                "suspended",
                day_or_moment(entry["started"]),
                None if entry["ended"] is None else day_or_moment(entry["ended"]),
            )
            for entry in inputs["pauses"]
        ],
        clauses=inputs["clauses"],
    )
    if not recounts or found.due_on is None:
        return found
    lines = (*found.lines, *(length_line(entry["zh"], entry["en"], ()) for entry in recounts))
    kept = [date.fromisoformat(entry["not_before"]) for entry in recounts if entry["not_before"]]
    due_on = max(found.due_on, *kept) if kept else found.due_on
    return replace(found, due_on=due_on, due_at=end_of_day(due_on), lines=lines)


def kept_workdays(inputs: Mapping[str, Any]) -> list[date]:
    """Make-up workdays that were withdrawn after the clock had counted them."""
    return [
        date.fromisoformat(day)
        for recount in inputs.get("recounts", ())
        for day in recount["kept_workdays"]
    ]


def recorded(inputs: Mapping[str, Any], derivation: Derivation) -> dict[str, Any]:
    """The document of a clock's row: what went in, and the derivation line by line."""
    return {"inputs": dict(inputs), **derivation.to_json()}


def day_or_moment(text: str) -> date | datetime:
    """When a suspension began or ended: a moment where hours are counted, else a day."""
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
