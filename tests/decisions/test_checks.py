"""Static checks of decision models: what a policy editor learns before a release."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decisions.models import (
    make_decision,
    make_input,
    make_literal,
    make_model,
    make_table,
    make_table_model,
)
from workflows.decisions import (
    DecisionModel,
    ParameterTable,
    check_decision,
    clause_references,
    evaluate_decision,
)
from workflows.errors import Finding

NUMBER = {"income": "number"}
AMOUNT = {"amount": "number"}


def found(model: DecisionModel, *args: Any, **kwargs: Any) -> list[Finding]:
    """The findings but for rows without a clause, which most tables here have."""
    return [
        finding
        for finding in check_decision(model, *args, **kwargs)
        if finding.code != "dmn.no_clause"
    ]


def codes(model: DecisionModel, *args: Any, **kwargs: Any) -> list[str]:
    return [finding.code for finding in found(model, *args, **kwargs)]


def test_a_table_without_gap_and_overlap_has_no_findings() -> None:
    # given
    model = make_table_model(
        ["< 515 | 300 | mca57-15", "[515..800) | 100 | mca57-15", ">= 800 | 0 | mca57-16"],
        inputs=NUMBER,
        outputs=AMOUNT,
    )
    # when / then
    assert check_decision(model, {"income"}) == []


def test_overlapping_rows_are_an_error_that_names_them() -> None:
    # given
    model = make_table_model(
        ["< 515 | 1", "[515..800] | 2", ">= 800 | 3"], inputs=NUMBER, outputs=AMOUNT
    )
    # when
    (finding,) = found(model)
    # then
    assert (finding.code, finding.severity) == ("dmn.overlap", "error")
    assert "第 2 行与第 3 行" in finding.message


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (["< 515 | 1", "> 515 | 2"], "income = 515"),
        (["< 515 | 1", "[515..800) | 2"], "income = 800"),
        (["<= 515 | 1", ">= 800 | 2"], "515 < income < 800"),
        (["[0..515) | 1", ">= 515 | 2"], "income < 0"),
    ],
)
def test_a_gap_is_a_warning_that_says_for_which_values(rows: list[str], text: str) -> None:
    # given
    model = make_table_model(rows, inputs=NUMBER, outputs=AMOUNT)
    # when
    first = found(model)[0]
    # then
    assert (first.code, first.severity) == ("dmn.gap", "warning")
    assert text in first.message_en


def test_declared_values_and_defaults_close_gaps() -> None:
    # given
    rows = ['"urban" | 1', '"rural" | 2']
    area: dict[str, Any] = {"inputs": {"area": "string"}, "outputs": AMOUNT}
    # when / then
    assert codes(make_table_model(rows, **area)) == ["dmn.gap"]
    assert codes(make_table_model(rows, allowed_inputs={"area": '"urban","rural"'}, **area)) == []
    assert codes(make_table_model(rows, defaults={"amount": "0"}, **area)) == []


def test_gaps_are_looked_for_over_all_columns_together() -> None:
    # given
    model = make_table_model(
        ["< 515 | true | 1", "< 515 | false | 2", ">= 515 | true | 3"],
        inputs={"income": "number", "disabled": "boolean"},
        outputs=AMOUNT,
    )
    # when
    texts = [finding.message_en for finding in found(model)]
    # then
    assert texts == [
        "result: no row covers income = 515 and disabled = false.",
        "result: no row covers income > 515 and disabled = false"
        " (for example income = 516, disabled = false).",
    ]


def test_a_table_with_other_expressions_is_not_guessed_about() -> None:
    # given
    model = make_table_model(["? > 3 | 1"], inputs=NUMBER, outputs=AMOUNT)
    # when
    (finding,) = found(model)
    # then
    assert (finding.code, finding.severity) == ("dmn.not_checked", "note")
    assert "第 1 行“income”" in finding.message


def test_mistakes_of_a_table_are_found() -> None:
    # given
    columns: dict[str, Any] = {"inputs": NUMBER, "outputs": AMOUNT}
    two = {"inputs": NUMBER, "outputs": {"a": "number", "b": "number"}}
    # when / then
    assert codes(make_table_model([], **columns)) == ["dmn.no_rules"]
    assert "dmn.empty_output" in codes(make_table_model(["- | "], **columns))
    assert codes(make_table_model(["- | 1"], policy="PRIORITY", **columns)) == ["dmn.no_priorities"]
    assert codes(make_table_model(["- | 1"], aggregation="SUM", **columns)) == ["dmn.aggregation"]
    assert codes(make_table_model(["- | 1 | 2"], policy="COLLECT", aggregation="SUM", **two)) == [
        "dmn.aggregation"
    ]
    nameless = make_table(["- | 1 | 2"], **two).replace('name="b"', "")
    assert codes(
        make_model(make_input("income"), make_decision("d", nameless, inputs=["income"]))
    ) == ["dmn.output_names"]


def test_inputs_functions_and_parameters_that_nobody_gives_are_found() -> None:
    # given
    model = make_model(
        make_input("income"),
        make_decision(
            "d",
            make_literal('is workday(date(income)) or parameter("gone") > 1'),
            inputs=["income"],
        ),
    )
    # when
    result = codes(model, {"other"}, {"parameter"}, parameters=ParameterTable({}))
    # then
    assert result == ["dmn.unknown_input", "feel.unknown_function", "parameter.unknown"]


def test_a_row_without_clause_is_a_warning_and_the_others_are_listed() -> None:
    # given
    model = make_table_model(
        ["< 515 | 1 | mca57-15，cq-11", ">= 515 | 2 |"], inputs=NUMBER, outputs=AMOUNT
    )
    # when
    (finding,) = check_decision(model)
    # then
    assert (finding.code, finding.severity) == ("dmn.no_clause", "warning")
    assert list(clause_references(model)) == [
        ("result", 1, "mca57-15"),
        ("result", 1, "cq-11"),
    ]


TABLE = make_table(["< 515 | 1 | mca57-15"], inputs=NUMBER, outputs=AMOUNT)
ONE = make_literal("[1]")
BOXED = {
    "list": f"<list>{ONE}{TABLE}</list>",
    "relation": f'<relation><column name="a"/><row>{TABLE}</row></relation>',
    "binding": f'<invocation>{make_literal("max")}<binding><parameter name="list"/>{TABLE}'
    "</binding></invocation>",
    "if": f"<conditional><if>{TABLE}</if><then>{ONE}</then><else>{ONE}</else></conditional>",
    "else": f"<conditional><if>{ONE}</if><then>{ONE}</then><else>{TABLE}</else></conditional>",
    "for": f'<for iteratorVariable="n"><in>{ONE}</in><return>{TABLE}</return></for>',
    "some": f'<some iteratorVariable="n"><in>{TABLE}</in><satisfies>{ONE}</satisfies></some>',
    "filter": f"<filter><in>{TABLE}</in><match>{ONE}</match></filter>",
    "context": f'<context><contextEntry><variable name="a"/><list>{TABLE}</list></contextEntry>'
    "</context>",
}


@pytest.mark.parametrize("kind", BOXED)
def test_a_table_is_checked_however_deep_it_lies(kind: str) -> None:
    # given
    model = make_model(make_input("income"), make_decision("d", BOXED[kind], inputs=["income"]))
    # when / then
    assert [code for code in codes(model) if not code.startswith("feel.")] == ["dmn.gap"] * 2
    assert list(clause_references(model)) == [("d", 1, "mca57-15")]


def test_the_column_of_clauses_is_found_with_spaces_around_its_name() -> None:
    # given
    table = TABLE.replace('name="依据"', 'name=" 依据 "').replace("&lt; 515", "-")
    model = make_model(make_input("income"), make_decision("d", table, inputs=["income"]))
    # when
    result = evaluate_decision(model, "d", {"income": 1})
    # then
    assert check_decision(model) == []
    assert list(clause_references(model)) == [("d", 1, "mca57-15")]
    assert result.explanation.clauses == ("mca57-15",)
    assert "  命中第 1 行，依据 mca57-15" in result.explanation.lines()


def test_declared_values_of_another_kind_than_the_cells_are_not_guessed_about() -> None:
    # given
    model = make_table_model(
        ["< 5 | 1"], inputs=NUMBER, outputs=AMOUNT, allowed_inputs={"income": '"a"'}
    )
    # when / then
    assert codes(model) == ["feel.operand_types", "dmn.not_checked"]
