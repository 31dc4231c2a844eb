"""Cases of the price subsidy: opened when somebody enters the published index of a month."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Final

from sqlalchemy.orm import Session

from models.cases import Case
from workflows.errors import Actor
from workflows.privacy import KeyRing
from workflows.runtime.starting import start_case

PROCESS: Final = "price_subsidy"


def open_price_case(
    session: Session,
    district_id: str,
    keys: KeyRing,
    *,
    month: date,
    published_on: date,
    cpi: Decimal,
    food: Decimal,
    scpi: Decimal,
    actor: Actor,
    now: datetime,
) -> Case:
    """Enter the indices of a month (its first day; per cent) and open the case of its subsidy.

    Raises:
        Invalid: `month_wrong`, `published_in_future`, `rise_out_of_range`.
        Conflict: `price_batch_open`. NotFound: `unknown_process`.
    """
    return start_case(
        session,
        PROCESS,
        keys,
        township_id=district_id,
        channel="office",
        variables={
            "month": month,
            "published_on": published_on,
            "cpi": cpi,
            "food": food,
            "scpi": scpi,
        },
        actor=actor,
        now=now,
    )
