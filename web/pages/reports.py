"""登记求助与申请: a case opened by the start form of its process, for whoever asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.households import Area
from models.offices import Office, OfficeLevel
from web.auth import current_viewer
from web.config import settings
from web.database import current_moment, db_session
from web.errors import status_of
from web.forms_html import read_posted
from web.forms_html.shown import start_values
from web.guard import requires
from web.i18n import message
from web.pages.filled import (
    Filled,
    attachment_ids,
    file_names,
    filled,
    fragment,
    new_request_key,
    shown_form,
)
from web.pages.intake import policy_to_open, village_to_open, villages_to_open
from web.words import AREAS, RELIEF_CHANNELS, URGENT
from workflows.access import Action, Viewer, acting, place_of, require_impartial
from workflows.assistance.households import ApplicantData
from workflows.definitions.diagram import ProcessModel
from workflows.definitions.policy import Policy
from workflows.errors import Conflict, DoudiError, Finding, Invalid, NotAllowed, NotFound
from workflows.runtime.applying import open_by_form, opened_by_form, start_form_of
from workflows.runtime.requests import answered, fingerprint, remember
from workflows.transaction import transaction

blueprint = Blueprint("reports", __name__, url_prefix="/intake/<process>")

#: What is asked of everybody, beside the published form.
_APPLICANT = "members.0."
_HEAD = ("village", "name", "id_number", "phone", "area", "channel")


@dataclass(frozen=True, slots=True)
class _Typed:
    """What the page shows again: the head, the answers, what is wrong with either."""

    head: Mapping[str, str]
    raw: Mapping[str, Any]
    findings: tuple[Finding, ...] = ()
    error: DoudiError | None = None
    request_key: str | None = None


@blueprint.get("")
@requires(Action.CASE_OPEN)
def start(process: str) -> str:
    """The empty form."""
    viewer = current_viewer()
    policy, model = _process(process)
    form = policy.forms[start_form_of(policy, process) or ""]
    head = {"area": Area.URBAN.value, "channel": _usual_channel(viewer, model)}
    raw = start_values(form, {}, now=current_moment(), me=viewer.account_id)
    return _page(policy, model, _Typed(head, raw))


@blueprint.post("")
@requires(Action.CASE_OPEN)
def submit(process: str) -> Response | tuple[str, int] | str:
    """Open the case, or say everything that stands against it and keep what was typed."""
    viewer = current_viewer()
    policy, model = _process(process)
    sent = filled(read_posted(), viewer, viewer.actor())
    head = {name: request.form.get(f"h_{name}", "").strip() for name in _HEAD}
    if sent.findings or request.form.get("remove") or request.form.get("verb") == "refresh":
        page = _page(policy, model, _Typed(head, sent.raw, sent.findings))
        return (page, 422) if sent.findings else page
    village = village_to_open(viewer, head["village"])
    findings = _head_findings(head, village)
    if findings or village is None:
        return _page(policy, model, _Typed(head, sent.raw, findings)), 422
    try:
        case_id, number = _opened(viewer, process, village, head, sent)
    except (Invalid, Conflict, NotAllowed) as error:
        typed = _Typed(head, sent.raw, _placed(error.findings), error, sent.posted.request_key)
        return _page(policy, model, typed), status_of(error)
    flash(message("已登记，办件%(number)s。", number=number), "ok")
    return redirect(url_for("cases.show", case_id=case_id), code=303)


@blueprint.post("/fields")
@requires(Action.CASE_OPEN)
def fields(process: str) -> str:
    """The fields that the form shows for what has been typed so far; files are kept."""
    viewer = current_viewer()
    policy, model = _process(process)
    sent = filled(read_posted(), viewer, viewer.actor())
    form = policy.forms[start_form_of(policy, process) or ""]
    ask = url_for("reports.fields", process=process)
    return fragment(viewer, form, sent, _scope(model), "", ask=ask)


def _opened(
    viewer: Viewer, process: str, village: Office, head: Mapping[str, str], sent: Filled
) -> tuple[str, str]:
    session, keys, now = db_session(), settings().keys.ring, current_moment()
    actor = acting(viewer, Action.CASE_OPEN, place_of(village))
    asked = fingerprint(f"case.open/{process}", {"head": dict(head), "answers": sent.raw})
    applicant = ApplicantData(
        village.id, Area(head["area"]), head["name"], head["id_number"], head["phone"]
    )
    with transaction(session):
        known = answered(session, sent.posted.request_key, asked, actor=actor)
        if known:
            return str(known["case_id"]), str(known["number"])
        case = open_by_form(
            session, process, applicant, sent.raw, keys,
            channel=head["channel"], actor=actor, now=now,
        )  # fmt: skip
        require_impartial(session, actor, case_id=case.id, household_id=case.household_id)
        answer = {"case_id": case.id, "number": case.number}
        remember(session, sent.posted.request_key, asked, answer, actor=actor, now=now)
        return case.id, case.number


def _process(key: str) -> tuple[Policy, ProcessModel]:
    policy = policy_to_open(current_viewer())
    if start_form_of(policy, key) is None:
        raise NotFound(
            "process_not_opened_here",
            "现行政策中没有可以这样登记的事项。",
            "The policy in force has no such matter to register.",
        )
    return policy, policy.processes[key]


def _usual_channel(viewer: Viewer, model: ProcessModel) -> str:
    """How most people come: to their village's assistant; else urgent calls by telephone."""
    if all(holding.level is OfficeLevel.VILLAGE for holding in viewer.holdings):
        return "agent"
    return "hotline" if model.id == URGENT else "window"


def _scope(model: ProcessModel) -> Mapping[str, Any]:
    return dict.fromkeys(model.variables)


def _head_findings(head: Mapping[str, str], village: Office | None) -> tuple[Finding, ...]:
    findings = []
    if village is None:
        findings.append(
            Finding("village_missing", "请选择村（社区）。", "Choose a village.", field="h-village")
        )
    if not head["name"]:
        findings.append(
            Finding("name_missing", "请填写求助人姓名。", "Enter a name.", field="h-name")
        )
    if head["channel"] not in RELIEF_CHANNELS:
        findings.append(
            Finding("channel_missing", "请选择渠道。", "Choose a channel.", field="h-channel")
        )
    if head["area"] not in AREAS:
        findings.append(Finding("area_missing", "请选择城乡。", "Choose an area.", field="h-area"))
    return tuple(findings)


def _placed(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Findings of the applicant at the fields of the head."""
    return tuple(
        replace(found, field=f"h-{found.field.removeprefix(_APPLICANT)}")
        if found.field is not None and found.field.startswith(_APPLICANT)
        else found
        for found in findings
    )


def _page(policy: Policy, model: ProcessModel, typed: _Typed) -> str:
    viewer, now = current_viewer(), current_moment()
    form = policy.forms[start_form_of(policy, model.id) or ""]
    own = tuple(found for found in typed.findings if found.field in form.fields)
    head = tuple(found for found in typed.findings if found not in own)
    return render_template(
        "intake/report.html",
        process=model,
        head=typed.head,
        head_findings=head,
        form=shown_form(form, typed.raw, _scope(model), "", now=now, findings=own),
        error=typed.error,
        villages=villages_to_open(viewer),
        others=opened_by_form(policy),
        channels=RELIEF_CHANNELS,
        areas=AREAS,
        files=file_names(viewer, attachment_ids(typed.raw)),
        clauses=[policy.clauses[ref] for ref in model.clauses],
        request_key=typed.request_key or new_request_key(),
    )
