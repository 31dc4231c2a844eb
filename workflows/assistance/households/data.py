"""A household as somebody entered it, before it is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from models.households import Area

#: The facts of a member of whom nothing else is known.
UNKNOWN_FACTS: Final[Mapping[str, Any]] = {
    "status": "present",
    "clergy_years": None,
    "independent": True,
    "student": "none",
    "student_full_time": False,
    "disability_grade": None,
    "disability_kind": None,
    "serious_illness": False,
    "able_bodied": False,
    "employed": False,
}


@dataclass(frozen=True, slots=True)
class MemberData:
    """One member as entered: identity, relation to the applicant, and the facts rules look at.

    `facts` are FEEL values by the names that the decision tables use (student, disability_grade …).
    """

    name: str
    id_number: str
    relation: str
    phone: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IncomeData:
    """One income; `member` is the position of the member in the list, None for the household."""

    member: int | None
    kind: str
    basis: str
    monthly: Decimal
    label: str = ""


@dataclass(frozen=True, slots=True)
class PropertyData:
    """One piece of property; `value` in yuan where known."""

    member: int | None
    kind: str
    value: Decimal | None
    label: str = ""


@dataclass(frozen=True, slots=True)
class HouseholdData:
    """A household as entered; the first member is the applicant."""

    village_id: str
    area: Area
    members: Sequence[MemberData]
    incomes: Sequence[IncomeData] = ()
    properties: Sequence[PropertyData] = ()
    property_within_limits: bool = True
    property_reason: str = ""
    unstable_income: bool = False
