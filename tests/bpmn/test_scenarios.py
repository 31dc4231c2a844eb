"""Every scenario of the policy, through the real engine with a moved clock."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.bpmn.policy import POLICY, read_yaml
from tests.runtime.district import policy_files
from workflows.scenarios.runner import Runner

FILES = sorted(file for file in (POLICY / "scenarios").glob("*.yaml") if file.name != "people.yaml")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_scenario_comes_out_as_it_says(file: Path, session: Session) -> None:
    # given
    runner = Runner(session, read_yaml(f"scenarios/{file.name}"), policy_files())
    # when / then: the scenario's own
    runner.run()
