"""The parts of a case: household, calculation, materials, diagram, and what happened so far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from flask import Blueprint, render_template, request

from models.assistance import Assessment
from models.cases import Case, CaseState
from models.trail import SubjectKind
from web.auth import current_viewer
from web.config import settings
from web.database import current_moment, db_session
from web.guard import requires
from web.headers import allow_style_attributes
from web.pages.calculation import calculation_lines
from web.pages.cases import seen_case
from web.pages.printed_notices import addressee_of, basis_of, issuer_of, notice_of
from web.pages.told import names_in, told_answers
from web.pages.vocabulary import household_words
from web.sight import note_access
from workflows.access import Action, acting, may, require
from workflows.assistance.assessments import DECISION
from workflows.assistance.edge import edge_records
from workflows.assistance.explained import explained_case
from workflows.assistance.retroactive.recalculation import outdated_parameters
from workflows.audit import AccessKind, Subject
from workflows.calendar import local_day
from workflows.definitions.diagram import ElementKind
from workflows.definitions.policy import Policy
from workflows.definitions.release import current_policy, policy_of
from workflows.errors import NotFound
from workflows.runtime.inbox import case as parts
from workflows.runtime.inbox.benefits import benefit_histories
from workflows.runtime.inbox.care import CareView, care_of_household
from workflows.runtime.inbox.household import household_view, member_identity
from workflows.runtime.inbox.months import has_grant
from workflows.runtime.inbox.payees import AccountView, accounts_of_household
from workflows.runtime.inbox.place import place_of_case, reachable, taken_flows
from workflows.runtime.inbox.remedies import RemedyRow, remedies_of_household
from workflows.runtime.inbox.timeline import PAGE, Event, known_element, timeline

_TOLD = frozenset(
    {
        ElementKind.USER_TASK,
        ElementKind.SERVICE_TASK,
        ElementKind.BUSINESS_RULE_TASK,
        ElementKind.CALL_ACTIVITY,
        ElementKind.END_EVENT,
        ElementKind.BOUNDARY_EVENT,
    }
)

blueprint = Blueprint("case_parts", __name__, url_prefix="/cases/<uuid:case_id>")

_MOST_ACTS = 2**31


@blueprint.get("/household")
@requires(Action.HOUSEHOLD_READ)
def household(case_id: UUID) -> str:
    """Members with masked numbers, incomes, property and the judgement on it."""
    viewer, session = current_viewer(), db_session()
    header = seen_case(case_id, "household", action=Action.HOUSEHOLD_READ)
    policy = policy_of(session, header.case.release_id)
    found = None
    accounts: Sequence[AccountView] = ()
    remedies: Sequence[RemedyRow] = ()
    care: Sequence[CareView] = ()
    today = local_day(current_moment())
    if header.case.household_id:
        keys = settings().keys.ring
        care = care_of_household(session, header.case.household_id, keys)
        accounts = accounts_of_household(session, header.case.household_id, keys)
        remedies = remedies_of_household(session, current_viewer(), header.case.household_id, keys)
        found = household_view(
            session,
            header.case.household_id,
            settings().keys.ring,
            today=today,
            at=header.case.closed_at,
        )
    return render_template(
        "cases/household.html",
        header=header,
        household=found,
        benefits=benefit_histories(session, header.case.household_id),
        care=care,
        today=today,
        accounts=accounts,
        remedies=remedies,
        edge=edge_records(session, header.case.household_id) if header.case.household_id else (),
        words=household_words(policy),
        may_record=may(viewer, Action.BANK_ACCOUNT_RECORD, header.case),
        may_see_months=may(viewer, Action.GRANT_READ)
        and has_grant(session, header.case.household_id),
        may_reveal=may(viewer, Action.PERSON_REVEAL, header.case),
        may_correct=header.open and may(viewer, Action.HOUSEHOLD_REGISTER, header.case),
    )


@blueprint.post("/members/<uuid:person_id>/reveal")
@requires(Action.PERSON_REVEAL)
def reveal(case_id: UUID, person_id: UUID) -> str:
    """A member's id-card number and telephone in full; that it was shown is noted first."""
    viewer, session = current_viewer(), db_session()
    header = seen_case(case_id, "household", action=Action.PERSON_REVEAL)
    require(viewer, Action.PERSON_REVEAL, header.case)
    if header.case.household_id is None:
        raise NotFound("person_not_found", "找不到这名成员。", "There is no such member.")
    shown = member_identity(session, header.case.household_id, str(person_id), settings().keys.ring)
    subject = Subject(SubjectKind.PERSON, str(person_id), header.case.district_id)
    actor = acting(viewer, Action.PERSON_REVEAL, header.case)
    note_access(
        subject,
        AccessKind.REVEALED,
        actor=actor,
        data={"case": str(case_id), "fields": ["id_number", "phone"]},
    )
    template = "cases/revealed.html" if request.headers.get("HX-Request") else "cases/reveal.html"
    return render_template(template, shown=shown, case_id=case_id)


