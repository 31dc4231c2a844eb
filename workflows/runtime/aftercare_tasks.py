"""The operations after the grant: deaths, recoveries, repayment, and refusals of work."""

from __future__ import annotations

from typing import Final

from workflows.assistance.deaths.checking import (
    close_death,
    correct_death_day,
    end_by_death,
    look_at_death,
    register_death,
    undo_recorded_death,
)
from workflows.assistance.job_offers import cut_share, job_facts, return_share
from workflows.assistance.recoveries.deciding import decide_recovery, propose_recovery
from workflows.assistance.recoveries.repaying import (
    book_receipt,
    enter_receipt,
    next_instalment,
    plan_repayment,
    refuse_receipt,
    waive_rest,
)
from workflows.runtime.registered import registered

AFTERCARE: Final = (
    registered(
        "death.look",
        look_at_death,
        {"person_id": "string"},
        {
            "died_on": "date",
            "left": "number",
            "left_choices": "list",
            "head_died": "boolean",
            "own_grant_id": "string",
            "family_grant_id": "string",
            "told": "string",
        },
    ),
    registered(
        "death.correct_day",
        correct_death_day,
        {"person_id": "string", "died_on": "date"},
        {"died_on": "date"},
        undo="forbid",
    ),
    registered(
        "death.undo",
        undo_recorded_death,
        {"person_id": "string", "reason": "string"},
        undo="forbid",
    ),
    registered(
        "death.register",
        register_death,
        {"person_id": "string", "payee": "string"},
        optional=("payee",),
        undo="forbid",
    ),
    registered(
        "death.end_grant",
        end_by_death,
        {"grant_id": "string", "from_month": "date", "reason": "string"},
        {"ended_on": "date"},
        undo="forbid",
    ),
    registered(
        "death.close",
        close_death,
        {
            "person_id": "string",
            "from_month": "date",
            "awaits": "string",
            "own_grant_id": "string",
            "family_grant_id": "string",
        },
        {"overpaid_grant_id": "string", "overpaid": "number", "overpaid_from": "date"},
        optional=("own_grant_id", "family_grant_id"),
        undo="forbid",
    ),
    registered(
        "recovery.propose",
        propose_recovery,
        {
            "grant_id": "string",
            "cause": "string",
            "first_month": "date",
            "changed_on": "date",
            "recalculate": "boolean",
        },
        {
            "recovery_id": "string",
            "months": "number",
            "total": "number",
            "first": "string",
            "last": "string",
            "months_told": "string",
        },
        optional=("first_month", "changed_on"),
    ),
    registered(
        "recovery.decide",
        decide_recovery,
        {"recovery_id": "string", "outcome": "string", "amount": "number", "reason": "string"},
        {"asked_back": "number", "decided_on": "date"},
        optional=("amount",),
        undo="forbid",
    ),
    registered(
        "recovery.next",
        next_instalment,
        {"recovery_id": "string"},
        {"number": "number", "due_on": "date", "amount": "number", "rest": "number"},
    ),
    registered(
        "recovery.plan",
        plan_repayment,
        {"recovery_id": "string", "instalments": "number", "first_due_on": "date"},
        {"plan_told": "string"},
    ),
    registered(
        "recovery.enter",
        enter_receipt,
        {
            "recovery_id": "string",
            "amount": "number",
            "method": "string",
            "received_on": "date",
            "files": "list",
        },
        {"receipt_id": "string"},
        undo="forbid",
    ),
    registered(
        "recovery.book",
        book_receipt,
        {"receipt_id": "string"},
        {"settled_on": "date"},
        undo="forbid",
    ),
    registered(
        "recovery.refuse_receipt",
        refuse_receipt,
        {"receipt_id": "string", "reason": "string"},
        undo="forbid",
    ),
    registered(
        "recovery.waive_rest",
        waive_rest,
        {"recovery_id": "string", "reason": "string"},
        undo="forbid",
    ),
    registered(
        "job.facts",
        job_facts,
        {"person_id": "string"},
        {"jobless": "context", "grant_id": "string", "told": "string"},
    ),
    registered(
        "job.cut_share",
        cut_share,
        {
            "person_id": "string",
            "grant_id": "string",
            "amount": "number",
            "at_most": "number",
            "from_month": "date",
            "reason": "string",
        },
        {"amount": "number", "from_month": "date", "new_monthly": "number", "decided_on": "date"},
        undo="forbid",
    ),
    registered(
        "job.return_share",
        return_share,
        {"person_id": "string", "from_month": "date"},
        {"from_month": "date", "new_monthly": "number"},
        undo="forbid",
    ),
)
