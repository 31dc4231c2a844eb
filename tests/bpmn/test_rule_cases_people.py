"""The worked cases of where to apply, who counts, alerts and a death in a household."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.bpmn.households import ASSESSMENT, assess, make_household, make_income, make_member
from tests.bpmn.policy import decide
from tests.bpmn.test_dibao_clocks import due_on

D = Decimal


def day(text: str) -> date:
    return date.fromisoformat(text)


# C20

KAIZHOU = ("重庆", "开州", "汉丰街道")
YUNYANG = ("重庆", "云阳", "双江街道")
HUBEI = ("湖北", "利川", "都亭街道")
GUANGDONG = ("广东", "东莞", "南城街道")


def living(
    member: str, hukou: tuple[str, str, str], residence: tuple[str, str, str]
) -> dict[str, str]:
    return {
        "id": member,
        "hukou_province": hukou[0],
        "hukou_county": hukou[1],
        "hukou_place": hukou[2],
        "residence_province": residence[0],
        "residence_county": residence[1],
    }


@pytest.mark.parametrize(
    ("hukou", "residence", "rule", "applicants", "places"),
    [
        ((KAIZHOU, HUBEI), KAIZHOU, "residence", ["wife"], ["汉丰街道"]),
        ((KAIZHOU, HUBEI), GUANGDONG, "any_member", ["wife", "husband"], ["汉丰街道", "都亭街道"]),
        ((KAIZHOU, YUNYANG), KAIZHOU, "choice", ["wife", "husband"], ["汉丰街道", "双江街道"]),
        ((KAIZHOU, KAIZHOU), GUANGDONG, "one_place", ["wife", "husband"], ["汉丰街道"]),
    ],
)
def test_case_c20_a_b_c_who_applies_where(
    hukou: tuple[tuple[str, str, str], tuple[str, str, str]],
    residence: tuple[str, str, str],
    rule: str,
    applicants: list[str],
    places: list[str],
) -> None:
    # given
    on = day("2021-10-15")
    members = [living("wife", hukou[0], residence), living("husband", hukou[1], residence)]
    inputs = {"on": on, "members": members}
    # when
    value = decide("place.dmn", "place_of_application", inputs, on=on)
    here, elsewhere = (
        decide("place.dmn", "place_accepts", {**inputs, "here": place}, on=on)
        for place in ("汉丰街道", "文峰街道")
    )
    # then
    assert value == {"rule": rule, "applicants": applicants, "places": places}
    assert here["accepts"] is True
    assert elsewhere == {"accepts": False, "go_to": places}


@pytest.mark.parametrize(
    ("facts", "counts"),
    [
        (
            {
                "relation": "child",
                "status": "away",
                "age": D(20),
                "student": "bachelor",
                "student_full_time": True,
            },
            True,
        ),
        ({"relation": "sibling", "status": "prison"}, False),
        ({"relation": "child", "status": "soldier_unmarried", "age": D(20)}, False),
    ],
    ids=["d: at university", "e: in prison", "f: an unmarried soldier"],
)
def test_case_c20_d_e_f_who_counts(facts: dict[str, Any], counts: bool) -> None:
    # given
    on = day("2021-10-15")
    member = {"id": "m", "birth_on": None, "independent": True, **facts}
    # when
    value = decide(ASSESSMENT, "dibao_member_counts", {"member": member, "day": on}, on=on)
    # then
    assert value is counts


# C22


def test_case_c22_an_alert_and_an_order_on_one_household() -> None:
    # given
    on = day("2022-06-08")
    alert = {"source": "comparison", "kind": "none", "maybe_eligible": True}
    order = {"source": "hotline", "kind": "help", "same_household_open": True}
    urgent = {**order, "urgent": True}

    def ask(decision: str, given: dict[str, Any]) -> Any:
        return decide("alerts.dmn", decision, {"alert": given}, on=on)

    # then
    assert due_on(ask("alert_clock", alert), "2022-06-06") == "2022-06-20"
    assert due_on(ask("alert_clock", order), "2022-06-08") == "2022-06-17"
    assert ask("alert_clock", urgent) == "I.alert_urgent"
    assert ask("alert_merge", order) is True
    assert ask("alert_merge", alert) is False
    assert ask("alert_routes", alert) == ["push"]


def test_case_c22_the_visit_leads_to_three_programmes() -> None:
    # given
    on = day("2022-06-09")
    need = {"rigid_expense": True, "edge": True, "serious_illness": True, "medical": True}
    family = {"area": "rural", "total": D(2010), "members": D(3), "property_ok": True}
    person = {"age": D(40), "serious_illness": True, "own_income": D(0)}
    # when
    programmes = decide("alerts.dmn", "alert_programmes", {"need": need}, on=on)
    inputs = {"on": on, "family": family, "person": person}
    single = decide("single-person.dmn", "single_person", inputs, on=on)
    # then
    assert programmes == ["relief_expense", "single_person", "medical"]
    assert (single["class"], single["ground"], single["eligible"]) == (
        "edge", "serious_illness", True,
    )  # fmt: skip


def test_case_c22_the_death_of_a_member_is_checked_in_three_months() -> None:
    # given
    died_on = day("2022-11-18")
    check = decide("review.dmn", "death_check", {"death": {"died_on": died_on}}, on=died_on)
    members = [make_member("m1"), *(make_member(f"m{n}", relation="child") for n in (2, 3, 4))]
    incomes = [make_income("1200")]
    before = assess(make_household(members, incomes, on=died_on))
    members[3] = {**members[3], "status": "deceased"}
    after = assess(make_household(members, incomes, on=day("2022-12-01")))
    # then
    assert (check["rule"], check["last_on"]) == ("months", day("2023-02-18"))
    assert due_on(check["clock"], "2022-11-18") == "2023-02-20"
    assert (before["monthly"], after["monthly"]) == (D("1124.00"), D("543.00"))
    assert check["change_from"] == "2022-12"
