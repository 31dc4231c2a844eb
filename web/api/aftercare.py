"""After the grant: a family's months, recoveries, and lists of deaths."""

from __future__ import annotations

import csv
import io
import re
from typing import Any, Final

from models.trail import SubjectKind
from web.api.aftercare_schemas import (
    DeathListBody,
    DeathListQuery,
    DeathListSchema,
    FamilyMonthsSchema,
    MonthsQuery,
    RecoveriesQuery,
    RecoveriesSchema,
    RecoveryInFullSchema,
)
from web.api.cursors import unreadable
from web.api.operations import ApiBlueprint, operation
from web.auth import current_viewer
from web.config import settings
from web.database import current_moment, db_session
from web.sight import note_access
from workflows.access import Action, acting
from workflows.assistance.deaths.lists import COLUMNS, take_list, upload_deaths
from workflows.audit import AccessKind, Subject
from workflows.runtime.inbox.deaths import DeathListView, death_list
from workflows.runtime.inbox.months import FamilyMonth, FamilyMonths, family_months
from workflows.runtime.inbox.recoveries import (
    RecoveryFilter,
    RecoveryRow,
    RecoveryView,
    recovery_page,
    recovery_seen,
)
from workflows.transaction import transaction

blueprint = ApiBlueprint(
    "api_aftercare", __name__, description="A family's months, recoveries, lists of deaths."
)

_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@operation(
    blueprint, "GET", "/households/<uuid:household_id>/months", Action.GRANT_READ,
    query=MonthsQuery(), answer=FamilyMonthsSchema(),
)  # fmt: skip
def months(household_id: str, query: dict[str, Any]) -> dict[str, Any]:
    """A family's grant month by month: owed, paid, with gradual exit and stopped at once."""
    viewer = current_viewer()
    view = family_months(
        db_session(), viewer, household_id, settings().keys.ring, grant_id=_id(query["grant"]),
        every=query["every"], now=current_moment(),
    )  # fmt: skip
    answer = _family(view)
    note_access(
        Subject(SubjectKind.HOUSEHOLD, household_id, viewer.district_id),
        AccessKind.VIEWED,
        actor=acting(viewer, Action.GRANT_READ, view.household),
        data={"api": "months"},
    )
    return answer


@operation(
    blueprint, "GET", "/recoveries", Action.RECOVERY_READ,
    query=RecoveriesQuery(), answer=RecoveriesSchema(),
)  # fmt: skip
def recoveries(query: dict[str, Any]) -> dict[str, Any]:
    """The recoveries of your offices, the newest first."""
    page = recovery_page(
        db_session(), current_viewer(), settings().keys.ring,
        wanted=None if query["state"] is None else RecoveryFilter(query["state"]),
        after=_id(query["after"]), now=current_moment(),
    )  # fmt: skip
    return {"recoveries": [_recovery(row) for row in page.rows], "next": page.following}


@operation(
    blueprint, "GET", "/recoveries/<uuid:recovery_id>", Action.RECOVERY_READ,
    answer=RecoveryInFullSchema(),
)  # fmt: skip
def recovery(recovery_id: str) -> dict[str, Any]:
    """One recovery with its months, plan and receipts."""
    viewer = current_viewer()
    view = recovery_seen(
        db_session(), viewer, recovery_id, settings().keys.ring, now=current_moment()
    )
    answer = _in_full(view)
    note_access(
        Subject(SubjectKind.HOUSEHOLD, view.recovery.household_id, viewer.district_id),
        AccessKind.VIEWED,
        actor=acting(viewer, Action.RECOVERY_READ),
        data={"api": "recovery"},
    )
    return answer


@operation(
    blueprint, "POST", "/death-lists", Action.DEATH_LIST,
    body=DeathListBody(), answer=DeathListSchema(), status=201,
)  # fmt: skip
def compare_deaths(body: dict[str, Any]) -> dict[str, Any]:
    """Compare a list of deaths; nothing happens to anybody before it is taken over."""
    viewer, session = current_viewer(), db_session()
    kept = io.StringIO()
    rows = ((one["id_number"], one["died_on"]) for one in body["deaths"])
    csv.writer(kept, lineterminator="\n").writerows([COLUMNS, *rows])
    with transaction(session):
        found = upload_deaths(
            session, kept.getvalue().encode(), body["source"], settings().keys.ring,
            district_id=viewer.district_id, actor=acting(viewer, Action.DEATH_LIST),
            now=current_moment(),
        )  # fmt: skip
        list_id = found.id
    return _death_list(death_list(session, viewer, list_id, settings().keys.ring))