@blueprint.get("/calculation")
@requires(Action.HOUSEHOLD_READ)
def calculation(case_id: UUID) -> str:
    """How income and amount were calculated, line by line, with clauses and parameters."""
    session = db_session()
    header = seen_case(case_id, "calculation", action=Action.HOUSEHOLD_READ)
    policy = policy_of(session, header.case.release_id)
    reasons = explained_case(session, header.case.id, policy.clauses)
    made = parts.assessments_of(session, header.case.id)
    wanted = request.args.get("of") or (made[0][0] if made else None)
    if wanted is None:
        return render_template(
            "cases/calculation.html", header=header, reasons=reasons, made=(), found=None
        )
    found = parts.assessment(session, header.case.id, wanted)
    people: dict[str, str] = {}
    if header.case.household_id:
        view = household_view(
            session,
            header.case.household_id,
            settings().keys.ring,
            today=local_day(current_moment()),
        )
        people = {one.person_id: one.name for one in view.members}
    return render_template(
        "cases/calculation.html",
        header=header,
        reasons=reasons,
        made=made,
        found=found,
        lines=calculation_lines(found, policy, household_words(policy), people),
        clauses=policy.clauses,
        pack=policy.packs.pack(found.explanation.get("pack")),
        picked=policy.packs.picking_date(DECISION),
        outdated=_outdated(header.case, found),
    )


def _outdated(case: Case, made: Assessment) -> list[str]:
    """Of an open case: the parameters that have been corrected since."""
    if case.state is CaseState.CLOSED:
        return []
    return outdated_parameters(made, current_policy(db_session(), case.district_id))


@blueprint.get("/materials")
@requires(Action.ATTACHMENT_READ)
def materials(case_id: UUID) -> str:
    """Files, notices and postings."""
    session = db_session()
    header = seen_case(case_id, "materials", action=Action.ATTACHMENT_READ)
    return render_template(
        "cases/materials.html",
        header=header,
        files=parts.attachments_of(session, header.case.id),
        notices=parts.notices_of(session, header.case.id),
        publicities=parts.publicities_of(session, header.case.id),
        sheets=parts.sheets_of(session, header.case.id),
    )


@blueprint.get("/notices/<uuid:notice_id>")
@requires(Action.NOTICE_READ)
def notice(case_id: UUID, notice_id: UUID) -> str:
    """A notice as it is printed."""
    session = db_session()
    header = seen_case(case_id, "notice", action=Action.NOTICE_READ)
    found = notice_of(session, header, str(notice_id))
    return render_template(
        "cases/notice.html",
        header=header,
        notice=found,
        basis=basis_of(session, header, found),
        issuer=issuer_of(session, header, found),
        addressee=addressee_of(header, found),
    )


@blueprint.get("/diagram")
@requires(Action.CASE_READ)
def diagram(case_id: UUID) -> str:
    """The diagram with the path taken and where the case stands; called processes by choice."""
    session, now = db_session(), current_moment()
    header = seen_case(case_id, "diagram", with_state=True)
    keys = settings().keys.ring
    place = place_of_case(session, header.case, keys, now=now)
    events = timeline(session, header.case, keys, opened=False)
    entered = [element.id for event in reversed(events) for element in event.steps(place.policy)]
    current = place.current(entered)
    wanted = request.args.get("process", header.case.process_key)
    process = place.policy.process(wanted)
    state = {
        "visited": [one for one in dict.fromkeys(entered) if one not in current],
        "current": sorted(current),
        "incidents": [
            one.element_id for one in parts.incidents_of(session, header.case.id) if one.element_id
        ],
        "flows": taken_flows(
            place.policy,
            [
                (step["step"], step["element"])
                for event in reversed(events)
                for step in event.data.get("steps", ())
            ],
        ),
    }
    allow_style_attributes()
    return render_template(
        "cases/diagram.html",
        header=header,
        process=process,
        processes=[
            (
                key,
                place.policy.processes[key].name,
                bool(current & place.policy.processes[key].elements.keys()),
            )
            for key in reachable(place.policy, header.case.process_key)
        ],
        state=orjson.dumps(state).decode(),
        current=[place.policy.element(one) for one in sorted(current) if one in process.elements],
    )


@blueprint.get("/trail")
@requires(Action.CASE_READ)
def trail(case_id: UUID) -> str:
    """Who did what when, newest first, fifty at a time."""
    session = db_session()
    header = seen_case(case_id, "trail")
    before = request.args.get("before", type=_sequence)
    keys = settings().keys.ring
    events = timeline(session, header.case, keys, before=before)
    policy = policy_of(session, header.case.release_id)
    names = names_in(events, policy)
    following = events[-1].sequence if len(events) == PAGE and events[-1].sequence > 1 else None
    return render_template(
        "cases/trail.html",
        header=header,
        events=[
            (event, told_answers(event, policy, names), _steps(event, policy)) for event in events
        ],
        clauses_of=lambda event: _clauses(event, policy),
        following=following,
    )


def _sequence(text: str) -> int:
    """The number of an act; ValueError for what no act can have."""
    number = int(text)
    if not 0 < number < _MOST_ACTS:
        raise ValueError(text)
    return number


def _clauses(event: Event, policy: Policy) -> list[Any]:
    element = known_element(policy, event.data.get("element"))
    if element is None:
        return []
    return [policy.clauses[ref] for ref in element.clauses if ref in policy.clauses]


def _steps(event: Event, policy: Policy) -> list[str]:
    """What this act set going: the tasks, calls and ends, without the step it was done at."""
    return [
        element.name
        for element in event.steps(policy)
        if element.name and element.kind in _TOLD and element.id != event.data.get("element")
    ]
