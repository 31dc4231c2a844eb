"""Gaps, overlaps and rows that never hit: as trying every value shows, each with its example."""

from __future__ import annotations

from decimal import Decimal
from html import escape
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.decisions.models import (
    make_decision,
    make_input,
    make_literal,
    make_model,
    make_table,
    make_table_model,
)
from workflows.decisions import (
    DecisionError,
    DecisionModel,
    ParameterTable,
    check_meaning,
    evaluate_decision,
)
from workflows.decisions.columns import TypedTable, Unclear, columns_of
from workflows.decisions.coverage import Coverage, table_coverage
from workflows.decisions.inference import check_types
from workflows.errors import Finding

INPUTS = {"n": "number", "t": "string", "f": "boolean"}
GRID: dict[str, list[Any]] = {
    "n": [Decimal(half) / 2 for half in range(-3, 12)],
    "t": ["a", "b", "other"],
    "f": [True, False],
}
NUMBERS = st.sampled_from(
    ["-", "1", "< 2", "<= 2", ">= 2", "> 4", "[1..3)", "1, 3", "]2..4]", "not(2)", "< 1, > 2",
     "!= 3", "[3..1]"]
)  # fmt: skip
TEXTS = st.sampled_from(["-", '"a"', '"b"', '"a", "b"', 'not("a")'])
FLAGS = st.sampled_from(["-", "true", "false", "not(true)"])
ROWS = st.lists(st.tuples(NUMBERS, TEXTS, FLAGS), min_size=1, max_size=6)


def make_typed(rows: list[tuple[str, ...]], policy: str) -> tuple[DecisionModel, TypedTable]:
    lines = [f"{' | '.join(row)} | {number} | x" for number, row in enumerate(rows)]
    model = make_table_model(lines, inputs=INPUTS, outputs={"row": "number"}, policy=policy)
    (typed,) = check_types(model).tables
    return model, typed


def covered(typed: TypedTable) -> Coverage:
    columns = columns_of(typed, {})
    assert not isinstance(columns, Unclear)
    found = table_coverage(typed.table, columns)
    assert found is not None
    return found


def hits_of_grid(rows: list[tuple[str, ...]]) -> list[list[int]]:
    """The rows that hit for each combination of values, by number from 1."""
    model, _ = make_typed(rows, "COLLECT")
    return [
        [
            1 + int(row)
            for row in evaluate_decision(
                model, "result", dict(zip(GRID, values, strict=True))
            ).value
        ]
        for values in product(*GRID.values())
    ]


def error_of(model: DecisionModel, values: list[Any]) -> DecisionError:
    # A column that no cell tells apart takes any value of its type.
    inputs = {
        name: GRID[name][0] if value is None else value
        for name, value in zip(INPUTS, values, strict=True)
    }
    with pytest.raises(DecisionError) as raised:
        evaluate_decision(model, "result", inputs)
    return raised.value


@settings(max_examples=150, deadline=None)
@given(ROWS)
def test_a_unique_table_has_the_gaps_and_overlaps_that_trying_finds(
    rows: list[tuple[str, ...]],
) -> None:
    # given
    model, typed = make_typed(rows, "UNIQUE")
    hits = hits_of_grid(rows)
    # when
    found = covered(typed)
    # then
    assert found.complete
    assert bool(found.gaps) == any(not rows_hit for rows_hit in hits)
    assert set(found.overlaps) == {pair for rows_hit in hits for pair in combinations(rows_hit, 2)}
    assert set(found.impossible) == set(range(1, len(rows) + 1)) - set().union(*map(set, hits))
    for gap in found.gaps:
        assert error_of(model, gap.inputs).code == "decision.no_rule"
    for pair, place in found.overlaps.items():
        error = error_of(model, place.inputs)
        assert error.code == "decision.overlap"
        assert set(pair) <= set(error.details["rows"])


@settings(max_examples=150, deadline=None)
@given(ROWS)
def test_a_first_table_hides_the_rows_that_never_come_first(rows: list[tuple[str, ...]]) -> None:
    # given
    _, typed = make_typed(rows, "FIRST")
    hits = hits_of_grid(rows)
    first = {rows_hit[0] for rows_hit in hits if rows_hit}
    reached = set().union(*map(set, hits))
    # when
    found = covered(typed)
    # then
    assert set(found.hidden) == reached - first
    assert bool(found.gaps) == any(not rows_hit for rows_hit in hits)


def make_bounded(*rows: str, policy: str = "UNIQUE", inputs: Any = None) -> DecisionModel:
    """A table over `income` whose bounds are the decisions `low` and `high`."""
    names = inputs or {"income": "number"}
    return make_model(
        *(make_input(name, kind) for name, kind in names.items()),
        make_decision("low", make_literal("100"), type_ref="number"),
        make_decision("high", make_literal("low * 1.5"), decisions=["low"], type_ref="number"),
        make_decision(
            "result",
            make_table(list(rows), inputs=names, outputs={"level": "string"}, policy=policy),
            inputs=list(names),
            decisions=["low", "high"],
        ),
    )


