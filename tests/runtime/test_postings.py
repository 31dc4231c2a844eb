"""Postings on real cases: sheets, taking down, objections by code in the period and after it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.assistance import NearRelativeFiling, Objection, Publicity
from models.cases import Case, KeptMessage
from models.clocks import Alert, Clock
from models.postings import PostingSheet
from models.remedies import Remedy
from models.trail import TrailEntry
from models.types import new_id
from tests.runtime.district import District, at
from tests.runtime.test_acts import investigated, told, withdrawal
from tests.runtime.test_dibao_story import opine_and_post, submit_and_receive
from workflows.access.sign_in import TooManyAttempts
from workflows.assistance.context import OperationContext
from workflows.assistance.publicity import close_publicity, take_down
from workflows.calendar import local_day
from workflows.definitions.release import current_policy
from workflows.errors import Conflict, Invalid, NotFound
from workflows.runtime.objections import (
    MOST_PER_ADDRESS,
    UNHEARD,
    count_objection,
    lay_objection,
    posting_by_code,
)
from workflows.runtime.unheard import hand_on_unheard
from workflows.transaction import transaction


def posted(session: Session) -> tuple[District, str, str]:
    """A case whose opinion hangs since 2021-09-22, and the code on the sheet."""
    district, case_id = investigated(session)
    opine_and_post(district, case_id, at("2021-09-22"))
    session.rollback()
    code = session.scalars(select(Publicity.code).where(Publicity.case_id == case_id)).one()
    assert code is not None
    return district, case_id, code


def lay(district: District, code: str, day: str, **said: Any) -> str:
    """Somebody objects by the code on a day."""
    session, now = district.session, at(day)
    session.rollback()
    posting = posting_by_code(session, code, today=local_day(now))
    session.rollback()
    with transaction(session):
        return lay_objection(
            session, posting, district.keys, content=said.pop("content", "该户有轿车"), now=now,
            **said,
        )  # fmt: skip


def context_of(district: District, case_id: str, day: str) -> OperationContext:
    case = district.session.get_one(Case, case_id)
    law = current_policy(district.session, case.district_id)
    return OperationContext(
        district.session, case, district.actor("assistant"), at(day), law, district.keys, {}
    )


def test_the_sheet_is_ready_before_anything_hangs_and_has_the_same_code(session: Session) -> None:
    # given
    district, case_id = investigated(session)
    district.do(
        case_id, "Task_Opinion", "leader", at("2021-09-22"), opinion="agree",
        opinion_reason="符合条件",
    )  # fmt: skip
    session.rollback()
    sheet = session.scalars(select(PostingSheet).where(PostingSheet.case_id == case_id)).one()
    assert sheet.fields == ["name", "members", "monthly"] and sheet.days == 7
    assert sheet.content == {"members": "3", "monthly": "405.00"}
    code = sheet.code
    # when
    district.do(
        case_id, "Task_PostPublicity", "assistant", at("2021-09-22"), posted_on="2021-09-22",
        publicity_place="村务公开栏",
        publicity_photos=district.attachment("assistant", at("2021-09-22")),
    )  # fmt: skip
    # then
    session.rollback()
    hanging = session.scalars(select(Publicity)).one()
    assert (hanging.code, hanging.place, len(hanging.photos)) == (code, "村务公开栏", 1)


def test_an_objection_by_code_is_what_the_publicity_waits_for(session: Session) -> None:
    # given
    district, case_id, code = posted(session)
    # when
    receipt = lay(district, code, "2021-09-24")
    # then
    assert receipt == "YY-2021-000001"
    assert set(district.open_tasks(case_id)) == {"Task_HandleObjection"}
    session.rollback()
    kept = session.scalars(select(Objection)).one()
    assert kept.kind == "objection"
    assert (kept.detail["channel"], kept.detail["receipt"]) == ("code", receipt)
    bodies = b"".join(session.scalars(select(TrailEntry.body)).all())
    assert "该户有轿车".encode() not in bodies
    assert session.scalars(select(Alert)).all() == []


def test_on_the_last_day_it_is_an_objection_and_on_the_next_a_complaint(session: Session) -> None:
    # given: it hangs until 2021-09-29
    district, case_id, code = posted(session)
    today = local_day(at("2021-09-29"))
    assert posting_by_code(session, code, today=today).hangs
    district.pass_time(at("2021-09-30", "00:00"))
    submit_and_receive(district, case_id, at("2021-09-30"))
    # when
    lay(district, code, "2021-09-30", name="张三", contact="13800000000")
    # then: C09 5, the district has to visit the home
    session.rollback()
    late = session.scalars(select(Objection)).one()
    assert late.kind == "complaint"
    district.do(
        case_id, "Task_DistrictReview", "reviewer", at("2021-10-08"),
        review_opinion="confirm", review_reason="材料齐全",
    )  # fmt: skip
    assert "Task_HomeVisit" in district.open_tasks(case_id)


def test_a_second_objection_is_kept_and_somebody_is_told(session: Session) -> None:
    # given
    district, case_id, code = posted(session)
    lay(district, code, "2021-09-24")
    # when
    receipt = lay(district, code, "2021-09-25", content="还有一辆货车")
    # then
    session.rollback()
    assert session.scalars(select(KeptMessage.message)).all() == ["publicity.objection"]
    alert = session.scalars(select(Alert)).one()
    assert alert.severity == UNHEARD and receipt in alert.message
    assert alert.office_id == district.case(case_id).township_id


def complaint(session: Session) -> tuple[Case, Remedy]:
    """The only complaint that there is, and its case."""
    session.rollback()
    case = session.scalars(select(Case).where(Case.process_key == "complaint")).one()
    return case, session.scalars(select(Remedy).where(Remedy.case_id == case.id)).one()


def test_after_the_case_is_closed_an_objection_becomes_a_complaint_that_is_answered(
    session: Session,
) -> None:
    # given
    district, case_id, code = posted(session)
    told(
        district, case_id, "officer", "application.withdrawn", at("2021-09-23"),
        **withdrawal(district, "2021-09-23"),
    )  # fmt: skip
    # when
    receipt = lay(district, code, "2021-10-20", name="张三", contact="13800000000")
    # then: the district has it, with its days; the township neither sees it nor is asked
    session.rollback()
    kept = session.scalars(select(Objection)).one()
    assert (kept.kind, kept.detail["receipt"]) == ("complaint", receipt)
    case, remedy = complaint(session)
    assert (remedy.named, remedy.against_case_id, case.confined) == (True, case_id, True)
    assert case.household_id is None
    assert set(district.open_tasks(case.id)) == {"Task_CheckComplaint"}
    session.rollback()
    clock = session.scalars(select(Clock).where(Clock.case_id == case.id)).one()
    assert clock.key == "N.complaint"
    assert session.scalars(select(Alert)).all() == []
    bodies = b"".join(session.scalars(select(TrailEntry.body)).all())
    for hidden in ("张三", "13800000000", "该户有轿车"):
        assert hidden.encode() not in bodies


def test_without_a_name_it_is_judged_first_whether_there_is_something_to_check(
    session: Session,
) -> None:
    # given
    district, case_id, code = posted(session)
    told(
        district, case_id, "officer", "application.withdrawn", at("2021-09-23"),
        **withdrawal(district, "2021-09-23"),
    )  # fmt: skip
    # when: it still hangs, but the case is over
    lay(district, code, "2021-09-24")
    # then
    case, remedy = complaint(session)
    assert remedy.named is False
    assert set(district.open_tasks(case.id)) == {"Task_ComplaintTriage"}


def test_what_came_while_another_was_handled_is_handed_on_once_the_case_ends(
    session: Session,
) -> None:
    # given: the second objection waits for another posting, and none follows
    district, case_id, code = posted(session)
    lay(district, code, "2021-09-24")
    receipt = lay(district, code, "2021-09-25", content="还有一辆货车", name="李四")
    assert hand_on_unheard(session, district.keys, at("2021-09-26")) == 0
    told(
        district, case_id, "officer", "application.withdrawn", at("2021-09-27"),
        **withdrawal(district, "2021-09-27"),
    )  # fmt: skip
    session.rollback()
    # when
    handed = [hand_on_unheard(session, district.keys, at("2021-09-28")) for _ in range(2)]
    # then
    assert handed == [1, 0]
    case, remedy = complaint(session)
    assert (remedy.named, remedy.filed_on) == (True, local_day(at("2021-09-25")))
    assert set(district.open_tasks(case.id)) == {"Task_CheckComplaint"}
    session.rollback()
    assert receipt in {one.detail["receipt"] for one in session.scalars(select(Objection))}
    assert session.scalars(select(KeptMessage.delivered_at)).one() is not None


def test_a_relative_without_an_account_on_file_does_not_stop_the_public(session: Session) -> None:
    # given
    district, case_id, code = posted(session)
    with transaction(session):
        session.add(
            NearRelativeFiling(
                id=new_id(), district_id=district.offices["district"].id, case_id=case_id,
                relation="配偶", staff_name="王主任", filed_at=at("2021-09-08"),
            )
        )  # fmt: skip
    # when
    lay(district, code, "2021-09-24")
    # then
    assert set(district.open_tasks(case_id)) == {"Task_HandleObjection"}


@pytest.mark.parametrize("code", ["", "BCDFGHJKMNPQ", "x", "B" * 200, "'; drop table"])
def test_a_wrong_code_says_nothing_about_what_there_is(session: Session, code: str) -> None:
    # given
    posted(session)
    # when
    with pytest.raises(NotFound) as error:
        posting_by_code(session, code, today=local_day(at("2021-09-24")))
    # then
    assert error.value.code == "posting_unknown"


def test_a_code_is_read_as_people_write_it(session: Session) -> None:
    # given
    _, case_id, code = posted(session)
    written = f" {code[:4]}-{code[4:8].lower()} {code[8:]} "
    # when / then
    assert posting_by_code(session, written, today=local_day(at("2021-09-24"))).case_id == case_id


def test_what_the_public_sees_has_no_name_and_nothing_once_the_period_is_over(
    session: Session,
) -> None:
    # given
    _, _, code = posted(session)
    # when
    shown = posting_by_code(session, code, today=local_day(at("2021-09-24")))
    over = posting_by_code(session, code, today=local_day(at("2021-09-30")))
    # then
    assert shown.content == {"members": "3", "monthly": "405.00"}
    assert (over.content, over.hangs) == ({}, False)
    assert "陈" not in repr(shown)


def test_too_many_tries_from_one_address_are_refused(session: Session) -> None:
    # given
    _, _, code = posted(session)
    posting = posting_by_code(session, code, today=local_day(at("2021-09-24")))
    session.rollback()
    for _ in range(MOST_PER_ADDRESS):
        with transaction(session):
            count_objection(session, posting, address="10.0.0.9", now=at("2021-09-24"))
    # when
    with pytest.raises(TooManyAttempts) as error, transaction(session):
        count_objection(session, posting, address="10.0.0.9", now=at("2021-09-24"))
    # then: another address isn't kept out
    assert error.value.code == "tries.throttled"
    with transaction(session):
        count_objection(session, posting, address="10.0.0.10", now=at("2021-09-24"))


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"content": " "}, "content"),
        ({"content": "x" * 600}, "content"),
        ({"name": "x" * 61}, "name"),
    ],
)
def test_an_empty_or_endless_objection_is_refused(
    session: Session, said: dict[str, str], field: str
) -> None:
    # given
    district, _, code = posted(session)
    # when
    with pytest.raises(Invalid) as error:
        lay(district, code, "2021-09-24", **said)
    # then
    assert error.value.findings[0].field == field


def test_the_period_cannot_be_ended_or_taken_down_before_its_last_day_is_over(
    session: Session,
) -> None:
    # given
    district, case_id, _ = posted(session)
    publicity_id = session.scalars(select(Publicity.id)).one()
    photo = district.attachment("assistant", at("2021-09-29"))
    context = context_of(district, case_id, "2021-09-29")
    # when
    with pytest.raises(Conflict) as running:
        close_publicity(context, publicity_id=publicity_id)
    with pytest.raises(Invalid) as early:
        take_down(
            context, publicity_id=publicity_id, down_on=local_day(at("2021-09-28")), photos=photo
        )
    # then
    assert running.value.code == "publicity_running"
    assert early.value.code == "taken_down_early"


def test_when_the_procedure_ends_early_somebody_takes_the_sheet_down(session: Session) -> None:
    # given
    district, case_id, _ = posted(session)
    # when
    told(
        district, case_id, "officer", "application.withdrawn", at("2021-09-23"),
        **withdrawal(district, "2021-09-23"),
    )  # fmt: skip
    # then
    session.rollback()
    case = session.scalars(select(Case).where(Case.process_key == "publicity_take_down")).one()
    opened = case.id
    assert set(district.open_tasks(opened)) == {"Task_TakeDown"}
    # when
    district.do(
        opened, "Task_TakeDown", "assistant", at("2021-09-24"), down_on="2021-09-24",
        down_photos=district.attachment("assistant", at("2021-09-24")),
    )  # fmt: skip
    # then
    session.rollback()
    down = session.scalars(select(Publicity)).one()
    assert (down.down_on, len(down.down_photos)) == (local_day(at("2021-09-24")), 1)
    assert session.scalar(select(func.count()).select_from(Alert)) == 0
    with pytest.raises(Conflict) as twice:
        take_down(
            context_of(district, opened, "2021-09-25"), publicity_id=down.id,
            down_on=local_day(at("2021-09-25")), photos=["x"],
        )  # fmt: skip
    assert twice.value.code == "taken_down"
