"""The operations of postings in public and objections: what each takes, gives and means."""

from __future__ import annotations

from typing import Final

from workflows.assistance.announcements import announce_grant, announce_relief
from workflows.assistance.objections import record_objection
from workflows.assistance.publicity import (
    ROLL,
    close_publicity,
    post_publicity,
    prepare_posting,
    take_down,
)
from workflows.assistance.roll_lists import check_lists
from workflows.runtime.registered import registered

PUBLICITY: Final = (
    registered(
        "publicity.prepare",
        prepare_posting,
        {
            "kind": "string",
            "round": "number",
            "days": "number",
            "amount": "number",
            "persons": "number",
        },
        {"posting_code": "string", "fields": "list"},
        optional=("amount", "persons"),
    ),
    registered(
        "publicity.post",
        post_publicity,
        {
            "round": "number",
            "days": "number",
            "posted_on": "date",
            "not_before": "date",
            "kind": "string",
            "amount": "number",
            "persons": "number",
            "place": "string",
            "photos": "list",
        },
        {"first_on": "date", "last_on": "date", "publicity_id": "string"},
        optional=("kind", "amount", "persons", "place", "photos"),
        reads=(ROLL,),
    ),
    registered(
        "publicity.close",
        close_publicity,
        {"publicity_id": "string"},
        {"closed_on": "date"},
    ),
    registered(
        "publicity.take_down",
        take_down,
        {"publicity_id": "string", "down_on": "date", "photos": "list"},
        {"taken_down_on": "date"},
        undo="forbid",
    ),
    registered(
        "publicity.announce",
        announce_grant,
        {"grant_id": "string"},
        {"publicity_id": "string", "announced_on": "date"},
        undo="forbid",
    ),
    registered(
        "publicity.announce_relief",
        announce_relief,
        {
            "grant_id": "string",
            "posted_on": "date",
            "days": "number",
            "privacy_harm": "boolean",
        },
        {"publicity_id": "string"},
        optional=("privacy_harm",),
    ),
    registered(
        "roll_list.check",
        check_lists,
        {"month": "date", "result": "string"},
        {"unposted": "number"},
    ),
    registered(
        "objection.record",
        record_objection,
        {
            "publicity_id": "string",
            "objector": "string",
            "content": "string",
            "channel": "string",
            "received_on": "date",
            "receipt": "string",
        },
        {"objection_id": "string", "kind": "string"},
        optional=("publicity_id", "objector", "content", "channel", "received_on", "receipt"),
    ),
)
