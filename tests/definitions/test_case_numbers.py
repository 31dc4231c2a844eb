"""What stands for a process in the numbers of its cases: two to six capitals, each used once."""

from __future__ import annotations

import pytest

from tests.definitions.diagrams import codes, policy
from tests.definitions.hostile_parts import GOOD
from tests.runtime.district import policy_files
from workflows.definitions.check import check_policy
from workflows.definitions.files import PolicyFiles
from workflows.definitions.policy import parse_policy
from workflows.runtime.service_tasks import signatures


def numbered(code: str) -> bytes:
    """A diagram whose process has the code."""
    diagram = GOOD.decode()
    place = diagram.index("<doudi:clause")
    return f'{diagram[:place]}<doudi:number code="{code}"/>{diagram[place:]}'.encode()


def test_a_code_is_read_with_its_process() -> None:
    # given
    files = policy(numbered("DB"))
    # when / then
    assert codes(files) == set()
    assert {one.number_code for one in parse_policy(files).processes.values()} == {"DB"}


@pytest.mark.parametrize("code", ["D", "db", "D-B", "TOOLONG", "低保", "D1"])
def test_anything_but_a_few_capitals_is_refused(code: str) -> None:
    # when
    found = codes(policy(numbered(code)))
    # then
    assert "ext.value" in {one for one, _ in found}


def test_two_processes_do_not_share_a_code() -> None:
    # given
    files = policy_files()
    path = "processes/petty_fund.bpmn"
    text = files[path].decode().replace('code="BYJ"', 'code="DB"')
    # when
    found = codes_of(files.replaced({path: text.encode()}))
    # then
    assert "number.clash" in found


def codes_of(files: PolicyFiles) -> set[str]:
    """The codes of what is wrong with the project's own policy."""
    return {one.code for one in check_policy(files, operations=signatures())}
