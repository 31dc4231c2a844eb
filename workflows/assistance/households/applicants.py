"""Who asks for relief: their household where the district knows it, a new one otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.households import Area, Household, HouseholdMember
from models.offices import Office
from workflows.assistance.households.data import HouseholdData, MemberData
from workflows.assistance.households.entering import identity_findings
from workflows.assistance.households.people import person_with
from workflows.assistance.households.recording import register_household
from workflows.calendar import local_day
from workflows.errors import Actor, Invalid
from workflows.privacy import KeyRing
from workflows.transaction import require_transaction


@dataclass(frozen=True, slots=True)
class ApplicantData:
    """Who asks for relief, as entered. `id_number` is empty when it isn't known yet."""

    village_id: str
    area: Area
    name: str
    id_number: str = ""
    phone: str = ""


def household_of_applicant(
    session: Session, data: ApplicantData, keys: KeyRing, *, actor: Actor, now: datetime
) -> Household:
    """The household that the applicant belongs to now, else a new one with them alone.

    Relief goes first and asks for no register: neither another township nor an open case of the
    same person stands in its way (二(三)2), and a number that isn't at hand is entered later.

    Raises:
        Invalid: a finding for the name, or for a number that can't be right.
    """
    require_transaction(session)
    member = MemberData(data.name, data.id_number, "self", data.phone)
    findings = identity_findings([member], local_day(now), numbers_needed=False)
    if findings:
        raise Invalid(findings=findings)
    village = session.get_one(Office, data.village_id)
    person = person_with(session, village.district_id, data.id_number, keys)
    known = None
    if person is not None:
        known = session.scalar(
            select(Household)
            .join(HouseholdMember, HouseholdMember.household_id == Household.id)
            .where(HouseholdMember.person_id == person.id, HouseholdMember.superseded_at.is_(None))
            .order_by(HouseholdMember.recorded_at.desc())
            .limit(1)
        )
    if known is not None:
        return known
    household = HouseholdData(data.village_id, data.area, [member])
    return register_household(session, household, keys, actor=actor, now=now, numbers_needed=False)
