"""Sentences about results: templates over the rows that hit, in both languages, checked."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.decisions.models import make_decision, make_input, make_literal
from tests.decisions.wording import asked_model, element, own, worded, worded_model
from workflows.decisions import DecisionModel, evaluate_decision
from workflows.decisions.sentences import pieces, rendered, shown
from workflows.decisions.wording import Words
from workflows.errors import Invalid


def table_model(*rows: tuple[str, str, str, str]) -> DecisionModel:
    """A table over `x`: test, result, sentence in Chinese and in English."""
    rules = "".join(
        f"<rule><inputEntry><text>{test}</text></inputEntry>"
        f'<outputEntry><text>"{result}"</text></outputEntry>'
        + "".join(
            f"<annotationEntry><text>{text}</text></annotationEntry>" for text in ("c1", zh, en)
        )
        + "</rule>"
        for test, result, zh, en in rows
    )
    table = (
        '<decisionTable hitPolicy="UNIQUE"><input><inputExpression><text>x</text>'
        '</inputExpression></input><output name="class"/><annotation name="依据"/>'
        f'<annotation name="说明"/><annotation name="explanation"/>{rules}</decisionTable>'
    )
    return worded_model(
        make_input("x", "number"),
        worded(
            make_decision("result", table, inputs=["x"]),
            element("value", of="yes", zh="符合", en="eligible"),
        ),
    )


def codes(model: DecisionModel) -> list[str]:
    """What the model's own findings are about."""
    return [finding.code for finding in model.findings]


def test_the_row_that_hit_says_what_was_decided_with_the_numbers_put_in() -> None:
    # given
    model = table_model(
        ("&lt; 581", "yes", "{x:money} 元：{class:name}", "{x:money} yuan: {class:name}"),
        ("&gt;= 581", "no", "{x} 元，{x / 581:percent}", "{x} yuan, {x / 581:percent}"),
    )
    # when
    result = evaluate_decision(model, "result", {"x": Decimal("1234.5") / 10}, tells=True)
    # then
    (step,) = result.explanation.steps
    assert step.sentence == {"zh": "123.45 元：符合", "en": "123.45 yuan: eligible"}
    assert step.to_json()["sentence"]["zh"] == "123.45 元：符合"
    assert "  123.45 元：符合" in result.explanation.lines("zh")


def test_nothing_is_told_unless_it_is_asked_for() -> None:
    # given
    model = table_model(("-", "yes", "{x}", "{x}"))
    # when
    result = evaluate_decision(model, "result", {"x": Decimal(1)})
    # then
    assert not result.explanation.steps[0].sentence


def test_a_decision_without_rows_tells_its_own_sentence_when_its_condition_holds() -> None:
    # given
    model = worded_model(
        make_input("x", "number"),
        worded(
            make_decision("result", make_literal("x * 2"), inputs=["x"]),
            element("sentence", zh="共{value}元。", en="{value} yuan.", when="value > 10"),
        ),
    )
    # when
    said = [
        evaluate_decision(model, "result", {"x": Decimal(x)}, tells=True).explanation.steps[0]
        for x in (4, 6)
    ]
    # then
    assert [step.sentence for step in said] == [{}, {"zh": "共12元。", "en": "12 yuan."}]


def test_a_sentence_that_cannot_be_told_never_stands_against_a_result() -> None:
    # given
    model = table_model(("-", "yes", "{1 / (x - x)}", "{1 / (x - x)}"))
    # when
    result = evaluate_decision(model, "result", {"x": Decimal(1)}, tells=True)
    # then
    assert result.value == "yes"
    assert result.explanation.steps[0].sentence["zh"] == "未知"
    assert result.explanation.steps[0].warnings == ()


@pytest.mark.parametrize(
    ("zh", "en", "code"),
    [
        ("{y}", "{x}", "feel.unknown_name"),
        ("{x", "{x}", "dmn.template"),
        ("x}", "{x}", "dmn.template"),
        ("{}", "{x}", "dmn.template"),
        ("{x:euro}", "{x}", "dmn.template"),
        ("{x +}", "{x}", "feel."),
        ("只有中文", "", "dmn.wording_language"),
    ],
)
def test_a_wrong_sentence_is_a_finding(zh: str, en: str, code: str) -> None:
    # then
    assert any(found.startswith(code) for found in codes(table_model(("-", "yes", zh, en))))


def test_templates_of_changes_and_items_are_checked() -> None:
    # given
    change = element("fact", element("change", zh="提交{newer}", en="With {new}"))
    # then
    assert codes(asked_model('- | "yes" | c', fact=change)) == ["feel.unknown_name"]


def test_a_goal_that_names_nothing_is_a_finding() -> None:
    # given
    goal = element("goal", test='klass = "yes"', zh="得到", en="given")
    # then
    assert codes(asked_model('- | "yes" | c', goal=goal)) == ["feel.unknown_name"]


@pytest.mark.parametrize(
    "wrong",
    [
        element("fact", zh="只有中文"),
        element("fact", step="0"),
        element("fact", step="a"),
        element("fact", unit="元"),
        element("fact", fixed="maybe"),
        element("fact", colour="red"),
        element("fancy"),
    ],
)
def test_wording_that_says_nothing_is_refused(wrong: str) -> None:
    # when
    with pytest.raises(Invalid) as refused:
        asked_model('- | "yes" | c', fact=wrong)
    # then
    assert {found.code for found in refused.value.findings} <= {
        "dmn.wording",
        "dmn.wording_language",
    }


def test_elements_of_other_tools_are_left_alone() -> None:
    # given
    other = '<x:note xmlns:x="urn:other" zh="a"/>'
    data = make_input("x").replace("<variable", own(other) + "<variable", 1)
    # then
    assert worded_model(data, make_decision("result", make_literal("x"), inputs=["x"])).decisions


def test_values_are_shown_as_people_write_them() -> None:
    # given
    names = {"edge": Words("低保边缘", "edge household")}
    # then
    assert shown(Decimal("1234.5"), "zh", "money") == "1,234.50"
    assert shown(Decimal("0.3"), "en", "percent") == "30%"
    assert shown(Decimal("1000"), "zh") == "1000"
    assert shown(Decimal("1e6000"), "zh", "money") == shown(Decimal("1e6000"), "en")
    assert shown(date(2021, 9, 8), "zh") == "2021年9月8日"
    assert shown(date(2021, 9, 8), "en") == "2021-09-08"
    assert shown([True, None, "edge"], "zh", names=names) == "是、未知、低保边缘"
    assert (
        rendered('第{at}名{if at > 1 then "（从}属）" else ""}', {"at": 2}, "zh")
        == "第2名（从}属）"
    )


@given(st.text(alphabet='ab{}"\\: 1+', max_size=30))
def test_any_text_is_split_or_refused(text: str) -> None:
    # when
    try:
        found = list(pieces(text))
    except ValueError:
        return
    # then
    assert all(piece.text for piece in found)
    assert "".join(piece.text for piece in found if not piece.is_code) in text or len(found) > 1
