"""The catalogue of operations that a diagram may call: what each takes, gives and means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from workflows.assistance.applications import (
    ACCEPT,
    accept_application,
    close_application,
    file_near_relative,
    refuse_application,
)
from workflows.assistance.assessments import assess_household
from workflows.assistance.grants import confirm_grant, schedule_review
from workflows.assistance.money.fund_months import close_month, count_cash
from workflows.assistance.money.petty_fund import (
    open_month,
    refuse_money,
    replenish,
    request_money,
)
from workflows.assistance.notices import issue_notice, serve_notice
from workflows.assistance.publicity import (
    announce_grant,
    close_publicity,
    post_publicity,
    record_objection,
)
from workflows.definitions.operations import OperationSignature


@dataclass(frozen=True, slots=True)
class Registered:
    """An operation with its signature."""

    signature: OperationSignature
    function: Callable[..., Mapping[str, Any]]


def _registered(
    name: str,
    function: Callable[..., Mapping[str, Any]],
    inputs: Mapping[str, str] | None = None,
    outputs: Mapping[str, str] | None = None,
    *,
    optional: tuple[str, ...] = (),
    undo: Literal["undo", "keep", "forbid"] = "keep",
) -> tuple[str, Registered]:
    signature = OperationSignature(
        name, dict(inputs or {}), dict(outputs or {}), frozenset(optional), undo
    )
    return name, Registered(signature, function)


CATALOGUE: Mapping[str, Registered] = MappingProxyType(
    dict(
        [
            _registered(
                ACCEPT,
                accept_application,
                outputs={"accepted_on": "date"},
                undo="forbid",
            ),
            _registered(
                "near_relative.file",
                file_near_relative,
                {"person": "string", "relation": "string", "staff": "string", "post": "string"},
                {"filed_on": "date"},
                optional=("person", "relation", "staff", "post"),
            ),
            _registered(
                "household.assess",
                assess_household,
                {"on": "date"},
                {"assessment": "context"},
            ),
            _registered(
                "publicity.post",
                post_publicity,
                {
                    "round": "number",
                    "days": "number",
                    "posted_on": "date",
                    "not_before": "date",
                },
                {"first_on": "date", "last_on": "date", "publicity_id": "string"},
            ),
            _registered(
                "publicity.close",
                close_publicity,
                {"publicity_id": "string"},
                {"closed_on": "date"},
            ),
            _registered(
                "publicity.announce",
                announce_grant,
                {"grant_id": "string"},
                {"publicity_id": "string", "announced_on": "date"},
                undo="forbid",
            ),
            _registered(
                "objection.record",
                record_objection,
                {
                    "publicity_id": "string",
                    "objector": "string",
                    "content": "string",
                    "channel": "string",
                    "received_on": "date",
                },
                {"objection_id": "string", "kind": "string"},
                optional=("publicity_id", "objector", "content", "channel", "received_on"),
            ),
            _registered(
                "notice.issue",
                issue_notice,
                {"kind": "string", "recipient": "string"},
                {"notice_id": "string"},
                optional=("recipient",),
            ),
            _registered(
                "notice.serve",
                serve_notice,
                {
                    "notice_id": "string",
                    "method": "string",
                    "served_on": "date",
                    "receipt": "list",
                },
                optional=("receipt",),
            ),
            _registered(
                "grant.confirm",
                confirm_grant,
                {"amount": "number", "decided_on": "date"},
                {"start_month": "string", "next_review_on": "date", "grant_id": "string"},
                undo="forbid",
            ),
            _registered("review.schedule", schedule_review, {"next_review_on": "date"}),
            _registered(
                "application.refuse",
                refuse_application,
                {"reason": "string"},
                {"refused_on": "date"},
                undo="forbid",
            ),
            _registered(
                "application.close",
                close_application,
                {"outcome": "string", "reason": "string"},
                {"closed_on": "date"},
                optional=("reason",),
                undo="forbid",
            ),
            _registered(
                "fund.open",
                open_month,
                outputs={"month": "date", "next_month": "date", "fund_size": "number"},
            ),
            _registered(
                "fund.request",
                request_money,
                {"amount": "number", "reason": "string"},
                {"request_id": "string", "fund_room": "number", "fund_balance": "number"},
            ),
            _registered(
                "fund.replenish",
                replenish,
                {"request_id": "string", "amount": "number"},
                {"replenished_on": "date"},
                undo="forbid",
            ),
            _registered(
                "fund.refuse",
                refuse_money,
                {"request_id": "string", "reason": "string"},
                {"refused_on": "date"},
            ),
            _registered(
                "fund.count",
                count_cash,
                {"month": "date", "counted": "number", "explanation": "string"},
                {"book_cash": "number", "cash_difference": "number", "counted_by": "string"},
                optional=("explanation",),
            ),
            _registered(
                "fund.close_month",
                close_month,
                {
                    "month": "date",
                    "difference": "number",
                    "counted_by": "string",
                    "explanation": "string",
                },
                {"closed_on": "date"},
                optional=("explanation",),
                undo="forbid",
            ),
        ]
    )
)


def signatures() -> Mapping[str, OperationSignature]:
    """What the gate checks diagrams against."""
    return {name: registered.signature for name, registered in CATALOGUE.items()}
