"""逐月: what a family gets month by month, and what is recorded about it after the grant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from marshmallow import Schema
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from models.assistance import Grant
from models.households import Household
from models.trail import SubjectKind
from web.auth import current_viewer
from web.config import settings
from web.database import current_moment, db_session
from web.errors import status_of
from web.forms import (
    Form,
    FormSchema,
    choice_field,
    day_field,
    read_form,
    rejected,
    text_field,
)
from web.guard import requires
from web.i18n import message
from web.sight import note_access
from web.words import OVERPAID_CAUSES
from workflows.access import Action, acting, may, require, require_impartial
from workflows.assistance.job_offers import OfferData, offers_of
from workflows.audit import AccessKind, Subject
from workflows.errors import Actor, Conflict, Finding, Invalid, NotAllowed, NotFound
from workflows.runtime.aftercare import answer_offer, ask_back, report_death
from workflows.runtime.inbox.months import FamilyMonths, family_months
from workflows.transaction import transaction

blueprint = Blueprint("months", __name__, url_prefix="/households/<uuid:household_id>")

_YES_NO = ("yes", "no")


class _Death(FormSchema):
    person = text_field(36)
    died_on = day_field()
    note = text_field(300)


class _Offer(FormSchema):
    person = text_field(36)
    offered_on = day_field()
    employer = text_field(100)
    work = text_field(200, required=False)
    suitable = choice_field(_YES_NO)
    answer = choice_field(("accepted", "good", "bad"))
    reason = text_field(300, required=False)


class _AskBack(FormSchema):
    cause = choice_field(OVERPAID_CAUSES)
    first_month = text_field(7, required=False)
    note = text_field(300)


_DEATH: Schema = _Death()
_OFFER: Schema = _Offer()
_ASK: Schema = _AskBack()

#: Opens a case, or none, for a household: session, household, values of the form, who acts.
Act = Callable[[Session, Household, dict[str, Any], Actor], str | None]


@blueprint.get("/months")
@requires(Action.GRANT_READ)
def show(household_id: UUID) -> str:
    """Month by month: owed, paid, arrears, recoveries; with gradual exit and without."""
    html, view = _page(household_id, Form())
    viewer = current_viewer()
    note_access(
        Subject(SubjectKind.HOUSEHOLD, str(household_id), viewer.district_id),
        AccessKind.VIEWED,
        actor=acting(viewer, Action.GRANT_READ, view.household),
        data={"page": "months"},
    )
    return html


@blueprint.post("/deaths")
@requires(Action.DEATH_REPORT)
def death(household_id: UUID) -> Response | tuple[str, int]:
    """Record a death that is reported; the case that checks it opens."""

    def act(session: Session, household: Household, given: dict[str, Any], actor: Actor) -> str:
        case = report_death(
            session, household, given["person"], died_on=given["died_on"], note=given["note"],
            keys=settings().keys.ring, actor=actor, now=current_moment(),
        )  # fmt: skip
        return case.id

    return _do(household_id, Action.DEATH_REPORT, _DEATH, "death", act)


@blueprint.post("/offers")
@requires(Action.JOB_OFFER_RECORD)
def offer(household_id: UUID) -> Response | tuple[str, int]:
    """Record introduced work with its answer; what follows from it opens."""

    def act(
        session: Session, household: Household, given: dict[str, Any], actor: Actor
    ) -> str | None:
        data = OfferData(
            offered_on=given["offered_on"],
            employer=given["employer"],
            work=given["work"],
            suitable=given["suitable"] == "yes",
            accepted=given["answer"] == "accepted",
            good_reason=None if given["answer"] == "accepted" else given["answer"] == "good",
            reason=given["reason"],
        )
        _, case = answer_offer(
            session, household, given["person"], data, keys=settings().keys.ring, actor=actor,
            now=current_moment(),
        )  # fmt: skip
        return None if case is None else case.id

    return _do(household_id, Action.JOB_OFFER_RECORD, _OFFER, "offer", act)


@blueprint.post("/grants/<uuid:grant_id>/overpayments")
@requires(Action.RECOVERY_OPEN)
def overpayment(household_id: UUID, grant_id: UUID) -> Response | tuple[str, int]:
    """Open the case that works out what was paid too much, and decides on it."""

    def act(session: Session, household: Household, given: dict[str, Any], actor: Actor) -> str:
        grant = session.get(Grant, str(grant_id))
        if grant is None or grant.household_id != household.id:
            raise NotFound("no_grant", "这个家庭没有这份待遇。", "No such benefit.")
        case = ask_back(
            session, grant, cause=given["cause"], note=given["note"],
            first_month=_month(given["first_month"]), keys=settings().keys.ring, actor=actor,
            now=current_moment(),
        )  # fmt: skip
        return case.id

    return _do(household_id, Action.RECOVERY_OPEN, _ASK, "ask", act)


def _month(text: str) -> date | None:
    """The first day of a month such as 2022-12; None where nothing was given."""
    if not text:
        return None
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise Invalid(
            "month_wrong",
            findings=[
                Finding("month_wrong", "请填写月份，如2022-12。", "Enter a month such as 2022-12.",
                        field="first_month")
            ],
        ) from error  # fmt: skip


def _do(
    household_id: UUID, action: Action, schema: Schema, which: str, act: Act
) -> Response | tuple[str, int]:
    """One act on a household that the viewer may do; to the case that it opens."""
    viewer, session = current_viewer(), db_session()
    try:
        given = read_form(schema)
        with transaction(session):
            household = session.get(Household, str(household_id))
            if household is None or not may(viewer, action, household):
                raise NotFound("household_not_found", "找不到这个家庭。", "No such household.")
            require(viewer, action, household)
            actor = acting(viewer, action, household)
            require_impartial(session, actor, case_id="", household_id=household.id)
            opened = act(session, household, given, actor)
    except (Invalid, Conflict, NotAllowed) as error:
        html, _ = _page(household_id, rejected(error), which)
        return html, status_of(error)
    if opened is None:
        flash(message("已登记。"), "ok")
        return redirect(url_for("months.show", household_id=household_id), code=303)
    flash(message("已登记，并已开办办件。"), "ok")
    return redirect(url_for("cases.show", case_id=opened), code=303)


def _page(household_id: UUID, form: Form, which: str = "") -> tuple[str, FamilyMonths]:
    viewer, session = current_viewer(), db_session()
    given = request.args.get("grant", type=UUID)
    view = family_months(
        session,
        viewer,
        str(household_id),
        settings().keys.ring,
        grant_id=None if given is None else str(given),
        every="all" in request.args,
        now=current_moment(),
    )
    may_offer = may(viewer, Action.JOB_OFFER_RECORD, view.household)
    html = render_template(
        "months/show.html",
        view=view,
        offers=offers_of(session, str(household_id)) if may_offer else (),
        names=dict(view.members),
        forms={which: form},
        empty=Form(),
        causes=[(code, word) for code, word in OVERPAID_CAUSES.items() if code != "correction"],
        may_read_cases=may(viewer, Action.CASE_READ),
        may_report=may(viewer, Action.DEATH_REPORT, view.household),
        may_offer=may_offer,
        may_ask=may(viewer, Action.RECOVERY_OPEN, view.household),
        may_see_recoveries=may(viewer, Action.RECOVERY_READ),
    )
    return html, view
