"""The operations of extreme hardship: what each takes, gives and means."""

from __future__ import annotations

from typing import Final

from workflows.assistance.tekun.assessing import (
    REVIEW_MONTHS,
    record_assessment,
    record_self_care,
)
from workflows.assistance.tekun.care import end_contract, place, sign_contract
from workflows.assistance.tekun.draw import draw_case
from workflows.assistance.tekun.granting import adjust_support, confirm_support, end_support
from workflows.assistance.tekun.person import grant_facts, read_facts
from workflows.runtime.registered import registered

TEKUN_TASKS: Final = (
    registered("tekun.facts", read_facts, {"on": "date"}, {"facts": "context"}),
    registered(
        "tekun.grant_facts",
        grant_facts,
        {"grant_id": "string"},
        {"grant_id": "string", "monthly": "number", "tier": "string", "facts": "context"},
        optional=("grant_id",),
    ),
    registered(
        "tekun.record_assessment",
        record_assessment,
        {
            "on": "date",
            "eligible": "boolean",
            "failed": "string",
            "basic": "number",
            "care": "number",
            "tier": "string",
            "start_month": "string",
        },
        {"assessment": "context"},
        optional=("care", "tier", "start_month"),
        reads=(REVIEW_MONTHS,),
    ),
    registered(
        "tekun.record_self_care",
        record_self_care,
        {
            "on": "date",
            "items": "context",
            "tier": "string",
            "assessors": "list",
            "third_party": "string",
            "third_assessors": "string",
        },
        optional=("assessors", "third_party", "third_assessors"),
    ),
    registered(
        "tekun.confirm",
        confirm_support,
        {"amount": "number", "decided_on": "date", "home_visit_on": "date"},
        {"start_month": "string", "next_review_on": "date", "grant_id": "string"},
        optional=("home_visit_on",),
        undo="forbid",
    ),
    registered(
        "tekun.adjust",
        adjust_support,
        {
            "grant_id": "string",
            "before": "number",
            "on": "date",
            "basic": "number",
            "care": "number",
            "tier": "string",
            "start_month": "string",
            "reason": "string",
        },
        {"adjusted_on": "date"},
        undo="forbid",
    ),
    registered(
        "tekun.end",
        end_support,
        {"grant_id": "string", "from_month": "string", "reason": "string"},
        {"ended_on": "date"},
        undo="forbid",
    ),
    registered(
        "spot_check.draw",
        draw_case,
        {"programme": "string", "share": "number", "block": "number"},
        {"drawn": "boolean", "text": "string"},
    ),
    registered(
        "care.place",
        place,
        {
            "grant_id": "string",
            "setting": "string",
            "institution": "string",
            "chosen_by": "string",
            "from_on": "date",
        },
        {"grant_id": "string"},
        optional=("grant_id", "institution"),
    ),
    registered(
        "care.contract",
        sign_contract,
        {
            "grant_id": "string",
            "name": "string",
            "relation": "string",
            "phone": "string",
            "duties": "string",
            "pay": "number",
            "from_on": "date",
            "until_on": "date",
            "signed_on": "date",
        },
        optional=("phone", "pay"),
    ),
    registered(
        "care.end_contract",
        end_contract,
        {"grant_id": "string", "ended_on": "date", "reason": "string"},
    ),
)
