"""What would change a result: nearest values, proofs, hostile rules, and the budget."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.decisions.models import make_decision, make_input, make_literal, make_table
from tests.decisions.wording import (
    GOAL,
    asked_model,
    asker,
    element,
    what_if,
    worded,
    worded_model,
)
from workflows.decisions.what_if import what_would_change
from workflows.errors import DoudiError

MONEY = element("fact", zh="收入", en="income", unit="元", unit_en="yuan", step="0.01")
BELOW = ('< 581 | "yes" | c', '>= 581 | "no" | c')


def test_the_smallest_amount_that_flips_the_result_is_told_in_both_languages() -> None:
    # when
    found = what_if(asked_model(*BELOW, fact=MONEY), x=Decimal(771))
    # then
    (change,) = found.changes
    assert (change.place, change.old, change.new) == ("x", Decimal(771), Decimal("580.99"))
    assert change.sentence.zh == "收入降低 190.01 元，为 580.99 元，就可以得到。"
    assert change.sentence.en == (
        "With income lower by 190.01 yuan, at 580.99 yuan, it would be given."
    )
    assert found.complete


def test_an_amount_exactly_on_the_line_needs_one_smallest_unit() -> None:
    # when
    found = what_if(asked_model(*BELOW, fact=MONEY), x=Decimal(581))
    # then
    assert [(change.new, change.steps) for change in found.changes] == [(Decimal("580.99"), 1)]


def test_a_favourable_result_has_nothing_that_would_change_it() -> None:
    # given
    model = asked_model(*BELOW, fact=MONEY)
    # then
    assert what_would_change(model, "result", {"x": Decimal(580)}, asker(model)) == ()


def test_a_fact_that_nobody_can_change_is_left_out() -> None:
    # when
    found = what_if(asked_model(*BELOW, fact=element("fact", fixed="true")), x=Decimal(771))
    # then
    assert found.changes == ()
    assert found.sentences("zh") == ["没有找到只改变一项情况就可以得到的办法。"]
    assert found.sentences("en") == [
        "No change of a single fact was found with which it would be given."
    ]


def test_both_sides_of_a_band_are_found() -> None:
    # given
    model = asked_model('[10..20] | "no" | c', 'not([10..20]) | "yes" | c')
    # when
    found = what_if(model, x=Decimal(14))
    # then
    assert sorted(change.new for change in found.changes) == [Decimal(9), Decimal(21)]


def test_a_narrow_band_that_wide_probes_miss_is_found_beside_what_the_rule_compares_with() -> None:
    # given
    line = worded(make_decision("line", make_literal("5123")))
    table = make_table(
        ['line | "yes" | c', 'not(line) | "no" | c'],
        inputs={"x": "number"},
        outputs={"class": "string"},
    )
    model = worded_model(
        make_input("x", "number"),
        line,
        worded(make_decision("result", table, inputs=["x"], decisions=["line"]), GOAL),
    )
    # when
    found = what_would_change(model, "result", {"x": Decimal(7)}, asker(model))
    # then
    assert [change.new for change in found[0].changes] == [Decimal(5123)]


@pytest.mark.parametrize(
    ("kind", "rows", "before", "after"),
    [
        ("boolean", ('true | "yes" | c', 'false | "no" | c'), False, True),
        ("boolean", ('true | "yes" | c', 'false,null | "no" | c'), None, True),
        (
            "date",
            ('< date("2022-12-02") | "no" | c', '>= date("2022-12-02") | "yes" | c'),
            date(2022, 3, 1),
            date(2022, 12, 2),
        ),
    ],
)
def test_truth_values_and_days_are_tried(
    kind: str, rows: tuple[str, ...], before: Any, after: Any
) -> None:
    # when
    found = what_if(asked_model(*rows, kind=kind), x=before)
    # then
    assert [change.new for change in found.changes] == [after]
    assert found.changes[0].proof == (before is None)


def test_a_missing_proof_says_the_mildest_grade_that_is_enough() -> None:
    # given
    grade = element(
        "fact",
        element("change", zh="提交{new}级残疾证", en="With a certificate of grade {new}"),
        least="1",
        most="4",
        from_="most",
    ).replace("from_", "from")
    model = asked_model('<= 2 | "yes" | c', '> 2,null | "no" | c', fact=grade)
    # when
    found = what_if(model, x=None)
    # then
    (change,) = found.changes
    assert (change.new, change.proof) == (Decimal(2), True)
    assert change.sentence.zh == "提交2级残疾证，就可以得到。"


def test_a_missing_amount_says_up_to_where_a_proof_is_enough() -> None:
    # given
    model = asked_model('< 581 | "yes" | c', '>= 581,null | "no" | c', fact=MONEY)
    # when
    found = what_if(model, x=None)
    # then
    assert [change.new for change in found.changes] == [Decimal("580.99")]


def test_a_code_is_tried_by_the_values_that_the_model_names() -> None:
    # given
    codes = element(
        "fact",
        element("value", of="a", zh="甲", en="A") + element("value", of="b", zh="乙", en="B"),
        zh="类别",
        en="kind",
    )
    model = asked_model('"b" | "yes" | c', '"a" | "no" | c', kind="string", fact=codes)
    # when
    found = what_if(model, x="a")
    # then
    assert found.changes[0].sentence.zh == "类别由甲变为乙，就可以得到。"
    assert found.changes[0].sentence.en == "With kind B instead of A, it would be given."


def test_a_result_between_can_be_taken_for_given() -> None:
    # given
    half = worded(make_decision("half", make_literal("x / 3"), inputs=["x"]), MONEY)
    table = make_table(
        ['< 100 | "yes" | c', '>= 100 | "no" | c'],
        inputs={"half": "number"},
        outputs={"class": "string"},
    )
    model = worded_model(
        worded(make_input("x", "number"), element("fact", fixed="true")),
        half,
        worded(make_decision("result", table, decisions=["half"]), GOAL),
    )
    # when
    (found,) = what_would_change(model, "result", {"x": Decimal(400)}, asker(model))
    # then
    (change,) = found.changes
    assert (change.place, change.new, change.assumed) == ("half", Decimal("99.99"), True)


def test_without_goals_those_of_the_nearest_decision_count() -> None:
    # given
    table = make_table(list(BELOW), inputs={"x": "number"}, outputs={"class": "string"})
    model = worded_model(
        worded(make_input("x", "number"), MONEY),
        worded(make_decision("class", table, inputs=["x"]), GOAL),
        make_decision("result", make_literal("class"), decisions=["class"]),
    )
    # when
    (found,) = what_would_change(model, "result", {"x": Decimal(600)}, asker(model))
    # then
    assert (found.decision, found.changes[0].new) == ("class", Decimal("580.99"))


def test_a_rule_that_fails_for_other_values_claims_nothing() -> None:
    # given
    model = asked_model('771 | "no" | c')  # every other value hits no row: an error
    # then
    assert what_if(model, x=Decimal(771)).changes == ()


def test_the_budget_ends_a_search_and_says_so() -> None:
    # given
    model = asked_model(*BELOW, fact=MONEY)
    counted: list[Any] = []
    # when
    (found,) = what_would_change(
        model, "result", {"x": Decimal(771)}, asker(model, counted), budget=4
    )
    # then
    assert len(counted) == found.evaluations == 4
    assert found.changes == () and not found.complete


CELLS = st.sampled_from(
    ["< 5", ">= 5", "[3..7]", "not(4)", "5", "-", "null", "> 1000", "x - 1", "even(?)", "odd(?)",
     "< -3", "modulo(?, 7) = 3", "< 5000000", "]100..200["]
)  # fmt: skip


@given(
    st.lists(st.tuples(CELLS, st.sampled_from(["yes", "no"])), min_size=1, max_size=5),
    st.one_of(st.none(), st.integers(-50, 6000).map(Decimal)),
    st.sampled_from(["UNIQUE", "FIRST"]),
)
def test_whatever_a_table_says_every_claim_is_true_and_one_step_less_is_not(
    rows: list[tuple[str, str]], value: Decimal | None, policy: str
) -> None:
    # given
    table = make_table(
        [f'{cell} | "{said}" | c' for cell, said in rows],
        inputs={"x": "number"},
        outputs={"class": "string"},
        policy=policy,
    )
    model = worded_model(
        worded(make_input("x", "number"), element("fact", zh="数", en="number", least="-60")),
        worded(make_decision("result", table, inputs=["x"]), GOAL),
    )
    counted: list[Any] = []
    ask = asker(model, counted)
    # when
    found = what_would_change(model, "result", {"x": value}, ask)
    # then
    assert len(counted) <= 200
    for change in found[0].changes if found else ():
        assert ask("result", {"x": change.new}, {}).value == "yes"
        if value is not None:
            assert change.nearer == change.new - (1 if change.new > value else -1)
            assert not favourable(ask, change.nearer)


def favourable(ask: Any, value: Decimal) -> bool:
    """Whether the table says yes; one that refuses to answer does not."""
    try:
        return bool(ask("result", {"x": value}, {}).value == "yes")
    except DoudiError:
        return False
