"""The monthly lists in scenarios: every village of a township posts its own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from models.offices import Office
from workflows.assistance.roll_lists import make_list, post_list, unposted_villages
from workflows.calendar import local_day
from workflows.definitions.release import current_policy
from workflows.errors import Actor


def post_all(session: Session, township: Office, *, actor: Actor, now: datetime) -> None:
    """`lists posted`: made, hung and photographed today."""
    today = local_day(now)
    law = current_policy(session, township.district_id)
    for village in unposted_villages(session, township.id, today.replace(day=1)):
        made = make_list(session, village, law, actor=actor, now=now)
        post_list(
            session,
            made,
            posted_on=today,
            place="村务公开栏",
            photos=["photo"],
            actor=actor,
            now=now,
        )
