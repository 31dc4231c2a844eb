"""Why, and what would change it: on the task's page, on the case's, in both languages."""

from __future__ import annotations

import pytest

from tests.web.desk import Desk, accept, investigate, statements
from tests.web.people import csrf_token

#: A wage of 2,500 yuan for two: 875 yuan per person, between the standard and the edge line.
WAGE = "2500"


@pytest.fixture
def case_id(desk: Desk) -> str:
    """A case of an edge household that waits for the township's opinion."""
    made = desk.open_case(wage=WAGE)
    accept(desk, made)
    investigate(desk, made)
    return made


def test_whoever_decides_sees_why_and_what_would_change_it(desk: Desk, case_id: str) -> None:
    # given
    client = desk.client("fenguan")
    task_id = desk.task(case_id, "Task_Opinion")
    # when
    page = client.get(f"/work/tasks/{task_id}").text
    # then
    assert "人均月收入 875.00 元，不低于低保标准" in page
    assert "怎样会改变结果" in page and "就可以纳入最低生活保障。" in page
    assert "符合的其他救助" in page and "符合低保边缘家庭的条件" in page
    assert "依据和所用数值" in page and "农村最低生活保障标准" in page


def test_the_case_says_the_same_in_english(desk: Desk, case_id: str) -> None:
    # given
    client = desk.client("jingban")
    client.get("/work")
    token = csrf_token(client)
    client.post("/language", data={"csrf_token": token, "locale": "en"})
    # when
    page = client.get(f"/cases/{case_id}/calculation").text
    # then
    assert "Income per person of 875.00 yuan a month is not below the standard" in page
    assert "What would change this" in page
    assert "the household would qualify for the subsistence allowance." in page
    assert "the household meets the conditions of an edge household" in page
    assert "edge household" in page and "低保边缘</td>" not in page


def test_the_reasons_cost_the_same_statements_however_long_the_case_is(
    desk: Desk, case_id: str
) -> None:
    # given
    client = desk.client("fenguan")
    task_id = desk.task(case_id, "Task_Opinion")
    client.get(f"/work/tasks/{task_id}")
    costs = []
    # when
    for _ in range(2):
        with statements(desk.app) as sent:
            assert client.get(f"/work/tasks/{task_id}").status_code == 200
        costs.append(len(sent))
        for _ in range(3):
            client.get(f"/cases/{case_id}")
    # then
    assert costs[0] == costs[1]


def test_a_favourable_result_says_nothing_about_changes(desk: Desk) -> None:
    # given
    case_id = desk.open_case()
    accept(desk, case_id)
    investigate(desk, case_id)
    # when
    page = desk.client("jingban").get(f"/cases/{case_id}/calculation").text
    # then
    assert "属于最低生活保障对象" in page
    assert "怎样会改变结果" not in page and "符合的其他救助" not in page
