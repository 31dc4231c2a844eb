"""Households for the decision tables: facts with defaults, without names or id numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from tests.bpmn.policy import decide
from workflows.decisions import ParameterTable

ASSESSMENT = "dibao-assessment.dmn"


def make_member(id: str = "m1", **facts: Any) -> dict[str, Any]:
    """A healthy adult who is the applicant, unless the facts say otherwise."""
    return {
        "id": id,
        "relation": "self",
        "birth_on": date(1975, 3, 1),
        "age": None,
        "status": "present",
        "clergy_years": None,
        "independent": True,
        "student": "none",
        "student_full_time": False,
        "disability_grade": None,
        "disability_kind": None,
        "serious_illness": False,
        "able_bodied": True,
        "employed": False,
        **facts,
    }


def make_income(
    monthly: str, kind: str = "farming", *, member: str | None = "m1", basis: str | None = None
) -> dict[str, Any]:
    """An item of income in yuan a month."""
    return {
        "member": member,
        "kind": kind,
        "basis": basis,
        "monthly": Decimal(monthly),
        "label": kind,
    }


def make_household(
    members: Sequence[Mapping[str, Any]] | int = 1,
    incomes: Sequence[Mapping[str, Any]] = (),
    **facts: Any,
) -> dict[str, Any]:
    """A rural household of 2021-10-15 with acceptable property."""
    if isinstance(members, int):
        members = [make_member(f"m{n}") for n in range(1, members + 1)]
    return {
        "area": "rural",
        "on": date(2021, 10, 15),
        "members": list(members),
        "incomes": list(incomes),
        "property_ok": True,
        "unstable_income": False,
        **facts,
    }


def assess(household: Mapping[str, Any], *, table: ParameterTable | None = None) -> Any:
    """The assessment of a household on its day."""
    inputs = {"household": household}
    return decide(ASSESSMENT, "dibao_assessment", inputs, on=household["on"], table=table)
