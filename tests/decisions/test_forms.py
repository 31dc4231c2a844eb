"""Forms: form-js documents, answers as FEEL values, and every finding at once."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from workflows.decisions import (
    Answers,
    Form,
    check_form,
    form_schema,
    parse_form,
    validate_answers,
)
from workflows.errors import Invalid

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def make_field(kind: str, key: str, **changes: Any) -> dict[str, Any]:
    return {"type": kind, "key": key, "id": f"Field_{key}", "label": f"字段{key}", **changes}


def make_form(*components: dict[str, Any]) -> Form:
    document = {"type": "default", "id": "test-form", "components": list(components)}
    return parse_form(json.dumps(document).encode(), file="bpmn/forms/test-form.form")


def answers(form: Form, raw: dict[str, Any], **scope: Any) -> Answers:
    return validate_answers(form, raw, scope=scope, now=NOW)


def problems(form: Form, raw: dict[str, Any], **scope: Any) -> list[tuple[str | None, str]]:
    with pytest.raises(Invalid) as caught:
        answers(form, raw, **scope)
    assert caught.value.code == "form.answers"
    for finding in caught.value.findings:
        assert finding.message and finding.message_en
    return [(finding.field, finding.code) for finding in caught.value.findings]


MONEY = make_field("textfield", "amount", properties={"kind": "money"})
REQUIRED = {"required": True}
OPINION = make_field(
    "radio",
    "opinion",
    validate=REQUIRED,
    values=[{"value": "agree", "label": "同意"}, {"value": "disagree", "label": "不同意"}],
)
REASON = make_field(
    "textarea",
    "reason",
    conditional={"hide": '=opinion = "agree"'},
    properties={"required-when": 'opinion = "disagree"'},
)
FULL = (
    {"type": "text", "text": "# 初审意见", "id": "Text_1"},
    {"type": "group", "id": "Group_1", "label": "意见", "components": [OPINION, REASON]},
    MONEY,
    make_field("number", "members", decimalDigits=0, validate={"min": 1, "max": 30}),
    make_field("checkbox", "signed"),
    make_field(
        "checklist", "missing", values=[{"value": "a", "label": "A"}, {"value": "b", "label": "B"}]
    ),
    make_field("datetime", "held_on", subtype="date"),
    make_field("datetime", "held_at", subtype="datetime"),
    make_field("textfield", "surveyors", properties={"kind": "surveyors", "min": "2"}),
    make_field("filepicker", "photos", properties={"min": "1"}),
    {"type": "button", "label": "提交", "id": "Button_1"},
)


def test_a_form_knows_its_key_title_fields_and_what_it_writes() -> None:
    # when
    form = make_form(*FULL, make_field("textfield", "number", disabled=True))
    # then
    assert form.key == "test-form"
    assert form.title == "初审意见"
    assert form.writes == {
        "opinion", "reason", "amount", "members", "signed", "missing", "held_on", "held_at",
        "surveyors", "photos",
    }  # fmt: skip
    assert "number" in form.fields


def test_answers_become_feel_values_and_lose_nothing() -> None:
    # when
    result = answers(
        make_form(*FULL),
        {
            "opinion": "disagree",
            "reason": "  家庭财产\n超过规定 ",
            "amount": "515.50",
            "members": "3",
            "signed": "on",
            "missing": ["a", "b"],
            "held_on": "2026-02-28",
            "held_at": "2026-02-28T09:30:00+08:00",
            "surveyors": ["u1", "u2"],
            "photos": "f1",
        },
    )
    # then
    assert result.values == {
        "opinion": "disagree",
        "reason": "  家庭财产\n超过规定 ",
        "amount": Decimal("515.50"),
        "members": Decimal(3),
        "signed": True,
        "missing": ["a", "b"],
        "held_on": date(2026, 2, 28),
        "held_at": datetime(2026, 2, 28, 1, 30, tzinfo=UTC),
        "surveyors": ["u1", "u2"],
        "photos": ["f1"],
    }
    assert result.hidden == frozenset()


def test_what_is_not_answered_is_none_and_an_unchecked_box_is_false() -> None:
    # when
    values = answers(make_form(*FULL), {"opinion": "agree", "amount": " ", "missing": []}).values
    # then
    assert values["amount"] is None
    assert values["missing"] is None
    assert values["signed"] is False
    assert values.keys() == make_form(*FULL).writes


def test_a_hidden_field_is_ignored_and_reset_whatever_was_sent() -> None:
    # when
    result = answers(make_form(*FULL), {"opinion": "agree", "reason": "x\x00" * 30_000})
    # then
    assert result.values["reason"] is None
    assert result.hidden == {"reason"}


def test_a_group_hides_all_its_fields() -> None:
    # given
    group = {
        "type": "group",
        "id": "g",
        "components": [make_field("textfield", "inner", validate=REQUIRED)],
        "conditional": {"hide": '=channel = "online"'},
    }
    form = make_form(group)
    # when / then
    assert answers(form, {}, channel="online").values == {"inner": None}
    assert problems(form, {}, channel="window") == [("inner", "field.required")]


def test_hiding_one_field_may_hide_the_next() -> None:
    # given
    form = make_form(
        make_field("checkbox", "a"),
        make_field("checkbox", "b", conditional={"hide": "=not(a)"}),
        make_field("textfield", "c", conditional={"hide": "=b != true"}, validate=REQUIRED),
    )
    # when / then
    assert answers(form, {"a": False, "b": True}).hidden == {"b", "c"}
    assert problems(form, {"a": True, "b": True}) == [("c", "field.required")]


def test_conditions_that_contradict_each_other_are_refused() -> None:
    # given
    form = make_form(
        make_field("checkbox", "a", conditional={"hide": "=b = true"}),
        make_field("checkbox", "b", conditional={"hide": "=a = null"}),
    )
    # when / then
    with pytest.raises(Invalid, match=r"form\.conditions_never_settle"):
        answers(form, {"a": True, "b": True})


def test_every_problem_is_reported_at_once_by_field_in_both_languages() -> None:
    # when
    found = problems(
        make_form(*FULL),
        {
            "opinion": "maybe",
            "amount": "1,5",
            "members": "2.5",
            "missing": ["a", "a"],
            "held_on": "2026-02-30",
            "held_at": "2026-02-28T09:30:00",
            "surveyors": ["u1"],
            "approved": True,
        },
    )
    # then
    assert found == [
        ("approved", "form.unknown_field"),
        ("opinion", "field.not_an_option"),
        ("amount", "field.not_money"),
        ("members", "field.too_many_decimals"),
        ("missing", "field.repeated"),
        ("held_on", "field.no_such_day"),
        ("held_at", "field.no_offset"),
        ("surveyors", "field.too_few"),
    ]


def test_a_required_answer_may_depend_on_another() -> None:
    # when / then
    assert problems(make_form(*FULL), {"opinion": "disagree"}) == [("reason", "field.required")]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("0.001", "field.too_many_decimals"),
        ("-1", "field.too_small"),
        ("99999999999999", "field.too_many_decimals"),
        (515.5, "field.money_as_float"),
        (True, "field.not_money"),
        ("NaN", "field.not_money"),
        ("１２", "field.not_money"),
        ("1e3", "field.not_money"),
        (["1"], "field.not_money"),
        (float("nan"), "form.refused_value"),
        (Decimal("Infinity"), "form.refused_value"),
        (10**16, "form.refused_value"),
    ],
)
def test_an_amount_is_strict(raw: Any, code: str) -> None:
    assert problems(make_form(MONEY), {"amount": raw}) == [("amount", code)]


@given(st.integers(min_value=0, max_value=10**13))
def test_every_amount_in_fen_comes_through_exactly(fen: int) -> None:
    # given
    text = f"{fen // 100}.{fen % 100:02d}"
    # when / then
    assert answers(make_form(MONEY), {"amount": text}).values["amount"] == Decimal(fen) / 100


@pytest.mark.parametrize(
    "raw",
    [
        {"note": "a\x00b"},
        {"note": "\ud800"},
        {"note": {"typename": "datetime"}},
        {"note": [{"a": [{"typename": 1}]}]},
        {"note": "x" * 20_001},
        {"note": 5},
    ],
)
def test_text_that_cannot_be_stored_is_refused(raw: dict[str, Any]) -> None:
    assert [field for field, _ in problems(make_form(make_field("textarea", "note")), raw)] == [
        "note"
    ]


def test_values_that_nest_too_deep_are_refused() -> None:
    # given
    deep: Any = "x"
    for _ in range(5_000):
        deep = [deep]
    # when / then
    found = problems(make_form(make_field("textfield", "note")), {"note": deep})
    assert found == [("note", "form.refused_value")]


def test_a_read_only_field_cannot_be_written() -> None:
    # given
    form = make_form(make_field("textfield", "a"), make_field("textfield", "b", readonly=True))
    # when / then
    assert problems(form, {"a": "x", "b": "y"}) == [("b", "form.readonly_field")]
    assert answers(form, {"a": "x"}).values == {"a": "x"}


def test_a_pattern_is_matched_without_running_away() -> None:
    # given
    form = make_form(make_field("textfield", "code", validate={"pattern": "^(a+)+$"}))
    # when / then
    assert answers(form, {"code": "aaa"}).values["code"] == "aaa"
    with pytest.raises(Invalid):
        answers(form, {"code": "a" * 900 + "b"})


def test_options_may_come_from_the_case() -> None:
    # given
    form = make_form(make_field("select", "who", valuesExpression="=members"))
    members = [{"value": "m1", "label": "张三"}, {"value": "m2", "label": "李四"}]
    # when / then
    assert answers(form, {"who": "m2"}, members=members).values["who"] == "m2"
    assert problems(form, {"who": "m3"}, members=members) == [("who", "field.not_an_option")]


@pytest.mark.parametrize(
    ("answer", "codes"),
    [
        ("2026-11-20", []),
        ("2026-11-23", []),
        ("2026-11-19", ["field.day_too_early"]),
        ("2026-11-24", ["field.day_too_late"]),
    ],
)
def test_a_day_keeps_to_the_bounds_that_the_form_gives_in_feel(
    answer: str, codes: list[str]
) -> None:
    # given: seven in the morning here, while it is still the day before in UTC
    properties = {"earliest": "=opened_on", "latest": "today"}
    form = make_form(make_field("datetime", "on", subtype="date", properties=properties))
    scope = {"opened_on": date(2026, 11, 20)}
    now = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
    # when
    try:
        validate_answers(form, {"on": answer}, scope=scope, now=now)
        found = []
    except Invalid as error:
        found = [finding.code for finding in error.findings]
    # then
    assert found == codes


def test_only_days_have_an_earliest_and_a_latest() -> None:
    # when
    with pytest.raises(Invalid) as caught:
        make_form(make_field("textfield", "name", properties={"latest": "today"}))
    # then
    assert [finding.code for finding in caught.value.findings] == ["form.bad_bound"]


@pytest.mark.parametrize(
    ("component", "more"),
    [
        ("textfield", {"properties": {"start": "today"}}),
        ("datetime", {"subtype": "date", "properties": {"start": "me"}}),
        ("textfield", {"properties": {"start": "=amount"}}),
    ],
)
def test_a_start_fits_its_field(component: str, more: dict[str, Any]) -> None:
    # when
    with pytest.raises(Invalid) as caught:
        make_form(make_field(component, "one", **more))
    # then
    assert [finding.code for finding in caught.value.findings] == ["form.bad_start"]


def test_a_day_may_have_to_be_today_or_later_in_local_time() -> None:
    # given a moment that is already the 24th in Chongqing
    form = make_form(make_field("datetime", "on", subtype="date", disallowPassedDates=True))
    late = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
    # when
    with pytest.raises(Invalid) as caught:
        validate_answers(form, {"on": "2026-11-23"}, scope={}, now=late)
    # then
    assert [finding.code for finding in caught.value.findings] == ["field.day_in_past"]
    assert answers(form, {"on": "2026-11-23"}).values["on"] == date(2026, 11, 23)


def test_a_condition_that_is_neither_true_nor_false_is_an_error_of_the_form() -> None:
    # given
    form = make_form(make_field("textfield", "a", conditional={"hide": "=1 + 1"}))
    # when / then
    with pytest.raises(Invalid, match=r"form\.condition"):
        answers(form, {})


@pytest.mark.parametrize(
    ("components", "code"),
    [
        ([], "form.no_fields"),
        ([make_field("table", "a")], "form.unknown_component"),
        ([make_field("textfield", "a b")], "form.bad_key"),
        ([make_field("textfield", "typename")], "form.bad_key"),
        ([make_field("textfield", "a"), make_field("number", "a")], "form.duplicate_key"),
        ([make_field("select", "a", values=[])], "form.no_values"),
        ([make_field("textfield", "a", properties={"kind": "secret"})], "form.unknown_kind"),
        ([make_field("datetime", "a", subtype="time")], "form.unknown_subtype"),
        ([make_field("number", "a", validate={"min": 5, "max": 1})], "form.bad_bound"),
        ([make_field("textfield", "a", validate={"maxLength": "many"})], "form.bad_bound"),
    ],
)
def test_a_document_with_mistakes_is_refused(components: list[dict[str, Any]], code: str) -> None:
    # when
    with pytest.raises(Invalid) as caught:
        make_form(*components)
    # then
    assert code in [finding.code for finding in caught.value.findings]


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b'{"components": 5}', b'{"components": [], "components": []}', b"[" * 9_000,
     b'{"components": [], "x": NaN}', b"\xff"],
)  # fmt: skip
def test_what_is_no_form_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid):
        parse_form(content, file="x.form")


def test_the_gate_finds_wrong_conditions_unknown_names_and_bad_patterns() -> None:
    # given
    form = make_form(
        make_field("textfield", "a", conditional={"hide": "=b +"}),
        make_field("textfield", "c", properties={"required-when": "channel = other"}),
        make_field("textfield", "d", validate={"pattern": "(("}),
    )
    # when
    codes = [(found.element, found.code) for found in check_form(form, {"channel"})]
    # then
    assert codes[0][0] == "a" and codes[0][1].startswith("feel.")
    assert codes[1:] == [("c", "feel.unknown_name"), ("d", "form.bad_pattern")]
    assert check_form(make_form(*FULL), set()) == []


def test_the_schema_of_a_form_agrees_with_its_rules() -> None:
    # given
    schema = form_schema(make_form(*FULL))()
    # when
    loaded = schema.load({"opinion": "agree", "amount": "1.50"})
    # then
    assert loaded["amount"] == Decimal("1.50")
    with pytest.raises(ValidationError) as caught:
        schema.load({"opinion": "agree", "amount": "1.555", "other": 1})
    assert set(caught.value.messages) == {"amount", "other"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.decimals(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
KEYS = st.sampled_from(sorted(make_form(*FULL).writes)) | st.text()


@given(st.dictionaries(KEYS, JSON))
def test_whatever_is_sent_there_are_answers_or_findings(raw: dict[str, Any]) -> None:
    # when
    try:
        result = answers(make_form(*FULL), raw)
    except Invalid as error:
        # then
        assert error.findings
    else:
        assert result.values.keys() == make_form(*FULL).writes
