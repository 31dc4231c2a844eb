"""Care in scenarios: where the household's person is supported, by whom, and how assessed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.assistance import Grant
from models.cases import Case
from models.tekun import CareArrangement, CareContract, SelfCareAssessment


def care_facts(session: Session, household_id: str) -> dict[str, Any]:
    """The arrangement that counts, every contract, and every assessment of the six items."""
    grants = select(Grant.id).where(Grant.household_id == household_id)
    now = session.scalar(
        select(CareArrangement).where(
            CareArrangement.grant_id.in_(grants), CareArrangement.superseded_at.is_(None)
        )
    )
    contracts = session.scalars(
        select(CareContract)
        .where(CareContract.grant_id.in_(grants))
        .order_by(CareContract.recorded_at)
    ).all()
    assessed = session.scalars(
        select(SelfCareAssessment)
        .join(Case, Case.id == SelfCareAssessment.case_id)
        .where(Case.household_id == household_id)
        .order_by(SelfCareAssessment.recorded_at)
    ).all()
    return {
        "setting": None if now is None else now.setting.value,
        "institution": None if now is None else now.institution,
        "contracts": [
            {"from": one.from_on, "until": one.until_on, "ended_on": one.ended_on}
            for one in contracts
        ],
        "self_care": [
            {
                "on": one.assessed_on,
                "tier": one.tier,
                "unable": sum(not able for able in one.items.values()),
            }
            for one in assessed
        ],
    }
