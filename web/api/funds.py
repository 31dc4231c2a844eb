"""Petty funds of the townships: how they stand, their cash books, what they ask for."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from web.api.operations import ApiBlueprint, operation
from web.api.schemas import given, maybe
from web.auth import current_viewer
from web.database import current_moment, db_session
from web.pages.fund import seen_states, seen_township
from workflows.access import Action
from workflows.assistance.money.fund_months import cash_book, closed_months, movements
from workflows.assistance.money.petty_fund import FundState, fund_state, month_of
from workflows.calendar import local_day
from workflows.definitions.release import current_policy
from workflows.runtime.funds import month_case
from workflows.runtime.inbox.funds import fund_requests, fund_tasks

blueprint = ApiBlueprint("api_funds", __name__, description="Petty funds of the townships.")


class FundSchema(Schema):
    """A township's fund; amounts are yuan as text."""

    township_id = given()
    township = given()
    opened = fields.Boolean(required=True)
    balance = given()
    promised = given()
    undrawn = given()
    size = given()
    low_mark = given()
    low = fields.Boolean(required=True)
    residents = fields.Integer(required=True, allow_none=True)
    #: some parameter behind the size is a default that nobody has settled
    unsettled = fields.Boolean(required=True)


class RequestSchema(Schema):
    """Money that a township asked for."""

    id = given()
    case_id = given()
    amount = given()
    reason = given()
    at = given(format="date-time")
    state = given(enum=["open", "approved", "refused"])
    refusal = given()


class FundsSchema(Schema):
    """Funds, low ones first, and the requests that finance has to decide about."""

    funds = fields.List(fields.Nested(FundSchema), required=True)
    requests = fields.List(fields.Nested(RequestSchema), required=True)


class MovementSchema(Schema):
    """A line of the cash book."""

    at = given(format="date-time")
    purpose = given()
    case_id = maybe()
    received = given()
    spent = given()
    promised = given()
    cash = given()


class MonthSchema(Schema):
    """A closed month."""

    month = given(format="date")
    opening = given()
    received = given()
    spent = given()
    closing = given()
    difference = given()
    explanation = given()
    closed_at = given(format="date-time")


class FundBookSchema(FundSchema):
    """A fund with this month's cash book, its requests and closed months."""

    month = given(format="date")
    opening = given()
    case_id = maybe()
    movements = fields.List(fields.Nested(MovementSchema), required=True)
    requests = fields.List(fields.Nested(RequestSchema), required=True)
    months = fields.List(fields.Nested(MonthSchema), required=True)


@operation(blueprint, "GET", "/funds", Action.FUND_READ, answer=FundsSchema())
def index() -> dict[str, Any]:
    """The funds that you may see."""
    viewer, session = current_viewer(), db_session()
    states = seen_states(current_policy(session, viewer.district_id))
    seen = {state.township_id for state in states}
    asked = {
        task.case_id
        for task in fund_tasks(session, viewer.district_id)
        if task.is_request and task.township_id in seen
    }
    waiting = [one for one in fund_requests(session, asked) if one.state == "open"]
    return {
        "funds": [_fund(state) for state in states],
        "requests": [_request(one) for one in waiting],
    }


@operation(blueprint, "GET", "/funds/<uuid:township_id>", Action.FUND_READ, answer=FundBookSchema())
def show(township_id: str) -> dict[str, Any]:
    """One township's fund with this month's cash book."""
    viewer, session, now = current_viewer(), db_session(), current_moment()
    township = seen_township(township_id)
    today = local_day(now)
    month = month_of(today)
    parameters = current_policy(session, viewer.district_id).parameters
    book = cash_book(session, township.id, month)
    case = month_case(session, viewer.district_id, township.id, now)
    cases = {task.case_id for task in fund_tasks(session, viewer.district_id, township.id)}
    return {
        **_fund(fund_state(session, township, parameters, today)),
        "month": month,
        "opening": f"{book.opening:.2f}",
        "case_id": case.id if case else None,
        "movements": [
            {
                "at": line.at,
                "purpose": line.purpose,
                "case_id": line.case_id,
                "received": f"{line.received:.2f}",
                "spent": f"{line.spent:.2f}",
                "promised": f"{line.promised:.2f}",
                "cash": f"{line.cash:.2f}",
            }
            for line in movements(session, township.id, month, book.opening)
        ],
        "requests": [
            _request(one) for one in fund_requests(session, cases | ({case.id} if case else set()))
        ],
        "months": [
            {
                "month": one.month.month,
                "opening": f"{one.month.opening:.2f}",
                "received": f"{one.month.received:.2f}",
                "spent": f"{one.month.spent:.2f}",
                "closing": f"{one.month.closing:.2f}",
                "difference": f"{one.difference:.2f}",
                "explanation": one.month.explanation,
                "closed_at": one.month.closed_at,
            }
            for one in closed_months(session, township.id)
        ],
    }


def _fund(state: FundState) -> dict[str, Any]:
    return {
        "township_id": state.township_id,
        "township": state.township,
        "opened": state.account_id is not None,
        "balance": f"{state.balance:.2f}",
        "promised": f"{state.promised:.2f}",
        "undrawn": f"{state.undrawn:.2f}",
        "size": f"{state.size.size:.2f}",
        "low_mark": f"{state.size.low_mark:.2f}",
        "low": state.low,
        "residents": state.size.residents,
        "unsettled": any(used.certainty == "default" for used in state.size.parameters),
    }


def _request(one: Any) -> dict[str, Any]:
    return {
        "id": one.id,
        "case_id": one.case_id,
        "amount": f"{one.amount:.2f}",
        "reason": one.reason,
        "at": one.at,
        "state": one.state.value,
        "refusal": one.refusal,
    }
