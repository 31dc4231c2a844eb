"""A reader sees on a timer how long it waits, and that is what the parameter says."""

from __future__ import annotations

import re
from datetime import date

import pytest

from tests.runtime.district import policy_files
from workflows.definitions.files import PolicyFiles
from workflows.definitions.policy import parse_policy

TODAY = date(2026, 11, 24)
_READ = re.compile(r'parameter\("([^"]+)"')
_WORDS = {"1": "一"}


def timers(files: PolicyFiles) -> list[tuple[str, str, list[str]]]:
    """Process and name of each timer that reads parameters, with what they say today."""
    policy = parse_policy(files)
    found = []
    for process in policy.processes.values():
        for element in process.elements.values():
            text = element.timer.expression if element.timer else ""
            keys = _READ.findall(text)
            said = [str(policy.parameters.value(key, TODAY).value) for key in keys]
            if said:
                found.append((process.id, element.name, said))
    return found


@pytest.mark.parametrize(("process", "name", "said"), timers(policy_files()))
def test_a_timer_is_named_with_its_days(process: str, name: str, said: list[str]) -> None:
    # then
    assert all(one in name or _WORDS.get(one, one) in name for one in said)
