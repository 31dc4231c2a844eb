"""The scenarios of a policy: one after another, each case on a database of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy.orm import Session

from workflows.decisions.strict_yaml import load_yaml
from workflows.definitions.files import PolicyFiles
from workflows.definitions.policy import Policy, parse_policy
from workflows.errors import DoudiError, Invalid
from workflows.scenarios.coverage import Reached, reached_in
from workflows.scenarios.given import PEOPLE, ScenarioFailed
from workflows.scenarios.questions import ask_questions, asks_tables
from workflows.scenarios.runner import Runner
from workflows.transaction import reading

FOLDER = "scenarios"

#: Opens a session on a migrated, empty database, and throws both away.
OpenDatabase = Callable[[], AbstractContextManager[Session]]


def scenario_paths(files: PolicyFiles) -> tuple[str, ...]:
    """The files that tell a scenario.

    Raises:
        Invalid: `scenarios.none` where there is none, or nobody to act in it.
    """
    found = tuple(path for path in files.below(FOLDER, ".yaml") if path != PEOPLE)
    if not found or PEOPLE not in files:
        raise Invalid(
            "scenarios.none",
            f"文件夹 {FOLDER} 中没有情形，或者没有 {PEOPLE}。",
            f"There is no scenario in {FOLDER}, or no {PEOPLE}.",
        )
    return found


def run_scenarios(
    files: PolicyFiles, database: OpenDatabase
) -> Iterator[tuple[str, Reached, str | None]]:
    """Each scenario's path, what it reached, and how it failed (None where it did not).

    Raises: Invalid as `scenario_paths` and `parse_policy`.
    """
    policy = parse_policy(files)
    for path in scenario_paths(files):
        yield path, *run_scenario(policy, path, database)


def run_scenario(policy: Policy, path: str, database: OpenDatabase) -> tuple[Reached, str | None]:
    """What one scenario of a policy reached, and how it failed (None where it did not)."""
    reached = Reached()
    try:
        scenario: Mapping[str, Any] = load_yaml(policy.files[path], file=path)
        if asks_tables(scenario):
            ask_questions(policy, scenario, reached)
            return reached, None
    except (ScenarioFailed, DoudiError, LookupError, TypeError, ValueError) as error:
        return reached, _told(error)
    with database() as session:
        failure = _tell(Runner(session, scenario, policy.files))
        with reading(session):
            reached = reached_in(session, policy)
    return reached, failure


def _tell(runner: Runner) -> str | None:
    """Run a story; how it failed."""
    try:
        runner.run()
    except (ScenarioFailed, DoudiError, LookupError, TypeError, ValueError) as error:
        return _told(error)
    return None


def _told(error: Exception) -> str:
    if isinstance(error, ScenarioFailed | DoudiError):
        return str(error)
    return f"{type(error).__name__}: {error}"  # a file that lacks what it needs
