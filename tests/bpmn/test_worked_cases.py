"""The worked cases, value by value: what a policy worker asks with `doudi decide` and `deadline`.

Each row is one assertion. What only a running process can give (acceptance itself, payments) is
told by the scenarios c01 … c18; what people decide freely has no value here.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.bpmn.asking import Facts, Question, after, decided, due, policy
from workflows.decisions import ParameterRecorder
from workflows.runtime.clock_terms import clock_rule, derived_deadline

ADULT = {"relation": "self", "status": "present", "birth_on": "1975-03-01"}
C01_MEMBERS = [
    {"id": "husband", **ADULT, "able_bodied": True, "employed": True},
    {"id": "wife", **ADULT, "relation": "spouse", "able_bodied": True, "employed": True},
    {
        "id": "daughter", "relation": "child", "status": "present", "birth_on": "2004-05-01",
        "student": "senior", "student_full_time": True,
    },
]  # fmt: skip


def household(
    on: str, incomes: list[Facts], members: list[Facts] | None = None, **more: Any
) -> Any:
    people = C01_MEMBERS if members is None else members
    return {"household": {"area": "rural", "on": on, "members": people, "incomes": incomes,
                          "property_ok": True, **more}}  # fmt: skip


def wage(amount: str, basis: str = "documented", member: str = "husband") -> Facts:
    return {"member": member, "kind": "wage", "basis": basis, "monthly": amount}


FARM = {"member": "wife", "kind": "farming", "monthly": "400"}
C01 = household("2021-10-15", [wage("1200"), FARM], unstable_income=True)
FOUR = [{"id": f"m{n}", **ADULT} for n in range(4)]
C03_A = household("2021-10-15", [wage("1700", "minimum_wage", "m0")], FOUR)
C03_B = household("2021-10-15", [wage("1700", "documented", "m0")], FOUR)
C04 = household(
    "2021-10-15",
    [
        *({"member": m, "kind": "pension_base", "monthly": "125"} for m in ("a", "b")),
        *({"member": m, "kind": "pension_account", "monthly": "30"} for m in ("a", "b")),
        {"kind": "support", "monthly": "300"},
    ],
    [
        {"id": "a", **ADULT, "birth_on": "1949-06-01"},
        {"id": "b", **ADULT, "relation": "spouse", "birth_on": "1955-06-01"},
    ],
)
C07 = household("2022-03-15", [wage("2300"), FARM])
C07_KEPT = household("2022-09-20", [wage("1900"), FARM])
C07_REVIEW = {"review": {"on": "2022-03-15", "area": "rural", "total": "2010", "members": 3,
                         "property_ok": True}}  # fmt: skip
C07_EXIT = {"exit": {"decided_on": "2022-03-15", "amount": "405.00"}}
C13_MAN = {"person": {"age": 63, "area": "rural", "property_ok": True, "supporters": [],
                      "incomes": [{"kind": "pension_base", "monthly": "125"},
                                  {"kind": "property", "monthly": "80"}]}}  # fmt: skip
FIRE = {"persons": 3, "proposed": "1200", "grants": []}
BURN = {"event": {"persons": 3, "proposed": "4800", "grants": []}}
BURN_PLAN = {"plan": {"total": "4800", "stages": [
    {"amount": "2000", "due_on": "2021-11-24", "state": "paid"},
    {"amount": "1800", "due_on": "2021-12-24", "state": "paid"},
    {"amount": "1000", "due_on": "2022-01-24", "state": "cancelled"},
]}}  # fmt: skip
C18_FAMILY = {"persons": 4, "class": "other", "annual_income": "72000", "property_ok": True,
              "own_cost": "45000", "months": 3}  # fmt: skip
C18_TOTAL = {"event": {"persons": 4, "proposed": "7632", "grants": []}}
KAIZHOU = {"hukou_province": "重庆", "hukou_county": "开州", "hukou_place": "开州某乡"}
AT_HOME = {"residence_province": "重庆", "residence_county": "开州"}
IN_GUANGDONG = {"residence_province": "广东", "residence_county": "东莞"}
HUBEI = {"hukou_province": "湖北", "hukou_county": "利川", "hukou_place": "利川某镇"}
C20_A = [{"id": "wife", **KAIZHOU, **AT_HOME}, {"id": "husband", **HUBEI, **AT_HOME},
         {"id": "child", **KAIZHOU, **AT_HOME}]  # fmt: skip
C20_B = [{**member, **IN_GUANGDONG} for member in C20_A]
C20_C = [{"id": "wife", **KAIZHOU, **AT_HOME},
         {"id": "husband", "hukou_province": "重庆", "hukou_county": "云阳",
          "hukou_place": "云阳某镇", **AT_HOME}]  # fmt: skip
MEDICAL_ALERT = {"source": "comparison", "kind": "none", "urgent": False}
NEIGHBOUR_CALL = {"source": "hotline", "kind": "help", "urgent": False}


def self_care(*fails: str) -> Facts:
    items = ("eat", "dress", "bed", "toilet", "walk", "bathe")
    return {"self_care": {item: item not in fails for item in items}}


def member(**facts: Any) -> Facts:
    return {"day": "2021-10-15", "member": {"id": "x", "status": "away", **facts}}


def again(applied_on: str, *, same_cause: bool) -> Facts:
    return {"again": {"applied_on": applied_on, "last_on": "2021-11-12", "same_cause": same_cause,
                      "new_reason": False}}  # fmt: skip


def family_of(size: int) -> Facts:
    people = [{"id": f"m{n}", **ADULT} for n in range(size)]
    return household("2022-11-25", [{"kind": "other", "monthly": "1200"}], people)


SAME_MONTH = {"dibao.start_month_rule": "same"}
NO_ROLL = {"publicity.roll": False}
MONTHS = ["2022-04", "2022-05", "2022-06", "2022-07", "2022-08", "2022-09"]
EIGHT = ("relief_approval", "2021-11-24", BURN)
CASES: dict[str, tuple[Question, Any]] = {
    "C01 per_capita": (decided("dibao_assessment", "2021-10-15", C01, "per_capita"), "413.33"),
    "C01 base": (decided("dibao_assessment", "2021-10-15", C01, "base"), "305.00"),
    "C01 topup": (decided("dibao_assessment", "2021-10-15", C01, "topup"), "100.00"),
    "C01 monthly": (decided("dibao_assessment", "2021-10-15", C01, "monthly"), "405.00"),
    "C01 level": (decided("dibao_assessment", "2021-10-15", C01, "level"), "district"),
    "C01 survey_start_due": (due("A.start_survey", "2021-09-08"), "2021-09-13"),
    "C01 info_check_start_due": (due("A.info_check", "2021-09-09"), "2021-09-14"),
    "C01 township_opinion_due": (due("A.township_opinion", "2021-09-08"), "2021-09-26"),
    "C01 publicity_last": (due("J.publicity", "2021-09-22"), "2021-09-29"),
    "C01 district_due": (due("A.district", "2021-09-30"), "2021-10-20"),
    "C01 due_30wd": (due("A.overall", "2021-09-08"), "2021-10-26"),
    "C01 due_45wd": (due("A.overall", "2021-09-08", extended=True), "2021-11-16"),
    "C01 due_cq_30d": (
        due("A.overall_cq", "2021-09-08", without=("2021-09-23..2021-09-29",)), "2021-10-15",
    ),
    "C01 start_month_next": (
        decided("dibao_start_month", "2021-10-15", {"decided_on": "2021-10-15"}), "2021-11",
    ),
    "C01 start_month_same": (
        decided(
            "dibao_start_month", "2021-10-15", {"decided_on": "2021-10-15"}, suppose=SAME_MONTH
        ),
        "2021-10",
    ),
    "C01 review_months": (decided("dibao_assessment", "2021-10-15", C01, "review_months"), "6"),
    "C01 next_review": (due("F.review_half", "2021-10-15"), "2022-04-15"),
    "C03 a_per_capita": (decided("dibao_assessment", "2021-10-15", C03_A, "per_capita"), "425.00"),
    "C03 a_monthly": (decided("dibao_assessment", "2021-10-15", C03_A, "monthly"), "360.00"),
    "C03 b_per_capita": (decided("dibao_assessment", "2021-10-15", C03_B, "per_capita"), "297.50"),
    "C03 b_monthly": (decided("dibao_assessment", "2021-10-15", C03_B, "monthly"), "870.00"),
    "C04 countable": (decided("dibao_assessment", "2021-10-15", C04, "countable"), "360.00"),
    "C04 per_capita": (decided("dibao_assessment", "2021-10-15", C04, "per_capita"), "180.00"),
    "C04 base": (decided("dibao_assessment", "2021-10-15", C04, "base"), "670.00"),
    "C04 topup": (decided("dibao_assessment", "2021-10-15", C04, "topup"), "60.00"),
    "C04 monthly": (decided("dibao_assessment", "2021-10-15", C04, "monthly"), "730.00"),
    "C07 per_capita": (decided("dibao_assessment", "2022-03-15", C07, "per_capita"), "670.00"),
    "C07 outcome": (decided("dibao_review_outcome", "2022-03-15", C07_REVIEW), "gradual_exit"),
    "C07 months": (decided("gradual_exit_plan", "2022-03-15", C07_EXIT, "months"), MONTHS),
    "C07 amount": (decided("gradual_exit_plan", "2022-03-15", C07_EXIT, "amount"), "405.00"),
    "C07 total": (decided("gradual_exit_plan", "2022-03-15", C07_EXIT, "total"), "2430.00"),
    "C07 exit_from": (decided("gradual_exit_plan", "2022-03-15", C07_EXIT, "exit_from"), "2022-10"),
    "C07 notice_due": (due("M.reduce_stop", "2022-03-15"), "2022-03-18"),
    "C07 exit_notice_due": (due("M.reduce_stop", "2022-09-20"), "2022-09-23"),
    "C07 recheck": (
        decided("gradual_exit_end", "2022-09-20", {"recheck": {
            "area": "rural", "total": "2010", "members": 3, "property_ok": True}}), "stop",
    ),
    "C07 b_recheck": (
        decided("gradual_exit_end", "2022-09-20", {"recheck": {
            "area": "rural", "total": "1730", "members": 3, "property_ok": True}}), "keep",
    ),
    "C07 b_monthly": (decided("dibao_assessment", "2022-09-20", C07_KEPT, "monthly"), "113.00"),
    "C09 pub1 last": (due("J.publicity", "2021-10-20"), "2021-10-27"),
    "C09 pub2 last": (due("J.republicity_dibao", "2021-11-05"), "2021-11-08"),
    "C09 pub2 last of seven": (
        due("J.republicity_dibao", "2021-11-05",
            suppose={"J.republicity_dibao.length": Decimal(7)}), "2021-11-12",
    ),
    "C09 district_due": (due("A.district", "2021-11-09"), "2021-11-23"),
    "C09 due_30wd": (due("A.overall", "2021-10-11"), "2021-11-22"),
    "C09 due_45wd": (due("A.overall", "2021-10-11", extended=True), "2021-12-13"),
    "C09 cq_due": (
        due("A.overall_cq", "2021-10-11",
            without=("2021-10-21..2021-10-27", "2021-11-06..2021-11-08", "2021-11-03")),
        "2021-11-22",
    ),
    "C09 start_next": (
        decided("dibao_start_month", "2021-11-19", {"decided_on": "2021-11-19"}), "2021-12",
    ),
    "C09 start_same": (
        decided(
            "dibao_start_month", "2021-11-19", {"decided_on": "2021-11-19"}, suppose=SAME_MONTH
        ),
        "2021-11",
    ),
    "C09 complaint": (
        decided("dibao_home_visit", "2021-10-28", {"near_relative": False, "complaint": True}),
        True,
    ),
    "C11 survey_start_due": (due("A.start_survey", "2021-10-08"), "2021-10-12"),
    "C11 due_30wd": (due("A.overall", "2021-10-08"), "2021-11-18"),
    "C13 eligible": (decided("tekun_eligible", "2021-10-22", C13_MAN, "eligible"), True),
    "C13 township_due": (due("B.survey_opinion", "2021-09-13"), "2021-10-09"),
    "C13 pub_last_roll": (due("J.publicity", "2021-09-28"), "2021-10-08"),
    "C13 pub_last_noroll": (due("J.publicity", "2021-09-28", suppose=NO_ROLL), "2021-10-05"),
    "C13 district_due": (due("B.district", "2021-10-09"), "2021-10-29"),
    "C13 start": (decided("tekun_amount", "2021-10-22", self_care(), "start_month"), "2021-11"),
    "C13 monthly": (
        decided("tekun_amount", "2021-10-22", self_care("dress", "bed", "toilet", "bathe"),
                "monthly"), "1127.00",
    ),
    "C13 b": (
        decided("tekun_amount", "2021-10-22", self_care("dress", "bed", "bathe"), "monthly"),
        "1027.00",
    ),
    "C13 c": (decided("tekun_amount", "2021-10-22", self_care(), "monthly"), "827.00"),
    "C16 cap": (decided("first_aid_cap", "2021-11-14", {"event": FIRE}), "1272.00"),
    "C16 paid": (
        decided("first_aid", "2021-11-14",
                {"event": FIRE, "aid": {"urgent": True, "amount": "1200"}}, "pay_now"), "1200.00",
    ),
    "C16 level": (decided("relief_approval", "2021-11-14", {"event": FIRE}, "level"), "township"),
    "C16 more": (
        decided("relief_approval", "2021-11-22", {"event": {
            "persons": 3, "proposed": "72.01",
            "grants": [{"on": "2021-11-14", "amount": "1200"}]}}, "level"), "district",
    ),
    "C16 first_aid_due": (due("C.first_aid", "2021-11-13T23:10"), "2021-11-14T23:10"),
    "C16 first_aid_due 2026": (due("C.first_aid", "2026-11-13T23:10"), "2026-11-16T23:10"),
    "C16 aftercare_due": (due("C.aftercare_papers", "2021-11-22"), "2021-12-06"),
    "C16 place": (
        decided("place_of_relief", "2021-11-13", {"programme": "relief_emergency"}, "place"),
        "emergency",
    ),
    "C17 level": (decided(*EIGHT, "level"), "district"),
    "C17 no splitting": (
        decided("relief_approval", "2021-11-24", {"event": {
            "persons": 3, "proposed": "3600", "grants": []}}, "level"), "district",
    ),
    "C17 plan": (decided("stage_plan", "2021-11-24", BURN_PLAN, "ok"), True),
    "C17 paid": (decided("stage_balance", "2022-01-21", BURN_PLAN, "paid"), "3800.00"),
    "C17 released": (decided("stage_balance", "2022-01-21", BURN_PLAN, "released"), "1000.00"),
    "C17 stage2_due": (after("2021-11-24", 30), "2021-12-24"),
    "C17 stage3_due": (after("2021-11-24", 60), "2022-01-24"),
    "C18 gate": (
        decided("expense_gate", "2021-10-12",
                {"expense": C18_FAMILY, "disposable_income": "29000"}, "passes"), True,
    ),
    "C18 amount": (
        decided("expense_amount", "2021-11-12", {"expense": C18_FAMILY}), "7632.00",
    ),
    "C18 level": (decided("relief_approval", "2021-11-12", C18_TOTAL, "level"), "district"),
    "C18 township_due": (due("D.township", "2021-10-12"), "2021-10-26"),
    "C18 pub last": (due("D.publicity", "2021-10-21"), "2021-10-28"),
    "C18 district_due": (due("D.district", "2021-10-29"), "2021-11-12"),
    "C18 b": (
        decided("expense_gate", "2021-10-12",
                {"expense": {**C18_FAMILY, "annual_income": "116000"},
                 "disposable_income": "29000"}, "failed"), "income",
    ),
    "C18 c": (
        decided("expense_gate", "2021-10-12",
                {"expense": {"persons": 4, "class": "dibao"}, "disposable_income": "29000"},
                "income_test"), False,
    ),
    "C18 d": (
        decided("relief_repeat", "2022-03-01", again("2022-03-01", same_cause=True), "action"),
        "refuse",
    ),
    "C18 d_notice_due": (due("M.refusal", "2022-03-01"), "2022-03-04"),
    "C18 e": (
        decided("relief_repeat", "2022-03-05", again("2022-03-05", same_cause=False), "action"),
        "accept",
    ),
    "C20 a who": (
        decided("place_of_application", "2021-10-15", {"members": C20_A}, "applicants"),
        ["wife", "child"],
    ),
    "C20 a where": (
        decided("place_of_application", "2021-10-15", {"members": C20_A}, "places"), ["开州某乡"],
    ),
    "C20 b": (
        decided("place_of_application", "2021-10-15", {"members": C20_B}, "rule"), "any_member",
    ),
    "C20 b accepts": (
        decided("place_accepts", "2021-10-15", {"members": C20_B, "here": "开州某乡"}, "accepts"),
        True,
    ),
    "C20 c": (decided("place_of_application", "2021-10-15", {"members": C20_C}, "rule"), "choice"),
    "C20 c where": (
        decided("place_of_application", "2021-10-15", {"members": C20_C}, "places"),
        ["开州某乡", "云阳某镇"],
    ),
    "C20 d_counted": (
        decided("dibao_member_counts", "2021-10-15",
                member(relation="child", birth_on="2001-03-01", student="bachelor",
                       student_full_time=True, independent=False)), True,
    ),
    "C20 e_counted": (
        decided("dibao_member_counts", "2021-10-15",
                member(relation="sibling", birth_on="1980-01-01", status="prison")), False,
    ),
    "C20 f_counted": (
        decided("dibao_member_counts", "2021-10-15",
                member(relation="child", birth_on="2000-01-01", status="soldier_unmarried")),
        False,
    ),
    "C22 alert clock": (
        decided("alert_clock", "2022-06-06", {"alert": MEDICAL_ALERT}), "I.alert_triage",
    ),
    "C22 alert_due": (due("I.alert_triage", "2022-06-06"), "2022-06-20"),
    "C22 order clock": (
        decided("alert_clock", "2022-06-08", {"alert": NEIGHBOUR_CALL}), "I.12345_help",
    ),
    "C22 order_due": (due("I.12345_help", "2022-06-08"), "2022-06-17"),
    "C22 merge": (
        decided("alert_merge", "2022-06-08",
                {"alert": {**NEIGHBOUR_CALL, "same_household_open": True}}), True,
    ),
    "C22 urgent": (
        decided("alert_clock", "2022-06-08", {"alert": {**NEIGHBOUR_CALL, "urgent": True}}),
        "I.alert_urgent",
    ),
    "C22 programmes": (
        decided("alert_programmes", "2022-06-09", {"need": {
            "rigid_expense": True, "edge": True, "serious_illness": True, "medical": True}}),
        ["relief_expense", "single_person", "medical"],
    ),
    "C22 death_due": (due("F.death_check", "2022-11-18"), "2023-02-20"),
    "C22 change_from": (
        decided("death_check", "2022-11-18", {"death": {"died_on": "2022-11-18"}}, "change_from"),
        "2022-12",
    ),
    "C22 before": (
        decided("dibao_assessment", "2022-11-25", family_of(4), "monthly"), "1124.00",
    ),
    "C22 after": (decided("dibao_assessment", "2022-11-25", family_of(3), "monthly"), "543.00"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_policy_gives_what_the_worked_case_says(name: str) -> None:
    # given
    question, expected = CASES[name]
    # when
    found = question()
    # then amounts are equal as numbers: 1272 is 1272.00
    if isinstance(expected, str) and expected.replace(".", "", 1).isdigit():
        assert Decimal(found) == Decimal(expected)
    else:
        assert (type(found), found) == (type(expected), expected)


def test_the_first_day_of_a_publicity_is_the_day_after_the_posting() -> None:
    # given C01, C09 and C18
    first_days = {
        "2021-09-22": "2021-09-23",
        "2021-10-20": "2021-10-21",
        "2021-11-05": "2021-11-06",
    }
    for posted_on, first_on in first_days.items():
        # when
        found = derived_deadline(
            policy(),
            clock_rule(policy(), "J.publicity"),
            date.fromisoformat(posted_on),
            ParameterRecorder(),
        )
        counted = [line for line in found.to_json()["lines"] if line["counted"]]  # type: ignore[attr-defined] # JSON
        # then
        assert counted[0]["first_on"] == first_on
