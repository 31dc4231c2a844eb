"""The engine itself reads a policy before it is published."""

from __future__ import annotations

from tests.runtime.district import policy_files
from workflows.definitions.check import check_policy
from workflows.runtime.service_tasks import signatures
from workflows.runtime.trial import trial_parse


def test_the_engine_reads_every_process_of_the_policy() -> None:
    # when
    findings = trial_parse(policy_files())
    # then
    assert findings == []


def test_the_policy_passes_the_gate_and_the_trial() -> None:
    # when
    findings = check_policy(policy_files(), operations=signatures(), trial=trial_parse)
    # then
    assert [finding for finding in findings if finding.severity == "error"] == []


def test_what_the_engine_cannot_read_is_a_finding_with_its_file() -> None:
    # given: a flow node that no flow leads to its called process any more
    path = "processes/dibao.bpmn"
    content = policy_files()[path].replace(
        b'calledElement="dibao_grant"', b'calledElement="not_there"'
    )
    # when
    findings = trial_parse(policy_files().replaced({path: content}))
    # then
    assert [finding.code for finding in findings] == ["engine_refused"]