def messages(model: DecisionModel, parameters: ParameterTable | None = None) -> list[str]:
    return [found.message_en for found in check_meaning(model, parameters)]


def test_bounds_that_are_names_are_compared_in_every_order_that_they_may_have() -> None:
    # given
    fits = make_bounded('< low | "a"', '[low..high) | "b"', '>= high | "c"')
    gap = make_bounded('< low | "a"', '(low..high) | "b"', '>= high | "c"')
    overlap = make_bounded('<= low | "a"', '[low..high) | "b"', '>= high | "c"')
    unrelated = make_bounded('< low | "a"', '>= high | "b"')
    # when / then
    assert messages(fits) == []
    assert messages(gap) == [
        "result: no row covers income = low (for example income = 900, high = 1000, low = 900)."
    ]
    assert messages(overlap) == [
        "result: the rows 1 and 2 overlap, but only one may hit: income = low "
        "(for example income = 900, high = 1000, low = 900)."
    ]
    # Whether they leave a gap or overlap depends on which one is greater.
    assert messages(unrelated) == []


PARAMETERS = """
a.low:
  label: 下限
  unit: 元
  type: number
  values:
    - {from: 2021-09-01, value: 515, source: [w5], certainty: found}
"""


def test_an_example_has_the_values_that_parameters_have() -> None:
    # given
    parameters = ParameterTable.from_yaml({"a.yaml": PARAMETERS.encode()})
    model = make_bounded('< parameter("a.low") | "a"', '> parameter("a.low") | "b"')
    # when
    (message,) = messages(model, parameters)
    # then
    assert message == (
        'result: no row covers income = parameter("a.low") '
        '(for example income = 515, parameter("a.low") = 515).'
    )


def test_rows_that_never_hit_and_rows_that_add_nothing_are_named() -> None:
    # given
    hidden = make_bounded('< 5 | "a"', '< low | "b"', '- | "c"', '> 7 | "d"', policy="FIRST")
    empty = make_bounded('[5..1] | "a"', '- | "b"')
    twice = make_bounded('< 5 | "a"', '- | "b"', '< 5 | "a"', policy="COLLECT")
    wide = make_bounded('< 5 | "a"', '- | "a"', policy="ANY")
    different = make_bounded('<= 5 | "a"', '>= 5 | "b"', policy="ANY")
    # when / then
    assert messages(hidden) == [
        "result: row 4 never hits: the rows before it cover all that it covers."
    ]
    assert messages(empty) == [
        "result: row 1 never hits: no allowed value of “income” passes its cell."
    ]
    assert messages(twice) == [
        "result: row 3 adds nothing: row 1 gives the same result for the same inputs."
    ]
    assert messages(wide) == [
        "result: row 1 adds nothing: row 2 gives the same result for the same inputs."
    ]
    assert messages(different) == [
        "result: the rows 1 and 2 hit together with different results: income = 5."
    ]


def test_a_value_that_is_not_allowed_makes_a_row_impossible() -> None:
    # given
    model = make_table_model(
        ['"urban" | 1', '"rural" | 2', '"rurl" | 3'],
        inputs={"area": "string"},
        outputs={"amount": "number"},
        allowed_inputs={"area": '"urban","rural"'},
    )
    # when
    (found,) = check_meaning(model)
    # then
    assert (found.code, found.severity, found.element) == (
        "dmn.row_impossible", "error", "result"
    )  # fmt: skip
    assert found.message == "result：第 3 行永远不会命中：“area”没有一个允许的值符合该行的条件。"


def test_a_gap_is_told_by_the_columns_that_make_it_with_an_example_in_both_languages() -> None:
    # given
    model = make_table_model(
        ['< 770 | "rural" | true | 1', '>= 772 | "rural" | - | 2', '- | "urban" | - | 3'],
        inputs={"monthly_income": "number", "kind": "string", "alone": "boolean"},
        outputs={"amount": "number"},
        allowed_inputs={"kind": '"urban","rural"'},
    )
    # when
    found = check_meaning(model)
    # then
    assert [one.severity for one in found] == ["warning"] * 3
    assert found[1].message_en == ('result: no row covers monthly_income = 770 and kind = "rural".')
    assert found[2].message_en == (
        'result: no row covers 770 < monthly_income < 772 and kind = "rural" '
        '(for example monthly_income = 771, kind = "rural").'
    )
    assert found[2].message == (
        'result：没有一行适用于 770 < monthly_income < 772，kind = "rural"'
        '（例如 monthly_income = 771，kind = "rural"）。'
    )


