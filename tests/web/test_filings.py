"""备案: what townships approved in a month, as a page and as a file."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta

from sqlalchemy import select, text

from models.trail import AccessRecord
from tests.web.desk import Desk, statements
from tests.web.relief import aided, called, give, granted, other_village, today
from web.database import db_session

LAST = today().replace(day=1) - timedelta(days=1)
THIS_MONTH, LAST_MONTH = f"{today():%Y-%m}", f"{LAST:%Y-%m}"


def rows_of(page: str, section: str) -> list[list[str]]:
    """The cells of a section's table."""
    found = re.search(rf'aria-labelledby="{section}">(.*?)</section>', page, re.S)
    if found is None:
        return []
    body = found[1].partition("<tbody>")[2]
    return [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row)]
        for row in body.split("</tr>")
        if "<t" in row
    ]


def two_townships(desk: Desk) -> tuple[str, str]:
    """First aid and a township's grant of this month here, two elsewhere; the cases' numbers."""
    give(desk)
    here = aided(desk)
    there = called(desk, login="waizhen", h_village=other_village(desk))
    granted(desk, there, on=today(), total="800.00", count=2)
    granted(desk, there, on=today(), total="9000.00", level="district")
    granted(desk, there, on=today(), total="20000.00", level="conference")
    granted(desk, here, on=LAST, total="300.50")
    granted(desk, here, on=LAST.replace(day=1), total="1.00")
    return desk.case(here).number, desk.case(there).number


def test_the_district_sees_what_each_township_approved_in_the_month(desk: Desk) -> None:
    # given
    here, there = two_townships(desk)
    # when
    page = desk.client("shenhe").get("/relief/filings").text
    # then
    assert rows_of(page, "sums") == [
        ["汉丰街道", "1", "1,200.00"],
        ["大德镇", "2", "1,600.00"],
        ["合计", "3", "2,800.00"],
    ]
    day = f"{today().year}年{today().month}月{today().day}日"
    assert rows_of(page, "filed") == [
        [here, "汉丰街道", "火灾", "先行救助", "1,200.00", day],
        [there, "大德镇", "交通事故", "分级审批", "800.00", day],
        [there, "大德镇", "交通事故", "分级审批", "800.00", day],
    ]
    assert '<a href="/relief/filings" aria-current="page">备案</a>' in page
    assert re.search(r'<a href="/relief/debts" aria-current="page">\s*待补手续', page)


def test_a_month_has_its_first_and_last_day_and_no_other(desk: Desk) -> None:
    # given
    here, _ = two_townships(desk)
    client = desk.client("queren")
    # when
    last = client.get("/relief/filings", query_string={"month": LAST_MONTH}).text
    before = client.get("/relief/filings?month=2026-01").text
    # then
    assert rows_of(last, "sums") == [["汉丰街道", "2", "301.50"]]
    assert [row[4] for row in rows_of(last, "filed")] == ["1.00", "300.50"]
    assert f'value="{LAST_MONTH}"' in last and here in last
    assert "这个月没有要备案的救助" in before and "下载备案表" not in before


def test_what_is_no_month_of_the_past_is_this_month(desk: Desk) -> None:
    # given
    client = desk.client("shenhe")
    # when
    pages = [
        client.get("/relief/filings", query_string={"month": month})
        for month in ("", "2021-13", "x" * 500, "2199-01", "9999-12", "0000-00", "2021-1")
    ]
    first = client.get("/relief/filings?month=0001-01")
    # then
    assert {page.status_code for page in (*pages, first)} == {200}
    assert all(f'value="{THIS_MONTH}"' in page.text for page in pages)