@operation(
    blueprint, "GET", "/death-lists/<uuid:list_id>", Action.DEATH_LIST,
    query=DeathListQuery(), answer=DeathListSchema(),
)  # fmt: skip
def deaths(list_id: str, query: dict[str, Any]) -> dict[str, Any]:
    """A list of deaths: what would happen, or what has."""
    view = death_list(
        db_session(), current_viewer(), list_id, settings().keys.ring, after=query["after"]
    )
    return _death_list(view)


@operation(
    blueprint, "POST", "/death-lists/<uuid:list_id>/take", Action.DEATH_LIST,
    answer=DeathListSchema(), status=202,
)  # fmt: skip
def record_deaths(list_id: str) -> dict[str, Any]:
    """Have a compared list recorded; the worker does it and opens the checks."""
    viewer, session = current_viewer(), db_session()
    keys, actor = settings().keys.ring, acting(current_viewer(), Action.DEATH_LIST)
    with transaction(session):
        death_list(session, viewer, list_id, keys)  # of the viewer's district
        take_list(session, list_id, actor=actor, now=current_moment())
    return _death_list(death_list(session, viewer, list_id, keys))


def _id(text_given: str | None) -> str | None:
    if text_given is not None and not _ID.fullmatch(text_given):
        raise unreadable()
    return text_given


def _family(view: FamilyMonths) -> dict[str, Any]:
    preview = view.preview
    return {
        "household_id": view.household.id,
        "grant_id": view.grant.id,
        "programme": view.grant.programme,
        "state": view.grant.state.value,
        "months": [_month(one) for one in view.months],
        "preview": None if preview is None else {
            "allowed": preview.allowed,
            "months": list(preview.months),
            "amount": f"{preview.amount:.2f}",
            "total": f"{preview.total:.2f}",
            "exit_from": preview.exit_from,
        },
    }  # fmt: skip


def _month(one: FamilyMonth) -> dict[str, Any]:
    line = one.line
    return {
        "month": f"{line.month:%Y-%m}",
        "planned": one.planned,
        "standard": None if one.standard is None else f"{one.standard:.2f}",
        "owed": f"{line.owed:.2f}",
        "kind": None if line.kind is None else line.kind.value,
        "stopped": f"{one.stopped:.2f}",
        "paid": f"{line.paid:.2f}",
        "paid_on": line.paid_on,
        "underway": f"{line.underway:.2f}",
        "adjusted": f"{line.adjusted:.2f}",
        "difference": f"{line.difference:.2f}",
        "state": None if line.state is None else line.state.value,
        "held": one.held,
        "case_id": None if line.amount is None else line.amount.case_id,
        "case_number": one.case_number,
    }


def _recovery(row: RecoveryRow) -> dict[str, Any]:
    one = row.recovery
    return {
        "id": one.id,
        "household_id": one.household_id,
        "grant_id": one.grant_id,
        "case_id": one.case_id,
        "case_number": row.case_number,
        "township": row.township,
        "cause": one.cause,
        "state": one.state.value,
        "overdue": row.overdue,
        "outcome": None if one.outcome is None else one.outcome.value,
        "proposed": f"{one.proposed:.2f}",
        "amount": f"{one.amount:.2f}",
        "received": f"{one.received:.2f}",
        "rest": f"{row.rest:.2f}",
        "first_month": None if one.first_month is None else f"{one.first_month:%Y-%m}",
        "last_month": None if one.last_month is None else f"{one.last_month:%Y-%m}",
        "next_due_on": one.next_due_on,
        "decided_on": one.decided_on,
        "settled_on": one.settled_on,
    }


def _in_full(view: RecoveryView) -> dict[str, Any]:
    return {
        **_recovery(view.row),
        "months": view.recovery.detail,
        "instalments": [
            {
                "number": one.number,
                "amount": f"{one.amount:.2f}",
                "received": f"{one.received:.2f}",
                "due_on": one.due_on,
                "settled_on": one.settled_on,
            }
            for one in view.instalments
        ],
        "receipts": [
            {
                "amount": f"{row.receipt.amount:.2f}",
                "method": row.receipt.method,
                "received_on": row.receipt.received_on,
                "state": row.receipt.state.value,
                "entered_by": row.entered_by,
                "checked_by": row.checked_by,
            }
            for row in view.receipts
        ],
        "repayment_case_id": view.recovery.repayment_case_id,
    }


def _death_list(view: DeathListView) -> dict[str, Any]:
    found = view.found
    return {
        "id": found.id,
        "source": found.source,
        "state": found.state.value,
        "rows": found.rows,
        "counts": {state.value: number for state, number in view.counts.items()},
        "on_benefit": view.on_benefit,
        "deaths": [
            {
                "line": one.row.line,
                "died_on": one.row.died_on,
                "state": one.row.state.value,
                "on_benefit": one.row.on_benefit,
                "case_id": one.row.case_id,
                "failure": one.row.failure,
            }
            for one in view.rows
        ],
        "next": view.following,
    }
