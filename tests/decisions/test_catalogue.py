"""What can be asked of decisions, and facts read from documents."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.bpmn.policy import decision_model
from workflows.decisions import load_yaml
from workflows.decisions.catalogue import (
    Entry,
    Fact,
    catalogue_entry,
    decision_catalogue,
    read_facts,
)
from workflows.errors import Invalid, NotFound

ON = date(2021, 9, 13)


def entry(file: str, key: str) -> Entry:
    model = decision_model(file)
    return catalogue_entry(dict.fromkeys(model.decisions, model), key)


def part(fact: Fact, name: str) -> Fact:
    return next(found for found in fact.parts if found.name == name)


def test_an_entry_tells_inputs_outputs_types_and_codes() -> None:
    # when
    found = entry("tekun.dmn", "tekun_eligible")
    person = next(fact for fact in found.inputs if fact.name == "person")
    incomes = part(person, "incomes")
    # then
    assert (found.key, found.name) == ("tekun_eligible", "特困认定")
    assert {fact.name: fact.type for fact in found.inputs} == {
        "on": "date", "person": "context", "disposable_income": "number",
    }  # fmt: skip
    assert part(person, "area").values == ("rural", "urban")
    assert (incomes.many, incomes.type) == (True, "context")
    assert "pension_base" in part(incomes, "kind").values
    assert part(incomes, "monthly").description == "元/月"
    assert [(o.name, o.type) for o in found.outputs] == [
        ("eligible", "boolean"), ("failed", "string"),
    ]  # fmt: skip


def test_an_entry_is_found_by_its_chinese_name_and_says_when_it_gives_a_list() -> None:
    # then
    assert entry("alerts.dmn", "预警分流").key == "alert_routes"
    assert entry("alerts.dmn", "alert_routes").many is True
    assert entry("alerts.dmn", "alert_clock").many is False


def test_a_key_that_nobody_knows_names_the_nearest() -> None:
    # when
    with pytest.raises(NotFound) as raised:
        entry("tekun.dmn", "tekun_eligibel")
    # then
    assert raised.value.code == "decision.unknown"
    assert "tekun_eligible" in raised.value.message


def test_the_catalogue_lists_every_decision_of_each_model_once() -> None:
    # given
    models = [decision_model(name) for name in ("tekun.dmn", "alerts.dmn", "tekun.dmn")]
    # when
    keys = [found.key for found in decision_catalogue(models)]
    # then
    assert len(keys) == len(set(keys))
    assert keys.index("alert_clock") < keys.index("tekun_labour")


def test_facts_of_a_document_become_values_and_what_is_missing_is_null() -> None:
    # given
    text = b'{"person": {"age": 63, "incomes": [{"kind": "property", "monthly": 80.5}]}}'
    # when
    facts = read_facts(entry("tekun.dmn", "tekun_eligible"), load_yaml(text, file="facts"), on=ON)
    # then
    assert facts["on"] == ON
    assert facts["disposable_income"] is None
    assert facts["person"]["incomes"] == [{"kind": "property", "monthly": Decimal("80.5")}]
    assert facts["person"]["property_ok"] is None


def test_days_may_be_texts_and_the_day_of_a_household_is_the_day_of_the_question() -> None:
    # given
    assessment = entry("dibao-assessment.dmn", "dibao_assessment")
    death = entry("review.dmn", "death_check")
    # then
    assert read_facts(assessment, {"household": {}}, on=ON)["household"]["on"] == ON
    facts = read_facts(death, {"death": {"died_on": "2022-11-18"}}, on=ON)
    assert facts["death"]["died_on"] == date(2022, 11, 18)


def test_every_wrong_fact_is_reported_at_once() -> None:
    # given
    document = {
        "person": {"age": "old", "aera": "rural", "incomes": "none"},
        "persn": {},
        "on": "2021-13-01",
    }
    # when
    with pytest.raises(Invalid) as raised:
        read_facts(entry("tekun.dmn", "tekun_eligible"), document, on=ON)
    # then
    findings = {(found.field, found.code) for found in raised.value.findings}
    assert findings == {
        ("person.age", "facts.type"),
        ("person.aera", "facts.unknown"),
        ("person.incomes", "facts.type"),
        ("persn", "facts.unknown"),
        ("on", "facts.type"),
    }
    assert any("area" in found.message for found in raised.value.findings)


@pytest.mark.parametrize("document", [[], "text", None])
def test_a_document_that_is_no_mapping_is_refused(document: object) -> None:
    # then
    with pytest.raises(Invalid, match="facts"):
        read_facts(entry("tekun.dmn", "tekun_eligible"), document, on=ON)
