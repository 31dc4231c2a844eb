"""The operations of reviews, lawsuits, petitions and complaints: what each takes and gives."""

from __future__ import annotations

from typing import Final

from workflows.assistance.remedies.registering import REGISTER, note_remedy, register_remedy
from workflows.assistance.remedies.results import (
    close_remedy,
    open_after_remedy,
    waive_after_remedy,
    weigh_remedy,
)
from workflows.runtime.registered import registered

REMEDIES: Final = (
    registered(
        REGISTER,
        register_remedy,
        {
            "kind": "string",
            "filed_on": "date",
            "against_case_id": "string",
            "notice_id": "string",
            "about_household_id": "string",
            "party_id": "string",
            "named": "boolean",
            "learnt_on": "date",
            "clock": "string",
            "body": "string",
        },
        {"remedy_id": "string", "late": "boolean", "last_on": "date"},
        optional=(
            "against_case_id",
            "notice_id",
            "about_household_id",
            "party_id",
            "named",
            "learnt_on",
            "clock",
            "body",
        ),
    ),
    registered(
        "remedy.note",
        note_remedy,
        {"remedy_id": "string", "body": "string", "file_number": "string", "execution": "string"},
        optional=("body", "file_number", "execution"),
    ),
    registered(
        "remedy.weigh",
        weigh_remedy,
        {"remedy_id": "string"},
        {
            "subject": "string",
            "process": "string",
            "first_on": "date",
            "against_grant_id": "string",
        },
    ),
    registered(
        "remedy.open_case",
        open_after_remedy,
        {"remedy_id": "string", "process": "string", "variables": "context"},
        undo="forbid",
    ),
    registered(
        "remedy.waive",
        waive_after_remedy,
        {"remedy_id": "string"},
        {"waived": "number"},
        undo="forbid",
    ),
    registered(
        "remedy.close",
        close_remedy,
        {
            "remedy_id": "string",
            "result": "string",
            "decided_on": "date",
            "measure": "string",
            "answered_on": "date",
        },
        {"closed_on": "date"},
        optional=("decided_on", "measure", "answered_on"),
        undo="forbid",
    ),
)
