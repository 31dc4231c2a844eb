"""Changes that reach back (追溯更正): parameters, sums as listed, and the cases they touch."""

from __future__ import annotations

import re
from typing import Any, Final

from marshmallow import Schema, fields

from models.retroactive import ChangeState, MoneyState, TouchedKind, TouchedState
from models.trail import SubjectKind
from web.api.cursors import unreadable
from web.api.operations import ApiBlueprint, operation
from web.api.schemas import choice, given, maybe, text
from web.auth import current_viewer
from web.database import db_session
from web.sight import note_access
from workflows.access import Action, acting
from workflows.audit import AccessKind, Subject
from workflows.feel import format_value, from_json
from workflows.runtime.inbox.retroactive import (
    ChangeRow,
    ChangeView,
    TouchedRow,
    retroactive_change,
    retroactive_changes,
    touched_page,
)

blueprint = ApiBlueprint(
    "api_retroactive", __name__, description="Changes that reach back (追溯更正)."
)

_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class DifferenceSchema(Schema):
    """Days on which a parameter's value differs; without `last` there is no end."""

    key = given()
    label = given()
    unit = given()
    first = given(format="date")
    last = maybe()
    #: as FEEL writes them
    old = given()
    new = maybe()
    source = fields.List(fields.String(), required=True)
    certainty = given()


class KindSumSchema(Schema):
    """How many cases of a kind the list has, and their sum in yuan."""

    kind = given(enum=[kind.value for kind in TouchedKind])
    count = fields.Integer(required=True)
    total = given()


class ChangeSchema(Schema):
    """A release that differs on days before its publication."""

    id = given()
    release_id = given()
    published_at = given(format="date-time")
    note = given()
    state = given(enum=[state.value for state in ChangeState])
    differences = fields.List(fields.Nested(DifferenceSchema), required=True)
    sums = fields.List(fields.Nested(KindSumSchema), required=True)


class ChangesSchema(Schema):
    """The latest changes, newest first."""

    changes = fields.List(fields.Nested(ChangeSchema), required=True)


class ChangeViewSchema(ChangeSchema):
    """A change with how far its work is, and how many cases stand where."""

    done = fields.Integer(required=True)
    total = fields.Integer(required=True, allow_none=True)
    waiting = fields.Integer(required=True)
    decided = fields.Integer(required=True)
    opened = fields.Integer(required=True)
    failed = fields.Integer(required=True)


class CorrectedMonthSchema(Schema):
    """A paid month in yuan."""

    month = given(format="date")
    received = given()
    due = given()
    difference = given()


class TouchedSchema(Schema):
    """A touched case; `total` is of the months already paid, to be paid or to come back."""

    id = given()
    case_id = given()
    case_number = given()
    township = given()
    kind = given(enum=[kind.value for kind in TouchedKind])
    state = given(enum=[state.value for state in TouchedState])
    old_monthly = given()
    new_monthly = given()
    first_month = maybe()
    months = fields.List(fields.Nested(CorrectedMonthSchema), required=True)
    total = given()
    correction_case_id = maybe()
    correction_number = maybe()
    decided_on = maybe()
    money = maybe(enum=[*(state.value for state in MoneyState), None])


class TouchedPageSchema(Schema):
    """A page of touched cases; `next` is the `after` of the following one."""

    cases = fields.List(fields.Nested(TouchedSchema), required=True)
    next = maybe()


class TouchedQuery(Schema):
    """Of which kind, and from which row on."""

    kind = choice((kind.value for kind in TouchedKind), required=False, load_default=None)
    after = text(36, required=False, load_default=None)


@operation(
    blueprint, "GET", "/retroactive-changes", Action.RETROACTIVE_READ, answer=ChangesSchema()
)
def index() -> dict[str, Any]:
    """The changes of your district that reach back, newest first."""
    rows = retroactive_changes(db_session(), current_viewer())
    return {"changes": [_change(row) for row in rows]}


@operation(
    blueprint, "GET", "/retroactive-changes/<uuid:change_id>", Action.RETROACTIVE_READ,
    answer=ChangeViewSchema(),
)  # fmt: skip
def show(change_id: str) -> dict[str, Any]:
    """One change with how far its list is."""
    return _view(retroactive_change(db_session(), current_viewer(), str(change_id)))


@operation(
    blueprint, "GET", "/retroactive-changes/<uuid:change_id>/cases", Action.TOUCHED_READ,
    query=TouchedQuery(), answer=TouchedPageSchema(),
)  # fmt: skip
def cases(change_id: str, query: dict[str, Any]) -> dict[str, Any]:
    """The cases that a change touches, with the calculation month by month."""
    viewer, session = current_viewer(), db_session()
    view = retroactive_change(session, viewer, str(change_id))
    kind = None if query["kind"] is None else TouchedKind(query["kind"])
    page = touched_page(session, viewer, str(change_id), kind=kind, after=_after(query["after"]))
    document = {"cases": [_touched(row) for row in page.rows], "next": page.following}
    subject = Subject(SubjectKind.PARAMETER, view.row.change.id, viewer.district_id)
    actor = acting(viewer, Action.TOUCHED_READ)
    note_access(subject, AccessKind.VIEWED, actor=actor, data={"api": "touched"})
    return document


def _after(given_id: str | None) -> str | None:
    if given_id is not None and not _ID.fullmatch(given_id):
        raise unreadable()
    return given_id


def _change(row: ChangeRow) -> dict[str, Any]:
    change = row.change
    return {
        "id": change.id,
        "release_id": change.release_id,
        "published_at": change.published_at,
        "note": change.note,
        "state": change.state.value,
        "differences": [_difference(one) for one in change.differences],
        "sums": [
            {"kind": kind.value, "count": count, "total": f"{total:.2f}"}
            for kind, (count, total) in row.totals.items()
        ],
    }


def _difference(one: dict[str, Any]) -> dict[str, Any]:
    new = None if one["new"] is None else format_value(from_json(one["new"]))
    return {**one, "old": format_value(from_json(one["old"])), "new": new}


def _view(view: ChangeView) -> dict[str, Any]:
    return {
        **_change(view.row),
        "done": view.progress.done,
        "total": view.progress.total,
        "waiting": view.waiting,
        "decided": view.decided,
        "opened": view.row.change.opened,
        "failed": view.row.change.failed,
    }


def _touched(row: TouchedRow) -> dict[str, Any]:
    touched = row.touched
    return {
        "id": touched.id,
        "case_id": touched.case_id,
        "case_number": row.case_number,
        "township": row.township,
        "kind": touched.kind.value,
        "state": touched.state.value,
        "old_monthly": f"{touched.old_monthly:.2f}",
        "new_monthly": f"{touched.new_monthly:.2f}",
        "first_month": touched.first_month,
        "months": touched.detail["months"],
        "total": f"{touched.total:.2f}",
        "correction_case_id": touched.correction_case_id,
        "correction_number": row.correction_number,
        "decided_on": touched.decided_on,
        "money": None if touched.money is None else touched.money.value,
    }
