"""The pages of the price subsidy: entering an index, the list, approval, the roll, the export."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.assistance import Grant
from models.cases import Case
from models.households import Household, HouseholdMember, Person
from models.money import LedgerKind, Payment
from models.price import PriceBatch, PriceIndex, PriceShare
from models.types import new_id
from tests.web.desk import Desk, said, statements
from web.database import current_moment, db_session
from workflows.assistance.grants.amounts import first_amount
from workflows.assistance.money.bank_accounts import record_bank_account
from workflows.assistance.money.drawing import draw_roll
from workflows.assistance.money.ledger import PRICE, Reason, ledger_account, move_money
from workflows.errors import SYSTEM
from workflows.jobs import work_jobs
from workflows.runtime.job_steps import job_steps
from workflows.scenarios.corrections import decide_now
from workflows.transaction import transaction

ACCOUNT = "6228480000000000017"
FORM = {"month": "2026-11", "published_on": "2026-12-09", "cpi": "2.3", "food": "6.0", "scpi": "4"}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """It is the morning of 2026-10-15 in Chongqing."""
    with time_machine.travel("2026-10-15T02:00:00Z", tick=True) as clock:
        yield clock


@pytest.fixture
def families(desk: Desk, clock: time_machine.Traveller) -> list[str]:
    """Two families of two on the allowance; then it is 2026-12-10 and there is money."""
    cases = [desk.case(desk.open_case(order, wage="300")) for order in (101, 103)]
    ids = [case.household_id or "" for case in cases]
    keys = desk.config.keys.ring
    with desk.app.app_context(), transaction(db_session()) as session:
        for household_id in ids:
            household = session.get_one(Household, household_id)
            decide_now(session, household, keys, actor=SYSTEM, now=current_moment())
        source, target = (
            ledger_account(session, desk.tree.district, kind, desk.tree.district, PRICE)
            for kind in (LedgerKind.APPROPRIATION, LedgerKind.BUDGET)
        )
        why = Reason("appropriate", f"appropriate/{new_id()}")
        move_money(session, source, target, Decimal(500), why, actor=SYSTEM, now=current_moment())
    clock.move_to("2026-12-10T02:00:00Z")
    desk.clients.clear()
    return ids


def work(desk: Desk) -> None:
    """The worker does what waits."""
    with desk.app.app_context():
        while work_jobs(db_session(), job_steps(desk.config.keys.ring), current_moment()):
            pass


def entered(desk: Desk, **changes: str) -> str:
    """The index is entered and counted; the path of its page."""
    answer = desk.post("shenhe", "/price-subsidies", **{**FORM, **changes})
    assert answer.status_code == 303, said(answer)
    work(desk)
    with desk.app.app_context():
        newest = select(PriceIndex.id).order_by(PriceIndex.id.desc()).limit(1)
        return f"/price-subsidies/{db_session().scalars(newest).one()}"


def case_of(desk: Desk) -> str:
    """The case of the newest index."""
    with desk.app.app_context():
        newest = select(PriceIndex.case_id).order_by(PriceIndex.id.desc()).limit(1)
        return str(db_session().scalars(newest).one())


def test_an_index_leads_to_a_list_that_is_checked_approved_and_put_on_a_roll(
    desk: Desk, families: list[str]
) -> None:
    # given
    path = entered(desk)
    page = desk.client("caizheng").get(path).text
    assert "2026-11价格补贴" in page and "112.00" in page and "500.00" in page
    # when
    case_id = case_of(desk)
    desk.do("shenhe", case_id, "Task_CheckList", f_list_result="correct")
    desk.do("caizheng", case_id, "Task_ApprovePrice", f_price_decision="approve")
    work(desk)
    # then: each family's head gets one payment, which waits for the roll of the programme
    with desk.app.app_context(), transaction(db_session()) as session:
        heads = session.scalars(
            select(Household.head_person_id).where(Household.id.in_(families))
        ).all()
        payments = session.scalars(select(Payment)).all()
        assert {payment.person_id for payment in payments} == set(heads)
        assert {(payment.programme, payment.amount) for payment in payments} == {
            (PRICE, Decimal("56.00"))
        }
        for payment in payments:
            record_bank_account(
                session, session.get_one(Person, payment.person_id), ACCOUNT,
                "农业银行开州支行", "陈德明", desk.config.keys.ring, other_holder="代收",
                actor=SYSTEM, now=current_moment(),
            )  # fmt: skip
        roll = draw_roll(
            session, desk.tree.district, PRICE, current_moment().date().replace(day=1),
            actor=desk.actor("shenhe"), now=current_moment(),
        )  # fmt: skip
        assert (roll.payments, roll.persons, roll.total) == (2, 4, Decimal("112.00"))
    assert "已下达" in desk.client("caizheng").get(path).text
    case_page = desk.client("shenhe").get(f"/cases/{case_id}")
    assert case_page.status_code == 200 and "价格临时补贴" in case_page.text
    for part in ("materials", "diagram", "trail"):
        assert desk.client("shenhe").get(f"/cases/{case_id}/{part}").status_code == 200


def test_somebody_with_two_grants_is_on_the_list_once_and_who_has_died_is_not_paid(
    desk: Desk, families: list[str]
) -> None:
    # given: the head of the first family gets 特困, too; the second family's spouse has died
    with desk.app.app_context(), transaction(db_session()) as session:
        first = session.scalars(select(Grant).where(Grant.household_id == families[0])).one()
        again = Grant(
            id=new_id(), district_id=first.district_id, case_id=second_case(session, first),
            household_id=first.household_id, assessment_id=first.assessment_id,
            programme="tekun", person_id=session.get_one(Household, families[0]).head_person_id,
            monthly=Decimal(827), base=Decimal(827), topup=Decimal(0),
            decided_on=first.decided_on, start_month=first.start_month,
            next_review_on=first.next_review_on,
        )  # fmt: skip
        session.add(again)
        session.flush()
        session.add(first_amount(again, current_moment()))
        head = session.get_one(Household, families[1]).head_person_id
        spouse = session.scalars(
            select(HouseholdMember.person_id).where(
                HouseholdMember.household_id == families[1], HouseholdMember.person_id != head
            )
        ).one()
        session.get_one(Person, spouse).died_on = first.start_month
    # when
    entered(desk)
    # then
    with desk.app.app_context():
        batch = db_session().scalars(select(PriceBatch)).one()
        assert batch.groups == {"tekun": 1, "dibao": 2}
        assert batch.reasons == {"died": 1}
        assert (batch.persons, batch.excluded, batch.total) == (3, 1, Decimal("84.00"))
        assert db_session().scalar(select(func.count()).select_from(PriceShare)) == 4


def second_case(session: Session, grant: Grant) -> str:
    """A case of its own for a second grant of a family."""
    household = session.get_one(Household, grant.household_id)
    case = session.get_one(Case, grant.case_id)
    copy = Case(
        id=new_id(), district_id=case.district_id, number=f"TEKUN-{new_id()[-6:]}",
        process_key="dibao", release_id=case.release_id, household_id=household.id,
        township_id=household.township_id, opened_at=current_moment(), engine_state=b"",
    )  # fmt: skip
    session.add(copy)
    session.flush()
    return copy.id


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"published_on": "2026-12-31"}, 422, "公布日期不能晚于今天"),
        ({"month": "2027-01"}, 422, "公布以前的一个月"),
        ({"cpi": "三"}, 422, "请填写百分数"),
        ({"published_on": "2026-13-09"}, 422, "请填写日期"),
        ({"scpi": "-3"}, 422, "0到100之间"),
    ],
)
def test_a_wrong_index_is_refused_with_what_is_wrong(
    desk: Desk, families: list[str], changes: dict[str, str], status: int, sentence: str
) -> None:
    # when
    answer = desk.post("shenhe", "/price-subsidies", **{**FORM, **changes})
    # then
    assert answer.status_code == status
    assert sentence in said(answer)
    with desk.app.app_context():
        assert db_session().scalars(select(PriceIndex)).all() == []


def test_a_month_that_waits_for_its_decision_is_not_entered_twice(
    desk: Desk, families: list[str]
) -> None:
    # given
    entered(desk)
    # when
    answer = desk.post("shenhe", "/price-subsidies", **FORM)
    # then
    assert answer.status_code == 409
    assert "还没有审核" in said(answer)


def test_nobody_goes_on_while_the_list_is_being_counted(desk: Desk, families: list[str]) -> None:
    # given: the worker hasn't begun
    assert desk.post("shenhe", "/price-subsidies", **FORM).status_code == 303
    # when
    answer = desk.complete("shenhe", case_of(desk), "Task_CheckList", f_list_result="correct")
    # then
    assert answer.status_code == 409
    assert "还在测算名单" in answer.text


def test_who_may_not_enter_indices_sees_the_page_without_the_form(
    desk: Desk, families: list[str]
) -> None:
    # when
    page = desk.client("caizheng").get("/price-subsidies")
    # then
    assert page.status_code == 200 and 'name="scpi"' not in page.text
    assert desk.post("caizheng", "/price-subsidies", **FORM).status_code == 403
    assert desk.client("jingban").get("/price-subsidies").status_code == 403


def test_the_export_has_families_and_sums_and_no_names(desk: Desk, families: list[str]) -> None:
    # given
    path = entered(desk)
    # when
    content = desk.client("caizheng").get(f"{path}.csv").text
    # then
    lines = content.strip().splitlines()
    assert len(lines) == 3
    assert all("56.00" in line for line in lines[1:])
    assert "陈德明" not in content and "500154" not in content


def test_the_page_costs_the_same_for_any_number_of_families(
    desk: Desk, families: list[str]
) -> None:
    # given
    path = entered(desk)
    client = desk.client("caizheng")
    client.get(path)
    # when
    with statements(desk.app) as sent:
        client.get(path)
    # then: the viewer, the month, tasks, what is public, offices, jobs, the budget, the policy
    assert len(sent) <= 12
