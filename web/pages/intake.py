"""新申请: an application by household, from the counter to an open case; facts corrected later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import aliased
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from models.cases import Case
from models.offices import Office, OfficeLevel
from web.auth import current_viewer
from web.config import settings
from web.database import current_moment, db_session
from web.errors import status_of
from web.forms_html import read_posted
from web.guard import requires
from web.i18n import message
from web.pages.filled import (
    Filled,
    attachment_ids,
    file_names,
    filled,
    new_request_key,
)
from web.pages.household_form import (
    Checked,
    Typed,
    changed,
    checked_household,
    fresh_row,
    read_typed,
    shown_rows,
)
from web.pages.work import policy_in_force
from web.words import AREAS, CHANNELS
from workflows.access import ACTIONS_OF, Action, Viewer, acting, place_of, require_impartial
from workflows.assistance.applications import is_application
from workflows.assistance.attachments import adopt_attachments
from workflows.assistance.households import HouseholdData, person_at, register_household
from workflows.assistance.preview import previewed_assessment
from workflows.calendar import local_day
from workflows.definitions.diagram import ProcessModel
from workflows.definitions.policy import Policy
from workflows.errors import Conflict, DoudiError, Finding, Invalid, NotAllowed, NotFound
from workflows.runtime.applying import opened_by_form
from workflows.runtime.drafts import drop_draft, save_draft, saved_draft
from workflows.runtime.requests import answered, fingerprint, remember
from workflows.runtime.starting import start_case
from workflows.transaction import transaction

blueprint = Blueprint("intake", __name__, url_prefix="/intake")

_DRAFT = "intake/new"


@blueprint.get("")
@requires(Action.CASE_OPEN)
def start() -> str:
    """An empty application, or the draft that was left."""
    viewer = current_viewer()
    policy = policy_to_open(viewer)
    draft = saved_draft(db_session(), viewer.account_id, _DRAFT, settings().keys.ring)
    if draft is not None:
        fields: MultiDict[str, str] = MultiDict(
            (name, value) for name, values in draft.content.items() for value in values
        )
        return _page(viewer, policy, read_typed(fields), draft_saved_at=draft.saved_at)
    applicant = {**fresh_row(policy, "m"), "relation": "self"}
    typed = Typed({"channel": "window"}, {"m": [applicant], "i": [], "p": []})
    return _page(viewer, policy, typed)


@blueprint.post("")
@requires(Action.CASE_OPEN)
def submit() -> Response | tuple[str, int] | str:
    """Add or take off a row, look at the result, or open the case."""
    viewer = current_viewer()
    policy = policy_to_open(viewer)
    sent = filled(read_posted(), viewer, viewer.actor())
    typed = read_typed(request.form)
    typed = Typed({**typed.head, **sent.raw}, typed.rows)
    verb = request.form.get("verb", "")
    if verb != "submit" or request.form.get("remove") or sent.findings:
        typed = changed(typed, verb, policy)
        shown = previewed(typed, policy) if verb == "preview" else None
        findings = sent.findings
        return _page(viewer, policy, typed, preview=shown, findings=findings)
    now = current_moment()
    today = local_day(now)
    village = village_to_open(viewer, str(typed.head.get("village", "")))
    checked = checked_household(typed, policy, village.id if village else "", now=now, today=today)
    findings = _head_findings(typed, village)
    if checked.data is None or findings or village is None:
        return _page(viewer, policy, typed, checked=checked, findings=findings), 422
    try:
        previewed_assessment(checked.data, policy, on=today, now=now)
        case_id = _opened(viewer, policy, village, checked.data, typed, sent, now)
    except (Invalid, Conflict, NotAllowed) as error:
        refused = error.findings or (Finding(error.code, error.message, error.message_en),)
        page = _page(viewer, policy, typed, checked=placed(checked, refused))
        return page, status_of(error)
    flash(message("申请已登记，办件已开始。"), "ok")
    return redirect(url_for("cases.show", case_id=case_id), code=303)


@blueprint.post("/draft")
@requires(Action.CASE_OPEN)
def draft() -> tuple[str, int]:
    """Keep what has been typed."""
    content = {
        name: values
        for name, values in request.form.lists()
        if name not in ("csrf_token", "verb", "request_key")
    }
    with transaction(db_session()) as session:
        save_draft(
            session,
            current_viewer().account_id,
            _DRAFT,
            content,
            settings().keys.ring,
            now=current_moment(),
        )
    return "", 204


@blueprint.post("/draft/drop")
@requires(Action.CASE_OPEN)
def drop() -> Response:
    """Begin anew."""
    with transaction(db_session()) as session:
        drop_draft(session, current_viewer().account_id, _DRAFT)
    return redirect(url_for("intake.start"), code=303)


def _opened(
    viewer: Viewer,
    policy: Policy,
    village: Office,
    data: HouseholdData,
    typed: Typed,
    sent: Filled,
    now: datetime,
) -> str:
    session, keys = db_session(), settings().keys.ring
    place = place_of(village)
    actor = acting(viewer, Action.CASE_OPEN, place)
    channel = str(typed.head["channel"])
    asked = fingerprint("case.open", {"head": dict(typed.head), "rows": dict(typed.rows)})
    with transaction(session):
        known = answered(session, sent.posted.request_key, asked, actor=actor)
        if known:
            return str(known["case_id"])
        household = register_household(session, data, keys, actor=actor, now=now)
        session.flush()  # whether it is the actor's own is asked of the database
        require_impartial(session, actor, case_id="", household_id=household.id)
        case: Case = start_case(
            session,
            household_process(policy).id,
            keys,
            township_id=place.township_id,
            village_id=place.village_id,
            household_id=household.id,
            person_id=person_at(session, household.id, single_member(typed)),
            channel=channel,
            variables={
                "household_id": household.id,
                "channel": channel,
                "agent_mandate": typed.head.get("agent_mandate") == "true",
            },
            actor=actor,
            now=now,
        )
        adopt_attachments(session, case, [("files", _files(typed))], actor=actor)
        remember(
            session, sent.posted.request_key, asked, {"case_id": case.id}, actor=actor, now=now
        )
        drop_draft(session, viewer.account_id, _DRAFT)
        return case.id


def household_process(policy: Policy) -> ProcessModel:
    """The process that an application of a whole household opens: it accepts one, by no form.

    Raises:
        NotFound: `unknown_process` where the policy has none.
    """
    by_form = {process.id for process in opened_by_form(policy)}
    for process in policy.startable():
        if process.id not in by_form and is_application(policy, process.id):
            return process
    raise NotFound("unknown_process", "现行政策中没有这样的流程。", "There is no such process.")


def single_member(typed: Typed) -> int | None:
    """The position of the member who applies alone; None: the household applies."""
    chosen = str(typed.head.get("single", ""))
    return int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 4 else None


def _files(typed: Typed) -> list[str]:
    return attachment_ids({"files": typed.head.get("files")})


def policy_to_open(viewer: Viewer) -> Policy:
    """The policy in force.

    Raises:
        NotFound: `release.none`.
    """
    policy = policy_in_force(viewer)
    if policy is None:
        raise NotFound("release.none", "尚未发布任何政策版本。", "No release has been published.")
    return policy


def villages_to_open(viewer: Viewer) -> Sequence[Any]:
    """The villages in which the viewer may open a case: (id, name, township). One SELECT."""
    township = aliased(Office)
    own = [
        holding.office_id
        for holding in viewer.holdings
        if Action.CASE_OPEN in ACTIONS_OF[holding.role]
    ]
    return (
        db_session()
        .execute(
            select(Office.id, Office.name, township.name.label("township"))
            .join(township, township.id == Office.parent_id)
            .where(
                Office.district_id == viewer.district_id,
                Office.level == OfficeLevel.VILLAGE,
                Office.active.is_(True),
                Office.id.in_(own) | Office.parent_id.in_(own),
            )
            .order_by(Office.code)
        )
        .all()
    )


def village_to_open(viewer: Viewer, office_id: str) -> Office | None:
    """A village in which the viewer may open a case."""
    if office_id not in {row.id for row in villages_to_open(viewer)}:
        return None
    return db_session().get(Office, office_id)


def _head_findings(typed: Typed, village: Office | None) -> tuple[Finding, ...]:
    findings = []
    if village is None:
        findings.append(
            Finding("village_missing", "请选择村（社区）。", "Choose a village.", field="village")
        )
    if str(typed.head.get("channel", "")) not in CHANNELS:
        findings.append(
            Finding("channel_missing", "请选择申请渠道。", "Choose a channel.", field="channel")
        )
    return tuple(findings)


def placed(checked: Checked, refused: Sequence[Finding]) -> Checked:
    """Findings of the command (`members.1.id_number`) at their rows, the others at the head."""
    rows = {place: list(found) for place, found in checked.rows.items()}
    head = []
    for found in refused:
        parts = (found.field or "").split(".")
        if len(parts) == 3 and parts[0] == "members" and parts[1].isdigit():
            rows.setdefault(("m", int(parts[1])), []).append(
                Finding(found.code, found.message, found.message_en, field=parts[2])
            )
        else:
            head.append(found)
    return Checked(None, tuple(head), rows)


def previewed(typed: Typed, policy: Policy) -> Mapping[str, Any] | DoudiError:
    """What the household would get; an error says what is missing for that."""
    now = current_moment()
    today: date = local_day(now)
    head = {"property_ok": "yes", "property_reason": "—", **typed.head}
    checked = checked_household(Typed(head, typed.rows), policy, "", now=now, today=today)
    if checked.data is None:
        return Invalid(
            "preview.incomplete",
            f"还有{checked.count}处没有填好，暂时不能试算。",
            f"{checked.count} things are missing for a trial calculation.",
        )
    try:
        return previewed_assessment(checked.data, policy, on=today, now=now)
    except Invalid as error:
        return error


def _page(
    viewer: Viewer,
    policy: Policy,
    typed: Typed,
    *,
    checked: Checked | None = None,
    findings: Sequence[Finding] = (),
    preview: Mapping[str, Any] | DoudiError | None = None,
    draft_saved_at: datetime | None = None,
) -> str:
    now = current_moment()
    template = "intake/form.html" if request.headers.get("HX-Request") else "intake/page.html"
    return render_template(
        template,
        action=url_for("intake.submit"),
        correcting=None,
        others=opened_by_form(policy),
        process=household_process(policy),
        single=single_member(typed),
        typed=typed,
        rows=shown_rows(typed, policy, checked, now=now, today=local_day(now)),
        head_findings=[*findings, *(checked.findings if checked else ())],
        villages=villages_to_open(viewer),
        channels=CHANNELS,
        areas=AREAS,
        files=file_names(viewer, _files(typed)),
        preview=None if isinstance(preview, DoudiError) else preview,
        preview_refused=preview if isinstance(preview, DoudiError) else None,
        draft_saved_at=draft_saved_at,
        request_key=request.form.get("request_key") or new_request_key(),
    )
