"""The monthly lists of the roll as a duty: one case for each township with families on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.assistance import Grant, GrantState
from models.cases import Case, CaseState
from models.households import Household
from models.offices import Office, OfficeLevel
from workflows.assistance.money.ledger import DIBAO
from workflows.assistance.posting_content import lawful_fields
from workflows.assistance.roll_lists import LONG_TERM
from workflows.calendar import local_day, local_midnight
from workflows.definitions.release import current_policy
from workflows.errors import SYSTEM, Conflict, NotFound
from workflows.privacy import KeyRing
from workflows.runtime.starting import start_case
from workflows.transaction import reading, transaction

#: The process in which a township reports that the month's lists hang.
PROCESS: Final = "roll_posting"


def open_due_postings(session: Session, keys: KeyRing, now: datetime) -> int:
    """A duty of the worker: this month's case for every township with families on the roll."""
    month = local_day(now).replace(day=1)
    with reading(session):
        due = _without_case(session, month)
    opened = 0
    for district_id, township_id in due:
        try:
            with transaction(session):
                opened += _open(session, district_id, township_id, month, keys, now)
        except (Conflict, NotFound):  # nothing is published
            continue
    return opened


def _open(
    session: Session, district_id: str, township_id: str, month: date, keys: KeyRing, now: datetime
) -> bool:
    policy = current_policy(session, district_id)
    if PROCESS not in policy.processes:
        return False
    session.execute(select(Office.id).where(Office.id == township_id).with_for_update())
    if township_id in _opened(session, [district_id], month):  # another worker was faster
        return False
    if not lawful_fields(policy, LONG_TERM, month, now=now).publish:
        return False
    start_case(
        session, PROCESS, keys, township_id=township_id, variables={"month": month},
        actor=SYSTEM, now=now,
    )  # fmt: skip
    return True


def _without_case(session: Session, month: date) -> list[tuple[str, str]]:
    """Townships with families on the roll and no case of the month. Three SELECTs."""
    districts = session.scalars(select(Office.id).where(Office.level == OfficeLevel.DISTRICT)).all()
    opened = _opened(session, districts, month)
    families = (
        select(Grant.id)
        .join(Household, Household.id == Grant.household_id)
        .where(
            Household.district_id == Office.district_id,
            Household.township_id == Office.id,
            Grant.programme == DIBAO,
            Grant.state == GrantState.ACTIVE,
            Grant.start_month <= month,
        )
    )
    rows = session.execute(
        select(Office.district_id, Office.id).where(
            Office.level == OfficeLevel.TOWNSHIP,
            Office.active,
            Office.id.not_in(opened),
            families.exists(),
        )
    )
    return [(row.district_id, row.id) for row in rows]


def _opened(session: Session, district_ids: Sequence[str], month: date) -> set[str]:
    """The townships that have their case of a month; by the index of what was opened since."""
    return set(
        session.scalars(
            select(Case.township_id).where(
                Case.district_id.in_(district_ids),
                Case.state.in_(tuple(CaseState)),
                Case.opened_at >= local_midnight(month),
                Case.process_key == PROCESS,
            )
        )
    )
