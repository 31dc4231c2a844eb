"""Decision tables: hit policies, defaults, aggregation, and what a strict host refuses."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.decisions.models import (
    make_decision,
    make_input,
    make_model,
    make_table,
    make_table_model,
)
from workflows.decisions import DecisionError, DecisionModel, evaluate_decision

NUMBER = {"income": "number"}
AMOUNT = {"amount": "number"}


def value(model: DecisionModel, *, strict: bool = True, **inputs: Any) -> Any:
    return evaluate_decision(model, "result", inputs, strict=strict).value


def test_a_unique_table_gives_the_result_of_the_row_that_hits() -> None:
    # given
    model = make_table_model(["< 515 | 300", ">= 515 | 0"], inputs=NUMBER, outputs=AMOUNT)
    # when / then
    assert value(model, income=Decimal("514.99")) == 300
    assert value(model, income=515) == 0


def test_overlapping_rows_of_a_unique_table_are_an_error_naming_both_rows() -> None:
    # given
    model = make_table_model(["< 515 | 300", "<= 515 | 0"], inputs=NUMBER, outputs=AMOUNT)
    # when
    with pytest.raises(DecisionError) as caught:
        value(model, income=100)
    # then
    assert caught.value.code == "decision.overlap"
    assert caught.value.details["rows"] == [1, 2]
    assert value(model, strict=False, income=100) is None


def test_no_row_and_no_default_is_an_error() -> None:
    # given
    model = make_table_model(["< 515 | 300"], inputs=NUMBER, outputs=AMOUNT)
    # when / then
    with pytest.raises(DecisionError, match=r"decision\.no_rule"):
        value(model, income=600)
    assert value(model, strict=False, income=600) is None


def test_the_default_is_the_result_when_no_row_hits_and_the_step_says_so() -> None:
    # given
    model = make_table_model(
        ["< 515 | 300"], inputs=NUMBER, outputs=AMOUNT, defaults={"amount": "0"}
    )
    # when
    result = evaluate_decision(model, "result", {"income": 600})
    # then
    assert result.value == 0
    assert result.explanation.steps[0].default_used
    assert result.explanation.steps[0].rules == ()


def test_a_first_table_stops_at_the_first_row_that_hits() -> None:
    # given
    model = make_table_model(
        ["> 10 | 1", "> 5 | 2", "- | 3"], inputs=NUMBER, outputs=AMOUNT, policy="FIRST"
    )
    # when / then
    assert [value(model, income=given) for given in (11, 6, 1)] == [1, 2, 3]


def test_an_any_table_accepts_equal_results_and_refuses_different_ones() -> None:
    # given
    model = make_table_model(
        ["> 10 | 1", "> 5 | 1", "> 20 | 2"], inputs=NUMBER, outputs=AMOUNT, policy="ANY"
    )
    # when / then
    assert value(model, income=11) == 1
    with pytest.raises(DecisionError, match=r"decision\.different_results"):
        value(model, income=21)


def test_a_priority_table_follows_the_order_of_the_output_values() -> None:
    # given
    model = make_table_model(
        ['> 0 | "low"', '> 10 | "high"'],
        inputs=NUMBER,
        outputs={"class": "string"},
        policy="PRIORITY",
        allowed_outputs={"class": '"high","low"'},
    )
    # when / then
    assert value(model, income=11) == "high"
    assert value(model, income=1) == "low"


def test_rule_order_and_output_order_give_lists_in_their_order() -> None:
    # given
    rows = ['> 0 | "low"', '> 10 | "high"', '> 5 | "low"']
    columns: dict[str, Any] = {
        "inputs": NUMBER,
        "outputs": {"class": "string"},
        "allowed_outputs": {"class": '"high","low"'},
    }
    # when
    by_rule = make_table_model(rows, policy="RULE ORDER", **columns)
    by_output = make_table_model(rows, policy="OUTPUT ORDER", **columns)
    # then
    assert value(by_rule, income=11) == ["low", "high", "low"]
    assert value(by_output, income=11) == ["high", "low", "low"]


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [("", [30, 20, 20]), ("SUM", 70), ("MIN", 20), ("MAX", 30), ("COUNT", 3)],
)
def test_collect_gathers_or_aggregates_the_rows_that_hit(aggregation: str, expected: Any) -> None:
    # given
    model = make_table_model(
        ["> 0 | 30", "> 1 | 20", "> 2 | 20", "> 99 | 7"],
        inputs=NUMBER,
        outputs=AMOUNT,
        policy="COLLECT",
        aggregation=aggregation,
    )
    # when / then
    assert value(model, income=10) == expected


def test_collect_without_a_hit_is_an_empty_list_and_a_count_is_zero() -> None:
    # given
    columns: dict[str, Any] = {"inputs": NUMBER, "outputs": AMOUNT, "policy": "COLLECT"}
    # when / then
    assert value(make_table_model(["> 9 | 1"], **columns), income=1) == []
    counted = make_table_model(["> 9 | 1"], aggregation="COUNT", **columns)
    assert value(counted, income=1) == 0
    summed = make_table_model(["> 9 | 1"], aggregation="SUM", **columns)
    with pytest.raises(DecisionError, match=r"decision\.no_rule"):
        value(summed, income=1)


def test_several_outputs_make_a_context_and_are_outputs_by_name() -> None:
    # given
    model = make_table_model(
        ['> 0 | 300 | "dibao"'],
        inputs=NUMBER,
        outputs={"amount": "number", "class": "string"},
    )
    # when
    result = evaluate_decision(model, "result", {"income": 1})
    # then
    assert result.value == {"amount": Decimal(300), "class": "dibao"}
    assert result.outputs["class"] == "dibao"
    assert result.outputs["value"] == result.value


def test_a_single_named_output_is_found_by_its_name_too() -> None:
    # given
    model = make_table_model(["- | 300"], inputs=NUMBER, outputs=AMOUNT)
    # when
    result = evaluate_decision(model, "result", {"income": 1})
    # then
    assert result.outputs == {"amount": Decimal(300), "value": Decimal(300)}


@pytest.mark.parametrize(
    ("row", "given", "code"),
    [
        ("> 5 | 1", {"income": "many"}, "decision.wrong_type"),
        ("> 5 | 1", {}, "decision.missing_input"),
        ('> 5 | "much"', {"income": 6}, "decision.wrong_type"),
        ("> 5 | 1 + null", {"income": 6}, "decision.failed_expression"),
    ],
)
def test_a_strict_host_refuses_what_the_standard_makes_null(
    row: str, given: dict[str, Any], code: str
) -> None:
    # given
    model = make_table_model([row], inputs=NUMBER, outputs=AMOUNT)
    # when
    with pytest.raises(DecisionError) as caught:
        evaluate_decision(model, "result", given)
    # then
    assert caught.value.code == code
    assert caught.value.message and caught.value.message_en
    assert evaluate_decision(model, "result", given, strict=False).value is None


def test_a_test_that_cannot_be_told_is_an_error_not_a_miss() -> None:
    # given an input without a type, tested against numbers
    model = make_table_model(["> 5 | 1", "<= 5 | 2"], inputs={"income": "Any"}, outputs=AMOUNT)
    # when / then
    with pytest.raises(DecisionError, match=r"decision\.test_undecided"):
        value(model, income="6")


def test_values_outside_of_the_declared_ones_are_refused() -> None:
    # given
    columns: dict[str, Any] = {
        "inputs": {"area": "string"},
        "outputs": AMOUNT,
        "allowed_inputs": {"area": '"urban","rural"'},
        "allowed_outputs": {"amount": "[0..1000]"},
    }
    model = make_table_model(['"urban" | 1', '"rural" | 2000'], **columns)
    # when / then
    assert value(model, area="urban") == 1
    with pytest.raises(DecisionError, match=r"decision\.input_not_allowed"):
        value(model, area="sea")
    with pytest.raises(DecisionError, match=r"decision\.output_not_allowed"):
        value(model, area="rural")


def test_the_explanation_names_inputs_rows_and_clauses_in_both_languages() -> None:
    # given
    model = make_table_model(
        ["< 515 | 300 | mca57-15, cq-11", ">= 515 | 0 | mca57-16"], inputs=NUMBER, outputs=AMOUNT
    )
    # when
    explanation = evaluate_decision(model, "result", {"income": 400}).explanation
    # then
    (step,) = explanation.steps
    assert step.inputs == (("income", Decimal(400)),)
    assert [(rule.rule_id, rule.number, rule.clauses) for rule in step.rules] == [
        ("r1", 1, ("mca57-15", "cq-11"))
    ]
    assert explanation.clauses == ("mca57-15", "cq-11")
    assert "  命中第 1 行，依据 mca57-15, cq-11" in explanation.lines()
    assert "  Row 1 hit, under mca57-15, cq-11" in explanation.lines("en")
    assert explanation.to_json()["steps"][0]["rules"][0]["row"] == 1


def test_a_cell_with_the_value_in_it_and_a_negated_cell_are_understood() -> None:
    # given
    model = make_table_model(
        ["? > 3 and ? < 9 | 1", "not(4, 5, 6, 7, 8) | 2"], inputs=NUMBER, outputs=AMOUNT
    )
    # when / then
    assert [value(model, income=given) for given in (4, 3)] == [1, 2]


def test_a_failed_operation_never_chooses_a_row_or_becomes_an_amount() -> None:
    # given tables that would take any value
    chooses = make_table_model(
        ["> 5 | 1", "- | 2"],
        inputs={"income": "Any"},
        outputs=AMOUNT,
        policy="FIRST",
    )
    over = make_decision(
        "result",
        make_table(
            ["> 5 | 1", "- | 2"], inputs={"income + 1": "number"}, outputs=AMOUNT, policy="FIRST"
        ),
        inputs=["income"],
    )
    computes = make_model(make_input("income"), over)
    pays = make_table_model(
        ["- | 100 | income + 1"], inputs={"income": "Any"}, outputs={"a": "number", "b": "Any"}
    )
    # when / then
    assert value(chooses, income=None) == 2
    for model in (computes, pays):
        with pytest.raises(DecisionError, match=r"decision\.failed_expression"):
            value(model, income=None)
    assert value(computes, strict=False, income=None) == 2


def test_a_fact_that_was_not_given_is_null_whether_or_not_a_type_declares_it() -> None:
    # given
    table = make_table(
        ["null | 1", "not(null) | 2"],
        inputs={"member.clergy years": "number"},
        outputs=AMOUNT,
        policy="FIRST",
    )
    decision = make_decision("result", table, inputs=["member"])
    item = (
        '<itemDefinition name="tMember"><itemComponent name="clergy years">'
        "<typeRef>number</typeRef></itemComponent></itemDefinition>"
    )
    # when
    open_model = make_model(item, make_input("member"), decision)
    typed_model = make_model(item, make_input("member", "tMember"), decision)
    # then
    assert value(open_model, member={}) == 1
    assert value(typed_model, member={}) == 1
    with pytest.raises(DecisionError, match=r"decision\.wrong_type"):
        value(typed_model, member={"clergy years": "three"})


def test_a_null_that_somebody_wrote_is_a_value_like_any_other() -> None:
    # given
    model = make_table_model(
        ["null | 1", "not(null) | 2"], inputs={"income": "number"}, outputs=AMOUNT, policy="FIRST"
    )
    # when / then
    assert value(model, income=None) == 1
    assert value(model, income=5) == 2
