"""The operations of the price-linked subsidy: what each takes, gives and means."""

from __future__ import annotations

from typing import Final

from workflows.assistance.price.counting import ORDER, preview_batch
from workflows.assistance.price.indices import CPI, FOOD, close_price, register_index
from workflows.assistance.price.ordering import (
    fix_batch,
    order_batch,
    refuse_batch,
    settle_batch,
)
from workflows.runtime.registered import registered

PRICES: Final = (
    registered(
        "price.register",
        register_index,
        {
            "month": "date",
            "published_on": "date",
            "cpi": "number",
            "food": "number",
            "scpi": "number",
        },
        {
            "index_id": "string",
            "triggered": "boolean",
            "subsidy_amount": "number",
            "reason": "string",
            "pay_by": "date",
        },
        reads=(CPI, FOOD),
    ),
    registered(
        "price.close",
        close_price,
        {"index_id": "string", "reason": "string", "batch_id": "string"},
        optional=("batch_id",),
        undo="forbid",
    ),
    registered(
        "price.preview",
        preview_batch,
        {"index_id": "string", "batch_id": "string"},
        {"batch_id": "string"},
        optional=("batch_id",),
        reads=(ORDER,),
    ),
    registered(
        "price.fix",
        fix_batch,
        {"batch_id": "string"},
        {
            "families": "number",
            "persons": "number",
            "total": "number",
            "excluded": "number",
            "nothing_due": "boolean",
        },
    ),
    registered(
        "price.order",
        order_batch,
        {"batch_id": "string"},
        {"ordered_on": "date"},
        undo="forbid",
    ),
    registered(
        "price.refuse",
        refuse_batch,
        {"batch_id": "string", "reason": "string"},
        undo="forbid",
    ),
    registered(
        "price.settle",
        settle_batch,
        {"batch_id": "string"},
        {"paid_on": "date"},
        undo="forbid",
    ),
)
