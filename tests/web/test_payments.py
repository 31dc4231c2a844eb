"""The month's roll on pages: drawn, through four hands, to the bank and back, failures handled."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from models.accounts import Role
from models.assistance import Assessment, Grant, GrantState
from models.cases import Case
from models.households import Household, Person
from models.money import LedgerKind, Payment
from models.trail import AccessRecord
from models.types import new_id
from tests.web.desk import Desk, said, statements
from tests.web.people import csrf_token, make_account
from web.database import db_session
from workflows.assistance.grants import first_amount
from workflows.assistance.money.bank_accounts import record_bank_account
from workflows.assistance.money.ledger import DIBAO, Reason, ledger_account, move_money
from workflows.calendar import local_day
from workflows.errors import SYSTEM
from workflows.transaction import transaction

NOW = datetime.now(UTC)
MONTH = local_day(NOW).replace(day=1)
NUMBER = "6217003810001234567"


@pytest.fixture
def app_url(database_url: str) -> str:
    """Both kinds of databases."""
    return database_url


@pytest.fixture
def bureau(desk: Desk) -> Desk:
    """A district with a budget and a second reviewer."""
    desk.accounts["shenhe2"] = make_account(
        desk.app, desk.tree, "shenhe2", Role.REVIEWER, name="shenhe2先生"
    )
    with desk.app.app_context(), transaction(db_session()) as session:
        district = desk.tree.district
        source, budget = (
            ledger_account(session, district, kind, district, DIBAO)
            for kind in (LedgerKind.APPROPRIATION, LedgerKind.BUDGET)
        )
        move_money(session, source, budget, Decimal(9000), Reason("appropriate", "a/1"),
                   actor=SYSTEM, now=NOW)  # fmt: skip
    return desk


def granted(desk: Desk, order: int, *, bank: bool = True) -> str:
    """A family whose benefit is paid from this month on; the id of its case."""
    case_id = desk.open_case(order, name=f"陈{'甲乙丙丁戊'[order % 5]}")
    with desk.app.app_context(), transaction(db_session()) as session:
        case = session.get_one(Case, case_id)
        household = session.get_one(Household, case.household_id)
        own = {"district_id": case.district_id, "case_id": case.id}
        assessment = Assessment(
            id=new_id(), household_id=household.id, on=MONTH, made_at=NOW, result={},
            explanation={}, **own,
        )  # fmt: skip
        session.add(assessment)
        session.flush()
        grant = Grant(
            id=new_id(), household_id=household.id, assessment_id=assessment.id,
            monthly=Decimal("515.50"), base=Decimal("515.50"), topup=Decimal(0),
            decided_on=MONTH, start_month=MONTH, next_review_on=MONTH,
            state=GrantState.ACTIVE, **own,
        )  # fmt: skip
        session.add(grant)
        session.flush()
        session.add(first_amount(grant, NOW))
        if bank:
            person = session.get_one(Person, household.head_person_id)
            record_bank_account(
                session, person, f"{NUMBER[:-3]}{order}", "农商银行", "户主",
                desk.config.keys.ring, other_holder="由户主代收", actor=desk.actor("jingban"),
                now=NOW,
            )  # fmt: skip
    return case_id


def drawn(desk: Desk) -> str:
    """The address of a roll that the reviewer has drawn."""
    answer = desk.post("shenhe", "/payments/rolls", programme="dibao", month=f"{MONTH:%Y-%m}")
    assert answer.status_code == 303, said(answer)
    return answer.headers["Location"]


def sent(desk: Desk) -> str:
    """The address of a roll that has gone to the bank."""
    place = drawn(desk)
    for login, step in (("shenhe2", "review"), ("queren", "authorise"), ("caizheng", "release")):
        answer = desk.post(login, f"{place}/{step}")
        assert answer.status_code == 303, said(answer)
    return place


def upload(desk: Desk, place: str, content: bytes) -> TestResponse:
    """The bank's file, uploaded by finance."""
    client: FlaskClient = desk.client("caizheng")
    return client.post(
        f"{place}/results",
        data={"csrf_token": csrf_token(client), "file": (io.BytesIO(content), "hui.csv")},
        content_type="multipart/form-data",
    )


def answered(desk: Desk, *results: str) -> bytes:
    """The bank's file: one ending for each payment."""
    with desk.app.app_context():
        payments = db_session().scalars(select(Payment).order_by(Payment.id)).all()
        rows = [
            f"{payment.key},{payment.amount:.2f},{ending}"
            for payment, ending in zip(payments, results, strict=True)
        ]
    return "\n".join(["payment_key,amount,result,reason,paid_on", *rows]).encode()


PAID = f"paid,,{local_day(NOW)}"


def test_a_roll_is_drawn_with_those_who_are_held(bureau: Desk) -> None:
    # given
    granted(bureau, 101)
    granted(bureau, 102, bank=False)
    # when
    page = bureau.client("shenhe").get(drawn(bureau)).text
    # then
    assert "暂缓发放（1户）" in page
    assert "没有登记银行账户" in page
    assert "jingban先生" in page or "jingban2先生" in page
    assert "515.50" in page
    listed = bureau.client("caizheng").get("/payments").text
    assert "待复核" in listed and "9,000.00" in listed