def test_a_township_sees_its_own_and_a_village_nothing(desk: Desk) -> None:
    # given
    here, there = two_townships(desk)
    # when
    pages = {
        login: desk.client(login).get("/relief/filings")
        for login in (
            "jingban", "fenguan", "waizhen", "shenhe", "queren", "shenji", "xieli", "caizheng"
        )
    }  # fmt: skip
    # then
    assert {
        login: page.status_code for login, page in pages.items() if page.status_code != 200
    } == {
        "xieli": 403,
        "caizheng": 403,
    }
    both = ("shenhe", "queren", "shenji")
    assert {login for login, page in pages.items() if here in page.text} == {
        "jingban", "fenguan", *both,
    }  # fmt: skip
    assert {login for login, page in pages.items() if there in page.text} == {"waizhen", *both}
    assert rows_of(pages["jingban"].text, "sums") == [["汉丰街道", "1", "1,200.00"]]
    assert desk.client("xieli").get("/relief/filings.csv").status_code == 403


def test_the_file_holds_the_same_rows_and_its_download_is_recorded(desk: Desk) -> None:
    # given
    here, there = two_townships(desk)
    # when
    answer = desk.client("shenhe").get(f"/relief/filings.csv?month={THIS_MONTH}")
    own = desk.client("waizhen").get("/relief/filings.csv")
    # then
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="relief-{THIS_MONTH}.csv"'
    )
    assert answer.text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert rows == [
        ["镇乡街道", "办件编号", "事由", "类别", "金额（元）", "决定日期"],
        ["汉丰街道", here, "火灾", "先行救助", "1200.00", today().isoformat()],
        ["大德镇", there, "交通事故", "分级审批", "800.00", today().isoformat()],
        ["大德镇", there, "交通事故", "分级审批", "800.00", today().isoformat()],
    ]
    assert here not in own.text and own.text.count(there) == 2
    with desk.app.app_context():
        bodies = db_session().scalars(select(AccessRecord.body)).all()
    assert sum(b'"filings"' in body and b'"downloaded"' in body for body in bodies) == 2


def test_the_file_is_in_the_language_of_the_page(desk: Desk) -> None:
    # given
    two_townships(desk)
    desk.post("shenhe", "/language", locale="en", next="/")
    # when
    content = desk.client("shenhe").get("/relief/filings.csv").text
    # then
    assert (
        content.splitlines()[0] == "\ufeffTownship,Case number,Cause,Kind,Amount (yuan),Decided on"
    )
    assert "Fire,First aid" in content


def test_a_long_month_is_cut_on_the_page_and_whole_in_the_file(desk: Desk) -> None:
    # given
    case_id = called(desk)
    granted(desk, case_id, on=today(), total="2.00", count=301)
    # when
    page = desk.client("shenhe").get("/relief/filings").text
    content = desk.client("shenhe").get("/relief/filings.csv").text
    # then
    assert rows_of(page, "sums") == [["汉丰街道", "301", "602.00"]]
    assert len(rows_of(page, "filed")) == 300 and "只显示前300笔" in page
    assert len(content.splitlines()) == 302


def test_page_and_file_take_the_same_few_statements_by_the_index(desk: Desk) -> None:
    # given
    case_id = called(desk)
    client, paths = desk.client("shenhe"), ("/relief/filings", "/relief/filings.csv")

    def sent(path: str) -> list[str]:
        with statements(desk.app) as found:
            assert client.get(path).status_code == 200
        return found

    granted(desk, case_id, on=today())
    for path in paths:
        sent(path)
    few = [sent(path) for path in paths]
    # when
    granted(desk, case_id, on=today(), count=50)
    many = [sent(path) for path in paths]
    # then
    assert [len(found) for found in few] == [len(found) for found in many]
    assert len(many[0]) <= 3, "\n".join(many[0])
    for statement in (found for found in many[0] if "relief_grants" in found):
        assert "ix_relief_grants_district_id_decided_on" in plan(desk, statement)


def plan(desk: Desk, statement: str) -> str:
    """How SQLite reads the rows of a statement."""
    names = {f"p{number}": date(2026, 1, 1).isoformat() for number in range(20)}
    count = iter(range(20))
    named = re.sub(r"\?", lambda _: f":p{next(count)}", statement)
    with desk.app.app_context():
        rows = db_session().execute(text(f"EXPLAIN QUERY PLAN {named}"), names).all()
    return "\n".join(str(row[-1]) for row in rows)
