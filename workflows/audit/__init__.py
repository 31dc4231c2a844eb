"""The append-only trail: chains per subject, an access log, and a signed Merkle tree over both.

Writing happens in the caller's transaction; sealing is the worker's; verifying reads only.
"""

from workflows.audit.actions import AccessKind, TrailAction, action_name
from workflows.audit.chain import Written, append_entry, record_access
from workflows.audit.record import Subject, is_sealed, sealed, unsealed

__all__ = [
    "AccessKind",
    "Subject",
    "TrailAction",
    "Written",
    "action_name",
    "append_entry",
    "is_sealed",
    "record_access",
    "sealed",
    "unsealed",
]
