"""A standard that reaches back makes a list; nothing of a family changes by itself."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from models.assistance import Assessment, Grant
from models.cases import Case, Task, TaskState
from models.households import Area
from models.jobs import Job, JobState
from models.money import LedgerAccount, LedgerTransfer, Payment, Roll
from models.recoveries import Recovery
from models.retroactive import ChangeState, RetroactiveChange, TouchedKind, TouchedState
from models.trail import TrailEntry
from tests.assistance.retroactive.story import Story, with_rural
from tests.runtime.district import at
from workflows.assistance.retroactive.recalculation import outdated_parameters
from workflows.definitions.release import current_policy
from workflows.errors import SYSTEM
from workflows.runtime.publishing import publish_policy
from workflows.scenarios.corrections import work_all
from workflows.transaction import transaction

OCTOBER, NOVEMBER = date(2021, 10, 1), date(2021, 11, 1)
PUBLISHED = at("2021-10-20", "15:00")


def everything(story: Story) -> dict[str, Any]:
    """Every grant, assessment and movement of money, column by column."""
    story.session.rollback()
    tables = (Grant, Assessment, Payment, Roll, LedgerAccount, LedgerTransfer, Recovery)
    return {
        table.__tablename__: sorted(
            map(str, story.session.execute(select(*table.__table__.columns)).all())
        )
        for table in tables
    }


def test_publishing_changes_no_grant_no_payment_and_no_account(story: Story) -> None:
    # given
    family = story.family("400")
    story.decided(family, "2021-09-20")
    story.pay(OCTOBER, at("2021-10-10"))
    before = everything(story)
    # when
    change = story.publish("536", PUBLISHED)
    # then
    assert everything(story) == before
    assert change is not None and change.state is ChangeState.DONE


def test_the_list_has_what_was_decided_with_the_wrong_value_and_nothing_else(story: Story) -> None:
    # given
    touched = story.decided(story.family("400"), "2021-09-20")
    by_the_old_law = story.decided(story.family("400"), "2021-08-20")
    urban = story.decided(story.family("400", Area.URBAN), "2021-09-20")
    assert touched and by_the_old_law and urban
    story.pay(OCTOBER, at("2021-10-10"))
    # when
    change = story.publish("536", PUBLISHED)
    # then
    (row,) = story.touched()
    assert change is not None
    assert row.grant_id == touched.id
    assert (row.kind, row.state) == (TouchedKind.ARREARS, TouchedState.OPEN)
    # 400 less 30 percent is 280: 515 - 280 was granted, 536 - 280 is right
    assert (row.old_monthly, row.new_monthly) == (Decimal("235.00"), Decimal("256.00"))
    assert (row.months, row.total) == (1, Decimal("21.00"))
    assert row.detail["months"] == [
        {"month": "2021-10-01", "received": "235.00", "due": "256.00", "difference": "21.00"}
    ]
    (parameter,) = row.detail["parameters"]
    assert (parameter["key"], parameter["old"], parameter["new"]) == (
        "dibao.standard.rural", {"number": "515"}, {"number": "536"},
    )  # fmt: skip
    assert change.totals == {"arrears": {"count": 1, "total": "21.00"}}
    assert [one["first"] for one in change.differences] == ["2021-09-01"]
    assert [one["last"] for one in change.differences] == ["2022-08-31"]


def test_each_listed_case_waits_for_a_person(story: Story) -> None:
    # given
    story.decided(story.family("400"), "2021-09-20")
    # when
    story.publish("536", PUBLISHED)
    # then
    (row,) = story.touched()
    case = story.session.get_one(Case, row.correction_case_id)
    task = story.session.scalars(
        select(Task).where(Task.case_id == case.id, Task.state == TaskState.OPEN)
    ).one()
    assert (case.process_key, task.element_id, task.role) == (
        "benefit_correction", "Task_PrepareCorrection", "case_officer",
    )  # fmt: skip


def test_a_value_from_today_on_reaches_back_to_nothing(story: Story) -> None:
    # given: the standard of 2021-09-01 is corrected on the day before it applies
    story.decided(story.family("400"), "2021-08-20")
    # when
    change = story.publish("536", at("2021-09-01", "00:00"))
    # then
    assert change is None
    assert story.session.scalars(select(Job)).all() == []


def test_the_same_content_again_makes_no_second_list(story: Story) -> None:
    # given
    story.decided(story.family("400"), "2021-09-20")
    story.publish("536", PUBLISHED)
    # when
    story.publish("536", at("2021-10-21"))
    # then
    assert len(story.session.scalars(select(RetroactiveChange)).all()) == 1
    assert len(story.touched()) == 1


def test_who_is_not_eligible_any_more_is_listed_without_a_sum(story: Story) -> None:
    # given
    grant = story.decided(story.family("700"), "2021-09-20")
    assert grant is not None
    story.pay(OCTOBER, at("2021-10-10"))
    # when: 490 is counted
    story.publish("480", PUBLISHED)
    # then
    (row,) = story.touched()
    assert (row.kind, row.total, row.new_monthly) == (TouchedKind.ELIGIBILITY, 0, 0)
    assert (row.detail["old_class"], row.detail["new_class"]) == ("dibao", "edge")


def test_who_was_refused_and_is_eligible_now_is_listed(story: Story) -> None:
    # given: 525 is counted, which is more than 515
    family = story.family("750")
    assert story.decided(family, "2021-09-20") is None
    # when
    story.publish("536", PUBLISHED)
    # then
    (row,) = story.touched()
    assert (row.kind, row.grant_id, row.new_monthly) == (
        TouchedKind.ELIGIBILITY, None, Decimal("11.00"),
    )  # fmt: skip


def test_who_was_refused_and_stays_so_is_not_listed(story: Story) -> None:
    # given
    story.decided(story.family("900"), "2021-09-20")
    # when
    story.publish("536", PUBLISHED)
    # then
    assert story.touched() == []


def test_a_rule_that_cannot_be_run_on_what_was_recorded_is_for_a_person(story: Story) -> None:
    # given
    grant = story.decided(story.family("400"), "2021-09-20")
    assert grant is not None
    assessment = story.session.get_one(Assessment, grant.assessment_id)
    story.session.rollback()
    explanation = {**assessment.explanation, "inputs": {"context": {}}}
    _rewrite(story, grant, explanation)
    # when
    change = story.publish("536", PUBLISHED)
    # then
    (row,) = story.touched()
    assert change is not None and change.failed == 0
    assert (row.kind, row.state) == (TouchedKind.UNCLEAR, TouchedState.OPEN)


def test_the_work_goes_on_chunk_by_chunk_and_says_how_far_it_is(story: Story) -> None:
    # given
    for _ in range(3):
        story.decided(story.family("400"), "2021-09-20")
    # when
    story.publish("536", PUBLISHED)
    # then
    jobs = {job.kind: job for job in story.session.scalars(select(Job))}
    assert {kind: (job.done, job.total, job.state) for kind, job in jobs.items()} == {
        "retroactive.list": (3, 3, JobState.DONE),
        "retroactive.open": (3, 3, JobState.DONE),
    }


def test_the_trail_says_what_was_changed_and_what_came_of_it(story: Story) -> None:
    # given
    story.decided(story.family("400"), "2021-09-20")
    # when
    change = story.publish("536", PUBLISHED)
    # then
    assert change is not None
    actions = story.session.scalars(
        select(TrailEntry.action)
        .where(TrailEntry.subject_id == change.id)
        .order_by(TrailEntry.sequence)
    ).all()
    assert actions == ["parameter.reached_back", "correction.listed", "correction.opened"]


def _rewrite(story: Story, grant: Grant, explanation: dict[str, Any]) -> None:
    with transaction(story.session):
        row = story.session.get_one(Assessment, grant.assessment_id)
        row.explanation = explanation


def test_a_calculation_says_which_of_its_values_were_corrected(story: Story) -> None:
    # given
    grant = story.decided(story.family("400"), "2021-09-20")
    assert grant is not None
    made = story.session.get_one(Assessment, grant.assessment_id)
    district_id = story.world.district_id
    before = outdated_parameters(made, current_policy(story.session, district_id))
    story.session.rollback()
    # when
    story.publish("536", PUBLISHED)
    # then
    made = story.session.get_one(Assessment, grant.assessment_id)
    after = outdated_parameters(made, current_policy(story.session, district_id))
    assert before == []
    assert set(after) == {"农村最低生活保障标准"}


def test_two_changes_before_any_case_is_opened_open_one(story: Story) -> None:
    # given: two releases in a row; the worker comes to both lists before it opens a case
    story.decided(story.family("400"), "2021-09-20")
    for value, now in (("536", PUBLISHED), ("530", at("2021-10-20", "15:01"))):
        with transaction(story.session):
            publish_policy(
                story.session, with_rural(value), actor=SYSTEM, now=now, note="", trial=None
            )
    # when
    work_all(story.session, story.district.keys, at("2021-10-20", "15:02"))
    # then
    rows = story.touched()
    assert sorted(row.state for row in rows) == [TouchedState.JOINED, TouchedState.OPEN]
    assert len({row.correction_case_id for row in rows}) == 1
