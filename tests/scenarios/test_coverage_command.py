"""`doudi coverage`: what the scenarios of a folder reach, and when it is too little."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from tests.bpmn.policy import POLICY
from tests.runtime.district import policy_files
from web.cli import doudi
from workflows.decisions.strict_yaml import load_yaml
from workflows.definitions.policy import Policy, parse_policy
from workflows.runtime.inbox.place import taken_flows
from workflows.scenarios.coverage import Reached, Share, coverage_of, reached_in
from workflows.scenarios.runner import Runner

STORY = "c20-c-neither-here"


@pytest.fixture(scope="module")
def policy() -> Policy:
    """The project's own policy."""
    return parse_policy(policy_files())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The policy with one short scenario."""
    copytree(POLICY, tmp_path / "bpmn")
    for file in (tmp_path / "bpmn" / "scenarios").glob("*.yaml"):
        if file.name not in {"people.yaml", f"{STORY}.yaml"}:
            file.unlink()
    return tmp_path / "bpmn"


def coverage(*arguments: object) -> Result:
    """Run the command."""
    return CliRunner().invoke(doudi, ["coverage", *map(str, arguments)])


def of(rows: list[dict[str, Any]], key: str, value: str) -> dict[str, Any]:
    """The one row with a value."""
    (found,) = (row for row in rows if row[key] == value)
    return found


def test_what_no_scenario_reaches_is_named(folder: Path) -> None:
    # when
    result = coverage(folder, "--json")
    # then
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["scenarios"] == {"run": 1, "failed": []}
    acceptance = of(found["processes"], "id", "dibao_acceptance")
    assert 0 < acceptance["nodes"]["reached"] < acceptance["nodes"]["all"]
    missing = {node["id"]: node for node in acceptance["nodes"]["missing"]}
    assert missing["Task_OneTimeNotice"]["name"] == "一次性告知补正"
    assert "Activity_Place" not in missing
    assert of(found["processes"], "id", "dibao_confirmation")["nodes"]["reached"] == 0
    level = of(found["tables"], "decision", "dibao_level")
    assert [row["row"] for row in level["rows"]["missing"]] == [1, 2]
    assert level["rows"]["missing"][1]["text"] == 'true → "township"'
    assert found["total"]["nodes"]["all"] == sum(
        process["nodes"]["all"] for process in found["processes"]
    )


@pytest.mark.slow
def test_the_lines_say_it_in_two_languages(folder: Path) -> None:
    # when
    chinese, english = coverage(folder), coverage(folder, "--lang", "en")
    # then
    assert "情形 1 个，失败 0 个" in chinese.stdout
    assert "  没有进入 Task_OneTimeNotice 一次性告知补正" in chinese.stdout
    assert "1 scenarios, 0 failed" in english.stdout
    assert "  never entered Task_OneTimeNotice 一次性告知补正" in english.stdout
    assert "no scenario asks it" in english.stdout


@pytest.mark.slow
def test_too_little_is_status_1(folder: Path) -> None:
    # when
    enough = coverage(folder, "--require", "0", "--require", "dibao_acceptance=20")
    whole = coverage(folder, "--require", "dibao_acceptance=100")
    everywhere = coverage(folder, "--require", "10", "--json")
    # then
    assert (enough.exit_code, whole.exit_code, everywhere.exit_code) == (0, 1, 1)
    assert "dibao_acceptance：节点" in whole.stdout.splitlines()[-1]
    below = json.loads(everywhere.stdout)["below"]
    assert {"process": "dibao_confirmation", "percent": 0.0, "required": 10.0} in below


@pytest.mark.parametrize("given", ["many", "101", "nowhere=50"])
def test_what_can_not_be_required_is_refused(folder: Path, given: str) -> None:
    # when
    result = coverage(folder, "--require", given)
    # then
    assert result.exit_code == 2
    assert given.partition("=")[0] in result.output


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("status: completed", "status: refused", "'completed' instead of 'refused'"),
        ("case_officer/lihua", "case_officer/nobody", "nobody of scenarios/people.yaml"),
        ("case_officer/lihua", "reviewer/lihua", "lihua is no reviewer"),
        ("do: start", "do: dance", "unknown step dance"),
        ("process: dibao", "process: ballet", "unknown_process"),
        ("given:", "granted:", "KeyError: 'given'"),
    ],
)
def test_a_scenario_that_fails_is_told_and_is_status_1(
    folder: Path, old: str, new: str, said: str
) -> None:
    # given
    file = folder / "scenarios" / f"{STORY}.yaml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
    # when
    result = coverage(folder, "--json")
    # then
    assert result.exit_code == 1
    (failed,) = json.loads(result.stdout)["scenarios"]["failed"]
    assert failed["file"] == f"scenarios/{STORY}.yaml"
    assert said in failed["message"]


def test_a_folder_without_scenarios_is_refused(folder: Path) -> None:
    # given
    (folder / "scenarios" / f"{STORY}.yaml").unlink()
    # when
    result = coverage(folder)
    # then
    assert result.exit_code == 1
    assert "scenarios.none" in str(result.exception)


@pytest.fixture
def database_url(sqlite_url: str) -> Iterator[str]:
    """What is read doesn't depend on the kind of database."""
    yield sqlite_url


