"""Every scenario speaks of elements, forms, clauses, clocks and people that exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.bpmn.households import assess
from tests.bpmn.policy import (
    POLICY,
    clause_ids,
    clocks,
    decision_model,
    parameters,
    read_yaml,
    scenario_files,
    with_parameter,
)
from workflows.assistance.households import UNKNOWN_FACTS
from workflows.audit import TrailAction
from workflows.decisions import Form, ParameterTable, parse_form, validate_answers
from workflows.decisions.model import DecisionTable
from workflows.definitions.diagram import Element, ProcessModel, parse_diagram
from workflows.errors import Invalid
from workflows.scenarios.questions import KEYS
from workflows.scenarios.runner import Runner

LOCAL = ZoneInfo("Asia/Shanghai")
FILES = scenario_files("process")
QUESTIONS = scenario_files("questions")
TOP_KEYS = {"id", "name", "clauses", "process", "given", "when", "then"}
STEP_KEYS = {"at", "by", "do", "answers", "then", "refused", "kept", "household", "variables",
             "office", "parameters", "person", "against", "party", "died_on", "note", "offer",
             "programme", "months"}  # fmt: skip
#: What a step may expect: every expectation that the runner knows.
THEN_KEYS = {name.removeprefix("_expect_") for name in dir(Runner) if name.startswith("_expect_")}


@cache
def processes() -> Mapping[str, ProcessModel]:
    found: dict[str, ProcessModel] = {}
    for file in sorted((POLICY / "processes").glob("*.bpmn")):
        for process in parse_diagram(file.read_bytes(), file=file.name).processes:
            found[process.id] = process
    return found


@cache
def elements() -> Mapping[str, Element]:
    return {
        element.id: element
        for process in processes().values()
        for element in process.elements.values()
    }


@cache
def tables() -> Mapping[str, int | None]:
    """The decisions of the policy with the number of their rows; None for those without any."""
    found: dict[str, int | None] = {}
    for file in sorted((POLICY / "decisions").glob("*.dmn")):
        for decision in decision_model(file.name).all_decisions:
            table = decision.expression
            found[decision.id] = len(table.rules) if isinstance(table, DecisionTable) else None
    return found


@cache
def form(key: str) -> Form:
    file = POLICY / "forms" / f"{key}.form"
    return parse_form(file.read_bytes(), file=file.name)


@cache
def roles() -> Mapping[str, frozenset[str]]:
    people = read_yaml("scenarios/people.yaml")["people"]
    return {
        person["login"]: frozenset(person.get("roles") or [person["role"]]) for person in people
    }


def scenario(file: Path) -> dict[str, Any]:
    found = read_yaml(f"scenarios/{file.name}")
    assert isinstance(found, dict)
    return found


def steps(file: Path) -> Iterator[dict[str, Any]]:
    yield from scenario(file)["when"]


def element_of(step: Mapping[str, Any]) -> Element | None:
    """The task that a step completes, or the event that its message reaches."""
    verb, _, rest = step["do"].partition(" ")
    if verb == "complete":
        return elements()[rest]
    if verb == "message":
        return next(element for element in elements().values() if element.message == rest)
    return None


def sendable(value: Any) -> Any:
    if isinstance(value, dict):
        ((what, names),) = value.items()
        if what in {"member", "members", "person"}:
            return names
        if what == "programmes":
            return list(names)
        return [f"id-{names.index(name)}" for name in names]
    return value


def choices_of_people(given: Mapping[str, Any]) -> dict[str, Any]:
    """What the change of a household offers: its people, and those of the other side."""
    return {
        name: [{"value": one["id"], "label": one["id"]} for one in rows]
        for name, rows in (
            ("people", (given.get("household") or {}).get("members", ())),
            (
                "newcomers",
                [
                    *(given.get("other") or {}).get("members", ()),
                    *([given["newcomer"]] if "newcomer" in given else ()),
                ],
            ),
        )
    }


def begun(step: Mapping[str, Any]) -> dict[str, Any]:
    """What a household's change is begun with; other households stand for ids."""
    told = dict(step.get("variables") or {}) if step["do"] == "start household_change" else {}
    return {**told, "other_household_id": "other"} if told.get("other") else told


