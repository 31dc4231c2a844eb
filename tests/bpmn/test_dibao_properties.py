"""What holds for every household, not only for the worked cases."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bpmn.households import assess, make_household, make_income, make_member

amounts = st.decimals(0, 3000, places=2)
sizes = st.integers(1, 7)
kinds = st.sampled_from(
    [
        ("wage", "documented"),
        ("wage", "minimum_wage"),
        ("farming", None),
        ("pension_base", None),
        ("support", None),
        ("transfer_paid", None),
    ]
)
grades = st.one_of(st.none(), st.integers(1, 4).map(Decimal))


@st.composite
def households(draw: st.DrawFn) -> dict[str, object]:
    members = [
        make_member(
            f"m{n}",
            relation="self" if n == 1 else "child",
            disability_grade=draw(grades),
            student=draw(st.sampled_from(["none", "senior", "preschool"])),
        )
        for n in range(1, draw(sizes) + 1)
    ]
    incomes = [
        make_income(
            str(draw(amounts)),
            kind,
            basis=basis,
            member=draw(st.sampled_from([m["id"] for m in members])),
        )
        for kind, basis in draw(st.lists(kinds, max_size=4))
    ]
    return make_household(members, incomes, area=draw(st.sampled_from(["rural", "urban"])))


@settings(max_examples=60, deadline=None)
@given(size=sizes, lower=amounts, more=amounts)
def test_more_income_never_brings_more_aid(size: int, lower: Decimal, more: Decimal) -> None:
    # given
    poor = make_household(size, [make_income(str(lower))])
    less_poor = make_household(size, [make_income(str(lower)), make_income(str(more))])
    # when
    first, second = assess(poor), assess(less_poor)
    # then
    assert second["base"] <= first["base"]
    assert second["monthly"] <= first["monthly"]


@settings(max_examples=60, deadline=None)
@given(household=households())
def test_the_amount_is_never_negative_and_is_exact_to_the_fen(household: dict[str, object]) -> None:
    # when
    result = assess(household)
    # then
    assert result["monthly"] >= 0
    assert result["monthly"] == result["monthly"].quantize(Decimal("0.01"))
    assert result["monthly"] == result["base"] + result["topup"]
    if result["class"] != "dibao":
        assert result["monthly"] == 0


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_order_of_members_and_incomes_does_not_matter(data: st.DataObject) -> None:
    # given
    household = data.draw(households())
    shuffled = {
        **household,
        "members": data.draw(st.permutations(household["members"])),
        "incomes": data.draw(st.permutations(household["incomes"])),
    }
    # then
    assert assess(household) == assess(shuffled)
