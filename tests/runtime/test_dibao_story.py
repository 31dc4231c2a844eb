"""The 低保 process from the counter to the grant, on the real engine, policy and clock."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.assistance import Grant, Notice, Publicity
from models.cases import CaseState
from tests.runtime.district import District, at, c01_household


def accept(district: District, case_id: str, now: datetime) -> None:
    district.do(
        case_id, "Task_CheckMaterials", "officer", now,
        materials_result="complete", materials_received=["最低生活保障申请书"],
    )  # fmt: skip


def investigate(district: District, case_id: str, *, start: datetime, visit: datetime) -> None:
    day = start.date().isoformat()
    district.do(
        case_id, "Task_StartSurvey", "officer", start,
        survey_started_on=day, survey_team=district.staff_ids("officer", "second_officer"),
    )  # fmt: skip
    district.do(
        case_id, "Task_RequestInfoCheck", "officer", start,
        authorisation_complete=True, info_check_scope=["tax", "deposits"],
        authorisation_files=district.attachment("officer", start),
    )  # fmt: skip
    district.do(case_id, "Task_StartInfoCheck", "reviewer", start, info_check_started_on=day)
    district.do(
        case_id, "Task_InfoCheckResult", "reviewer", visit,
        info_check_result_on=visit.date().isoformat(), info_check_result="eligible",
        info_check_findings="未发现不符情形",
        info_check_report=district.attachment("reviewer", visit),
    )  # fmt: skip
    district.do(
        case_id, "Task_Survey", "officer", visit,
        survey_on=visit.date().isoformat(), survey_method="home", member_present="李素芳",
        surveyors=district.staff_ids("officer", "second_officer"), member_signed=True,
        living_situation="土墙房三间", survey_findings="与申报一致",
        survey_sheet=district.attachment("officer", visit),
    )  # fmt: skip


def opine_and_post(district: District, case_id: str, now: datetime) -> None:
    district.do(case_id, "Task_Opinion", "leader", now, opinion="agree", opinion_reason="符合条件")
    district.do(
        case_id, "Task_PostPublicity", "assistant", now,
        posted_on=now.date().isoformat(), publicity_place="村务公开栏",
        publicity_photos=district.attachment("assistant", now),
    )  # fmt: skip


def submit_and_receive(district: District, case_id: str, now: datetime) -> None:
    day = now.date().isoformat()
    district.do(
        case_id, "Task_Submit", "officer", now,
        submitted_on=day, submission_items=["application", "survey", "opinion"],
    )  # fmt: skip
    district.do(case_id, "Task_Receive", "reviewer", now, received_on=day, receipt_complete=True)


def test_c01_a_rural_household_on_the_clean_path(session: Session) -> None:
    # given
    district = District.founded(session)
    household = c01_household(district, at("2021-09-08", "09:00"))
    case_id = district.start(household, at("2021-09-08", "09:05"))
    # when: complete papers, accepted at once
    accept(district, case_id, at("2021-09-08", "09:30"))
    # then
    clocks = district.clocks(case_id)
    assert clocks["A.start_survey"].due_on == date(2021, 9, 13)
    assert clocks["A.township_opinion"].due_on == date(2021, 9, 26)
    assert clocks["A.overall"].due_on == date(2021, 10, 26)
    assert district.case(case_id).accepted_on == date(2021, 9, 8)
    # when: survey and information check
    investigate(district, case_id, start=at("2021-09-09"), visit=at("2021-09-14"))
    assert district.clocks(case_id)["A.info_check"].due_on == date(2021, 9, 14)
    # when: opinion and publicity
    opine_and_post(district, case_id, at("2021-09-22"))
    publicity = session.scalars(select(Publicity).where(Publicity.case_id == case_id)).one()
    assert (publicity.first_on, publicity.last_on) == (date(2021, 9, 23), date(2021, 9, 29))
    assert publicity.content == {"members": "3", "monthly": "405.00"}
    assert district.pass_time(at("2021-09-29", "23:59")) == 0
    assert district.pass_time(at("2021-09-30", "00:00")) == 1
    # when: the district
    submit_and_receive(district, case_id, at("2021-09-30"))
    assert district.clocks(case_id)["A.district"].due_on == date(2021, 10, 20)
    assert district.clocks(case_id)["A.overall_cq"].due_on == date(2021, 10, 15)
    district.do(
        case_id, "Task_DistrictReview", "reviewer", at("2021-10-12"),
        review_opinion="confirm", review_reason="材料齐全",
    )  # fmt: skip
    district.do(case_id, "Task_Confirm", "confirmer", at("2021-10-15"), decision="confirm")
    # then
    grant = session.scalars(select(Grant).where(Grant.case_id == case_id)).one()
    assert (grant.monthly, grant.base, grant.topup) == (
        Decimal("405.00"), Decimal("305.00"), Decimal("100.00"),
    )  # fmt: skip
    assert grant.start_month == date(2021, 11, 1)
    assert grant.next_review_on == date(2022, 4, 15)
    # when: the notice is served
    district.do(
        case_id, "Task_ServeNotice", "officer", at("2021-10-18"),
        service_method="direct", service_result="served", served_on="2021-10-18",
        service_receiver="陈德明", service_receipt=district.attachment("officer", at("2021-10-18")),
    )  # fmt: skip
    # then
    case = district.case(case_id)
    assert (case.state, case.outcome, case.monthly) == (
        CaseState.CLOSED, "confirmed", Decimal("405.00"),
    )  # fmt: skip
    notices = session.scalars(select(Notice).where(Notice.case_id == case_id)).all()
    assert {notice.kind: notice.content["issuer"] for notice in notices} == {
        "acceptance": "township", "confirmation": "district",
    }  # fmt: skip
    assert district.open_tasks(case_id) == {}
