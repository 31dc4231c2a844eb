"""登记复议、诉讼、信访、投诉举报: first the decision by its number, then the published form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

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
from web.pages.intake import policy_to_open
from web.pages.work import offices_below
from workflows.access import Action, Place, Viewer, acting, may
from workflows.definitions.diagram import ProcessModel
from workflows.definitions.policy import Policy
from workflows.errors import Conflict, DoudiError, Finding, Invalid, NotAllowed, NotFound
from workflows.runtime.applying import answer_findings, start_form_of
from workflows.runtime.remedies import (
    COMPLAINT,
    Decision,
    Filing,
    find_decision,
    open_remedy,
    remedy_processes,
)
from workflows.runtime.requests import answered, fingerprint, remember
from workflows.transaction import transaction

blueprint = Blueprint("remedy_forms", __name__, url_prefix="/remedies/new")

#: Those that go against a decision and can't do without one.
_AGAINST_ONE = frozenset({"administrative_review", "lawsuit"})
_HEAD = ("number", "office", "name", "id_number", "phone")


@dataclass(frozen=True, slots=True)
class _Typed:
    """What the page shows again: the head, the answers, what is wrong with either."""

    head: Mapping[str, str]
    raw: Mapping[str, Any]
    findings: tuple[Finding, ...] = ()
    error: DoudiError | None = None


@blueprint.get("")
@requires(Action.REMEDY_REGISTER)
def choose() -> str | tuple[str, int]:
    """What is to be registered, and against which decision."""
    viewer = current_viewer()
    number = request.args.get("number", "").strip()[:60]
    found, error = _found(viewer, number)
    page = render_template(
        "remedies/choose.html",
        processes=remedy_processes(policy_to_open(viewer)),
        number=number,
        found=found,
        error=error,
        against_one=_AGAINST_ONE,
    )
    return (page, 404) if error is not None else page


@blueprint.get("/<kind>")
@requires(Action.REMEDY_REGISTER)
def start(kind: str) -> str | tuple[str, int]:
    """The empty form for one decision, or for none."""
    viewer = current_viewer()
    policy, model = _process(kind)
    head = {"number": request.args.get("number", "").strip()[:60]}
    decision, error = _found(viewer, head["number"])
    form = policy.forms[start_form_of(policy, kind) or ""]
    scope = {**_scope(model), "learnt_on": None if decision is None else decision.learnt_on}
    raw = start_values(form, scope, now=current_moment(), me=viewer.account_id)
    return _page(policy, model, _Typed(head, raw, error=error), decision)


@blueprint.post("/<kind>")
@requires(Action.REMEDY_REGISTER)
def submit(kind: str) -> Response | tuple[str, int] | str:
    """Open the case, or say everything that stands against it and keep what was typed."""
    viewer = current_viewer()
    policy, model = _process(kind)
    sent = filled(read_posted(), viewer, viewer.actor())
    head = {name: request.form.get(f"h_{name}", "").strip()[:60] for name in _HEAD}
    decision, error = _found(viewer, head["number"])
    if sent.findings or request.form.get("remove") or request.form.get("verb") == "refresh":
        page = _page(policy, model, _Typed(head, sent.raw, sent.findings), decision)
        return (page, 422) if sent.findings else page
    place = _place(viewer, head, decision)
    findings = _head_findings(kind, head, place)
    if findings or error is not None or place is None:
        wrong = answer_findings(policy, kind, sent.raw, current_moment())
        typed = _Typed(head, sent.raw, (*findings, *wrong), error)
        return _page(policy, model, typed, decision), 422
    try:
        case_id, number = _opened(viewer, kind, head, decision, place, sent)
    except (Invalid, Conflict, NotAllowed) as refused:
        decision, _ = _found(viewer, head["number"])
        typed = _Typed(head, sent.raw, tuple(refused.findings), refused)
        return _page(policy, model, typed, decision), status_of(refused)
    flash(message("已登记，编号%(number)s。", number=number), "ok")
    if kind == COMPLAINT and not _sees_confined(viewer):
        return redirect(url_for("remedies.index"), code=303)
    return redirect(url_for("cases.show", case_id=case_id), code=303)


@blueprint.post("/<kind>/fields")
@requires(Action.REMEDY_REGISTER)
def fields(kind: str) -> str:
    """The fields that the form shows for what has been typed so far; files are kept."""
    viewer = current_viewer()
    policy, model = _process(kind)
    sent = filled(read_posted(), viewer, viewer.actor())
    form = policy.forms[start_form_of(policy, kind) or ""]
    ask = url_for("remedy_forms.fields", kind=kind)
    return fragment(viewer, form, sent, _scope(model), "", ask=ask)


def _opened(
    viewer: Viewer,
    process: str,
    head: Mapping[str, str],
    decision: Decision | None,
    place: Place,
    sent: Filled,
) -> tuple[str, str]:
    session, keys, now = db_session(), settings().keys.ring, current_moment()
    actor = acting(viewer, Action.REMEDY_REGISTER, place)
    asked = fingerprint(f"remedy.open/{process}", {"head": dict(head), "answers": sent.raw})
    session.expunge_all()
    filing = Filing(
        process, place.township_id, place.village_id, decision,
        head["name"], head["id_number"], head["phone"],
    )  # fmt: skip
    with transaction(session):
        known = answered(session, sent.posted.request_key, asked, actor=actor)
        if known:
            return str(known["case_id"]), str(known["number"])
        case = open_remedy(session, filing, sent.raw, keys, actor=actor, now=now)
        answer = {"case_id": case.id, "number": case.number}
        remember(session, sent.posted.request_key, asked, answer, actor=actor, now=now)
        return case.id, case.number


def _process(key: str) -> tuple[Policy, ProcessModel]:
    policy = policy_to_open(current_viewer())
    if key not in {process.id for process in remedy_processes(policy)}:
        raise NotFound(
            "process_not_opened_here",
            "现行政策中没有可以这样登记的事项。",
            "The policy in force has no such matter to register.",
        )
    return policy, policy.processes[key]


def _found(viewer: Viewer, number: str) -> tuple[Decision | None, DoudiError | None]:
    """The decision with a number; what to say where there is none."""
    if not number:
        return None, None
    try:
        return find_decision(db_session(), viewer, number), None
    except NotFound as error:
        return None, error


def _place(viewer: Viewer, head: Mapping[str, str], decision: Decision | None) -> Place | None:
    """Where the decision was made; otherwise the township that was chosen."""
    if decision is not None:
        case = decision.case
        return Place(case.district_id, case.township_id, case.village_id)
    own = [h.office_id for h in viewer.holdings if h.level is OfficeLevel.TOWNSHIP]
    township = db_session().get(Office, head["office"] or (own[0] if own else ""))
    if township is None or township.level is not OfficeLevel.TOWNSHIP:
        return None
    place = Place(township.district_id, township.id)
    return place if may(viewer, Action.REMEDY_REGISTER, place) else None


def _head_findings(
    process: str, head: Mapping[str, str], place: Place | None
) -> tuple[Finding, ...]:
    findings = []
    if not head["number"] and process in _AGAINST_ONE:
        findings.append(
            Finding(
                "decision_missing",
                "请填写告知书或者办件的编号。",
                "Enter the number of the notice or the case.",
                field="h-number",
            )
        )
    elif not head["number"] and place is None:
        findings.append(
            Finding("office_missing", "请选择镇乡街道。", "Choose a township.", field="h-office")
        )
    if not head["name"] and process != COMPLAINT:
        findings.append(Finding("party_missing", "请填写姓名。", "Enter a name.", field="h-name"))
    return tuple(findings)


def _sees_confined(viewer: Viewer) -> bool:
    return any(holding.level is OfficeLevel.DISTRICT for holding in viewer.holdings)


def _scope(model: ProcessModel) -> Mapping[str, Any]:
    return dict.fromkeys(model.variables)


def _page(policy: Policy, model: ProcessModel, typed: _Typed, decision: Decision | None) -> str:
    viewer, now = current_viewer(), current_moment()
    form = policy.forms[start_form_of(policy, model.id) or ""]
    own = tuple(found for found in typed.findings if found.field in form.fields)
    head = tuple(found for found in typed.findings if found not in own)
    return render_template(
        "remedies/new.html",
        process=model,
        head={name: typed.head.get(name, "") for name in _HEAD},
        head_findings=head,
        form=shown_form(form, typed.raw, _scope(model), "", now=now, findings=own),
        error=typed.error,
        decision=decision,
        against_one=model.id in _AGAINST_ONE,
        anonymous=model.id == COMPLAINT,
        offices=offices_below(viewer) if _sees_confined(viewer) else [],
        files=file_names(viewer, attachment_ids(typed.raw)),
        clauses=[policy.clauses[ref] for ref in model.clauses],
        request_key=request.form.get("request_key") or new_request_key(),
    )
