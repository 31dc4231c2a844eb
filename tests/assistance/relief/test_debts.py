"""Papers that are owed have an owner from the first moment, a day once there is a clock, an end."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from models.relief import PaperDebt
from tests.assistance.relief.world import NOW, TODAY, Relief
from tests.runtime.district import at
from workflows.assistance.relief.debts import close_debt, open_debt, schedule_debt
from workflows.errors import SYSTEM, Fault
from workflows.transaction import transaction

MISSING = ["救助申请书", "身份证明"]


def debt(relief: Relief) -> PaperDebt:
    """The only debt."""
    relief.session.rollback()
    found = select(PaperDebt).execution_options(populate_existing=True)
    return relief.session.scalars(found).one()


def test_a_debt_belongs_to_whoever_gave_the_aid(relief: Relief) -> None:
    # given
    case_id = relief.case(relief.family())
    # when
    relief.act(case_id, open_debt, "officer", missing=MISSING)
    # then
    found = debt(relief)
    assert [found.owner_id] == relief.district.staff_ids("officer")
    assert (found.missing, found.opened_on, found.due_on, found.closed_on) == (
        MISSING, TODAY, None, None,
    )  # fmt: skip


def test_a_debt_may_be_given_to_somebody(relief: Relief) -> None:
    # given
    case_id = relief.case(relief.family())
    [owner] = relief.district.staff_ids("second_officer")
    # when
    relief.act(case_id, open_debt, "officer", missing=MISSING, owner=owner)
    # then
    assert debt(relief).owner_id == owner


@pytest.mark.parametrize("owner", ["00000000-0000-7000-8000-000000000000", "nobody"])
def test_nobody_else_owns_a_debt(relief: Relief, owner: str) -> None:
    # given
    case_id = relief.case(relief.family())
    # when / then
    with pytest.raises(Fault, match="debt_owner"):
        relief.act(case_id, open_debt, "officer", missing=MISSING, owner=owner)


def test_a_debt_that_a_timer_opens_needs_an_owner(relief: Relief) -> None:
    # given
    case_id = relief.case(relief.family())
    # when / then
    with pytest.raises(Fault, match="debt_owner"), transaction(relief.session):
        context = relief.context(case_id)
        context.actor = SYSTEM
        open_debt(context, missing=MISSING)


def test_a_debt_is_opened_once(relief: Relief) -> None:
    # given
    case_id = relief.case(relief.family())
    # when
    first, again = (
        relief.act(case_id, open_debt, login, missing=MISSING)
        for login in ("officer", "second_officer")
    )
    # then
    assert first == again
    assert [debt(relief).owner_id] == relief.district.staff_ids("officer")


def test_a_debt_is_not_scheduled_without_its_clock(relief: Relief) -> None:
    # given
    case_id = relief.case(relief.family())
    relief.act(case_id, open_debt, "officer", missing=MISSING)
    # when / then
    with pytest.raises(Fault, match="no_clock"):
        relief.act(case_id, schedule_debt, clock="C.aftercare_papers")
    assert debt(relief).due_on is None


@pytest.mark.parametrize(("day", "late"), [("2021-12-08", False), ("2021-12-09", True)])
def test_late_papers_are_taken_and_called_late(relief: Relief, day: str, late: bool) -> None:
    # given: eased on the day of the aid, due ten working days later
    case_id = relief.aided(relief.family())
    relief.district.do(case_id, "Task_Eased", "officer", NOW, eased_on="2021-11-24")
    assert debt(relief).due_on == date(2021, 12, 8)
    # when
    answer = relief.act(
        case_id, close_debt, "officer", at(day), received_on=date.fromisoformat(day)
    )
    # then
    assert answer == {"late": late}
    assert debt(relief).closed_on == date.fromisoformat(day)


def test_papers_that_nobody_owes_are_not_late(relief: Relief) -> None:
    # given
    case_id = relief.case(relief.family())
    # when / then
    assert relief.act(case_id, close_debt, received_on=TODAY) == {"late": False}