def test_the_button_is_there_for_who_may_press_it_and_a_reason_for_others(bureau: Desk) -> None:
    # given
    granted(bureau, 101)
    # when
    place = drawn(bureau)
    # then
    assert "您已经办理过本清册" in bureau.client("shenhe").get(place).text
    assert "复核通过</button>" in bureau.client("shenhe2").get(place).text
    assert "这一步由其他岗位办理" in bureau.client("caizheng").get(place).text
    refused = bureau.post("shenhe", f"{place}/review")
    assert refused.status_code == 409
    assert "须由不同人员办理" in said(refused)
    assert bureau.post("caizheng", f"{place}/review").status_code == 403


def test_a_roll_goes_to_the_bank_and_its_answers_settle_it(bureau: Desk) -> None:
    # given
    granted(bureau, 101)
    granted(bureau, 102)
    place = sent(bureau)
    # when
    file = bureau.client("caizheng").get(f"{place}/bank-file")
    answer = upload(bureau, place, answered(bureau, PAID, "failed,account_closed,"))
    page = bureau.client("caizheng").get(place).text
    # then
    assert file.content_type == "text/csv; charset=utf-8"
    assert f"{NUMBER[:-3]}101" in file.text
    assert bureau.client("shenhe").get(f"{place}/bank-file").status_code == 403
    assert answer.status_code == 303, said(answer)
    assert "到账1笔，退票1笔" in page
    assert "已办结" in page and "账户已销户" in page
    with bureau.app.app_context():
        kinds = db_session().scalars(
            select(AccessRecord.kind).where(AccessRecord.subject_id == place.rpartition("/")[2])
        )
        assert {"downloaded", "viewed"} <= set(kinds)


def test_a_wrong_file_is_told_line_by_line(bureau: Desk) -> None:
    # given
    granted(bureau, 101)
    granted(bureau, 102)
    place = sent(bureau)
    content = answered(bureau, PAID, PAID).replace(b"515.50,paid", b"1.00,paid")
    # when
    answer = upload(bureau, place, content)
    # then
    assert answer.status_code == 422
    assert "第2行：金额与清册不一致" in said(answer) and "第3行" in said(answer)
    assert upload(bureau, place, b"").status_code == 422


def test_a_failure_is_handled_by_its_township(bureau: Desk) -> None:
    # given
    granted(bureau, 101)
    place = sent(bureau)
    upload(bureau, place, answered(bureau, "failed,account_closed,"))
    found = re.search(r'href="(/payments/failures/[-0-9a-f]{36})"',
                      bureau.client("jingban").get("/payments/failures").text)  # fmt: skip
    assert found is not None
    failure = found[1]
    # when
    early = bureau.post("jingban", f"{failure}/repeat")
    bad = bureau.post("jingban", f"{failure}/account", number="12", bank="农商银行", holder="陈")
    new = bureau.post("jingban", f"{failure}/account", number=NUMBER, bank="农商银行",
                      holder="陈", other_holder="由儿子代收")  # fmt: skip
    moved = bureau.post("jingban", f"{failure}/owner", owner=bureau.accounts["jingban2"])
    again = bureau.post("jingban2", f"{failure}/repeat")
    late = bureau.post("jingban", f"{failure}/cancel", reason="改发现金")
    # then
    assert early.status_code == 409 and "已经销户" in said(early)
    assert bad.status_code == 422 and "12至23位" in said(bad)
    assert 'value="12"' not in bad.text
    assert [answer.status_code for answer in (new, moved, again, late)] == [303, 303, 303, 409]
    assert bureau.client("waizhen").get(failure).status_code == 404
    assert bureau.client("jingban").get("/payments/failures").text.count("cell-title") == 0
    assert drawn(bureau)


def test_a_roll_is_cancelled_with_a_reason(bureau: Desk) -> None:
    # given
    granted(bureau, 101)
    place = drawn(bureau)
    # when
    without = bureau.post("shenhe", f"{place}/cancel", reason=" ")
    done = bureau.post("shenhe", f"{place}/cancel", reason="金额有误")
    # then
    assert (without.status_code, done.status_code) == (422, 303)
    assert "金额有误" in bureau.client("shenhe").get(place).text


@pytest.mark.parametrize("fields", [{}, {"month": "2021-13"}, {"month": "2999-01"}])
def test_what_cannot_be_drawn_is_said(bureau: Desk, fields: dict[str, str]) -> None:
    # when
    answer = bureau.post(
        "shenhe", "/payments/rolls", **{"programme": "dibao", "month": f"{MONTH:%Y-%m}", **fields}
    )
    # then
    assert answer.status_code == 422
    assert said(answer)


def test_pages_take_as_many_statements_for_many_families_as_for_one(bureau: Desk) -> None:
    # given
    counts: list[list[int]] = []
    for orders in ((101,), (102, 103, 104)):
        for order in orders:
            granted(bureau, order)
        granted(bureau, 200 + orders[0], bank=False)
        place = sent(bureau)
        with bureau.app.app_context():
            session = db_session()
            keys = {place.rpartition("/")[2]}
            rows = session.scalars(
                select(Payment).where(Payment.roll_id.in_(keys)).order_by(Payment.id)
            ).all()
            lines = [f"{row.key},{row.amount:.2f},failed,account_wrong," for row in rows]
        upload(
            bureau, place,
            "\n".join(["payment_key,amount,result,reason,paid_on", *lines]).encode(),
        )  # fmt: skip
        # when
        client = bureau.client("shenhe")
        taken = []
        for path in ("/payments", place, "/payments/failures"):
            with statements(bureau.app) as told:
                assert client.get(path).status_code == 200
            taken.append(len(told))
        counts.append(taken)
    # then
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 10
