"""A family's bank account recorded from its case: masked, in scope, shared numbers pointed out."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from models.assistance import NearRelativeFiling
from models.money import BankAccount
from models.trail import TrailEntry
from models.types import new_id
from tests.web.desk import Desk, statements
from tests.web.people import LONG_AGO
from web.database import db_session
from workflows.transaction import transaction

NUMBER = "6228 4801 2345 6789 010"
GIVEN = {"number": NUMBER, "bank": "农业银行开州支行", "holder": "陈德明"}


def accounts(desk: Desk) -> int:
    with desk.app.app_context():
        return db_session().scalar(select(func.count()).select_from(BankAccount)) or 0


def test_an_account_is_recorded_and_shown_masked(desk: Desk) -> None:
    # given
    case_id = desk.open_case()
    before = desk.client("jingban").get(f"/cases/{case_id}/household").text
    form = desk.client("jingban").get(f"/cases/{case_id}/account").text
    # when
    answer = desk.post("jingban", f"/cases/{case_id}/account", **GIVEN)
    # then
    page = desk.client("jingban").get(f"/cases/{case_id}/household").text
    again = desk.client("jingban").get(f"/cases/{case_id}/account").text
    assert "没有登记" in before
    assert 'value="陈德明"' in form
    assert answer.status_code == 303
    assert "陈德明的银行账户****9010已登记。" in page
    for shown in (page, again):
        assert "农业银行开州支行" in shown and "****9010" in shown
        assert "6228480123456789010" not in shown.replace(" ", "")
    with desk.app.app_context():
        entry = (
            db_session()
            .scalars(select(TrailEntry).where(TrailEntry.action == "bank_account.recorded"))
            .one()
        )
        assert entry.actor_id == desk.accounts["jingban"]


def test_everything_wrong_is_said_and_the_number_is_not_sent_back(desk: Desk) -> None:
    # given
    case_id = desk.open_case()
    # when
    answer = desk.post(
        "jingban", f"/cases/{case_id}/account", number="62284801x", bank="农业银行", holder="陈"
    )
    # then
    assert answer.status_code == 422
    assert "银行账号应为12至23位数字" in answer.text
    assert 'value="农业银行"' in answer.text and 'value="陈"' in answer.text
    assert "62284801x" not in answer.text
    assert accounts(desk) == 0


def test_a_number_that_another_household_has_is_pointed_out(desk: Desk) -> None:
    # given
    first, second = desk.open_case(), desk.open_case(103, name="李建国")
    desk.post("jingban", f"/cases/{first}/account", **GIVEN)
    # when
    answer = desk.post(
        "jingban", f"/cases/{second}/account", **GIVEN, other_holder="由亲戚陈德明代收"
    )
    # then
    page = desk.client("jingban").get(answer.location).text
    assert "注意：该账号在另外1个家庭也有登记，请核实。" in page
    assert accounts(desk) == 2


def test_the_assistant_of_the_village_may_record_it(desk: Desk) -> None:
    # when
    answer = desk.post("xieli", f"/cases/{desk.open_case()}/account", **GIVEN)
    # then
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("login", "status"), [("fenguan", 403), ("shenhe", 403), ("caizheng", 403), ("waizhen", 404)]
)
def test_nobody_else_may(desk: Desk, login: str, status: int) -> None:
    # given
    case_id = desk.open_case()
    # when
    answer = desk.post(login, f"/cases/{case_id}/account", **GIVEN)
    # then
    assert answer.status_code == status
    assert accounts(desk) == 0
    assert "登记银行账户" not in desk.client("shenhe").get(f"/cases/{case_id}/household").text


def test_not_for_ones_own_family(desk: Desk) -> None:
    # given
    case_id = desk.open_case()
    with desk.app.app_context(), transaction(db_session()) as session:
        session.add(
            NearRelativeFiling(
                id=new_id(), district_id=desk.tree.district, case_id=case_id,
                account_id=desk.accounts["jingban"], relation="sibling", staff_name="jingban",
                filed_at=LONG_AGO,
            )
        )  # fmt: skip
    # when
    answer = desk.post("jingban", f"/cases/{case_id}/account", **GIVEN)
    # then
    assert answer.status_code == 403
    assert "近亲属" in answer.text
    assert accounts(desk) == 0


def test_the_household_costs_the_same_with_an_account(desk: Desk) -> None:
    # given
    case_id = desk.open_case()
    desk.client("jingban")
    with statements(desk.app) as bare:
        desk.client("jingban").get(f"/cases/{case_id}/household")
    desk.post("jingban", f"/cases/{case_id}/account", **GIVEN)
    # when
    with statements(desk.app) as with_account:
        desk.client("jingban").get(f"/cases/{case_id}/household")
    # then
    assert len(with_account) == len(bare)


def people(desk: Desk, case_id: str) -> dict[str, str]:
    """Whom the form offers: person id by name."""
    page = desk.client("jingban").get(f"/cases/{case_id}/account").text
    found = re.findall(r'<option value="([-0-9a-f]{36})"[^>]*>([^<（]+)', page)
    return {name: person_id for person_id, name in found}


def test_a_member_has_an_account_of_their_own(desk: Desk) -> None:
    # given
    case_id = desk.open_case()
    wife = people(desk, case_id)["李素芳"]
    desk.post("jingban", f"/cases/{case_id}/account", **GIVEN)
    # when
    form = desk.client("jingban").get(f"/cases/{case_id}/account?person={wife}").text
    answer = desk.post(
        "jingban", f"/cases/{case_id}/account", person=wife, number="6228 4801 2345 6789 028",
        bank="农商银行", holder="李素芳",
    )  # fmt: skip
    # then
    assert f'<option value="{wife}" selected>' in form and 'value="李素芳"' in form
    assert answer.status_code == 303
    page = desk.client("jingban").get(f"/cases/{case_id}/household").text
    assert "李素芳的银行账户****9028已登记。" in page
    assert "****9010" in page and "****9028" in page
    with desk.app.app_context():
        kept = db_session().scalars(select(BankAccount)).all()
        assert {one.person_id for one in kept if one.superseded_at is None} == set(
            people(desk, case_id).values()
        )


def test_an_account_of_somebody_of_another_household_is_refused(desk: Desk) -> None:
    # given
    case_id, other = desk.open_case(), desk.open_case(103, name="李建国")
    stranger = people(desk, other)["李建国"]
    # when
    answer = desk.post("jingban", f"/cases/{case_id}/account", **GIVEN, person=stranger)
    # then
    assert answer.status_code == 404
    assert accounts(desk) == 0


def test_an_account_in_another_name_says_why(desk: Desk) -> None:
    # given
    case_id = desk.open_case()
    # when
    bare = desk.post("jingban", f"/cases/{case_id}/account", **{**GIVEN, "holder": "陈小明"})
    told = desk.post(
        "jingban", f"/cases/{case_id}/account",
        **{**GIVEN, "holder": "陈小明", "other_holder": "本人卧床，由儿子代收"},
    )  # fmt: skip
    # then
    assert bare.status_code == 422 and "户名不是领取人本人的，请写明原因。" in bare.text
    assert told.status_code == 303
    page = desk.client("jingban").get(f"/cases/{case_id}/household").text
    assert "不是本人" in page and "本人卧床，由儿子代收" in page
