"""The demonstration district: full of cases in every state, made once."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import func, select

from models.assistance import AmountKind, Grant, GrantAmount
from models.cases import Case, Incident, Task, TaskState
from models.clocks import Alert
from models.deaths import DeathRow, DeathRowState
from models.edge import EdgeRecord
from models.money import Payment, PaymentState, Roll, RollState
from models.recoveries import Recovery
from models.tekun import CareArrangement, Setting
from tests.runtime.district import policy_files
from web.database import db_session
from web.demo import make_demo
from web.demo.families import stories
from workflows.assistance.money.fund_months import closed_months
from workflows.assistance.money.petty_fund import fund_states
from workflows.calendar import local_day
from workflows.definitions.release import policy_of, publish_release
from workflows.errors import SYSTEM
from workflows.runtime.funds import LOW_FUND
from workflows.runtime.inbox.funds import fund_tasks
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
        outcomes = Counter(session.scalars(select(Case.outcome).where(Case.process_key == "dibao")))
        statuses = set(session.scalars(select(Case.status)))
        late = session.scalar(
            select(func.count())
            .select_from(Task)
            .where(Task.state == TaskState.OPEN, Task.due_at <= now)
        )
        assert outcomes.total() == len(stories())
        assert {
            "relief_duty",
            "relief_paying",
            "relief_aftercare",
            "relief_stage_visit",
        } <= statuses
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


def test_every_township_of_the_demonstration_has_a_fund_and_one_is_low(app: Flask) -> None:
    # given
    now = datetime.now(UTC)
    with app.app_context():
        session = db_session()
        with transaction(session):
            release = publish_release(
                session, policy_files(), actor=SYSTEM, now=now - timedelta(days=90),
                operations=signatures(),
            )  # fmt: skip
            parameters = policy_of(session, release.id).parameters
        # when
        demo = make_demo(session, app.extensions["doudi"], "Demo-Password-99", now=now)
        # then
        states = fund_states(session, demo.district_id, parameters, local_day(now))
        closed = {one.township: closed_months(session, one.township_id) for one in states}
        alerts = session.scalars(select(Alert.office_id).where(Alert.severity == LOW_FUND))
        requests = [task for task in fund_tasks(session, demo.district_id) if task.is_request]
        assert len(states) == 8 and all(state.account_id for state in states)
        assert [state.township for state in states if state.low] == ["满月镇"]
        assert list(alerts) == [states[0].township_id]
        assert all(state.size.residents for state in states)
        assert all(1 <= len(months) <= 2 for months in closed.values())
        assert sum(one.difference != 0 for months in closed.values() for one in months) == 1
        assert len(requests) == 1


def test_the_demonstration_shows_what_happens_to_families_after_their_grants(app: Flask) -> None:
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
        open_tasks = session.execute(
            select(Case.process_key, Task.element_id)
            .join(Task, Task.case_id == Case.id)
            .where(Task.state == TaskState.OPEN)
        )
        # on some days holidays or a young month leave a change or a split without its benefit
        assert {
            ("benefit_review", "Task_VerifyChange"),
            ("complaint", "Task_CheckComplaint"),
            ("petition", "Task_Triage"),
            ("price_subsidy", "Task_ApprovePrice"),
            ("recovery_repayment", "Task_ReceiveInstalment"),
            ("tekun_care_change", "Task_Selfcare"),
        } <= {(process, element) for process, element in open_tasks}
        kinds = set(session.scalars(select(GrantAmount.kind)))
        assert kinds == {AmountKind.REGULAR, AmountKind.GRADUAL_EXIT}
        assert session.scalar(select(func.count()).where(Grant.ended_from.is_not(None))) == 1
        settings = session.scalars(select(CareArrangement.setting)).all()
        assert Counter(settings) == {Setting.HOME: 2, Setting.INSTITUTION: 1}
        assert session.scalars(select(Recovery.received)).one() > 0
        assert set(session.scalars(select(DeathRow.state))) == {
            DeathRowState.RECORDED,
            DeathRowState.UNKNOWN,
        }
        assert session.scalar(select(func.count()).select_from(EdgeRecord))
        assert not session.scalar(select(func.count()).select_from(Incident))
