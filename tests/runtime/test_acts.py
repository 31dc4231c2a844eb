"""Acts on a real case of the real policy: what they leave in the rows, and what they refuse."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.assistance import Grant, NearRelativeFiling, Objection, Publicity
from models.cases import KeptMessage, MessageSubscription, Task, TaskState, Timer
from models.clocks import Clock, ClockState
from models.households import Area, Household
from models.types import new_id
from tests.runtime.diagrams import flow, node, process, user_task
from tests.runtime.district import District, at, c01_household, member
from tests.runtime.published import NOTE, small_policy
from tests.runtime.test_dibao_story import (
    accept,
    investigate,
    opine_and_post,
    submit_and_receive,
)
from workflows.assistance.households import HouseholdData, replace_facts
from workflows.errors import Conflict, Fault, Invalid, NotAllowed
from workflows.runtime.cases import send_message
from workflows.runtime.inbox.case import kept_messages
from workflows.runtime.starting import start_case
from workflows.runtime.tasks import claim_task, complete_task, return_task
from workflows.transaction import transaction


def opened(session: Session, channel: str = "window") -> tuple[District, str]:
    district = District.founded(session)
    household = c01_household(district, at("2021-09-08", "09:00"))
    with transaction(session):
        case = start_case(
            session, "dibao", district.keys, township_id=household.township_id,
            village_id=household.village_id, household_id=household.id, channel=channel,
            variables={"household_id": household.id, "channel": channel},
            actor=district.actor("officer"), now=at("2021-09-08", "09:05"),
        )  # fmt: skip
        return district, case.id


def investigated(session: Session) -> tuple[District, str]:
    district, case_id = opened(session)
    accept(district, case_id, at("2021-09-08", "09:30"))
    investigate(district, case_id, start=at("2021-09-09"), visit=at("2021-09-14"))
    return district, case_id


def told(
    district: District, case_id: str, login: str, message: str, now: datetime, **answers: Any
) -> bool:
    district.session.rollback()
    with transaction(district.session):
        return send_message(
            district.session, case_id, message, answers, district.keys,
            actor=district.actor(login), now=now,
        )  # fmt: skip


def objection(day: str) -> Mapping[str, Any]:
    return {
        "objector": "张三", "objection_channel": "letter", "objection_content": "该户有轿车",
        "objection_on": day,
    }  # fmt: skip


def withdrawal(district: District, day: str) -> Mapping[str, Any]:
    return {
        "withdrawn_on": day, "withdrawal_reason": "已找到工作",
        "withdrawal_files": district.attachment("officer", at(day)),
    }  # fmt: skip


def left_open(session: Session, case_id: str) -> dict[str, int]:
    """How many rows of a case still wait for something."""
    session.rollback()

    def count(table: Any, *more: Any) -> int:
        query = select(func.count()).select_from(table).where(table.case_id == case_id, *more)
        return session.scalar(query) or 0

    return {
        "tasks": count(Task, Task.state == TaskState.OPEN),
        "timers": count(Timer),
        "messages": count(MessageSubscription),
        "clocks": count(Clock, Clock.state != ClockState.STOPPED),
    }


NOTHING = {"tasks": 0, "timers": 0, "messages": 0, "clocks": 0}


def test_a_withdrawal_during_publicity_leaves_no_open_row(session: Session) -> None:
    # given
    district, case_id = investigated(session)
    opine_and_post(district, case_id, at("2021-09-22"))
    before = left_open(session, case_id)
    assert before["timers"] == 1 and before["messages"] >= 4
    # when
    assert told(
        district, case_id, "officer", "application.withdrawn", at("2021-09-23"),
        **withdrawal(district, "2021-09-23"),
    )  # fmt: skip
    # then
    assert left_open(session, case_id) == NOTHING
    assert district.case(case_id).outcome == "withdrawn"
    assert district.pass_time(at("2021-10-30")) == 0


def test_a_case_that_ends_takes_its_side_branches_with_it(session: Session) -> None:
    # given: an extension that nobody has decided yet, when the district confirms
    district, case_id = investigated(session)
    opine_and_post(district, case_id, at("2021-09-22"))
    district.pass_time(at("2021-09-30", "00:00"))
    submit_and_receive(district, case_id, at("2021-09-30"))
    told(
        district, case_id, "reviewer", "period.extended", at("2021-09-30"),
        extension_ground="other_place", extension_reason="需要跨省核对",
    )  # fmt: skip
    assert "Task_ApproveExtension" in district.open_tasks(case_id)
    district.do(
        case_id, "Task_DistrictReview", "reviewer", at("2021-10-12"),
        review_opinion="confirm", review_reason="材料齐全",
    )  # fmt: skip
    district.do(case_id, "Task_Confirm", "confirmer", at("2021-10-15"), decision="confirm")
    assert set(district.open_tasks(case_id)) == {"Task_ServeNotice", "Task_ApproveExtension"}
    # when: the process reaches its end
    district.do(
        case_id, "Task_ServeNotice", "officer", at("2021-10-18"),
        service_method="direct", service_result="served", served_on="2021-10-18",
        service_receiver="陈德明", service_receipt=district.attachment("officer", at("2021-10-18")),
    )  # fmt: skip
    # then
    assert left_open(session, case_id) == NOTHING
    cancelled = select(Task.element_id).where(Task.state == TaskState.CANCELLED)
    assert session.scalars(cancelled).all() == ["Task_ApproveExtension"]


def test_a_kept_objection_is_delivered_once_at_the_next_posting(session: Session) -> None:
    # given: an objection that comes before anything hangs
    district, case_id = investigated(session)
    assert not told(
        district, case_id, "officer", "publicity.objection", at("2021-09-20"),
        **objection("2021-09-20"),
    )  # fmt: skip
    (kept,) = kept_messages(session, case_id)
    assert kept.message == "publicity.objection" and "张三".encode() not in kept.payload
    # when
    opine_and_post(district, case_id, at("2021-09-22"))
    # then
    assert set(district.open_tasks(case_id)) == {"Task_HandleObjection"}
    assert session.scalars(select(KeptMessage)).one().delivered_at == at("2021-09-22")
    assert kept_messages(session, case_id) == []
    assert session.scalars(select(Objection.received_on)).all() == [at("2021-09-20").date()]
    assert left_open(session, case_id)["timers"] == 0


def test_an_objection_of_today_is_delivered_at_once_and_its_timer_is_gone(session: Session) -> None:
    # given
    district, case_id = investigated(session)
    opine_and_post(district, case_id, at("2021-09-22"))
    # when
    assert told(
        district, case_id, "officer", "publicity.objection", at("2021-09-24"),
        **objection("2021-09-24"),
    )  # fmt: skip
    # then: nothing listens behind the gateway any more
    session.rollback()
    listening = session.scalars(
        select(MessageSubscription.message).where(MessageSubscription.case_id == case_id)
    ).all()
    assert "publicity.objection" not in listening
    assert left_open(session, case_id)["timers"] == 0


def test_a_posting_before_the_opinion_is_refused_and_nothing_changes(session: Session) -> None:
    # given
    district, case_id = investigated(session)
    district.do(
        case_id, "Task_Opinion", "leader", at("2021-09-22"), opinion="agree",
        opinion_reason="符合条件",
    )  # fmt: skip
    version = district.case(case_id).version
    for day, code in [("2021-09-21", "field.day_too_early"), ("2021-09-24", "field.day_too_late")]:
        # when
        with pytest.raises(Invalid) as error:
            district.do(
                case_id, "Task_PostPublicity", "assistant", at("2021-09-23"), posted_on=day,
                publicity_place="村务公开栏",
                publicity_photos=district.attachment("assistant", at("2021-09-23")),
            )  # fmt: skip
        # then
        assert [finding.code for finding in error.value.findings] == [code]
        assert district.case(case_id).version == version
        assert session.scalars(select(Publicity.id)).all() == []


@pytest.mark.parametrize("route", ["at once", "after a supplement"])
def test_an_application_by_an_agent_is_not_accepted_without_a_mandate(
    session: Session, route: str
) -> None:
    # given
    district, case_id = opened(session, channel="agent")
    now = at("2021-09-08")
    if route == "after a supplement":
        district.do(
            case_id, "Task_CheckMaterials", "officer", now, materials_result="incomplete",
            materials_received=[], missing_materials=["委托手续"],
        )  # fmt: skip
        task, answers = "Task_Supplement", {
            "supplement_on": "2021-09-08", "supplement_complete": True,
        }  # fmt: skip
    else:
        task, answers = "Task_CheckMaterials", {
            "materials_result": "complete", "materials_received": ["最低生活保障申请书"],
        }  # fmt: skip
    # when
    for mandate in ({}, {"agent_mandate": False}):
        with pytest.raises(Invalid) as error:
            district.do(case_id, task, "officer", now, **answers, **mandate)
        # then
        assert [finding.field for finding in error.value.findings] == ["agent_mandate"]
        assert district.case(case_id).accepted_on is None
    district.do(case_id, task, "officer", now, **answers, agent_mandate=True)
    assert district.case(case_id).accepted_on == now.date()


def confirmable(session: Session) -> tuple[District, str]:
    district, case_id = investigated(session)
    opine_and_post(district, case_id, at("2021-09-22"))
    district.pass_time(at("2021-09-30", "00:00"))
    submit_and_receive(district, case_id, at("2021-09-30"))
    district.do(
        case_id, "Task_DistrictReview", "reviewer", at("2021-10-12"),
        review_opinion="confirm", review_reason="材料齐全",
    )  # fmt: skip
    return district, case_id


def test_nobody_claims_returns_or_completes_what_must_be_another_persons(session: Session) -> None:
    # given: the reviewer of the case in the confirmer's role
    district, case_id = confirmable(session)
    task_id = district.open_tasks(case_id)["Task_Confirm"].id
    actor = district.actor("reviewer")
    now = at("2021-10-15")
    session.rollback()
    # when / then
    for act in (
        lambda: claim_task(session, task_id, actor=actor, now=now),
        lambda: complete_task(
            session, task_id, {"decision": "confirm"}, district.keys, actor=actor, now=now
        ),
        lambda: return_task(
            session, task_id, "Task_DistrictReview", "重看", district.keys, actor=actor, now=now
        ),
    ):
        with pytest.raises(NotAllowed) as error, transaction(session):
            act()
        assert error.value.code == "separate_person"
    with transaction(session):
        claimed = claim_task(session, task_id, actor=district.actor("confirmer"), now=now)
        assert claimed.assignee_id == district.accounts["confirmer"].id


def test_a_near_relative_neither_completes_nor_sends_messages(session: Session) -> None:
    # given
    district, case_id = opened(session)
    with transaction(session):
        session.add(
            NearRelativeFiling(
                id=new_id(), district_id=district.offices["district"].id, case_id=case_id,
                account_id=district.accounts["officer"].id, relation="sibling",
                staff_name="officer", filed_at=at("2021-09-08"),
            )
        )  # fmt: skip
    # when / then
    with pytest.raises(NotAllowed):
        accept(district, case_id, at("2021-09-08"))
    with pytest.raises(NotAllowed) as error:
        told(
            district, case_id, "officer", "application.withdrawn", at("2021-09-08"),
            **withdrawal(district, "2021-09-08"),
        )  # fmt: skip
    assert error.value.code == "near_relative"
    assert district.open_tasks(case_id).keys() == {"Task_CheckMaterials"}


def test_facts_that_changed_after_the_assessment_are_not_confirmed_unseen(session: Session) -> None:
    # given: a member leaves the household while the district decides
    district, case_id = confirmable(session)
    household_id = district.case(case_id).household_id
    session.rollback()
    with transaction(session):
        replace_facts(
            session, session.get_one(Household, household_id),
            HouseholdData(
                district.offices["village"].id, Area.RURAL, [member("陈德明", "1975-03-02")],
                unstable_income=True,
            ),
            district.keys, actor=district.actor("officer"), now=at("2021-10-14"),
        )  # fmt: skip
    version = district.case(case_id).version
    # when
    with pytest.raises(Invalid) as error:
        district.do(case_id, "Task_Confirm", "confirmer", at("2021-10-15"), decision="confirm")
    # then: a sentence for the confirmer, no incident, nothing kept
    assert error.value.code == "household_changed" and not isinstance(error.value, Fault)
    assert district.case(case_id).version == version
    assert session.scalars(select(Grant.id)).all() == []
    # when: it goes back and is assessed again
    district.do(
        case_id, "Task_Confirm", "confirmer", at("2021-10-15"), decision="return",
        decision_reason="家庭情况有变",
    )  # fmt: skip
    # then
    assert set(district.open_tasks(case_id)) == {"Task_Opinion"}


def test_a_household_applies_for_the_same_thing_only_once_at_a_time(session: Session) -> None:
    # given
    district, case_id = opened(session)
    household = session.get_one(Household, district.case(case_id).household_id)
    session.rollback()
    # when / then
    with pytest.raises(Conflict) as error:
        district.start(household, at("2021-09-09"))
    assert error.value.code == "open_case_exists"
    told(
        district, case_id, "officer", "application.withdrawn", at("2021-09-09"),
        **withdrawal(district, "2021-09-09"),
    )  # fmt: skip
    assert district.start(household, at("2021-09-10")) != case_id


def test_an_operation_that_lacks_a_required_input_is_a_fault_and_nothing_is_kept(
    session: Session,
) -> None:
    # given: a process that schedules a review without a day
    lacking = process(
        "lacking", node("startEvent", "S"), user_task("A"),
        node(
            "serviceTask", "Schedule",
            '<doudi:operation name="review.schedule">'
            '<doudi:input name="next_review_on" value="review_on"/></doudi:operation>',
        ),
        node("endEvent", "E", '<doudi:end outcome="completed"/>'),
        flow("S", "A"), flow("A", "Schedule"), flow("Schedule", "E"),
        variables=f'{NOTE}<doudi:variable name="review_on" type="date"/>',
    )  # fmt: skip
    district = District.founded(session, small_policy(lacking))
    household = c01_household(district, at("2021-09-08"))
    with transaction(session):
        case_id = district.start_bare(household, at("2021-09-08"), "lacking")
    # when
    with pytest.raises(Fault) as error:
        district.do(case_id, "A", "officer", at("2021-09-08"), note="记录")
    # then
    assert error.value.code == "input_missing"
    assert error.value.details["element"] == "Schedule"
    assert set(district.open_tasks(case_id)) == {"A"}