each_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


@each_file
def test_a_scenario_has_the_parts_of_the_format(file: Path) -> None:
    # given
    found = scenario(file)
    # then
    assert set(found) == TOP_KEYS
    assert found["id"] == file.stem
    assert found["process"] in processes()
    assert set(found["clauses"]) <= clause_ids()
    for key in found["given"].get("parameters", {}):
        assert key in parameters()
    assert set(found["given"]["variables"]) <= set(processes()[found["process"]].variables)
    for step in found["when"]:
        assert set(step) <= STEP_KEYS, step
        assert set(step.get("parameters", {})) <= set(parameters().parameters), step
    for then in [found["then"], *(step.get("then", {}) for step in found["when"])]:
        assert set(then) <= THEN_KEYS


@each_file
def test_time_goes_forward_and_people_have_the_role_that_they_act_in(file: Path) -> None:
    # given
    moments = [datetime.strptime(step["at"], "%Y-%m-%d %H:%M") for step in steps(file)]  # noqa: DTZ007 (local times as written)
    # then
    assert moments == sorted(moments)
    for step in steps(file):
        if step["do"] == "time passes":
            continue
        role, login = step["by"].split("/")
        assert role in roles()[login], step
        element = element_of(step)
        if element is not None:
            assert element.assignment is not None, element.id
            if "refused" not in step:
                assert element.assignment.role == role, (file.name, element.id)


#: Refusals that come from the form itself, before any operation.
OF_THE_FORM = {"form.answers", "field.too_few"}


@each_file
def test_answers_pass_the_form_of_their_step(file: Path) -> None:
    # given
    given = scenario(file)["given"]
    earlier: dict[str, Any] = {}
    members = (given.get("household") or {}).get("members") or []
    head = members[0]["id"] if members else ""
    for step in steps(file):
        # what the system has calculated decides which fields there are
        if "kind" in (calculated := step.get("then", {}).get("correction", {})):
            earlier["difference"] = calculated["kind"]
        earlier.update(begun(step))
        if step["do"] == f"death {head}":
            left = [{"value": one["id"], "label": one["id"]} for one in members[1:]]
            earlier |= {"head_died": True, "left": Decimal(len(left)), "left_choices": left}
        place = step.get("then", {}).get("decided", {}).get("place_accepts", {})
        earlier.update({"place_go_to": place["go_to"]} if "go_to" in place else {})
        element = element_of(step)
        if element is None:
            continue
        assert element.form is not None
        now = datetime.strptime(step["at"], "%Y-%m-%d %H:%M").replace(tzinfo=LOCAL)
        process = next(p for p in processes().values() if element.id in p.elements)
        scope = {
            **dict.fromkeys(process.variables), **given["variables"],
            **choices_of_people(given), **earlier,
        }  # fmt: skip
        earlier.update(step["answers"])
        raw = {key: sendable(value) for key, value in step["answers"].items()}
        chosen = raw.get("chosen_programmes", ())
        scope["offers"] = [{"value": one, "label": one} for one in chosen]
        # then a step that must be refused by its form is, and no other
        if step.get("refused") == "field.required":
            continue  # what is required may hang on what the process knows
        if step.get("refused") in OF_THE_FORM:
            with pytest.raises(Invalid):
                validate_answers(form(element.form), raw, scope=scope, now=now)
            continue
        try:
            validate_answers(form(element.form), raw, scope=scope, now=now)
        except Invalid as error:
            pytest.fail(f"{step['at']} {step['do']}: {[f.message for f in error.findings]}")


