"""Lists of deaths for reading: those of a district, and one with its rows by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from models.accounts import Account
from models.cases import Case
from models.deaths import DeathList, DeathRow, DeathRowState
from models.households import Person
from models.jobs import Job
from workflows.access import Viewer
from workflows.assistance.deaths.lists import LIST_JOB
from workflows.assistance.households import identity_of
from workflows.errors import NotFound
from workflows.privacy import KeyRing

PAGE: Final = 100
_MOST_LISTS: Final = 50


@dataclass(frozen=True, slots=True)
class ListedRow:
    """A row of a list; the name is of who was found."""

    row: DeathRow
    name: str | None
    recorded_on: str | None
    case_number: str | None


@dataclass(frozen=True, slots=True)
class DeathListView:
    """One list: counts by state, a page of its rows, how far its job is."""

    found: DeathList
    by: str | None
    counts: Mapping[DeathRowState, int]
    on_benefit: int
    rows: Sequence[ListedRow]
    following: int | None
    job: Job | None


def death_lists(session: Session, viewer: Viewer) -> list[tuple[DeathList, str | None]]:
    """The district's latest lists with who uploaded them. One SELECT."""
    rows = session.execute(
        select(DeathList, Account.name)
        .outerjoin(Account, Account.id == DeathList.uploaded_by_id)
        .where(DeathList.district_id == viewer.district_id)
        .order_by(DeathList.uploaded_at.desc())
        .limit(_MOST_LISTS)
    )
    return [(found, name) for found, name in rows]


def death_list(
    session: Session,
    viewer: Viewer,
    list_id: str,
    keys: KeyRing,
    *,
    state: DeathRowState | None = None,
    after: int = 0,
) -> DeathListView:
    """One list of the viewer's district. Four SELECTs.

    Raises:
        NotFound: `death_list_not_found`.
    """
    head = session.execute(
        select(DeathList, Account.name)
        .outerjoin(Account, Account.id == DeathList.uploaded_by_id)
        .where(DeathList.id == list_id, DeathList.district_id == viewer.district_id)
    ).one_or_none()
    if head is None:
        raise NotFound("death_list_not_found", "找不到这份名单。", "There is no such list.")
    found, by = head
    counted = session.execute(
        select(DeathRow.state, DeathRow.on_benefit, func.count())
        .where(DeathRow.list_id == list_id)
        .group_by(DeathRow.state, DeathRow.on_benefit)
    ).all()
    counts: dict[DeathRowState, int] = {}
    for one, _, number in counted:
        counts[one] = counts.get(one, 0) + number
    rows = session.execute(
        select(DeathRow, Person, Case.number)
        .outerjoin(Person, Person.id == DeathRow.person_id)
        .outerjoin(Case, Case.id == DeathRow.case_id)
        .where(
            DeathRow.list_id == list_id,
            DeathRow.line > after,
            true() if state is None else DeathRow.state == state,
        )
        .order_by(DeathRow.line)
        .limit(PAGE + 1)
    ).all()
    shown = [_listed(row, person, number, keys) for row, person, number in rows[:PAGE]]
    return DeathListView(
        found=found,
        by=by,
        counts=counts,
        on_benefit=sum(number for _, paid, number in counted if paid),
        rows=shown,
        following=shown[-1].row.line if len(rows) > PAGE else None,
        job=session.scalars(select(Job).where(Job.key == f"{LIST_JOB}/{list_id}")).one_or_none(),
    )


def _listed(row: DeathRow, person: Person | None, number: str | None, keys: KeyRing) -> ListedRow:
    name = None
    if person is not None:
        try:
            name = identity_of(person, keys).name
        except NotFound:  # erased by law
            name = None
    recorded = None if person is None or person.died_on is None else person.died_on.isoformat()
    return ListedRow(row, name, recorded, number)
