"""Facts of a household corrected from its case: a new version, nothing is overwritten."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.households import Household
from models.trail import SubjectKind
from web.acts import act_on
from web.auth import current_viewer
from web.config import settings
from web.database import current_moment, db_session
from web.errors import status_of
from web.guard import requires
from web.i18n import message
from web.pages.cases import seen_case
from web.pages.filled import new_request_key
from web.pages.household_form import (
    Checked,
    Typed,
    changed,
    checked_household,
    raw_facts,
    read_typed,
    shown_rows,
)
from web.pages.intake import placed, previewed
from web.sight import note_access
from web.words import AREAS, CHANNELS
from workflows.access import Action, acting, require, require_impartial
from workflows.assistance.households import replace_facts
from workflows.assistance.preview import previewed_assessment
from workflows.audit import AccessKind, Subject
from workflows.calendar import local_day
from workflows.definitions.release import current_policy
from workflows.errors import Conflict, DoudiError, Finding, Invalid, NotAllowed
from workflows.runtime.acts import lock_case
from workflows.runtime.inbox.case import CaseHeader
from workflows.runtime.inbox.household import HouseholdView, household_view, member_identity

blueprint = Blueprint("corrections", __name__, url_prefix="/cases/<uuid:case_id>/household/edit")


@blueprint.get("")
@requires(Action.HOUSEHOLD_REGISTER)
def show(case_id: UUID) -> str:
    """What is known, in full, to be corrected; that the numbers were shown is noted."""
    header, household_id = _correctable(case_id)
    viewer, session, now = current_viewer(), db_session(), current_moment()
    actor = acting(viewer, Action.HOUSEHOLD_REGISTER, header.case)
    subject = Subject(SubjectKind.HOUSEHOLD, household_id, header.case.district_id)
    note_access(
        subject,
        AccessKind.REVEALED,
        actor=actor,
        data={"case": str(case_id), "fields": ["id_number", "phone"], "for": "correction"},
    )
    header, _ = _correctable(case_id)
    view = household_view(session, household_id, settings().keys.ring, today=local_day(now))
    return _page(header, _typed(view, household_id))


@blueprint.post("")
@requires(Action.HOUSEHOLD_REGISTER)
def save(case_id: UUID) -> Response | tuple[str, int] | str:
    """Keep the corrected facts, or say everything that is wrong with them."""
    header, household_id = _correctable(case_id)
    viewer, session, now = current_viewer(), db_session(), current_moment()
    policy = current_policy(session, viewer.district_id)
    typed, verb = read_typed(request.form), request.form.get("verb", "")
    if verb != "submit":
        preview = previewed(typed, policy) if verb == "preview" else None
        return _page(header, changed(typed, verb, policy), preview=preview)
    today = local_day(now)
    checked = checked_household(typed, policy, header.case.village_id or "", now=now, today=today)
    if checked.data is None:
        return _page(header, typed, checked=checked), 422
    actor = acting(viewer, Action.HOUSEHOLD_REGISTER, header.case)
    keys = settings().keys.ring
    try:
        previewed_assessment(checked.data, policy, on=today, now=now)
        with act_on(session, None, actor=actor, now=now):
            lock_case(session, str(case_id))
            require_impartial(session, actor, case_id=str(case_id), household_id=household_id)
            household = session.get_one(Household, household_id)
            replace_facts(session, household, checked.data, keys, actor=actor, now=now)
    except (Invalid, Conflict, NotAllowed) as error:
        refused = error.findings or (Finding(error.code, error.message, error.message_en),)
        header, _ = _correctable(case_id)
        return _page(header, typed, checked=placed(checked, refused)), status_of(error)
    flash(message("家庭信息已更正；下一次核算按新的内容。"), "ok")
    return redirect(url_for("case_parts.household", case_id=case_id), code=303)


def _correctable(case_id: UUID) -> tuple[CaseHeader, str]:
    header = seen_case(case_id, "correction", action=Action.HOUSEHOLD_REGISTER)
    require(current_viewer(), Action.HOUSEHOLD_REGISTER, header.case)
    if not header.open or header.case.household_id is None:
        raise Conflict(
            "case_closed",
            "这个办件已经办结，不能再更正家庭信息。",
            "The case is closed; its household can't be corrected here any more.",
        )
    return header, header.case.household_id


def _typed(view: HouseholdView, household_id: str) -> Typed:
    session, keys = db_session(), settings().keys.ring
    places = {one.person_id: str(place) for place, one in enumerate(view.members)}
    members = []
    for one in view.members:
        identity = member_identity(session, household_id, one.person_id, keys)
        members.append(
            {
                "name": identity.name,
                "id_number": identity.id_number,
                "phone": identity.phone,
                "relation": one.relation,
                **raw_facts(one.facts),
            }
        )
    finding = view.finding
    return Typed(
        {
            "area": view.household.area.value,
            "property_ok": "" if finding is None else "yes" if finding.within_limits else "no",
            "property_reason": finding.reason if finding else "",
            "unstable_income": "true" if finding and finding.unstable_income else "",
        },
        {
            "m": members,
            "i": [
                {
                    "member": places.get(item.person_id or "", ""),
                    "kind": item.kind,
                    "basis": item.basis or "none",
                    "monthly": f"{item.monthly:f}",
                    "label": item.label,
                }
                for item in view.incomes
            ],
            "p": [
                {
                    "member": places.get(item.person_id or "", ""),
                    "kind": item.kind,
                    "value": "" if item.value is None else f"{item.value:f}",
                    "label": item.label,
                }
                for item in view.properties
            ],
        },
    )


def _page(
    header: CaseHeader,
    typed: Typed,
    *,
    checked: Checked | None = None,
    preview: object = None,
) -> str:
    viewer, now = current_viewer(), current_moment()
    policy = current_policy(db_session(), viewer.district_id)
    template = "intake/form.html" if request.headers.get("HX-Request") else "intake/page.html"
    return render_template(
        template,
        action=url_for("corrections.save", case_id=header.case.id),
        correcting=header,
        typed=typed,
        rows=shown_rows(typed, policy, checked, now=now, today=local_day(now)),
        head_findings=checked.findings if checked else (),
        villages=(),
        channels=CHANNELS,
        areas=AREAS,
        files={},
        preview=None if isinstance(preview, DoudiError) else preview,
        preview_refused=preview if isinstance(preview, DoudiError) else None,
        draft_saved_at=None,
        request_key=new_request_key(),
    )
