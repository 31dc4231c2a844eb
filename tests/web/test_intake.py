"""Applications at the counter: rows, findings, drafts, the opened case; corrections later."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import func, select

from models.accounts import Account
from models.assistance import Attachment
from models.cases import Case
from models.households import HouseholdMember, IncomeItem
from models.plumbing import Draft
from tests.runtime.district import id_number
from tests.web.desk import Desk, pdf, said
from web.database import db_session
from workflows.privacy import blind_index
from workflows.transaction import transaction

MEMBER = {"f_status": "present", "f_student": "none", "f_able_bodied": "true"}


def application(desk: Desk, **changes: Any) -> dict[str, Any]:
    """A couple with one wage, as the page sends it."""
    fields = {
        "request_key": "a" * 32,
        "f_village": desk.tree.village,
        "f_area": "rural",
        "f_channel": "window",
        "f_property_ok": "yes",
        "f_property_reason": "住房一处",
        "m0-f_name": "陈德明",
        "m0-f_id_number": id_number("1975-03-02", 101),
        "m0-f_relation": "self",
        "m1-f_name": "李素芳",
        "m1-f_id_number": id_number("1977-06-11", 102),
        "m1-f_relation": "spouse",
        "i0-f_member": "0",
        "i0-f_kind": "wage",
        "i0-f_basis": "documented",
        "i0-f_monthly": "900.50",
        "verb": "submit",
        **{f"m{place}-{name}": value for place in (0, 1) for name, value in MEMBER.items()},
    }
    return {**fields, **changes}


def test_an_application_opens_a_case_with_its_household_and_files(desk: Desk) -> None:
    # when
    answer = desk.post("jingban", "/intake", **application(desk), u_files=pdf("身份证.pdf"))
    # then
    assert answer.status_code == 303, said(answer)
    page = desk.client("jingban").get(answer.location)
    assert "陈德明" in page.text
    with desk.app.app_context():
        session = db_session()
        case = session.scalars(select(Case)).one()
        assert case.village_id == desk.tree.village
        assert str(session.scalars(select(IncomeItem.monthly)).one()) == "900.50"
        assert session.scalars(select(Attachment.case_id)).all() == [case.id]


def test_the_same_application_sent_twice_opens_one_case(desk: Desk) -> None:
    # when
    answers = [desk.post("jingban", "/intake", **application(desk)) for _ in range(2)]
    # then
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    with desk.app.app_context():
        assert db_session().scalar(select(func.count()).select_from(Case)) == 1


def test_everything_wrong_is_said_at_once_and_nothing_is_lost(desk: Desk) -> None:
    # given
    wrong = application(
        desk,
        f_village="",
        f_property_reason="",
        **{
            "m0-f_id_number": "500154197503020001",
            "m1-f_name": "",
            "m1-f_relation": "self",
            "i0-f_monthly": "12.345",
            "i0-f_label": "镇上务工",
        },
    )
    # when
    answer = desk.post("jingban", "/intake", **wrong)
    # then
    assert answer.status_code == 422
    text = said(answer)
    for place in ("村", "财产判断", "校验", "姓名", "申请人本人", "小数"):
        assert place in text, f"{place}: {text}"
    for target in ("village", "m0-f-id_number", "m1-f-name", "i0-f-monthly"):
        assert f'href="#{target}"' in answer.text
        assert f'id="{target}"' in answer.text
    assert "镇上务工" in answer.text
    assert "500154197503020001" in answer.text
    with desk.app.app_context():
        assert db_session().scalar(select(func.count()).select_from(Case)) == 0


def test_rows_are_added_and_removed_without_script(desk: Desk) -> None:
    # when
    added = desk.post("jingban", "/intake", **application(desk, verb="add-m")).text
    removed = desk.post("jingban", "/intake", **application(desk, verb="remove-m-0")).text
    # then
    assert 'name="m2-f_name"' in added
    assert 'name="m1-f_name"' not in removed
    assert 'value="李素芳"' in removed
    assert 'value="900.50"' in removed
    assert not re.search(r'name="i0-f_member".*?<option value="0" selected', removed, re.DOTALL)


def test_the_id_number_says_birthday_and_sex(desk: Desk) -> None:
    # when
    page = desk.post("jingban", "/intake", **application(desk, verb="refresh")).text
    # then
    assert "1975-03-02 · 男" in page
    assert "1977-06-11 · 女" in page


def test_a_trial_calculation_shows_the_amount_and_keeps_nothing(desk: Desk) -> None:
    # when
    page = desk.post("jingban", "/intake", **application(desk, verb="preview")).text
    missing = desk.post(
        "jingban", "/intake", **application(desk, verb="preview", **{"m0-f_name": ""})
    ).text
    # then
    assert "试算结果" in page
    assert "符合最低生活保障" in page
    assert "暂时不能试算" in missing
    with desk.app.app_context():
        assert db_session().scalar(select(func.count()).select_from(Case)) == 0


def test_a_wage_without_basis_is_refused_at_the_counter(desk: Desk) -> None:
    # when
    answer = desk.post("jingban", "/intake", **application(desk, **{"i0-f_basis": "none"}))
    # then
    assert answer.status_code == 422
    assert said(answer)
    with desk.app.app_context():
        assert db_session().scalar(select(func.count()).select_from(Case)) == 0


def test_a_person_with_an_open_case_elsewhere_is_said_at_their_row(desk: Desk) -> None:
    # given
    desk.open_case(101)
    # when
    answer = desk.post("jingban", "/intake", **application(desk))
    # then
    assert answer.status_code == 422
    assert "第1名成员已在办件" in said(answer)
    assert 'href="#m0-f-id_number"' in answer.text


def test_a_village_of_another_township_is_refused(desk: Desk) -> None:
    # when
    answer = desk.post("waizhen", "/intake", **application(desk))
    # then
    assert answer.status_code == 422
    assert "村" in said(answer)


def test_a_draft_of_an_application_comes_back(desk: Desk) -> None:
    # given
    desk.post("jingban", "/intake/draft", **application(desk))
    # when
    page = desk.client("jingban").get("/intake").text
    # then
    assert "已恢复您" in page
    assert 'value="李素芳"' in page
    with desk.app.app_context():
        assert "陈德明".encode() not in (db_session().scalar(select(Draft.content)) or b"")


def test_facts_are_corrected_as_a_new_version(desk: Desk) -> None:
    # given
    case_id = desk.open_case()
    path = f"/cases/{case_id}/household/edit"
    page = desk.client("jingban").get(path).text
    assert id_number("1975-03-02", 101) in page
    fields = application(
        desk, **{"i0-f_monthly": "450", "m1-f_id_number": id_number("1977-06-11", 101)}
    )
    # when
    answer = desk.post("jingban", path, **fields)
    # then
    assert answer.status_code == 303, said(answer)
    with desk.app.app_context():
        rows = db_session().scalars(select(IncomeItem).order_by(IncomeItem.recorded_at)).all()
        assert [str(row.monthly) for row in rows] == ["900.00", "450.00"]
        assert [row.superseded_at is None for row in rows] == [False, True]


@pytest.mark.parametrize(
    "crafted",
    [
        {"m_area": "x", "f_area": ""},
        {"m_channel": "x", "f_channel": ""},
        {"i0-f_member": "²"},
        {"i0-f_member": "9" * 5_000},
        {"m_files": "\0"},
        {"request_key": "\0" * 32, "m_area": "x", "f_area": ""},
    ],
    ids=["area", "channel", "superscript", "long number", "file", "request key"],
)
def test_what_no_page_of_ours_sends_is_refused_and_never_breaks(
    desk: Desk, crafted: dict[str, str]
) -> None:
    # when
    answer = desk.post("jingban", "/intake", **application(desk, **crafted))
    # then
    expected = 303 if "m_files" in crafted else 422
    assert answer.status_code == expected, said(answer)


@pytest.mark.parametrize("verb", ["remove-i-²", f"remove-m-{'9' * 5_000}", "remove-m-0", "preview"])
def test_a_button_that_no_page_has_changes_nothing(desk: Desk, verb: str) -> None:
    # when
    answer = desk.post(
        "jingban", "/intake", **application(desk, verb=verb, m_area="x", **{"i0-f_member": "²"})
    )
    # then
    assert answer.status_code == 200, said(answer)


def test_nobody_opens_a_case_for_their_own_household(desk: Desk) -> None:
    # given
    with desk.app.app_context(), transaction(db_session()) as session:
        own = session.get_one(Account, desk.accounts["jingban"])
        number = id_number("1977-06-11", 102)
        own.id_number_index = blind_index(desk.config.keys.ring, "id_number", number)
    # when
    answer = desk.post("jingban", "/intake", **application(desk))
    # then
    assert answer.status_code == 403, said(answer)
    with desk.app.app_context():
        assert db_session().scalar(select(func.count()).select_from(Case)) == 0


def test_a_member_applies_alone_and_the_case_is_theirs(desk: Desk) -> None:
    # when
    answer = desk.post("jingban", "/intake", **application(desk, f_single="1"))
    # then
    assert answer.status_code == 303, said(answer)
    page = desk.client("jingban").get(answer.location).text
    with desk.app.app_context():
        session = db_session()
        case = session.scalars(select(Case)).one()
        second = session.scalars(
            select(HouseholdMember.person_id).where(HouseholdMember.relation == "spouse")
        ).one()
        assert case.person_id == second
    assert '<div class="case-title"><h1>李素芳</h1>' in page


def test_nobody_who_is_not_there_applies_alone(desk: Desk) -> None:
    # when
    answer = desk.post("jingban", "/intake", **application(desk, f_single="7"))
    # then
    assert answer.status_code == 422
    with desk.app.app_context():
        assert db_session().scalar(select(func.count()).select_from(Case)) == 0


def test_where_a_member_is_registered_is_asked_and_kept(desk: Desk) -> None:
    # given
    elsewhere = {"m1-f_hukou_at": "province", "m1-f_hukou_province": "湖北省"}
    # when
    lacking = desk.post("jingban", "/intake", **application(desk, **elsewhere))
    complete = desk.post(
        "jingban", "/intake",
        **application(desk, **elsewhere, **{
            "m1-f_hukou_county": "利川市", "m1-f_hukou_place": "都亭街道",
        }),
    )  # fmt: skip
    # then
    assert lacking.status_code == 422
    assert "户籍所在区县" in said(lacking) and "户籍所在镇乡（街道）" in said(lacking)
    assert complete.status_code == 303, said(complete)
    household = desk.client("jingban").get(f"{complete.location}/household").text
    assert "户籍所在省：湖北省" in household and "都亭街道" in household
