"""Care as pages show it: where each supported person lives, the contract, the last assessment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.assistance import Grant, GrantState
from models.households import Person
from models.tekun import CareArrangement, CareContract, SelfCareAssessment
from workflows.assistance.money.ledger import TEKUN
from workflows.assistance.tekun.care import TERMS
from workflows.errors import NotFound
from workflows.privacy import KeyRing, open_sealed, unwrap_data_key


@dataclass(frozen=True, slots=True)
class CareView:
    """One supported person: their arrangement, contract and newest assessment, where there are."""

    person_id: str | None
    arrangement: CareArrangement | None
    contract: CareContract | None
    #: name, relation, phone, duties, pay (yuan a month); empty once the person's key is erased
    terms: Mapping[str, Any]
    self_care: SelfCareAssessment | None

    def unable(self) -> int:
        """How many of the six items they can't do alone."""
        return sum(not able for able in self.self_care.items.values()) if self.self_care else 0

    def has_run_out(self, today: date) -> bool:
        """Whether the contract's last day is over and nobody has renewed or ended it."""
        return self.contract is not None and self.contract.until_on < today


def care_of_household(session: Session, household_id: str, keys: KeyRing) -> Sequence[CareView]:
    """The people of a household who get support in extreme hardship. Two SELECTs, one if none."""
    rows: Sequence[Any] = session.execute(
        select(Grant, Person, CareArrangement, CareContract)
        .join(Person, Person.id == Grant.person_id)
        .outerjoin(
            CareArrangement,
            (CareArrangement.grant_id == Grant.id) & CareArrangement.superseded_at.is_(None),
        )
        .outerjoin(
            CareContract, (CareContract.grant_id == Grant.id) & CareContract.ended_on.is_(None)
        )
        .where(
            Grant.household_id == household_id,
            Grant.programme == TEKUN,
            Grant.state == GrantState.ACTIVE,
        )
        .order_by(Grant.id)
    ).all()
    if not rows:
        return ()
    newest = _newest_assessments(session, [row[1].id for row in rows])
    return [
        CareView(
            person.id,
            arrangement,
            contract,
            {} if contract is None else _terms(contract, person, keys),
            newest.get(person.id),
        )
        for _, person, arrangement, contract in rows
    ]


def _newest_assessments(
    session: Session, person_ids: Sequence[str]
) -> Mapping[str, SelfCareAssessment]:
    last = (
        select(SelfCareAssessment.person_id, func.max(SelfCareAssessment.recorded_at).label("at"))
        .where(SelfCareAssessment.person_id.in_(person_ids))
        .group_by(SelfCareAssessment.person_id)
        .subquery()
    )
    found = session.scalars(
        select(SelfCareAssessment).join(
            last,
            (SelfCareAssessment.person_id == last.c.person_id)
            & (SelfCareAssessment.recorded_at == last.c["at"]),
        )
    )
    return {row.person_id: row for row in found}


def _terms(contract: CareContract, person: Person, keys: KeyRing) -> Mapping[str, Any]:
    try:
        key = unwrap_data_key(keys, person.id, person.data_key)
    except NotFound:
        return {}
    opened: dict[str, Any] = orjson.loads(open_sealed(key, TERMS, contract.id, contract.terms))
    return opened
