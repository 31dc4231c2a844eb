"""`doudi audit`: verify the trail and hand it out."""

from __future__ import annotations

import json
from pathlib import Path

import click

from models.trail import SubjectKind
from models.types import new_id
from web.cli.application import deployment
from web.database import current_moment
from workflows.audit import Subject, TrailAction, append_entry
from workflows.audit.export import export_all
from workflows.audit.verification import verify_all
from workflows.errors import SYSTEM
from workflows.transaction import reading, transaction


@click.group("audit")
def audit_group() -> None:
    """The trail."""


@audit_group.command("verify")
@click.option("--anchors", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="JSON of roots kept elsewhere: {size: root in hexadecimal}.")  # fmt: skip
def verify_command(anchors: Path | None) -> None:
    """Check every chain, the access log and the tree; status 1 when something is wrong."""
    kept = json.loads(anchors.read_text("utf-8")) if anchors else {}
    with deployment() as (session, config), reading(session):
        report = verify_all(
            session,
            keys={config.keys.signer.key_id: config.keys.signer.public},
            anchors={int(size): bytes.fromhex(root) for size, root in kept.items()},
        )
    for problem in report.problems:
        click.echo(problem.message)
    click.echo(
        f"{report.entries} entries of {report.subjects} subjects, {report.accesses} accesses, "
        f"{report.leaves} leaves, {report.heads} heads, {report.waiting} waiting, "
        f"{report.problem_count} problems"
    )
    if not report.intact:
        raise SystemExit(1)


@audit_group.command("export")
@click.argument("target", type=click.Path(dir_okay=False, writable=True, path_type=Path))
def export_command(target: Path) -> None:
    """Write the whole trail as JSON lines, for the verifier that needs no database."""
    with deployment() as (session, _config):
        with transaction(session):
            subject = Subject(SubjectKind.EXPORT, new_id(), None)
            append_entry(
                session,
                subject,
                TrailAction.EXPORT_MADE,
                actor=SYSTEM,
                now=current_moment(),
                data={"scope": "all", "format": "jsonl"},
            )
        with reading(session), target.open("w", encoding="utf-8") as file:
            file.writelines(export_all(session))


@audit_group.command("keys")
def keys_command() -> None:
    """Print the public keys by id, as the offline verifier takes them."""
    with deployment() as (_session, config):
        signer = config.keys.signer
        click.echo(json.dumps({signer.key_id: signer.public.hex()}))
