"""The register of other programmes: what it may say, and what it offers to a family."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.definitions.diagrams import codes, findings, line, node, policy
from tests.definitions.test_references import table
from tests.definitions.test_registers import VALUES, Place, _Plain, changed, places
from tests.runtime.district import policy_files
from workflows.decisions import ParameterTable
from workflows.decisions.catalogue import catalogue_entry, read_facts
from workflows.definitions.answering import Answer, answer
from workflows.definitions.files import PolicyFiles
from workflows.definitions.policy import Policy, parse_policy
from workflows.definitions.programmes import PROGRAMMES

REGISTER: dict[str, Any] = {
    "programmes": [
        {"key": "p", "after": ["amount"], "decision": "amount", "each": "[1, members]"}
        | {"inputs": {"members": "member"}, "qualifies": "found > 1", "clauses": ["c1"]}
        | {"zh": "每月 {found:money} 元。", "en": "{found:money} yuan.", "where_zh": "到窗口"}
        | {"where_en": "At the window"}
    ]
}


def with_register(register: Any) -> PolicyFiles:
    """A policy with one decision and this register."""
    text = yaml.dump(register, Dumper=_Plain, allow_unicode=True)
    diagram = line(node("serviceTask", "Task_A"))
    return policy(diagram, **{"decisions/d.dmn": table(), PROGRAMMES: text})


def test_the_register_of_these_tests_is_right() -> None:
    # then
    assert codes(with_register(REGISTER)) == codes(with_register({"programmes": []}))


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("decision", "nothing", "decision.unknown"),
        ("after", ["nothing"], "decision.unknown"),
        ("inputs", {}, "decision.input_missing"),
        ("inputs", {"members": "1", "more": "1"}, "decision.input_unknown"),
        ("inputs", {"members": "nobody"}, "feel.unknown_name"),
        ("inputs", [1], "register.value"),
        ("clauses", ["c9"], "clause.unknown"),
        ("zh", "{nobody}", "feel.unknown_name"),
        ("en", "{found", "dmn.template"),
        ("en", None, "register.missing"),
        ("where_zh", "", "register.missing"),
        ("qualifies", "found >", "feel."),
        ("colour", "red", "register.field"),
        ("key", 1, "register.item"),
    ],
)
def test_what_nobody_defines_is_found(field: str, value: Any, code: str) -> None:
    # given
    register = {"programmes": [{**REGISTER["programmes"][0], field: value}]}
    # then
    assert any(found.startswith(code) for found, _ in codes(with_register(register)))


PLACES = list(places(REGISTER))


@settings(max_examples=80, deadline=None)
@given(place=st.sampled_from(PLACES), value=VALUES)
def test_any_value_anywhere_gives_findings_and_no_error(place: Place, value: Any) -> None:
    # when
    found = findings(with_register(changed(REGISTER, place, value)))
    # then
    assert all(one.message and one.message_en for one in found)


@cache
def own() -> Policy:
    """The project's own policy."""
    return parse_policy(policy_files())


def asked(on: date, law: Policy | None = None, **household: Any) -> Answer:
    """An assessment of a rural household."""
    law = law or own()
    facts = {"area": "rural", "property_ok": True, "unstable_income": False, **household}
    entry = catalogue_entry(law.decisions, "dibao_assessment")
    inputs = read_facts(entry, {"household": facts}, on=on)
    noon = datetime(on.year, on.month, on.day, 4, tzinfo=UTC)
    return answer(law, "dibao_assessment", inputs, on, noon)


def person(key: str, born: str, **facts: Any) -> dict[str, Any]:
    """A member at home."""
    return {"id": key, "relation": "self", "birth_on": born, "status": "present", **facts}


def income(key: str, monthly: str, kind: str = "other") -> dict[str, Any]:
    """An income of a member."""
    return {"member": key, "kind": kind, "monthly": Decimal(monthly)}


def offered(found: Answer) -> list[str]:
    """The programmes that were offered."""
    return [one.programme for one in found.alternatives]


def test_an_edge_household_is_offered_its_recognition_and_its_ill_member_the_own_application() -> (
    None
):
    # given
    members = [person("1", "1980-01-01", serious_illness=True), person("2", "1981-01-01")]
    incomes = [income("1", "300"), income("2", "1100")]
    # when
    found = asked(date(2022, 10, 1), members=members, incomes=incomes)
    # then
    assert offered(found) == ["edge", "single_person"]
    own_case = found.alternatives[1]
    assert "42 岁的重特大疾病患者可以按单人户单独申请最低生活保障，差额每月 281.00 元" in (
        own_case.text("zh")
    )
    assert "aged 42 with a serious illness can apply" in own_case.text("en")
    assert own_case.basis


def test_from_2026_only_the_expenses_of_an_edge_household_are_verified() -> None:
    # when
    members, incomes = [person("1", "1980-01-01")], [income("1", "700")]
    # then
    assert offered(asked(date(2022, 10, 1), members=members, incomes=incomes)) == ["edge"]
    assert offered(asked(date(2026, 2, 1), members=members, incomes=incomes)) == [
        "edge",
        "relief_expense",
    ]


def test_somebody_old_and_alone_without_means_is_told_of_extreme_hardship() -> None:
    # given: pensions that count for the allowance, but not for extreme hardship
    key = "tekun.income.pension_counted"
    known = dict(own().parameters.parameters)
    entries = tuple(replace(entry, value=Decimal(0)) for entry in known[key].entries)
    table_ = ParameterTable({**known, key: replace(known[key], entries=entries)})
    law = replace(own(), parameters=table_)
    # when
    members, incomes = [person("1", "1950-01-01")], [income("1", "900", "pension")]
    found = asked(date(2022, 10, 1), law, members=members, incomes=incomes)
    # then
    assert offered(found) == ["tekun"]
    assert "经核实没有法定义务人" in found.alternatives[0].text("zh")


def test_a_family_far_above_every_line_is_offered_nothing() -> None:
    # when
    found = asked(
        date(2022, 10, 1), members=[person("1", "1980-01-01")], incomes=[income("1", "5000")]
    )
    # then
    assert found.what_if and offered(found) == []


def test_a_family_that_qualifies_is_not_sent_elsewhere() -> None:
    # when
    found = asked(
        date(2022, 10, 1), members=[person("1", "1980-01-01")], incomes=[income("1", "50")]
    )
    # then
    assert (found.what_if, found.alternatives) == ((), ())