def test_rows_are_read_from_assessments_and_from_the_trail(
    session: Session, policy: Policy
) -> None:
    # given
    name = "scenarios/c01-clean-path.yaml"
    runner = Runner(session, load_yaml(policy_files()[name], file=name), policy_files())
    runner.run()
    # when
    reached = reached_in(session, policy)
    # then: the assessment's, a decision's of the diagram, and an operation's
    tables = {table for table, _ in reached.rows}
    assert {"dibao_level_table", "dibao_home_visit_table", "dibao_start_month_table"} <= tables
    assert "Task_Confirm" in reached.elements
    # then: events that only waited are not reached
    assert {"Event_Withdraw", "Event_Objection"}.isdisjoint(reached.elements)


def test_nothing_reached_and_all_reached(policy: Policy) -> None:
    # given
    nothing = coverage_of(policy, Reached())
    everything = Reached(
        {node.id for one in nothing.processes for node in one.missing_nodes},
        {flow.id for one in nothing.processes for flow in one.missing_flows},
        {(one.table.id or one.owner, rule.number) for one in nothing.tables
         for rule in one.missing_rows},
    )  # fmt: skip
    # when
    whole = coverage_of(policy, everything)
    # then
    assert (nothing.nodes.percent, nothing.flows.percent, nothing.rows.percent) == (0, 0, 0)
    assert (whole.nodes.percent, whole.flows.percent, whole.rows.percent) == (100, 100, 100)
    keys = [one.table.id or one.owner for one in nothing.tables]
    assert len(keys) == len(set(keys)), "two tables of one key can't be told apart"


@pytest.mark.parametrize(
    ("reached", "all_", "percent"), [(0, 0, 100.0), (1999, 2000, 99.9), (1, 3, 33.3)]
)
def test_percents_are_rounded_down(reached: int, all_: int, percent: float) -> None:
    # when / then
    assert Share(reached, all_).percent == percent


def test_an_event_gateway_took_the_flow_to_what_happened(policy: Policy) -> None:
    # given: both events were waited for, twice
    waited = [("wait", "Event_Expired"), ("wait", "Event_Objection")]
    gateway = [("enter", "Gateway_Wait"), ("leave", "Gateway_Wait")]
    # when
    objected = taken_flows(policy, [*waited, *gateway, ("leave", "Event_Objection"), *waited])
    # then
    flows = policy.processes["publicity"].flows
    assert [flows[one].target for one in objected if flows[one].source == "Gateway_Wait"] == [
        "Event_Objection"
    ]
