"""Series of numbers: cases of a year, rolls of a year; one after the other, without gaps."""

from __future__ import annotations

from sqlalchemy.orm import Session

from models.plumbing import NumberSeries
from workflows.transaction import insert_into, require_transaction


def next_number(session: Session, district_id: str, series: str) -> int:
    """The next number of a series, without gaps: one that is rolled back is given again.

    The series stays locked until the caller's transaction ends.
    """
    require_transaction(session)
    added = insert_into(session, NumberSeries).values(
        district_id=district_id, series=series, last=1
    )
    return session.execute(
        added.on_conflict_do_update(
            index_elements=["district_id", "series"], set_={"last": NumberSeries.last + 1}
        ).returning(NumberSeries.last)
    ).scalar_one()
