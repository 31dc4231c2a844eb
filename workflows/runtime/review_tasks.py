"""The operations of checks and changes of a grant: what each takes, gives and means."""

from __future__ import annotations

from typing import Final

from workflows.assistance.reviews.applying import apply_amount, begin_exit, exit_state, keep, stop
from workflows.assistance.reviews.comparing import compare
from workflows.assistance.reviews.situation import open_change, read_situation
from workflows.runtime.registered import registered

_CHANGE: Final = {
    "grant_id": "string",
    "from_month": "string",
    "before": "number",
    "reason": "string",
}

REVIEWS: Final = (
    registered(
        "change.open",
        open_change,
        {"grant_id": "string"},
        {"grant_id": "string", "programme": "string", "current": "context"},
        optional=("grant_id",),
    ),
    registered(
        "change.situation",
        read_situation,
        {"grant_id": "string", "cause": "string", "withheld": "number"},
        {"situation": "context"},
        optional=("withheld",),
    ),
    registered(
        "change.compare",
        compare,
        {
            "situation": "context",
            "action": "string",
            "amount": "number",
            "rule_month": "string",
            "exit_from": "string",
        },
        {"compared": "string", "reasons": "string", "from_month": "string", "amount": "number"},
        optional=("exit_from",),
    ),
    registered(
        "change.amount",
        apply_amount,
        {**_CHANGE, "amount": "number"},
        {"decided_on": "date", "next_review_on": "date"},
        undo="forbid",
    ),
    registered(
        "change.begin_exit",
        begin_exit,
        {**_CHANGE, "amount": "number", "exit_from": "string"},
        {"decided_on": "date", "first_on": "date", "exit_from_on": "date"},
        undo="forbid",
    ),
    registered(
        "change.end",
        stop,
        _CHANGE,
        {"decided_on": "date"},
        undo="forbid",
    ),
    registered(
        "change.keep",
        keep,
        {
            "grant_id": "string",
            "phase": "string",
            "applied": "boolean",
            "amount": "number",
            "from_month": "string",
            "reason": "string",
        },
        {"decided_on": "date", "next_review_on": "date"},
        undo="forbid",
    ),
    registered(
        "change.exit_state",
        exit_state,
        {"grant_id": "string", "exit_from_on": "date"},
        {"exiting": "boolean"},
    ),
)
