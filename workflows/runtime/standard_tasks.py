"""The operations of standards that rise: what each takes, gives and means."""

from __future__ import annotations

from typing import Final

from workflows.assistance.standards.applying import (
    apply_adjustment,
    count_adjustment,
    keep_amounts,
    show_adjustment,
)
from workflows.runtime.registered import registered

STANDARDS: Final = (
    registered(
        "standards.count",
        count_adjustment,
        {"adjustment_id": "string"},
        {"month": "date", "standards_told": "string"},
    ),
    registered(
        "standards.show",
        show_adjustment,
        {"adjustment_id": "string"},
        {"rising": "number", "more": "number", "to_check": "number", "unchanged": "number"},
    ),
    registered(
        "standards.apply",
        apply_adjustment,
        {"adjustment_id": "string"},
        {"approved_on": "date"},
        undo="forbid",
    ),
    registered(
        "standards.keep",
        keep_amounts,
        {"adjustment_id": "string", "reason": "string"},
        {"kept_on": "date"},
        undo="forbid",
    ),
)
