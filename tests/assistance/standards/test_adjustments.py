"""Standards that rise: whom the list finds, what it leaves alone, and what is applied."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.assistance import AmountKind, Assessment, Grant, GrantAmount
from models.cases import Case
from models.households import Household
from models.standards import AdjustedGrant, AdjustedState, AdjustmentState, StandardAdjustment
from tests.assistance.retroactive.story import Story
from tests.runtime.district import at
from workflows.assistance.context import OperationContext
from workflows.assistance.grants import change_amount, end_grant
from workflows.definitions.release import current_policy
from workflows.feel import to_json
from workflows.runtime.standards import open_due_adjustments
from workflows.scenarios.corrections import work_all
from workflows.transaction import transaction

SEPTEMBER = date(2022, 9, 1)
CHECKED = at("2022-09-02")


@pytest.fixture
def story(session: Session) -> Story:
    """Rural families, decided on in March 2022 by a standard of 515; 581 from September."""
    session.expire_on_commit = False
    return Story.begun(session)


def granted(story: Story, income: str = "0", day: str = "2022-03-15") -> Grant:
    grant = story.decided(story.family(income), day)
    assert grant is not None
    return grant


def rise(story: Story, day: str = "2022-09-01") -> StandardAdjustment | None:
    """The worker on a day; the newest adjustment."""
    open_due_adjustments(story.session, story.district.keys, at(day))
    work_all(story.session, story.district.keys, at(day))
    story.session.rollback()
    return story.session.scalars(
        select(StandardAdjustment)
        .order_by(StandardAdjustment.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).one_or_none()


def approve(story: Story, adjustment: StandardAdjustment) -> StandardAdjustment:
    """Checked by one, approved by another, applied by the worker."""
    assert adjustment.case_id is not None
    story.district.do(adjustment.case_id, "Task_CheckAdjustment", "reviewer", CHECKED)
    story.district.do(
        adjustment.case_id, "Task_ApproveAdjustment", "confirmer", CHECKED,
        adjustment_decision="approve",
    )  # fmt: skip
    work_all(story.session, story.district.keys, CHECKED)
    story.session.rollback()
    return story.session.get_one(StandardAdjustment, adjustment.id, populate_existing=True)


def amounts(story: Story, grant: Grant) -> list[tuple[date, Decimal]]:
    story.session.rollback()
    rows = story.session.execute(
        select(GrantAmount.from_month, GrantAmount.monthly)
        .where(GrantAmount.grant_id == grant.id, GrantAmount.superseded_at.is_(None))
        .order_by(GrantAmount.from_month)
    )
    return [(month, amount) for month, amount in rows]


def context(story: Story, grant: Grant, day: str) -> OperationContext:
    case = story.session.get_one(Case, grant.case_id)
    law = current_policy(story.session, case.district_id)
    actor = story.district.actor("confirmer")
    return OperationContext(story.session, case, actor, at(day), law, story.district.keys, {})


def test_every_family_gets_the_difference_of_its_own_calculation(story: Story) -> None:
    # given: one without income, one whose wage counts 210
    first, second = granted(story), granted(story, "300")
    before = second.assessment_id
    # when
    adjustment = rise(story)
    assert adjustment is not None
    applied = approve(story, adjustment)
    # then
    assert (applied.state, applied.applied, applied.arrears) == (
        AdjustmentState.APPLIED, 2, Decimal(0),
    )  # fmt: skip
    assert amounts(story, first) == [(date(2022, 4, 1), Decimal(515)), (SEPTEMBER, Decimal(581))]
    assert amounts(story, second) == [(date(2022, 4, 1), Decimal(305)), (SEPTEMBER, Decimal(371))]
    newest = story.session.get_one(Grant, second.id, populate_existing=True)
    assessment = story.session.get_one(Assessment, newest.assessment_id)
    assert (assessment.on, assessment.explanation["adjusts"]) == (SEPTEMBER, before)
    (total,) = {row["more"] for row in applied.townships.values()}
    assert total == "132.00"


def test_one_rise_is_opened_once_and_not_before_its_first_day(story: Story) -> None:
    # given
    granted(story)
    # when / then
    assert rise(story, "2022-08-31") is None
    first = rise(story, "2022-09-01")
    again = rise(story, "2022-09-30")
    assert first is not None and again is not None and first.id == again.id


@pytest.mark.parametrize("what", ["none", "later", "refused", "ended"])
def test_nothing_is_opened_that_touches_nobody(story: Story, what: str) -> None:
    # given: nobody, a family decided on by the new standard, one refused, one stopped
    if what == "later":
        granted(story, day="2022-09-05")
    elif what == "refused":
        assert story.decided(story.family("5000"), "2022-03-15") is None
    elif what == "ended":
        grant = granted(story)
        with transaction(story.session):
            end_grant(
                context(story, grant, "2022-06-20"), grant, from_month=date(2022, 7, 1),
                reason="核查",
            )  # fmt: skip
    # when / then
    assert rise(story, "2022-09-06") is None


def test_a_gradual_exit_goes_on_unchanged(story: Story) -> None:
    # given
    other, grant = granted(story), granted(story)
    with transaction(story.session):
        change_amount(
            context(story, grant, "2022-07-15"), grant, from_month=date(2022, 8, 1),
            monthly=Decimal(515), base=Decimal(515), topup=Decimal(0),
            kind=AmountKind.GRADUAL_EXIT, until_month=date(2023, 2, 1), reason="渐退",
        )  # fmt: skip
    # when
    adjustment = rise(story)
    assert adjustment is not None
    approve(story, adjustment)
    # then
    assert [month for month, _ in amounts(story, grant)] == [date(2022, 4, 1), date(2022, 8, 1)]
    assert amounts(story, other)[-1] == (SEPTEMBER, Decimal(581))


def test_what_is_decided_after_the_list_was_made_is_not_overwritten(story: Story) -> None:
    # given: listed, then changed from August, or from October
    changed, later = granted(story), granted(story)
    adjustment = rise(story)
    assert adjustment is not None
    for grant, since in ((changed, date(2022, 8, 1)), (later, date(2022, 10, 1))):
        with transaction(story.session):
            change_amount(
                context(story, grant, "2022-09-01"), grant, from_month=since,
                monthly=Decimal(100), base=Decimal(100), topup=Decimal(0), reason="核查",
            )  # fmt: skip
    # when
    approve(story, adjustment)
    # then
    rows = story.session.execute(select(AdjustedGrant.grant_id, AdjustedGrant.state))
    states = {grant_id: state for grant_id, state in rows}  # noqa: C416 (rows are no pairs to mypy)
    assert states == {
        changed.id: AdjustedState.OUTDATED,
        later.id: AdjustedState.SENT_TO_CHECK,
    }
    assert amounts(story, changed)[-1] == (date(2022, 8, 1), Decimal(100))
    assert amounts(story, later)[-1] == (date(2022, 10, 1), Decimal(100))
    assert story.session.get_one(Grant, later.id).next_review_on == CHECKED.date()


def supported(story: Story) -> Grant:
    """Somebody in extreme hardship who needs full care: 827 and 300 yuan since October 2021."""
    grant = granted(story, day="2021-09-20")
    with transaction(story.session) as session:
        unable = dict.fromkeys(("eat", "dress", "bed", "toilet", "walk", "bathe"), False)
        old = session.get_one(Assessment, grant.assessment_id)
        old.decision = "tekun_amount"
        old.explanation = {
            **old.explanation,
            "inputs": {"on": to_json(old.on), "self_care": to_json(unable)},
        }
        old.result = {**old.result, "monthly": to_json(Decimal(1127)), "tier": to_json("full")}
        household = session.get_one(Household, grant.household_id)
        grant.programme, grant.person_id = "tekun", household.head_person_id
        amount = session.scalars(select(GrantAmount).where(GrantAmount.grant_id == grant.id)).one()
        for row in (grant, amount):
            row.monthly, row.base, row.topup = Decimal(1127), Decimal(827), Decimal(300)
    return grant


def test_support_in_extreme_hardship_rises_with_its_own_standard(story: Story) -> None:
    # given
    grant = supported(story)
    # when: 932 from September 2022
    adjustment = rise(story)
    assert adjustment is not None and adjustment.programme == "tekun"
    approve(story, adjustment)
    # then
    assert amounts(story, grant)[-1] == (SEPTEMBER, Decimal(1232))
    newest = story.session.get_one(Grant, grant.id, populate_existing=True)
    assert (newest.base, newest.topup) == (Decimal(932), Decimal(300))
