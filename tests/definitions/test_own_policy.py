"""The policy of this repository passes the gate, and faults put into it do not."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from workflows.definitions.check import check_policy
from workflows.definitions.check.types import AMBIENT_KINDS
from workflows.definitions.contents import read_contents
from workflows.definitions.files import PolicyFiles, load_policy
from workflows.definitions.policy import parse_policy
from workflows.feel import compile_expression
from workflows.runtime.host import CaseHost
from workflows.runtime.service_tasks import signatures

FOLDER = Path(__file__).parents[2] / "bpmn"
#: Attributes whose value means something to the host.
MEANING = re.compile(
    r" (ref|key|role|level|type|action|default|sourceRef|targetRef|messageRef"
    r'|attachedToRef|calledElement|to|clock|outcome)="([^"]+)"'
)


@pytest.fixture(scope="module")
def own() -> PolicyFiles:
    """The policy of this repository."""
    return load_policy(FOLDER)


def test_the_policy_of_this_repository_can_be_published(own: PolicyFiles) -> None:
    # given / when
    found = check_policy(own, operations=signatures())
    # then
    assert [finding for finding in found if finding.severity == "error"] == []
    assert parse_policy(own).startable()


def test_no_notice_writes_the_periods_of_remedies_itself(own: PolicyFiles) -> None:
    # given: `remedy: true` adds the paragraph that reads them from the parameters
    fixed = re.compile(r"[一二三四五六七八九十0-9]+(?:日|个月)内(?:申请行政复议|提起行政诉讼)")
    # when
    found = [
        f"{path}: {line.strip()}"
        for path, content in own.below("notices", ".yaml").items()
        for line in content.decode().splitlines()
        if fixed.search(line)
    ]
    # then
    assert found == []


def test_a_misspelt_reference_anywhere_is_found(own: PolicyFiles) -> None:
    # given
    chance = random.Random(20211)
    operations = signatures()
    for path, content in own.below("processes", ".bpmn").items():
        text = content.decode()
        diagram = text.find("<bpmndi:BPMNDiagram")
        places = [found for found in MEANING.finditer(text) if found.start() < diagram]
        for place in chance.sample(places, 2):
            damaged = text[: place.start(2)] + "zz9" + text[place.end(2) :]
            # when
            found = check_policy(own.replaced({path: damaged.encode()}), operations=operations)
            # then
            assert any(finding.severity == "error" for finding in found), (path, place.group())


@pytest.mark.parametrize(
    ("granted", "expected"),
    [("500.00", "追加临时救助"), ("0.00", "临时救助申请"), (None, "临时救助申请")],
)
def test_a_refusal_after_aid_says_that_the_aid_stays(
    own: PolicyFiles, granted: str | None, expected: str
) -> None:
    # given: a notice gets amounts as texts
    notices = read_contents(own).notices
    assert notices is not None
    text = notices["relief_refused"].paragraphs[0]
    # when
    said = compile_expression(text).value({"total_granted": granted, "case": {"number": "1"}})
    # then
    assert expected in said


def test_the_facts_that_texts_may_read_of_a_case_are_those_that_the_host_gives() -> None:
    # given
    case = SimpleNamespace(
        number="1",
        channel="window",
        status="open",
        opened_at=datetime(2026, 1, 1, tzinfo=UTC),
        accepted_on=None,
    )
    # when
    facts = CaseHost.case_facts(SimpleNamespace(case=case))  # type: ignore[arg-type] # its case
    # then
    assert facts.keys() == (AMBIENT_KINDS["case"].parts or {}).keys()
