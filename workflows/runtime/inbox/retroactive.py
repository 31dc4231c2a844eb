"""Changes that reach back, for reading: the changes of a district, one with its cases by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from models.accounts import Account
from models.cases import Case
from models.jobs import Job, JobState
from models.offices import Office, OfficeLevel
from models.releases import Release
from models.retroactive import (
    ChangeState,
    RetroactiveChange,
    TouchedCase,
    TouchedKind,
    TouchedState,
)
from workflows.access import ACTIONS_OF, Action, Viewer
from workflows.assistance.retroactive.changes import LIST_JOB, OPEN_JOB, job_key
from workflows.errors import NotFound

PAGE: Final = 50
_MOST_CHANGES: Final = 100
#: Rows that a file for a spreadsheet fetches at once.
_CHUNK: Final = 1000


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A change in the list of a district; `totals` as listed by kind: (count, yuan)."""

    change: RetroactiveChange
    by: str | None

    @property
    def totals(self) -> Mapping[TouchedKind, tuple[int, Decimal]]:
        return {
            kind: (row["count"], Decimal(row["total"]))
            for kind in TouchedKind
            if (row := self.change.totals.get(kind.value)) is not None
        }

    @property
    def touched(self) -> int:
        """How many cases are listed."""
        return sum(count for count, _ in self.totals.values())


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work on a change is; `total` where it is known."""

    state: ChangeState
    done: int
    total: int | None
    #: the job's last error, where it has given up
    error: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One change: its release, how far its work is, and how many cases stand where."""

    row: ChangeRow
    release_hash: str
    progress: Progress
    states: Mapping[TouchedState, int]

    @property
    def waiting(self) -> int:
        """Cases that nobody has decided on."""
        return self.states.get(TouchedState.OPEN, 0)

    @property
    def decided(self) -> int:
        """Cases that somebody has decided on."""
        return sum(
            self.states.get(state, 0) for state in (TouchedState.CORRECTED, TouchedState.KEPT)
        )


@dataclass(frozen=True, slots=True)
class TouchedRow:
    """A touched case in a list."""

    touched: TouchedCase
    case_number: str
    township: str
    correction_number: str | None


@dataclass(frozen=True, slots=True)
class TouchedPage:
    """A page of touched cases; `following` is the id that the next one begins after."""

    rows: tuple[TouchedRow, ...]
    following: str | None


def retroactive_changes(session: Session, viewer: Viewer) -> list[ChangeRow]:
    """The latest changes of the viewer's district, newest first. One SELECT."""
    rows = session.execute(
        select(RetroactiveChange, Account.name)
        .outerjoin(Account, Account.id == RetroactiveChange.published_by_id)
        .where(RetroactiveChange.district_id == viewer.district_id)
        .order_by(RetroactiveChange.published_at.desc(), RetroactiveChange.id.desc())
        .limit(_MOST_CHANGES)
    )
    return [ChangeRow(change, name) for change, name in rows]


def retroactive_change(session: Session, viewer: Viewer, change_id: str) -> ChangeView:
    """One change of the viewer's district. Three SELECTs.

    Raises:
        NotFound: `change_unknown`.
    """
    found = session.execute(
        select(RetroactiveChange, Account.name, Release.content_hash)
        .join(Release, Release.id == RetroactiveChange.release_id)
        .outerjoin(Account, Account.id == RetroactiveChange.published_by_id)
        .where(
            RetroactiveChange.id == change_id,
            RetroactiveChange.district_id == viewer.district_id,
        )
    ).one_or_none()
    if found is None:
        raise NotFound("change_unknown", "找不到这次追溯更正。", "There is no such change.")
    change, name, content_hash = found
    rows = session.execute(
        select(TouchedCase.state, func.count().label("cases"))
        .where(TouchedCase.change_id == change.id)
        .group_by(TouchedCase.state)
    )
    states = {row.state: row.cases for row in rows}
    return ChangeView(ChangeRow(change, name), content_hash, _progress(session, change), states)


def _progress(session: Session, change: RetroactiveChange) -> Progress:
    """Of the job under way; of the last one when all is done."""
    kind = LIST_JOB if change.state is ChangeState.LISTING else OPEN_JOB
    job = session.scalars(select(Job).where(Job.key == job_key(kind, change.id))).one_or_none()
    if job is None:
        return Progress(change.state, 0, None, None)
    error = (job.result or {}).get("error") if job.state is JobState.FAILED else None
    return Progress(change.state, job.done, job.total, error)


def touched_page(
    session: Session,
    viewer: Viewer,
    change_id: str,
    *,
    kind: TouchedKind | None = None,
    after: str | None = None,
    most: int = PAGE,
) -> TouchedPage:
    """Touched cases of a change in the order of the list, at most `most`. One SELECT."""
    query = _touched(viewer, change_id, kind).order_by(TouchedCase.id).limit(most + 1)
    if after is not None:
        query = query.where(TouchedCase.id > after)
    rows = [TouchedRow(*row) for row in session.execute(query)]
    following = rows[most - 1].touched.id if len(rows) > most else None
    return TouchedPage(tuple(rows[:most]), following)


def every_touched(
    session: Session, viewer: Viewer, change_id: str, kind: TouchedKind | None
) -> Iterator[TouchedRow]:
    """All touched cases of a change, fetched in pages."""
    after: str | None = None
    while True:
        page = touched_page(session, viewer, change_id, kind=kind, after=after, most=_CHUNK)
        yield from page.rows
        if page.following is None:
            return
        after = page.following


def within(viewer: Viewer, township_id: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """The district's cases for who works for the district, a township's for its own people."""
    held = [one for one in viewer.holdings if Action.TOUCHED_READ in ACTIONS_OF[one.role]]
    return or_(
        false(),
        *(
            true() if one.level is OfficeLevel.DISTRICT else township_id == one.office_id
            for one in held
        ),
    )


def _touched(
    viewer: Viewer, change_id: str, kind: TouchedKind | None
) -> Select[TouchedCase, str, str, str | None]:
    correction = aliased(Case)
    conditions = [
        TouchedCase.change_id == change_id,
        TouchedCase.district_id == viewer.district_id,
        within(viewer, TouchedCase.township_id),
    ]
    if kind is not None:
        conditions.append(TouchedCase.kind == kind)
    return (
        select(TouchedCase, Case.number, Office.name, correction.number)
        .join(Case, Case.id == TouchedCase.case_id)
        .join(Office, Office.id == TouchedCase.township_id)
        .outerjoin(correction, correction.id == TouchedCase.correction_case_id)
        .where(and_(*conditions))
    )
