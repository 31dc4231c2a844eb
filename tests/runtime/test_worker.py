"""The worker fires what is due, gives up on what is broken, and lets people set it right."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.cases import Case, Incident, Timer
from models.clocks import Alert, Clock
from tests.runtime.district import BPMN, District, at, c01_household, policy_files
from workflows.definitions.files import PolicyFiles
from workflows.runtime import worker
from workflows.runtime.acts import lock_case
from workflows.runtime.cases import resolve_incident
from workflows.runtime.worker import PERIOD, fire_due, raise_alarms
from workflows.transaction import transaction

BENCH = BPMN.parent / "scripts" / "benchmark"


def policy_with(script: str) -> PolicyFiles:
    """The policy with the small benchmark process, whose timer leads into a script task."""
    diagram = (BENCH / "bench.bpmn").read_text("utf-8")
    task = (
        '<bpmn:scriptTask id="Bench_Script" name="计算" scriptFormat="feel">'
        "<bpmn:documentation>计算。</bpmn:documentation><bpmn:extensionElements>"
        '<doudi:clause ref="mca57-9" /><doudi:result variable="amount" />'
        "</bpmn:extensionElements><bpmn:incoming>Bench_F7</bpmn:incoming>"
        f"<bpmn:outgoing>Bench_F9</bpmn:outgoing><bpmn:script>{script}</bpmn:script>"
        '</bpmn:scriptTask><bpmn:sequenceFlow id="Bench_F9" sourceRef="Bench_Script"'
        ' targetRef="Bench_TooLate" />'
    )
    diagram = diagram.replace(
        'id="Bench_F7" sourceRef="Bench_Late" targetRef="Bench_TooLate" />',
        f'id="Bench_F7" sourceRef="Bench_Late" targetRef="Bench_Script" />{task}',
    ).replace("<bpmn:incoming>Bench_F7</bpmn:incoming></bpmn:endEvent>",
              "<bpmn:incoming>Bench_F9</bpmn:incoming></bpmn:endEvent>")  # fmt: skip
    return policy_files().replaced(
        {
            "processes/bench.bpmn": diagram.encode(),
            "forms/bench.form": (BENCH / "bench.form").read_bytes(),
        }
    )


def waiting_case(session: Session, script: str) -> tuple[District, str]:
    """A case whose boundary timer is due ten days after 2021-09-08 at ten."""
    district = District.founded(session, policy_with(script))
    household = c01_household(district, at("2021-09-08"))
    with transaction(session):
        from_start = district.start_bare(household, at("2021-09-08"), "bench")
    return district, from_start


def test_a_timer_fires_at_its_moment_and_not_before(session: Session) -> None:
    # given
    district, case_id = waiting_case(session, "1 + 1")
    # when
    early = district.pass_time(at("2021-09-18", "09:59"))
    due = district.pass_time(at("2021-09-18", "10:00"))
    # then
    assert (early, due) == (0, 1)
    assert district.case(case_id).outcome == "completed"


def test_after_three_attempts_a_broken_timer_is_an_incident_and_others_go_on(
    session: Session,
) -> None:
    # given: a text where the diagram declares a number
    district, case_id = waiting_case(session, 'get value(case, "number")')
    moment = at("2021-09-18")
    # when
    for _ in range(5):
        assert fire_due(session, district.keys, moment) == 0
        moment += timedelta(minutes=5)
    # then
    incident = session.scalars(select(Incident)).one()
    assert (incident.case_id, incident.code) == (case_id, "wrong_type")
    timer = session.scalars(select(Timer)).one()
    assert timer.attempts == 3 and timer.failed_at is not None
    # when: somebody resolves it, the timer tries again
    session.rollback()
    with transaction(session):
        resolve_incident(
            session, incident.id, "已更正", actor=district.actor("officer"), now=moment
        )
    fire_due(session, district.keys, moment)
    # then
    session.rollback()
    assert session.scalars(select(Timer.attempts)).one() == 1


def test_an_alarm_that_another_worker_raised_meanwhile_is_not_counted(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a late clock, and another worker that comes first to its case
    district = District.founded(session)
    case_id = surveyed_late(district)
    late = at("2022-09-08")
    running = session.scalars(
        select(Clock).where(Clock.case_id == case_id, Clock.severity != PERIOD)
    ).all()
    assert running
    session.rollback()

    def overtaken(session: Session, case_id: str) -> Case:
        session.execute(update(Clock).values(alarmed_at=late))
        return lock_case(session, case_id)

    monkeypatch.setattr(worker, "lock_case", overtaken)
    # when / then
    assert raise_alarms(session, late) == 0
    # when
    monkeypatch.undo()
    with transaction(session):
        session.execute(update(Clock).values(alarmed_at=None))
    # then
    assert raise_alarms(session, late) == len(running)


def surveyed_late(district: District) -> str:
    """A case whose clocks run because its materials are complete."""
    household = c01_household(district, at("2021-09-08"))
    case_id = district.start(household, at("2021-09-08"))
    district.do(
        case_id, "Task_CheckMaterials", "officer", at("2021-09-08"),
        materials_result="complete", materials_received=["最低生活保障申请书"],
    )  # fmt: skip
    return case_id


def test_a_late_clock_raises_one_alert(session: Session) -> None:
    # given
    district = District.founded(session)
    surveyed_late(district)
    # when: the survey isn't started within three working days
    district.pass_time(at("2021-09-13", "23:59"))
    district.pass_time(at("2021-09-14", "00:00"))
    district.pass_time(at("2021-09-15", "00:00"))
    # then
    session.rollback()
    alerts = session.scalars(select(Alert)).all()
    assert len(alerts) == 1 and "启动家庭经济状况调查" in alerts[0].message
