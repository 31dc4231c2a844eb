"""Grants: confirmed monthly benefits, what they pay by month, and how that changes and ends.

Every change keeps what counted before (`GrantAmount`), takes effect from the first day of a month
that the caller gives, and leaves money that was paid where it is: what is still owed for months
gone by is ordered as arrears, what was paid too much is for a recovery to ask back.
"""

from workflows.assistance.grants.amounts import (
    amount_of_month,
    counting_amounts,
    first_amount,
    lock_grant,
)
from workflows.assistance.grants.arrears import order_arrears
from workflows.assistance.grants.changing import change_amount, end_grant, resume_grant
from workflows.assistance.grants.confirming import (
    confirm_grant,
    keep_grant,
    require_assessed,
    schedule_review,
)
from workflows.assistance.grants.months import MonthLine, month_lines

__all__ = [
    "MonthLine",
    "amount_of_month",
    "change_amount",
    "confirm_grant",
    "counting_amounts",
    "end_grant",
    "first_amount",
    "keep_grant",
    "lock_grant",
    "month_lines",
    "order_arrears",
    "require_assessed",
    "resume_grant",
    "schedule_review",
]
