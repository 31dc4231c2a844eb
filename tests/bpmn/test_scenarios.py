"""Every scenario of the policy through the real engine, and together they reach all of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.bpmn.outcomes import Outcomes
from tests.bpmn.policy import read_yaml, scenario_files
from tests.databases import SqliteDatabases
from tests.runtime.district import policy_files
from workflows.definitions.policy import parse_policy
from workflows.scenarios.coverage import Reached, coverage_of, row_text
from workflows.scenarios.runner import Runner

STORIES = scenario_files("process")
QUESTIONS = scenario_files("questions")


@pytest.fixture(scope="session")
def outcomes(
    tmp_path_factory: pytest.TempPathFactory, sqlite_databases: SqliteDatabases
) -> Outcomes:
    """What came out of each scenario, shared among the workers of this run."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return Outcomes(shared / "outcomes", sqlite_databases, parse_policy(policy_files()))


@pytest.fixture
def database_url(postgres_url: str) -> str:
    """What uses a session of its own here runs on PostgreSQL."""
    return postgres_url


@pytest.mark.sqlite
@pytest.mark.parametrize("file", STORIES, ids=lambda file: file.stem)
def test_the_story_comes_out_as_it_says(file: Path, outcomes: Outcomes) -> None:
    # when / then
    assert outcomes.of(f"scenarios/{file.name}").failure is None


@pytest.mark.parametrize("file", STORIES, ids=lambda file: file.stem)
def test_the_story_comes_out_as_it_says_on_postgresql(file: Path, session: Session) -> None:
    # given
    runner = Runner(session, read_yaml(f"scenarios/{file.name}"), policy_files())
    # when / then: the story's own
    runner.run()


@pytest.mark.parametrize("file", QUESTIONS, ids=lambda file: file.stem)
def test_the_tables_answer_as_it_says(file: Path, outcomes: Outcomes) -> None:
    # when / then
    assert outcomes.of(f"scenarios/{file.name}").failure is None


@pytest.mark.sqlite
def test_together_they_reach_every_node_flow_and_row(outcomes: Outcomes) -> None:
    # given
    reached = Reached()
    for file in (*STORIES, *QUESTIONS):
        reached.add(outcomes.of(f"scenarios/{file.name}").reached)
    # when
    coverage = coverage_of(parse_policy(policy_files()), reached)
    # then
    processes, tables = coverage.processes, coverage.tables
    assert not [node.id for one in processes for node in one.missing_nodes]
    assert not [f"{flow.source} → {flow.target}" for one in processes for flow in one.missing_flows]
    assert not [
        f"{one.owner} {rule.number}: {row_text(rule)}"
        for one in tables
        for rule in one.missing_rows
    ]