@each_file
def test_what_is_expected_can_be(file: Path) -> None:
    # given
    outcomes = {element.outcome for element in elements().values() if element.outcome}
    statuses = {element.status for element in elements().values() if element.status} | outcomes
    found = scenario(file)
    started = {step["do"].split(" ")[-1] for step in found["when"]} & set(processes())
    if any(step["do"] == "follow" for step in found["when"]):
        started |= set(processes())  # whatever the case has opened
    declared = {name for key in {found["process"], *started} for name in processes()[key].variables}
    for then in [found["then"], *(step.get("then", {}) for step in found["when"])]:
        # then
        assert set(then.get("decided", {})) <= set(tables())
        assert then.get("status", "submission") in statuses
        for key in ("open", "entered", "not_entered"):
            assert set(then.get(key, [])) <= set(elements())
        for key, clock in then.get("clocks", {}).items():
            assert key in clocks()
            assert set(clock) <= {"due_on", "due_at", "state", "alarmed"}
            assert isinstance(clock.get("due_on", date.min), date)
            assert clock.get("state", "running") in {"running", "stopped"}
        assert set(then.get("trail", [])) <= {action.value for action in TrailAction}
        assert set(then.get("variables", {})) <= declared


@each_file
def test_the_tables_give_the_expected_assessments(file: Path) -> None:
    # given the household as it stands at each step
    found = scenario(file)
    if found["process"] == "tekun" or "incomes" not in found["given"].get("household", {}):
        return  # the fund's own case, or relief, which assesses nobody
    if any("person" in step for step in found["when"]):
        return  # one person is assessed, by another table (rules-single-assessment)
    if any(step["do"].split()[0] in {"death", "follow"} for step in found["when"]):
        return  # somebody leaves the household, or another case calculates for other months
    table: ParameterTable = parameters()
    for key, value in found["given"].get("parameters", {}).items():
        table = with_parameter(key, value)
    household = dict(found["given"]["household"])
    assessed: dict[str, Any] = {}
    accepted = date.fromisoformat(found["when"][0]["at"][:10])
    by_acceptance = table.value("dibao.standard.date", accepted).value == "acceptance"
    for step in found["when"]:
        household |= step.get("household", {})
        on = accepted if by_acceptance else date.fromisoformat(step["at"][:10])
        assessed = assess(
            {
                **household,
                "on": on,
                "members": [
                    {**UNKNOWN_FACTS, "age": None, **member} for member in household["members"]
                ],
            },
            table=table,
        )
        # then
        check(step.get("then", {}).get("assessment", {}), assessed)
        if step["do"] == "complete Task_Confirm" and "refused" not in step:
            check(found["then"].get("assessment", {}), assessed)
            grant = found["then"].get("grant")
            assert grant is None or grant["monthly"] == assessed["monthly"]


def check(expected: Mapping[str, Any], assessed: Mapping[str, Any]) -> None:
    for key, value in expected.items():
        assert assessed[key] == (Decimal(value) if isinstance(value, Decimal) else value), key


@pytest.mark.parametrize("file", QUESTIONS, ids=lambda file: file.stem)
def test_a_table_scenario_has_the_parts_of_the_format(file: Path) -> None:
    # given
    found = scenario(file)
    # then
    assert set(found) <= {"id", "name", "clauses", "parameters", "questions"}
    assert found["id"] == file.stem
    assert found["id"].startswith("rules-")
    assert found["name"] and found["clauses"] and found["questions"]
    assert set(found["clauses"]) <= clause_ids()
    names = [question["name"] for question in found["questions"]]
    assert len(names) == len(set(names)), "two questions show the same"
    for question in found["questions"]:
        assert set(question) <= KEYS, question
        assert question["decide"] in tables(), question
        assert isinstance(question["on"], date), question
        for key in {**found.get("parameters", {}), **question.get("parameters", {})}:
            assert key in parameters()


@pytest.mark.parametrize("file", QUESTIONS, ids=lambda file: file.stem)
def test_the_rows_of_a_question_exist(file: Path) -> None:
    for question in scenario(file)["questions"]:
        # given
        hits = question.get("hits", {})
        by_decision = hits if isinstance(hits, dict) else {question["decide"]: hits}
        # then
        for decision, rows in by_decision.items():
            count = tables()[decision]
            assert count is not None, decision
            assert all(1 <= row <= count for row in rows), (question["name"], rows)
