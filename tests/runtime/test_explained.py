"""A refused case carries why, and what would change it, into its notice, its trail and exports."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any

import orjson
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.assistance import Assessment, Notice
from models.trail import SubjectKind, TrailEntry
from tests.bpmn.policy import read_yaml
from tests.decisions.wording import changed
from tests.runtime.district import policy_files
from workflows.assistance.explained import Explained, explained_case
from workflows.audit import Subject
from workflows.audit.export import Scope, entries_csv, export_subject
from workflows.definitions.asking import ask_decision
from workflows.definitions.policy import Policy, parse_policy
from workflows.errors import DoudiError
from workflows.feel import compile_expression, from_json
from workflows.scenarios.runner import Runner
from workflows.transaction import reading

SAID = (
    "人均月收入 515.00 元，不低于低保标准 515.00 元，低于低保边缘线 772.50 元，财产符合规定："
    "属于低保边缘家庭，不属于低保对象。"
)
SAID_EN = (
    "Income per person of 515.00 yuan a month is not below the standard of 515.00 yuan but below "
    "the edge line of 772.50 yuan, and property is within the limits: an edge household, which "
    "does not qualify for the subsistence allowance."
)
CHANGE = "人均月收入降低 0.01 元，为 514.99 元，就可以纳入最低生活保障。"


@cache
def policy() -> Policy:
    """The project's own policy."""
    return parse_policy(policy_files())


@pytest.fixture
def refused(session: Session) -> Runner:
    """A household on the line that was refused."""
    runner = Runner(session, read_yaml("scenarios/edge-household.yaml"), policy_files())
    runner.run()
    session.rollback()
    return runner


def told_of(session: Session, runner: Runner) -> tuple[Explained, ...]:
    """What the case can tell."""
    with reading(session):
        return explained_case(session, runner.case_id, policy().clauses)


def test_the_case_tells_every_decision_that_has_words_in_both_languages(
    session: Session, refused: Runner
) -> None:
    # when
    found = told_of(session, refused)
    # then
    assert [one.decision for one in found] == [
        "dibao_assessment", "dibao_home_visit", "dibao_confirmer", "poverty_exit", "place_accepts",
    ]  # fmt: skip
    assessment = found[0]
    assert SAID in [one.text("zh") for one in assessment.told]
    assert SAID_EN in [one.text("en") for one in assessment.told]
    assert "最低生活保障审核确认办法（民发〔2021〕57号） 第八条" in assessment.basis
    assert "农村最低生活保障标准 515.00 元/人·月（自 2021-09-01 起）" in assessment.numbers("zh")
    assert assessment.changes("zh")[0] == CHANGE
    assert not assessment.is_favourable
    assert [one["programme"] for one in assessment.alternatives] == ["edge"]
    assert found[1].is_favourable


def test_the_notice_says_it_and_rests_on_the_clauses_of_the_rule(
    session: Session, refused: Runner
) -> None:
    # when
    with reading(session):
        notice = session.scalars(
            select(Notice).where(Notice.case_id == refused.case_id, Notice.kind == "refusal")
        ).one()
    # then
    said = notice.content["paragraphs"]
    assert any(SAID in paragraph for paragraph in said)
    assert any(CHANGE in paragraph for paragraph in said)
    assert all(said)
    assert notice.content["explains"] == ["dibao_assessment"]
    assert {"mca57-21", "mca57-8"} <= set(notice.content["clauses"])
    assert "settle" not in notice.content["clauses"]


def test_the_trail_keeps_the_sentences_but_no_facts_of_single_incomes(
    session: Session, refused: Runner
) -> None:
    # when
    with reading(session):
        bodies = session.scalars(
            select(TrailEntry.body).where(TrailEntry.subject_id == refused.case_id)
        ).all()
        kept = session.scalars(
            select(Assessment).where(Assessment.case_id == refused.case_id)
        ).first()
    # then
    text = "\n".join(body.decode() for body in bodies)
    assert SAID in text and CHANGE in text
    assert "household.incomes[" not in text
    assert kept is not None
    places = [one["place"] for one in kept.explanation["what_if"][0]["changes"]]
    assert "dibao_per_capita" in places and any("incomes[" in place for place in places)