def test_null_and_counts_have_no_values_between_that_cannot_be() -> None:
    # given
    null = make_bounded('null | "a"', 'not(null) | "b"')
    counted = make_model(
        make_input("members"),
        make_decision(
            "result",
            make_table(
                ['0 | "a"', '>= 1 | "b"'],
                inputs={"count(members)": "number"},
                outputs={"level": "string"},
            ),
            inputs=["members"],
        ),
    )
    # when / then
    assert messages(null) == []
    assert messages(counted) == []


def test_a_gap_that_the_table_declares_is_a_note() -> None:
    # given
    table = make_table(["< 5 | 1"], inputs={"n": "number"}, outputs={"a": "number"})
    declared = table.replace(
        "<decisionTable", '<decisionTable xmlns:doudi="urn:doudi:dmn:1" doudi:gaps="refused"'
    )
    model = make_model(make_input("n", "number"), make_decision("d", declared, inputs=["n"]))
    # when
    found = check_meaning(model)
    # then
    assert {(one.code, one.severity) for one in found} == {("dmn.gap_refused", "note")}


@pytest.mark.parametrize(
    ("text", "rows", "expected"),
    [
        ('if n > 1 then "a" else "b"', ['"a" | 1', '"b" | 2'], []),
        ('if n > 1 then "a" else "b"', ['"a" | 1'], ["dmn.gap"]),
        ('if n > 1 then "a" else "b"', ['"a","b" | 1', '"c" | 2'], ["dmn.row_impossible"]),
        ('parameter("way")', ['"slow" | 1', '"fast" | 2'], []),
        ('parameter("way")', ['"slow" | 1'], ["dmn.gap"]),
        ("n.kind", ['"a" | 1'], ["dmn.gap"]),
    ],
)
def test_an_input_that_can_only_have_certain_values_needs_no_declaration(
    text: str, rows: list[str], expected: list[str]
) -> None:
    # given
    way = PARAMETERS.replace("a.low", "way").replace("number", "string").replace("515", "fast")
    parameters = ParameterTable.from_yaml({"a.yaml": way.encode()})
    table = make_table(rows, inputs={"PLACE": "string"}, outputs={"a": "number"})
    table = table.replace("PLACE", escape(text, quote=False))
    model = make_model(make_input("n"), make_decision("d", table, inputs=["n"]))
    # when / then
    assert [found.code for found in check_meaning(model, parameters)] == expected


@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        ([f"[{at}..{at + 1}) | {at}" for at in range(3_000)], 1),
        ([" | ".join(["< 1, > 2"] * 40) + " | 1"] * 20, 40),
        ([" | ".join(["1"] * 300) + " | 1"], 300),
    ],
    ids=["long", "wide", "very wide"],
)
def test_a_huge_table_is_looked_at_within_bounds_and_says_so(rows: list[str], columns: int) -> None:
    # given
    model = make_table_model(
        rows,
        inputs={f"n{at}": "number" for at in range(columns)},
        outputs={"r": "number"},
        policy="FIRST",
    )
    # when
    found: list[Finding] = check_meaning(model)
    # then
    assert {"dmn.not_checked", "dmn.not_all_checked", "dmn.row_hidden", "dmn.gap"} >= {
        one.code for one in found
    }
    assert len(found) < 60


def test_bounds_in_too_many_orders_are_not_checked() -> None:
    # given
    names = {"income": "number", **{f"b{at}": "number" for at in range(8)}}
    rows = [f'< b{at}{" | -" * 8} | "a"' for at in range(8)]
    # when
    found = check_meaning(make_bounded(*rows, policy="FIRST", inputs=names))
    # then
    assert [one.code for one in found] == ["dmn.not_checked"]
    assert found[0].severity == "note"


BOUNDS = st.sampled_from(
    ["< low", "<= low", "> low", "[low..high]", "(low..high)", ">= high", "> high", "low", "2",
     "> 2", "not(low)"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(BOUNDS, min_size=1, max_size=5))
def test_examples_with_bounds_that_are_names_are_true_when_run(cells: list[str]) -> None:
    # given
    names = {"income": "number", "low": "number", "high": "number"}
    table = make_table(
        [f"{cell} | {number}" for number, cell in enumerate(cells)],
        inputs={"income": "number"},
        outputs={"row": "number"},
    )
    model = make_model(
        *(make_input(name, kind) for name, kind in names.items()),
        make_decision("result", table, inputs=list(names)),
    )
    (typed,) = check_types(model).tables
    columns = columns_of(typed, {})
    assert not isinstance(columns, Unclear)
    # when
    found = table_coverage(typed.table, columns)
    # then
    assert found is not None
    for code, place in (
        *(("decision.no_rule", gap) for gap in found.gaps),
        *(("decision.overlap", overlap) for overlap in found.overlaps.values()),
    ):
        (income,) = place.inputs
        bounds = {symbol.text: value for symbol, value in place.values.items()}
        inputs = {"low": Decimal(0), "high": Decimal(0), **bounds, "income": income}
        with pytest.raises(DecisionError) as raised:
            evaluate_decision(model, "result", inputs)
        assert raised.value.code == code
