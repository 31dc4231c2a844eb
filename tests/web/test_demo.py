"""The demonstration district: full of cases in every state, made once."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import func, select

from models.cases import Case, Incident, Task, TaskState
from models.clocks import Alert
from models.money import Payment, PaymentState, Roll, RollState
from tests.runtime.district import policy_files
from web.database import db_session
from web.demo import make_demo
from web.demo.families import COUNT
from workflows.calendar import local_day
from workflows.definitions.release import publish_release
from workflows.errors import SYSTEM
from workflows.runtime.service_tasks import signatures
from workflows.transaction import transaction


def test_the_demonstration_has_cases_in_every_state_and_is_made_once(app: Flask) -> None:
    # given
    now = datetime.now(UTC)
    with app.app_context():
        session = db_session()
        with transaction(session):
            publish_release(
                session, policy_files(), actor=SYSTEM, now=now - timedelta(days=90),
                operations=signatures(),
            )  # fmt: skip
        # when
        for _ in range(2):
            make_demo(session, app.extensions["doudi"], "Demo-Password-99", now=now)
        # then
        outcomes = Counter(session.scalars(select(Case.outcome)))
        statuses = set(session.scalars(select(Case.status)))
        late = session.scalar(
            select(func.count())
            .select_from(Task)
            .where(Task.state == TaskState.OPEN, Task.due_at <= now)
        )
        assert outcomes.total() == COUNT
        assert {"confirmed", "refused", "withdrawn", "terminated", None} <= set(outcomes)
        assert {"survey", "opinion", "publicity", "confirmation", "notice"} <= statuses
        assert late
        assert session.scalar(select(func.count()).select_from(Alert))
        assert not session.scalar(select(func.count()).select_from(Incident))
        # on the first two days of a month nobody is due in it yet
        if local_day(now).day > 2:
            assert set(session.scalars(select(Roll.state))) == {RollState.SETTLED, RollState.DRAWN}
            owners = session.scalars(
                select(Payment.owner_id).where(Payment.state == PaymentState.FAILED)
            ).all()
            assert owners and None not in owners
        assert all(moment <= now for moment in session.scalars(select(Case.opened_at)))
