"""A trial of a policy before it is published: the engine itself must be able to read it."""

from __future__ import annotations

from workflows.definitions.files import PolicyFiles
from workflows.definitions.policy import parse_policy
from workflows.errors import Finding, Invalid
from workflows.runtime.engine import program_of
from workflows.runtime.engine.budget import cpu_limit

#: Parsing eight processes takes a tenth of it.
_CPU_SECONDS = 10.0


def trial_parse(files: PolicyFiles) -> list[Finding]:
    """What SpiffWorkflow refuses of every process, called ones too; empty when it reads all."""
    findings: list[Finding] = []
    policy = parse_policy(files)
    for process in policy.processes.values():
        try:
            with cpu_limit(_CPU_SECONDS):
                program_of(policy.diagrams, process.id)
        except Invalid as error:
            findings += error.findings or (
                Finding(error.code, error.message, error.message_en, file=process.file),
            )
    return findings
