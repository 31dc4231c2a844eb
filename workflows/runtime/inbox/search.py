"""Finding cases by what somebody typed: a case number, an id-card number, an exact name."""

from __future__ import annotations

import re

from sqlalchemy import ColumnElement, or_, select

from models.cases import Case
from models.households import HouseholdMember, Person
from workflows.privacy import KeyRing, blind_index, normalise_id_number

_ID_NUMBER = re.compile(r"[0-9]{17}[0-9X]")
_CASE_NUMBER = re.compile(r"[0-9A-Z-]{3,40}")
_MOST = 200


def normalised_text(text: str) -> str:
    """What is searched for: without blanks around it and U+0000, at most 60 characters."""
    return text.replace("\0", "").strip()[:60]


def is_personal(text: str) -> bool:
    """Whether the text names a person: anything but a case number."""
    return bool(text) and not _is_case_number(text)


def _is_case_number(text: str) -> bool:
    upper = text.upper()
    return bool(
        _CASE_NUMBER.fullmatch(upper)
        and any(sign.isdigit() for sign in upper)
        and not _ID_NUMBER.fullmatch(normalise_id_number(text))
    )


def case_matches(text: str, district_id: str, keys: KeyRing) -> ColumnElement[bool]:
    """A WHERE condition on `cases` of one district; names and id numbers by blind index.

    A case number may be typed in full or from its year on (`2026-000012`).
    """
    number = normalise_id_number(text)
    if _ID_NUMBER.fullmatch(number):
        return _of_persons(
            Person.id_number_index == blind_index(keys, "id_number", number), district_id
        )
    if _is_case_number(text):
        upper = text.upper()
        return or_(Case.number == upper, Case.number.endswith(f"-{upper}", autoescape=True))
    return _of_persons(Person.name_index == blind_index(keys, "name", text), district_id)


def _of_persons(condition: ColumnElement[bool], district_id: str) -> ColumnElement[bool]:
    households = (
        select(HouseholdMember.household_id)
        .join(Person, Person.id == HouseholdMember.person_id)
        .where(condition, Person.district_id == district_id)
        .limit(_MOST)
    )
    return Case.household_id.in_(households)
