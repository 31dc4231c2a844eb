"""The operations of families in motion: what each takes, gives and means."""

from __future__ import annotations

from typing import Final

from workflows.assistance.families.asked import ADULT_AGE, look_at_family
from workflows.assistance.families.changing import apply_change, drop_change, plan_change
from workflows.assistance.families.handing_over import (
    hand_back,
    hand_over,
    leave_district,
    take_over,
    tell_received,
)
from workflows.assistance.families.planning import MONTHS_AFTER
from workflows.runtime.registered import registered

_WHO = {
    "other_household_id": "string",
    "newcomer_id": "string",
    "newcomer": "context",
}

FAMILIES: Final = (
    registered(
        "household_change.look",
        look_at_family,
        {
            "kind": "string",
            "other_household_id": "string",
            "newcomer_id": "string",
            "to_village_id": "string",
        },
        {
            "people": "list",
            "newcomers": "list",
            "grant_id": "string",
            "head_died": "boolean",
        },
        optional=("other_household_id", "newcomer_id", "to_village_id"),
    ),
    registered(
        "household_change.plan",
        plan_change,
        {
            "kind": "string",
            **_WHO,
            "new_head": "string",
            "chosen": "context",
            "consents": "list",
            "consent_note": "string",
        },
        {
            "plan": "context",
            "preview": "string",
            "own_told": "string",
            "other_told": "string",
            "from_month": "date",
            "money": "boolean",
            "falls": "boolean",
        },
        optional=(*_WHO, "new_head", "chosen", "consents", "consent_note"),
        reads=(ADULT_AGE, MONTHS_AFTER),
    ),
    registered(
        "household_change.apply",
        apply_change,
        {
            "plan": "context",
            **_WHO,
            "occurred_on": "date",
            "reason": "string",
            "new_applies": "boolean",
        },
        {"from_month": "date", "new_household_id": "string"},
        optional=(*_WHO, "occurred_on", "reason", "new_applies"),
        undo="forbid",
        reads=(MONTHS_AFTER,),
    ),
    registered(
        "household_change.drop",
        drop_change,
        {"outcome": "string", "reason": "string"},
        {"dropped_on": "date"},
        optional=("reason",),
        undo="forbid",
    ),
    registered(
        "household_change.hand_over",
        hand_over,
        {"to_village_id": "string"},
        {"handed_over_on": "date"},
    ),
    registered(
        "household_change.take_over",
        take_over,
        {"to_village_id": "string", "reason": "string"},
        {"taken_over_on": "date", "cases_moved": "number"},
        optional=("reason",),
        undo="forbid",
    ),
    registered(
        "household_change.hand_back",
        hand_back,
        {"reason": "string"},
        {"handed_back_on": "date"},
        optional=("reason",),
        undo="forbid",
    ),
    registered(
        "household_change.tell_received",
        tell_received,
        outputs={"received": "string"},
    ),
    registered(
        "household_change.leave_district",
        leave_district,
        {"taken_over_from": "date", "reason": "string"},
        {"ended_from": "date"},
        optional=("reason",),
        undo="forbid",
    ),
)
