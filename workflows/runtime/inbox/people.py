"""Names of applicants for display, opened from what their persons rows hold."""

from __future__ import annotations

from dataclasses import dataclass

import orjson
from sqlalchemy import func

from models.cases import Case
from models.households import Household
from workflows.errors import NotFound
from workflows.privacy import KeyRing, mask_id_number, open_sealed, unwrap_data_key

#: Whom a case is shown under: the person it is about, else the head of its household.
APPLICANT = func.coalesce(Case.person_id, Household.head_person_id)
#: Where identities are sealed for.
_IDENTITY = "persons.identity"
#: What stands for somebody whose data were lawfully erased.
ERASED_NAME = "（已依法删除）"


@dataclass(frozen=True, slots=True)
class Shown:
    """A person as a list shows them; only pages that need it ask for the full number.

    `masked_number` is empty where no number is registered.
    """

    id: str
    name: str
    masked_number: str


def shown_person(
    person_id: str | None, data_key: bytes | None, identity: bytes | None, keys: KeyRing
) -> Shown | None:
    """Name and masked id-card number of a person from the columns of its row."""
    if person_id is None or identity is None:
        return None
    try:
        key = unwrap_data_key(keys, person_id, data_key)
    except NotFound:
        return Shown(person_id, ERASED_NAME, "")
    document = orjson.loads(open_sealed(key, _IDENTITY, person_id, identity))
    number = document["id_number"]
    return Shown(person_id, document["name"], mask_id_number(number) if number else "")
