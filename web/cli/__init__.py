"""The command line `doudi`: thin commands over the same functions that pages call."""

from __future__ import annotations

import sys

import click

from web.cli.accounts import account_group, demo, district_group
from web.cli.audit import audit_group
from web.cli.calendar import calendar_group
from web.cli.coverage import coverage_command
from web.cli.database import db_group, keys_group
from web.cli.decide import deadline_command, decide_command
from web.cli.policy import dmn_tck, policy_group
from web.cli.texts import texts_group
from web.cli.worker import worker
from workflows.errors import DoudiError


@click.group()
def doudi() -> None:
    """Doudi, the approval system of a district's social assistance."""


for _command in (
    db_group,
    policy_group,
    calendar_group,
    demo,
    worker,
    audit_group,
    dmn_tck,
    decide_command,
    deadline_command,
    coverage_command,
    account_group,
    district_group,
    keys_group,
    texts_group,
):
    doudi.add_command(_command)


def main() -> None:
    """The program: a refusal is one sentence per finding and status 1."""
    try:
        doudi()
    except DoudiError as error:
        print(f"{error.code}: {error.message}", file=sys.stderr)
        for finding in error.findings:
            place = ":".join(
                str(part) for part in (finding.file, finding.line, finding.element) if part
            )
            print(f"  {place} {finding.code} {finding.message}", file=sys.stderr)
        sys.exit(1)
