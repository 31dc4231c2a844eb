"""`doudi decide` and `doudi deadline`: questions to the law as data, answered with reasons."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import click

from web.asked import answer_document, clock_row, deadline_document, excluded_of, moment_of
from web.cli.application import deployment
from web.cli.asked_lines import (
    Language,
    answer_lines,
    blank_lines,
    deadline_lines,
    listing_lines,
    refusal_lines,
)
from web.database import current_moment
from workflows.calendar import local_day
from workflows.decisions import ParameterRecorder, load_yaml
from workflows.decisions.catalogue import catalogue_entry, decision_catalogue
from workflows.definitions.files import load_policy
from workflows.definitions.policy import Policy, parse_policy
from workflows.definitions.questions import changed_parameters, reply_to
from workflows.definitions.release import current_policy
from workflows.errors import DoudiError, Invalid
from workflows.runtime.clock_terms import clock_rule, derived_deadline

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


def _asked(command: Any) -> Any:
    """The options of both commands: which law, in which language, for people or programs."""
    for option in (
        click.option("--folder", type=_FOLDER, default="bpmn", show_default=True,
                     help="The files of a policy; needs no database."),
        click.option("--release", is_flag=True, help="The release in force instead of files."),
        click.option("--json", "as_json", is_flag=True, help="The whole answer as JSON."),
        click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True,
                     help="The language of the lines."),
        click.option("--list", "listed", is_flag=True, help="Every key that can be asked."),
        click.option("--set", "supposed", multiple=True, metavar="KEY=VALUE",
                     help="Suppose another value of a parameter; may be given again."),
    ):  # fmt: skip
        command = option(command)
    return command


@click.command("decide")
@click.argument("key", required=False)
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]),
              help="The day whose law applies; today if it is not given.")  # fmt: skip
@click.option("--input", "facts", type=click.File("rb"), help="Facts as YAML or JSON; - for stdin.")
@click.option("--what-if", is_flag=True, help="Also what would change an unfavourable result.")
@click.option("--blank", is_flag=True, help="The facts that the key needs, to be filled in.")
@_asked
def decide_command(
    key: str | None,
    on: datetime | None,
    facts: Any,
    what_if: bool,
    blank: bool,
    folder: Path,
    release: bool,
    as_json: bool,
    lang: str,
    listed: bool,
    supposed: tuple[str, ...],
) -> None:
    """Ask a rule: the result, the rows that hit, their clauses and the parameters.

    KEY is the id or the Chinese name of a decision. Status 0: answered; 1: refused with a sentence
    for each thing that is wrong; 2: not understood.
    """
    language = cast(Language, lang)
    with _refusals(as_json, language):
        policy = _policy(folder, release)
        if listed:
            entries = decision_catalogue(policy.decisions.values())
            rows = [entry.to_json() for entry in entries]
            _print(as_json, rows, listing_lines(entries, language))
            return
        if key is None:
            raise click.UsageError("KEY is missing; --list names all keys.")
        if blank:
            click.echo("\n".join(blank_lines(catalogue_entry(policy.decisions, key).inputs)))
            return
        given = load_yaml(facts.read(), file="input") if facts is not None else None
        answer = reply_to(
            policy,
            key,
            {} if given is None else given,
            on=local_day(current_moment()) if on is None else on.date(),
            changes=_changes(supposed),
            what_if=what_if,
        )
        document = {**answer_document(answer, policy), "policy": policy.content_hash}
        _print(as_json, document, answer_lines(answer, policy, language))


@click.command("deadline")
@click.argument("clock", required=False)
@click.option("--from", "start", help="A day, or a moment such as 2021-11-13T23:10.")
@click.option("--extended", is_flag=True, help="Count to the longer length that the law allows.")
@click.option("--without", multiple=True, metavar="FIRST..LAST",
              help="Days that are not counted, such as a publicity; repeatable.")  # fmt: skip
@_asked
def deadline_command(
    clock: str | None,
    start: str | None,
    extended: bool,
    without: tuple[str, ...],
    folder: Path,
    release: bool,
    as_json: bool,
    lang: str,
    listed: bool,
    supposed: tuple[str, ...],
) -> None:
    """Where a legal deadline falls, derived day by day; a moment without offset is local.

    CLOCK is the key or the Chinese name of a deadline.
    """
    language = cast(Language, lang)
    with _refusals(as_json, language):
        policy = _policy(folder, release)
        if listed:
            rules = [policy.clocks[name] for name in sorted(policy.clocks)]
            lines = [f"{rule.key}  {rule.name}（{rule.unit}）" for rule in rules]
            _print(as_json, [clock_row(rule) for rule in rules], lines)
            return
        if clock is None or start is None:
            raise click.UsageError("CLOCK and --from are needed; --list names all clocks.")
        rule, recorder = clock_rule(policy, clock), ParameterRecorder()
        found = derived_deadline(
            policy,
            rule,
            moment_of(start),
            recorder,
            parameters=changed_parameters(policy.parameters, _changes(supposed)),
            extended=extended,
            excluded=[excluded_of(text) for text in without],
        )
        document = deadline_document(found, rule, policy, recorder=recorder)
        lines = deadline_lines(found, rule, policy, language, recorder=recorder)
        _print(as_json, document, lines)


def _policy(folder: Path, release: bool) -> Policy:
    if not release:
        return parse_policy(load_policy(folder))
    with deployment() as (session, _config):
        return current_policy(session, None)


def _changes(supposed: tuple[str, ...]) -> dict[str, Any]:
    """`KEY=VALUE` as parameters with values of YAML.

    Raises:
        Invalid: `parameter.supposed` for a text without an equals sign.
    """
    changes = {}
    for text in supposed:
        key, equals, value = text.partition("=")
        if not equals:
            message = f"应写成 参数=值，不是 {text[:60]}。"
            raise Invalid("parameter.supposed", message, f"KEY=VALUE, not {text[:60]}.")
        changes[key.strip()] = load_yaml(value.encode(), file="--set")
    return changes


def _print(as_json: bool, document: Any, lines: list[str]) -> None:
    text = json.dumps(document, ensure_ascii=False, indent=2) if as_json else "\n".join(lines)
    click.echo(text)


@contextmanager
def _refusals(as_json: bool, language: Language) -> Iterator[None]:
    """A refusal as sentences on the error channel, or as JSON on the usual one; then status 1."""
    try:
        yield
    except DoudiError as error:
        if as_json:
            click.echo(json.dumps(_refusal(error), ensure_ascii=False, indent=2))
        else:
            click.echo("\n".join(refusal_lines(error, language)), err=True)
        sys.exit(1)


def _refusal(error: DoudiError) -> dict[str, Any]:
    return {
        "error": error.code,
        "message": error.message,
        "message_en": error.message_en,
        "findings": [
            {
                "code": finding.code,
                "message": finding.message,
                "message_en": finding.message_en,
                "field": finding.field,
                "line": finding.line,
            }
            for finding in error.findings
        ],
    }
