"""The operations of the correction of benefits: what each takes, gives and means."""

from __future__ import annotations

from typing import Final

from workflows.assistance.retroactive.correcting import (
    apply_correction,
    calculate_correction,
    keep_decision,
)
from workflows.runtime.registered import registered

CORRECTIONS: Final = (
    registered(
        "correction.calculate",
        calculate_correction,
        {"touched_id": "string"},
        {
            "kind": "string",
            "old_monthly": "number",
            "new_monthly": "number",
            "months": "number",
            "total": "number",
            "summary": "string",
            "reasons": "string",
            "months_told": "string",
        },
    ),
    registered(
        "correction.apply",
        apply_correction,
        {
            "touched_id": "string",
            "new_monthly": "number",
            "total": "number",
            "recover": "boolean",
        },
        {"corrected_on": "date", "payment_id": "string"},
        undo="forbid",
    ),
    registered(
        "correction.keep",
        keep_decision,
        {"touched_id": "string", "reason": "string"},
        {"kept_on": "date"},
        undo="forbid",
    ),
)
