"""`doudi policy` and `doudi dmn-tck`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from web.cli.application import deployment
from web.database import current_moment
from workflows.decisions.tck import report_lines, run_kit
from workflows.definitions.check import check_policy
from workflows.definitions.files import load_policy
from workflows.errors import SYSTEM
from workflows.runtime.publishing import publish_policy
from workflows.runtime.service_tasks import signatures
from workflows.runtime.trial import trial_parse
from workflows.transaction import transaction

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group("policy")
def policy_group() -> None:
    """The policy: diagrams, forms, tables and parameters."""


@policy_group.command("check")
@click.argument("folder", type=_FOLDER)
def check_command(folder: Path) -> None:
    """Say everything that is wrong with a policy; status 1 when there is an error."""
    findings = check_policy(load_policy(folder), operations=signatures(), trial=trial_parse)
    for finding in findings:
        place = ":".join(
            str(part) for part in (finding.file, finding.line, finding.element) if part
        )
        click.echo(f"{finding.severity} {place} {finding.code} {finding.message}")
    errors = sum(finding.severity == "error" for finding in findings)
    click.echo(f"{errors} errors, {len(findings) - errors} warnings")
    if errors:
        raise SystemExit(1)


@policy_group.command("publish")
@click.argument("folder", type=_FOLDER)
@click.option("--note", default="", help="What changed, for the list of releases.")
def publish_command(folder: Path, note: str) -> None:
    """Publish a policy for every district; the same content again changes nothing.

    Where a parameter reaches back, the worker lists the cases touched and opens them for decision.
    """
    files = load_policy(folder)
    now = current_moment()
    with deployment() as (session, _config), transaction(session):
        release, is_new = publish_policy(session, files, actor=SYSTEM, now=now, note=note)
        click.echo(f"release {release.id} {files.content_hash[:12]}{'' if is_new else ' (known)'}")


@click.command("dmn-tck")
@click.argument("folder", type=_FOLDER)
@click.option("--json", "as_json", is_flag=True, help="Every test with its outcome, as JSON.")
def dmn_tck(folder: Path, as_json: bool) -> None:
    """Run the DMN technology compatibility kit and say what passed."""
    report = run_kit(folder)
    if as_json:
        click.echo(json.dumps(report.to_json(), ensure_ascii=False))
    else:
        click.echo("\n".join(report_lines(report)))
