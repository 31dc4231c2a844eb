"""家庭: a household over time, what is open about it, and the beginning of a change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from sqlalchemy import select
from sqlalchemy.orm import aliased
from werkzeug.wrappers import Response

from models.household_changes import ChangeKind
from models.households import Household
from models.offices import Office, OfficeLevel
from models.trail import SubjectKind
from web.acts import act_on
from web.auth import current_viewer
from web.config import settings
from web.database import current_moment, db_session
from web.errors import status_of
from web.forms import Form, FormSchema, choice_field, read_form, rejected, text_field
from web.guard import requires
from web.i18n import message
from web.pages.concerns import concerns_about
from web.pages.intake import policy_to_open
from web.pages.vocabulary import household_words
from web.pages.work import policy_in_force
from web.sight import note_access
from web.words import CHANGE_KINDS
from workflows.access import Action, acting, may, require_impartial
from workflows.audit import AccessKind, Subject
from workflows.errors import Conflict, Invalid, NotAllowed
from workflows.runtime.families import ChangeAsked, open_change
from workflows.runtime.inbox.family import (
    Family,
    benefits_of,
    cases_of,
    changes_of,
    family_of,
    memberships_of,
)

blueprint = Blueprint("households", __name__, url_prefix="/households/<uuid:household_id>")


class _ChangeSchema(FormSchema):
    kind = choice_field(ChangeKind)
    id_number = text_field(30, required=False)
    name = text_field(60, required=False)
    village = text_field(36, required=False)


@blueprint.get("")
@requires(Action.HOUSEHOLD_READ)
def show(household_id: UUID) -> str:
    """Members over time, where the household came from and went. At most eleven statements."""
    viewer, session, keys = current_viewer(), db_session(), settings().keys.ring
    family = _seen(household_id, "household")
    policy = policy_to_open(viewer)
    return render_template(
        "households/show.html",
        family=family,
        memberships=memberships_of(session, family, keys),
        changes=changes_of(session, viewer, family, keys),
        cases=cases_of(session, viewer, family.household.id),
        benefits=benefits_of(session, family.household.id),
        concerns=concerns_about(viewer, policy, family.household.id).cases,
        processes={key: process.name for key, process in policy.processes.items()},
        words=household_words(policy),
        may_see_months=may(viewer, Action.GRANT_READ),
        may_change=family.household.closed_on is None
        and may(viewer, Action.CASE_OPEN, family.household),
    )


@blueprint.get("/changes/new")
@requires(Action.CASE_OPEN)
def change(household_id: UUID) -> str:
    """Which change: the other side by id number, the new village."""
    return _page(_seen(household_id, "change"), Form())


@blueprint.post("/changes/new")
@requires(Action.CASE_OPEN)
def begin(household_id: UUID) -> Response | tuple[str, int]:
    """Open the case of the change, or say what is wrong."""
    viewer, session, now = current_viewer(), db_session(), current_moment()
    family = _seen(household_id, "change")
    actor = acting(viewer, Action.CASE_OPEN, family.household)
    try:
        values = read_form(_ChangeSchema())
        asked = ChangeAsked(
            ChangeKind(values["kind"]), values["id_number"], values["name"], values["village"]
        )
        with act_on(session, None, actor=actor, now=now):
            require_impartial(session, actor, case_id="", household_id=str(household_id))
            household = session.get_one(Household, str(household_id))
            case = open_change(
                session, household, asked, settings().keys.ring, actor=actor, now=now
            )
            case_id = case.id
    except (Invalid, Conflict, NotAllowed) as error:
        page = _page(_seen(household_id, "change"), rejected(error, secret=("id_number",)))
        return page, status_of(error)
    flash(message("家庭变动已经开办，请登记成员的去向。"), "ok")
    return redirect(url_for("cases.show", case_id=case_id), code=303)


def _seen(household_id: UUID, what: str) -> Family:
    """The household; that the viewer saw this part of it is noted."""
    viewer, session, keys = current_viewer(), db_session(), settings().keys.ring
    family = family_of(session, viewer, str(household_id), keys)
    actor = acting(viewer, Action.HOUSEHOLD_READ, family.household)
    subject = Subject(SubjectKind.HOUSEHOLD, family.household.id, family.household.district_id)
    note_access(
        subject,
        AccessKind.VIEWED,
        actor=actor,
        data={"page": what},
    )
    return family


def _page(family: Family, form: Form) -> str:
    viewer = current_viewer()
    return render_template(
        "households/change.html",
        family=family,
        form=form,
        kinds=list(CHANGE_KINDS.items()),
        villages=_villages(family),
        concerns=concerns_about(viewer, policy_in_force(viewer), family.household.id).cases,
    )


def _villages(family: Family) -> Sequence[tuple[str, Sequence[tuple[str, Any]]]]:
    """The villages of the district's other townships, by township. One SELECT."""
    township = aliased(Office)
    rows = db_session().execute(
        select(Office.id, Office.name, township.name.label("township"))
        .join(township, township.id == Office.parent_id)
        .where(
            Office.district_id == family.household.district_id,
            Office.level == OfficeLevel.VILLAGE,
            Office.active.is_(True),
            Office.parent_id != family.household.township_id,
        )
        .order_by(township.code, Office.code)
    )
    found: dict[str, list[tuple[str, Any]]] = {}
    for row in rows:
        found.setdefault(row.township, []).append((row.id, row.name))
    return list(found.items())
