"""The tables against a second reckoning of the same law in plain arithmetic."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bpmn.households import assess, make_household, make_income, make_member
from tests.bpmn.policy import decide
from workflows.decisions import DecisionError

D = Decimal
ON = date(2021, 10, 15)
FEN = D("0.01")
STANDARDS = {"rural": D(515), "urban": D(636)}
RANK = {"dibao": 0, "edge": 1, "none": 2}
#: Kinds of income: what counts of a yuan.
COUNTED = {
    ("wage", "documented"): D("0.7"),
    ("wage", "minimum_wage"): D(1),
    ("wage", "industry_average"): D("0.7"),
    ("business", None): D(1),
    ("farming", None): D(1),
    ("property", None): D(1),
    ("pension", None): D(1),
    ("pension_account", None): D(1),
    ("pension_base", None): D(0),
    ("support", None): D(1),
    ("other", None): D(1),
    ("veteran_benefit", None): D(0),
    ("family_planning", None): D(0),
    ("scholarship", None): D(0),
    ("bravery", None): D(0),
    ("social_assistance", None): D(0),
    ("transfer_paid", None): D(-1),
    ("rigid_expense", None): D(0),
}  # fmt: skip
amounts = st.decimals(0, 4000, places=2)


def class_of(total: Decimal, size: int, standard: Decimal) -> str:
    """By cross-multiplication: no quotient, no rounding."""
    if total < size * standard:
        return "dibao"
    return "edge" if 2 * total < 3 * size * standard else "none"


def topup_of(age: int, student: str, grade: int | None, ill: bool) -> int:
    kinds = [0]
    if grade is not None and grade <= 2:
        kinds.append(60)
    if ill or age >= 70:
        kinds.append(60)
    if age < 6 or student in {"preschool", "compulsory", "senior", "vocational", "bachelor"}:
        kinds.append(100)
    return max(kinds) + (40 if grade is not None else 0)


@pytest.mark.parametrize(
    ("age", "student", "grade", "ill"),
    list(
        product(
            (0, 5, 6, 16, 69, 70, 95),
            ("none", "compulsory", "senior", "bachelor"),
            (None, 1, 2, 3, 4),
            (False, True),
        )
    ),
)
def test_a_topup_is_the_largest_that_applies_and_forty_for_a_certificate(
    age: int, student: str, grade: int | None, ill: bool
) -> None:
    # given
    person = make_member(
        birth_on=None, age=D(age), student=student, student_full_time=True, serious_illness=ill,
        disability_grade=None if grade is None else D(grade), disability_kind="limb",
    )  # fmt: skip
    # when
    found = assess(make_household([person]))
    # then
    assert found["topup"] == topup_of(age, student, grade, ill)


@settings(max_examples=150, deadline=None)
@given(
    area=st.sampled_from(["rural", "urban"]),
    size=st.integers(1, 8),
    items=st.lists(st.tuples(st.sampled_from(sorted(COUNTED, key=str)), amounts), max_size=6),
)
def test_class_and_amount_are_those_of_a_second_reckoning(
    area: str, size: int, items: list[tuple[tuple[str, str | None], Decimal]]
) -> None:
    # given
    incomes = [make_income(str(amount), kind, basis=basis) for (kind, basis), amount in items]
    total = max(D(0), sum((COUNTED[kind] * amount for kind, amount in items), D(0)))
    standard = STANDARDS[area]
    # when
    found = assess(make_household(size, incomes, area=area))
    # then
    expected = class_of(total, size, standard)
    assert found["class"] == expected
    gap = (size * standard - total).quantize(FEN, ROUND_HALF_UP)
    assert found["base"] == (gap if expected == "dibao" else 0)


@settings(max_examples=80, deadline=None)
@given(size=st.integers(1, 9), fen=st.integers(-3, 3), line=st.sampled_from([D(1), D("1.5")]))
def test_a_fen_around_a_line_decides_and_the_line_itself_is_not_below_it(
    size: int, fen: int, line: Decimal
) -> None:
    # given a household total a few fen from a line
    total = size * STANDARDS["rural"] * line + fen * FEN
    family = {"area": "rural", "total": total, "members": D(size), "property_ok": True}
    review = {**family, "on": ON}
    # when
    kind = assess(make_household(size, [make_income(str(total))]))["class"]
    edge = decide("single-person.dmn", "edge_household", {"on": ON, "family": family}, on=ON)
    outcome = decide("dibao-procedure.dmn", "dibao_review_outcome", {"review": review}, on=ON)
    # then both tables agree with each other and with the reckoning
    assert kind == edge == class_of(total, size, STANDARDS["rural"])
    assert outcome == {"dibao": "keep", "edge": "gradual_exit", "none": "stop"}[kind]


@settings(max_examples=100, deadline=None)
@given(size=st.integers(1, 6), income=amounts)
def test_one_yuan_more_never_raises_amount_or_class(size: int, income: Decimal) -> None:
    # when
    before, after = (
        assess(make_household(size, [make_income(str(income + more))])) for more in (0, 1)
    )
    # then
    assert after["monthly"] <= before["monthly"]
    assert RANK[after["class"]] >= RANK[before["class"]]
    assert before["base"] - after["base"] <= 1 or after["class"] != "dibao"


@settings(max_examples=60, deadline=None)
@given(
    rise=st.decimals(0, 1, places=4), cpi=st.decimals(0, 9, places=1),
    food=st.decimals(0, 20, places=1),
)  # fmt: skip
def test_a_price_subsidy_is_nothing_or_at_least_fifteen_and_grows_with_the_rise(
    rise: Decimal, cpi: Decimal, food: Decimal
) -> None:
    # when
    found = decide("price.dmn", "price_subsidy", {
        "index": {"published_on": date(2021, 11, 20), "cpi": cpi, "food": food, "scpi_rise": rise},
        "group": "dibao", "area": None,
    }, on=date(2021, 11, 20))  # fmt: skip
    # then
    triggered = cpi >= D("3.5") or food >= 6
    expected = max(D(15), (D("575.50") * rise).quantize(FEN, ROUND_HALF_UP)) if triggered else D(0)
    assert (found["triggered"], found["amount"]) == (triggered, expected)


@settings(max_examples=60, deadline=None)
@given(
    decided=st.dates(date(2021, 8, 5), date(2030, 12, 31)), amount=st.decimals(0, 5000, places=2)
)
def test_a_gradual_exit_lasts_six_months_in_a_row_from_the_next(
    decided: date, amount: Decimal
) -> None:
    # when
    plan = decide("review.dmn", "gradual_exit_plan", {
        "on": decided, "exit": {"decided_on": decided, "amount": amount},
    }, on=decided)  # fmt: skip
    # then
    first = decided.year * 12 + decided.month
    months = [f"{at // 12}-{at % 12 + 1:02}" for at in range(first, first + 7)]
    assert plan["months"] == months[:6]
    assert plan["exit_from"] == months[6]
    assert plan["total"] == 6 * amount


@settings(max_examples=80, deadline=None)
@given(
    changed=st.dates(date(2022, 1, 1), date(2024, 12, 31)),
    until=st.dates(date(2022, 1, 1), date(2024, 12, 31)),
    paid=amounts, due=amounts,
)  # fmt: skip
def test_an_overpayment_counts_whole_months_after_the_change(
    changed: date, until: date, paid: Decimal, due: Decimal
) -> None:
    # when
    facts = {"changed_on": changed, "paid_until": until, "paid": paid, "due": due}
    found: Any = decide("review.dmn", "overpayment", {"on": until, "unreported": facts}, on=until)
    # then
    months = max(0, (until.year - changed.year) * 12 + until.month - changed.month)
    assert found["months"] == months
    assert found["amount"] == months * max(D(0), paid - due)


@settings(max_examples=60, deadline=None)
@given(
    persons=st.integers(1, 9), income=st.decimals(0, 400000, places=2),
    local=st.decimals(1, 60000, places=2), property_ok=st.sampled_from([True, False, None]),
)  # fmt: skip
def test_an_expense_gate_without_result_lacks_the_judgement_on_property_only(
    persons: int, income: Decimal, local: Decimal, property_ok: bool | None
) -> None:
    # given
    expense = {"persons": D(persons), "class": "other", "annual_income": income,
               "property_ok": property_ok}  # fmt: skip
    below = income < persons * local
    asked = {"on": ON, "expense": expense, "disposable_income": local}
    # when / then
    if below and property_ok is None:
        with pytest.raises(DecisionError, match="no_rule"):
            decide("relief-expense.dmn", "expense_gate", asked, on=ON)
        return
    found = decide("relief-expense.dmn", "expense_gate", asked, on=ON)
    assert found["passes"] is (below and property_ok is True)
    failed = "property" if property_ok is False else "" if below else "income"
    assert found["failed"] == failed
