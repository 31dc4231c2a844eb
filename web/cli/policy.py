"""`doudi policy` and `doudi dmn-tck`."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import click

from web.cli.application import deployment
from web.database import current_moment
from workflows.decisions.tck import report_lines, run_kit
from workflows.definitions.check import check_policy
from workflows.definitions.files import load_policy
from workflows.definitions.release import current_policy, is_published
from workflows.errors import SYSTEM, Conflict, NotFound
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
@click.option("--lang", type=click.Choice(["zh", "en", "both"]), default="zh", show_default=True,
              help="The language of the sentences.")  # fmt: skip
def check_command(folder: Path, lang: str) -> None:
    """Say everything that is wrong with a policy; status 1 when there is an error."""
    findings = check_policy(load_policy(folder), operations=signatures(), trial=trial_parse)
    for finding in findings:
        place = ":".join(
            str(part) for part in (finding.file, finding.line, finding.element) if part
        )
        sentences = {"zh": finding.message, "en": finding.message_en}
        said = " ".join(sentences.values()) if lang == "both" else sentences[lang]
        click.echo(f"{finding.severity} {place} {finding.code} {said}")
    counted = Counter(finding.severity for finding in findings)
    notes = f", {counted['note']} notes" if counted["note"] else ""
    click.echo(f"{counted['error']} errors, {counted['warning']} warnings{notes}")
    if counted["error"]:
        raise SystemExit(1)


@policy_group.command("publish")
@click.argument("folder", type=_FOLDER)
@click.option("--note", default="", help="What changed, for the list of releases.")
@click.option(
    "--once", is_flag=True, help="Leave content that was published before, current or not."
)
def publish_command(folder: Path, note: str, once: bool) -> None:
    """Publish a policy for every district; the same content again changes nothing.

    Where a parameter reaches back, the worker lists the cases touched and opens them for decision.
    """
    files = load_policy(folder)
    now = current_moment()
    with deployment() as (session, _config), transaction(session):
        if once and is_published(session, files):
            click.echo(f"published before {files.content_hash[:12]}")
            return
        release, is_new = publish_policy(session, files, actor=SYSTEM, now=now, note=note)
        click.echo(f"release {release.id} {files.content_hash[:12]}{'' if is_new else ' (known)'}")


@policy_group.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--file", "only", multiple=True, help="Only this file, such as calendar.yaml.")
def export_command(folder: Path, only: tuple[str, ...]) -> None:
    """Write the files of the release in force to a folder; named files replace those there."""
    with deployment() as (session, _config):
        files = current_policy(session, None).files
    for path in only:
        if path not in files:
            raise NotFound(
                "policy.no_file", f"现行政策中没有文件 {path}。", f"There is no file {path}."
            )
    if not only and folder.exists() and any(folder.iterdir()):
        raise Conflict(
            "policy.folder_used",
            f"文件夹 {folder.name} 不是空的；请换一个空文件夹，或者用 --file 指明要取出的文件。",
            f"The folder {folder.name} isn't empty; name another, or files with --file.",
        )
    for path in only or files:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(files[path])
    click.echo(f"{len(only or files)} files")


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
