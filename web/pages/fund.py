"""备用金: the townships' petty funds, what moved this month, requests, closed months."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.offices import Office, OfficeLevel
from web.auth import current_viewer
from web.config import settings
from web.database import current_moment, db_session
from web.guard import requires
from web.i18n import message
from web.months import month_asked
from workflows.access import Action, Place, acting, may, require
from workflows.assistance.money.fund_months import cash_book, closed_months, movements
from workflows.assistance.money.petty_fund import FundState, fund_state, fund_states, month_of
from workflows.calendar import local_day
from workflows.definitions.policy import Policy
from workflows.definitions.release import current_policy
from workflows.errors import NotFound
from workflows.runtime.funds import month_case, open_fund_month
from workflows.runtime.inbox.funds import (
    FundTask,
    fund_requests,
    fund_tasks,
    readable_townships,
)
from workflows.runtime.inbox.queue import posts_of
from workflows.transaction import transaction

blueprint = Blueprint("fund", __name__, url_prefix="/funds")

#: The message of the diagram by which a township asks for money.
REPLENISHMENT = "fund.replenishment"


@blueprint.get("")
@requires(Action.FUND_READ)
def index() -> Response | str:
    """The funds of the townships, low ones first; who sees one only is led to it."""
    viewer, session = current_viewer(), db_session()
    readable = readable_townships(viewer)
    if readable is not None and len(readable) == 1:
        return redirect(url_for("fund.show", township_id=next(iter(readable))))
    policy = current_policy(session, viewer.district_id)
    states = seen_states(policy)
    tasks = [task for task in fund_tasks(session, viewer.district_id) if task.is_request]
    requests = fund_requests(session, {task.case_id for task in tasks})
    posts = set(posts_of(viewer))
    names = {state.township_id: state.township for state in states}
    return render_template(
        "fund/list.html",
        states=states,
        low=sum(state.low for state in states),
        asked=[
            (task, names[task.township_id], _asked(task, requests), _mine(task, posts))
            for task in tasks
            if task.township_id in names
        ],
    )


@blueprint.get("/<uuid:township_id>")
@requires(Action.FUND_READ)
def show(township_id: UUID) -> str:
    """One township's fund and its cash book of a month. At most eleven statements."""
    viewer, session, now = current_viewer(), db_session(), current_moment()
    township = seen_township(str(township_id))
    policy = current_policy(session, viewer.district_id)
    today = local_day(now)
    this_month = month_of(today)
    month = month_asked(request.args.get("month", ""), this_month)
    book = cash_book(session, township.id, month)
    case = month_case(session, viewer.district_id, township.id, now)
    tasks = fund_tasks(session, viewer.district_id, township.id)
    posts = set(posts_of(viewer))
    place = Place(township.district_id, township.id)
    return render_template(
        "fund/show.html",
        state=fund_state(session, township, policy.parameters, today),
        month=month,
        this_month=this_month,
        book=book,
        movements=movements(session, township.id, month, book.opening),
        closed=closed_months(session, township.id),
        case=case,
        tasks=[(task, _mine(task, posts)) for task in tasks],
        requests=fund_requests(
            session, {task.case_id for task in tasks} | ({case.id} if case else set())
        ),
        may_request=may(viewer, Action.FUND_REQUEST, place),
        may_see_cases=may(viewer, Action.CASE_READ, place),
        message=REPLENISHMENT,
        clauses=_clauses(policy),
    )


@blueprint.post("/<uuid:township_id>/month")
@requires(Action.FUND_REQUEST)
def open_month(township_id: UUID) -> Response:
    """Open this month's case where the worker hasn't, and go on to asking for money."""
    viewer, session, now = current_viewer(), db_session(), current_moment()
    township = seen_township(str(township_id))
    place = Place(township.district_id, township.id)
    require(viewer, Action.FUND_REQUEST, place)
    actor = acting(viewer, Action.FUND_REQUEST, place)
    with transaction(session):
        case = open_fund_month(session, place.township_id, settings().keys.ring,
                               actor=actor, now=now)  # fmt: skip
        case_id, number = case.id, case.number
    flash(message("本月备用金办件%(number)s已开立。", number=number), "ok")
    return redirect(url_for("case_messages.show", case_id=case_id, message=REPLENISHMENT), code=303)


def seen_states(policy: Policy) -> list[FundState]:
    """The funds that the viewer may see, low ones first. One SELECT."""
    viewer = current_viewer()
    readable = readable_townships(viewer)
    states = fund_states(
        db_session(), viewer.district_id, policy.parameters, local_day(current_moment())
    )
    return [state for state in states if readable is None or state.township_id in readable]


def seen_township(township_id: str) -> Office:
    """A township whose fund the viewer may see. One SELECT.

    Raises:
        NotFound: `fund_not_found` also for what they may not see.
    """
    viewer = current_viewer()
    readable = readable_townships(viewer)
    township = db_session().get(Office, township_id)
    if (
        township is None
        or township.district_id != viewer.district_id
        or township.level is not OfficeLevel.TOWNSHIP
        or (readable is not None and township.id not in readable)
    ):
        raise NotFound("fund_not_found", "找不到这个备用金。", "There is no such petty fund.")
    return township


def _mine(task: FundTask, posts: set[tuple[str, str]]) -> bool:
    return (task.role, task.office_id) in posts


def _asked(task: FundTask, requests: Any) -> Any:
    """The request that a task decides about: made in the same act."""
    return next(
        (one for one in requests if one.case_id == task.case_id and one.at == task.created_at),
        None,
    )


def _clauses(policy: Policy) -> list[Any]:
    process = policy.processes.get("petty_fund")
    refs = process.clauses if process is not None else ()
    return [policy.clauses[ref] for ref in refs if ref in policy.clauses]
