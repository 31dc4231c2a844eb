"""Dated parameters: lookups by day, exact decimals, and every finding at once."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.decisions import ParameterRecorder, ParameterTable, load_yaml
from workflows.errors import Invalid
from workflows.feel import compile_expression

RURAL = """
dibao.standard.rural:
  label: 农村最低生活保障标准
  unit: 元/人·月
  type: number
  values:
    - {from: 2022-09-01, value: 581, source: [w6], certainty: found}
    - {from: 2021-09-01, value: 515.10, source: [w5], certainty: found}
    - {from: 2024-01-01, until: 2024-06-30, value: 600, source: [w7], certainty: derived}
"""


def make_table(text: str = RURAL) -> ParameterTable:
    return ParameterTable.from_yaml({"standards.yaml": text.encode()})


def findings(text: str) -> list[str]:
    with pytest.raises(Invalid) as caught:
        make_table(text)
    for finding in caught.value.findings:
        assert finding.message and finding.message_en and finding.file == "standards.yaml"
    return [finding.code for finding in caught.value.findings]


def make_parameter(value: str = "1", **changes: str) -> str:
    entry = {"from": "2021-01-01", "source": "[w5]", "certainty": "found", **changes}
    kind = entry.pop("type", "number")
    inner = ", ".join(f"{key}: {text}" for key, text in entry.items() if text)
    return f"key:\n  label: l\n  type: {kind}\n  values:\n    - {{value: {value}, {inner}}}\n"


@pytest.mark.parametrize(
    ("on", "expected", "valid_from"),
    [
        (date(2021, 9, 1), "515.10", date(2021, 9, 1)),
        (date(2022, 8, 31), "515.10", date(2021, 9, 1)),
        (date(2022, 9, 1), "581", date(2022, 9, 1)),
        (date(2024, 6, 30), "600", date(2024, 1, 1)),
    ],
)
def test_the_value_in_force_on_a_day_is_found_whatever_the_order_in_the_file(
    on: date, expected: str, valid_from: date
) -> None:
    # when
    found = make_table().value("dibao.standard.rural", on)
    # then
    assert found.value == Decimal(expected)
    assert isinstance(found.value, Decimal)
    assert found.valid_from == valid_from
    assert found.unit == "元/人·月"


@pytest.mark.parametrize("on", [date(2021, 8, 31), date(2024, 7, 1)])
def test_a_day_without_a_value_is_an_error_naming_key_and_day(on: date) -> None:
    # when
    with pytest.raises(Invalid) as caught:
        make_table().value("dibao.standard.rural", on)
    # then
    assert caught.value.code == "parameter.no_value"
    assert on.isoformat() in caught.value.message


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(Invalid, match=r"parameter\.unknown"):
        make_table().value("dibao.standard.urban", date(2022, 1, 1))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (make_parameter(certainty="sure"), "parameter.unknown_certainty"),
        (make_parameter(certainty=""), "parameter.missing"),
        (make_parameter(source=""), "parameter.no_source"),
        (make_parameter(certainty="default", source=""), "parameter.no_source"),
        (make_parameter('"515"'), "parameter.wrong_type"),
        (make_parameter("true"), "parameter.wrong_type"),
        (make_parameter(type="money"), "parameter.unknown_type"),
        (make_parameter(**{"from": "yesterday"}), "parameter.wrong_type"),
        (make_parameter(until="2020-01-01"), "parameter.days_reversed"),
        (make_parameter(surprise="1"), "parameter.unknown_key"),
        ("key: 5\n", "parameter.not_a_table"),
        ("- 5\n", "parameter.not_a_table"),
        ("key: {label: l, type: number, values: []}\n", "parameter.no_values"),
        ("key: {type: number, values: [1]}\n", "parameter.missing"),
        (make_parameter() + make_parameter(), "yaml.not_readable"),
        ("key: &a 1\nother: *a\n", "yaml.not_readable"),
        ("key: !!python/object/apply:os.system [ls]\n", "yaml.not_readable"),
        ("key: 2021-02-30\n", "yaml.not_readable"),
        ("key: \x00\n", "yaml.not_readable"),
        ("[" * 100 + "]" * 100, "yaml.not_readable"),
    ],
)
def test_what_is_wrong_with_a_file_is_a_finding(text: str, code: str) -> None:
    assert code in findings(text)


def test_values_that_overlap_are_found_by_the_day_on_which_they_do() -> None:
    # given
    text = RURAL + "    - {from: 2024-06-30, value: 610, source: [w8], certainty: found}\n"
    same = RURAL + "    - {from: 2022-09-01, value: 610, source: [w8], certainty: found}\n"
    # when / then
    assert findings(text) == ["parameter.overlapping"]
    assert findings(same) == ["parameter.overlapping"]


def test_findings_of_all_files_come_together() -> None:
    # when
    with pytest.raises(Invalid) as caught:
        ParameterTable.from_yaml(
            {"a.yaml": RURAL.encode(), "b.yaml": RURAL.encode(), "c.yaml": b"\xff"}
        )
    # then
    assert [finding.code for finding in caught.value.findings] == [
        "parameter.duplicate",
        "yaml.not_utf8",
    ]


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12
    )
)
def test_amounts_are_read_digit_for_digit(amount: Decimal) -> None:
    # when
    read = load_yaml(f"value: {amount:f}".encode(), file="t.yaml")["value"]
    # then
    assert isinstance(read, Decimal)
    assert str(read) == f"{amount:f}"


@pytest.mark.parametrize("text", ["010", "1_000", "0x10", "1e3", ".5", "yes", "on", "1:30", ".inf"])
def test_what_yaml_would_guess_stays_a_text(text: str) -> None:
    assert load_yaml(f"value: {text}".encode(), file="t.yaml")["value"] == text


@given(st.integers(min_value=0, max_value=2_000))
def test_a_value_holds_from_its_first_day_until_the_next_one_begins(days: int) -> None:
    # given
    on = date(2021, 9, 1) + timedelta(days=days)
    table = make_table()
    # when / then
    if date(2024, 7, 1) <= on:
        with pytest.raises(Invalid):
            table.value("dibao.standard.rural", on)
    else:
        found = table.value("dibao.standard.rural", on)
        assert found.valid_from <= on
        assert found.valid_until is None or on <= found.valid_until


def test_the_feel_function_takes_a_key_and_perhaps_a_day_and_records_both() -> None:
    # given
    recorder = ParameterRecorder()
    function = make_table().host_function(date(2021, 10, 1), recorder)
    expression = compile_expression(
        'parameter("dibao.standard.rural", date("2023-01-01")) - '
        'parameter("dibao.standard.rural") + 0 * parameter("dibao.standard.rural")',
        functions={"parameter"},
    )
    # when
    difference = expression.value({}, functions={"parameter": function})
    # then
    assert difference == Decimal("65.90")
    assert [used.value for used in recorder.uses] == [Decimal(581), Decimal("515.10")]
    assert recorder.uses[0].to_json()["valid_from"] == "2022-09-01"
