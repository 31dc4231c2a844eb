"""The gate before publication: a policy that has passed it is known by its content."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from threading import Lock

from workflows.definitions.check import Trial, check_contents
from workflows.definitions.contents import read_contents
from workflows.definitions.files import PolicyFiles
from workflows.definitions.operations import OperationSignature
from workflows.definitions.policy import Policy, policy_from
from workflows.errors import Invalid

#: The same content goes through the gate again and again: for each scenario, for each district.
_MOST_KEPT = 4
_passed: OrderedDict[str, _Passed] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True, slots=True)
class _Passed:
    """A policy, and what it was checked against."""

    policy: Policy
    operations: Mapping[str, OperationSignature]
    roles: Mapping[str, Collection[str]]
    trial: Trial | None


def pass_gate(
    files: PolicyFiles,
    operations: Mapping[str, OperationSignature],
    roles: Mapping[str, Collection[str]],
    trial: Trial | None,
) -> Policy:
    """The policy of files in which nothing is wrong; the last ones that passed are kept in memory.

    Raises:
        Invalid: ``release.refused`` with every finding, when one of them is an error.
    """
    known = _known(files.content_hash)
    if known is not None and (known.operations, known.roles, known.trial) == (
        operations, roles, trial,
    ):  # fmt: skip
        return known.policy
    contents = read_contents(files)
    findings = check_contents(contents, operations=operations, roles=roles)
    if not any(finding.severity == "error" for finding in findings) and trial is not None:
        findings += trial(files)
    if any(finding.severity == "error" for finding in findings):
        raise Invalid(
            "release.refused",
            "政策文件有错误，不能发布。",
            "The policy has errors and cannot be published.",
            findings=findings,
        )
    policy = policy_from(contents)
    with _lock:
        _passed[files.content_hash] = _Passed(policy, dict(operations), dict(roles), trial)
        while len(_passed) > _MOST_KEPT:
            _passed.popitem(last=False)
    return policy


def passed_policy(content_hash: str) -> Policy | None:
    """A policy of this content that has passed lately in this process."""
    known = _known(content_hash)
    return None if known is None else known.policy


def _known(content_hash: str) -> _Passed | None:
    with _lock:
        if content_hash in _passed:
            _passed.move_to_end(content_hash)
        return _passed.get(content_hash)
