"""What the trail keeps of a submission: every value, sealed for the head of household."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from models.cases import Case
from models.households import Household, Person
from models.remedies import Remedy
from models.trail import SubjectKind
from workflows.audit import Subject, sealed, unsealed
from workflows.feel import to_json
from workflows.privacy import DataKey, KeyRing, unwrap_data_key

FIELD = "answers"
_HEAD = (
    select(Person.id, Person.data_key)
    .join(Household, Household.head_person_id == Person.id)
    .where(Household.id == bindparam("household_id"))
)


#: Of a case without a household: whoever filed what it is about.
_PARTY = (
    select(Person.id, Person.data_key)
    .join(Remedy, Remedy.party_id == Person.id)
    .where(Remedy.case_id == bindparam("case_id"))
)


def case_subject(case: Case) -> Subject:
    """The trail's chain of a case."""
    return Subject(SubjectKind.CASE, case.id, case.district_id)


def key_for(session: Session, person_id: str, keys: KeyRing) -> DataKey | None:
    """A person's data key; None where there is no such person or the key was destroyed."""
    wrapped = session.scalar(select(Person.data_key).where(Person.id == person_id))
    return unwrap_data_key(keys, person_id, wrapped) if wrapped else None


def head_key(session: Session, case: Case, keys: KeyRing) -> DataKey | None:
    """The data key of the head of the case's household; None where there is none (any more).

    Of a case without a household: of whoever filed the complaint or petition.
    """
    if case.household_id is None:
        row = session.execute(_PARTY, {"case_id": case.id}).one_or_none()
    else:
        row = session.execute(_HEAD, {"household_id": case.household_id}).one_or_none()
    if row is None or not row.data_key:
        return None
    return unwrap_data_key(keys, row.id, row.data_key)


def sealed_answers(
    session: Session, case: Case, keys: KeyRing, values: Mapping[str, Any]
) -> dict[str, Any]:
    """The answers for the trail: sealed where a household stands behind the case."""
    plain = {name: to_json(value) for name, value in values.items()}
    if not plain:
        return {}
    key = head_key(session, case, keys)
    if key is None:
        return plain
    return sealed(key, case_subject(case), FIELD, orjson.dumps(plain).decode())


def open_answers(key: DataKey | None, subject: Subject, evidence: Mapping[str, Any]) -> Any:
    """What `sealed_answers` kept; None where the person's key was destroyed."""
    if evidence.keys() != {"sealed", "person", "field"}:
        return dict(evidence)
    if key is None:
        return None
    return orjson.loads(unsealed(key, subject, dict(evidence)))