def test_the_exports_hold_the_explanation_and_say_it(session: Session, refused: Runner) -> None:
    # given
    with reading(session):
        district = session.scalars(
            select(TrailEntry.district_id).where(TrailEntry.subject_id == refused.case_id)
        ).first()
    subject = Subject(SubjectKind.CASE, refused.case_id, district or "")
    # when
    lines = [json.loads(line) for line in export_subject(session, subject)]
    table = "".join(entries_csv(session, Scope(), subject=subject))
    english = "".join(entries_csv(session, Scope(), subject=subject, language="en"))
    # then
    told = [
        one
        for line in lines
        if line["type"] == "entry"
        for reason in orjson.loads(line["body"])["data"].get("reasons", ())
        for one in reason.get("told", ())
    ]
    assert any(
        one["sentence"] == {"zh": SAID, "en": SAID_EN} and "mca57-8" in one["clauses"]
        for one in told
    )
    assert SAID in last_column(table, "说明") and CHANGE in last_column(table, "说明")
    assert SAID_EN in last_column(english, "In words")


#: What was refused by rule, or could have been better, in each of these stories.
STORIES = {
    "edge-household": {"dibao_class"},
    "c18-income-gate": {"expense_gate"},
    "expense-property": {"expense_gate"},
    "c18-expense": {"relief_repeat"},
    "first-aid-used-up": {"first_aid"},
}


@pytest.mark.parametrize("story", STORIES)
def test_every_claim_of_a_story_is_true_when_the_rule_is_run_again(
    session: Session, story: str
) -> None:
    # given
    runner = Runner(session, read_yaml(f"scenarios/{story}.yaml"), policy_files())
    runner.run()
    session.rollback()
    # when
    found = list(unfavourable(session))
    # then
    assert {one["decision"] for _, _, one in found} >= STORIES[story]
    for inputs, on, one in found:
        for change in one["changes"]:
            assert goal_met(one, *changed(inputs, change, "new"), on), change
            if change["nearer"] is not None:
                assert not goal_met(one, *changed(inputs, change, "nearer"), on), change


def unfavourable(session: Session) -> Iterator[tuple[Any, date, Mapping[str, Any]]]:
    """Facts, day and what would change it, of everything that was not favourable."""
    for body in session.scalars(select(TrailEntry.body)):
        for reason in orjson.loads(body)["data"].get("reasons", ()):
            if "inputs" in reason:
                on = date.fromisoformat(reason["on"])
                yield from ((from_json(reason["inputs"]), on, one) for one in reason["what_if"])
    for made in session.scalars(select(Assessment)):
        facts = {"household": from_json(made.explanation["inputs"])}
        yield from ((facts, made.on, one) for one in made.explanation["what_if"])


def goal_met(asked: Mapping[str, Any], inputs: Any, assumed: Any, on: date) -> bool:
    """Whether the goal of that name is met for these facts."""
    key = asked["decision"]
    (goal,) = (
        goal
        for goal in policy().decisions[key].decision(key).wording.goals
        if goal.name.zh == asked["goal"]["zh"]
    )
    noon = datetime.combine(on, time(4), tzinfo=UTC)
    try:
        result, _ = ask_decision(policy(), key, inputs, on, noon, assumed=assumed)
    except DoudiError:
        return False
    names = dict(result.outputs)
    return compile_expression(goal.test, frozenset(names)).value(names) is True


def last_column(table: str, name: str) -> str:
    """Everything in the last column of a table, which has this name."""
    rows: list[list[Any]] = list(csv.reader(io.StringIO(table.removeprefix("\ufeff"))))
    assert rows[0][-1] == name
    return "\n".join(row[-1] for row in rows[1:])
