"""`doudi decide` and `doudi deadline`: questions to the law as data, answered with reasons."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Literal, cast

import click

from web.api.plain import plain, plain_values
from web.cli.application import deployment
from workflows.assistance.assessments import decided_under
from workflows.calendar import LOCAL_ZONE
from workflows.clocks.derivation import Unit
from workflows.decisions import (
    DecisionResult,
    ParameterRecorder,
    ParameterValue,
    load_yaml,
)
from workflows.decisions.catalogue import (
    Entry,
    Fact,
    catalogue_entry,
    decision_catalogue,
    read_facts,
)
from workflows.definitions.files import load_policy
from workflows.definitions.policy import Policy, parse_policy
from workflows.definitions.registers import Clause, ClockDefinition
from workflows.definitions.release import current_policy
from workflows.errors import Finding, Invalid, NotFound
from workflows.runtime.clock_terms import derived_deadline

_Language = Literal["zh", "en"]
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_WORDS = {
    "zh": {
        "on": "日期", "pack": "规则包", "picked": "选用", "result": "结果", "clauses": "依据",
        "parameters": "参数", "from": "自 {} 起", "unsettled": "默认值，尚无本地依据",
        "settle": "应由 {} 确认", "why": "经过", "input": "输入", "output": "输出",
        "due": "到期", "provisional": "暂定：含尚未公布的放假安排，按法定节假日推算；"
        "公布后由系统管理员录入，时限随之重新计算", "none": "无",
        "many": "列表", "values": "取值",
    },
    "en": {
        "on": "Day", "pack": "Rule pack", "picked": "picked by", "result": "Result",
        "clauses": "Clauses", "parameters": "Parameters", "from": "from {}",
        "unsettled": "default, no local source yet", "settle": "to be settled by {}",
        "why": "Steps", "input": "input", "output": "output", "due": "Due",
        "provisional": "Provisional: counts days whose holidays are not published, computed from"
        " the statutory ones; recounted once the system administrator has entered the notice",
        "none": "none", "many": "list", "values": "one of",
    },
}  # fmt: skip


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
    ):  # fmt: skip
        command = option(command)
    return command


@click.command("decide")
@click.argument("key", required=False)
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day whose law applies.")
@click.option("--input", "facts", type=click.File("rb"), help="Facts as YAML or JSON; - for stdin.")
@click.option("--blank", is_flag=True, help="The facts that the key needs, to be filled in.")
@_asked
def decide_command(
    key: str | None,
    on: datetime | None,
    facts: Any,
    blank: bool,
    folder: Path,
    release: bool,
    as_json: bool,
    lang: str,
    listed: bool,
) -> None:
    """Ask a rule: the result, the rows that hit, their clauses and the parameters."""
    policy, language = _policy(folder, release), cast(_Language, lang)
    if listed:
        entries = decision_catalogue(policy.decisions.values())
        _print(as_json, [entry.to_json() for entry in entries], _listing(entries, language))
        return
    if key is None:
        raise click.UsageError("KEY is missing; --list names all keys.")
    entry = catalogue_entry(policy.decisions, key)
    if blank:
        click.echo("\n".join(_blank(entry.inputs, "")))
        return
    if on is None:
        raise click.UsageError("--on is missing: the law depends on the day.")
    given = load_yaml(facts.read(), file="input") if facts is not None else {}
    document, lines = _answer(policy, entry, given or {}, on.date(), language)
    _print(as_json, document, lines)


@click.command("deadline")
@click.argument("clock", required=False)
@click.option("--from", "start", help="A day, or a moment such as 2021-11-13T23:10.")
@_asked
def deadline_command(
    clock: str | None,
    start: str | None,
    folder: Path,
    release: bool,
    as_json: bool,
    lang: str,
    listed: bool,
) -> None:
    """Where a legal deadline falls, derived day by day; a moment without offset is local."""
    policy, language = _policy(folder, release), cast(_Language, lang)
    if listed:
        rules = [policy.clocks[name] for name in sorted(policy.clocks)]
        rows = [
            {"key": rule.key, "name": rule.name, "unit": rule.unit, "clauses": list(rule.clauses)}
            for rule in rules
        ]
        _print(as_json, rows, [f"{rule.key}  {rule.name}（{rule.unit}）" for rule in rules])
        return
    if clock is None or start is None:
        raise click.UsageError("CLOCK and --from are needed; --list names all clocks.")
    rule = policy.clocks.get(clock)
    if rule is None:
        raise NotFound(
            "clock.unknown", f"没有时限 {clock}，见 --list。", f"There is no clock {clock}."
        )
    document, lines = _deadline(policy, rule, _moment(start), language)
    _print(as_json, document, lines)


def _policy(folder: Path, release: bool) -> Policy:
    if not release:
        return parse_policy(load_policy(folder))
    with deployment() as (session, _config):
        return current_policy(session, None)


def _print(as_json: bool, document: Any, lines: list[str]) -> None:
    text = json.dumps(document, ensure_ascii=False, indent=2) if as_json else "\n".join(lines)
    click.echo(text)


def _answer(
    policy: Policy, entry: Entry, given: object, on: date, language: _Language
) -> tuple[dict[str, Any], list[str]]:
    """The answer for programs and for people."""
    # A rule is asked as of a day; noon keeps that day in every zone of the country.
    noon = datetime.combine(on, time(12), tzinfo=LOCAL_ZONE)
    facts = read_facts(entry, given, on=on)
    result, recorder = decided_under(policy, entry.key, facts, on, noon)
    packs = policy.packs.in_force(on)
    picked = policy.packs.picking_date(entry.key)
    document = {
        "decision": entry.key,
        "name": entry.name,
        "on": on.isoformat(),
        "policy": policy.content_hash,
        "packs": [pack.id for pack in packs],
        "picked_by": picked.date if picked else None,
        "value": plain(result.value),
        "outputs": plain_values(result.outputs),
        "rows": list(_rows(result)),
        "clauses": [
            _clause_json(clause_id, policy.clauses.get(clause_id))
            for clause_id in result.explanation.clauses
        ],
        "parameters": [used.to_json() for used in recorder.uses],
        "explanation": result.explanation.to_json(),
    }
    words, colon = _WORDS[language], "：" if language == "zh" else ": "
    newest = f"{packs[-1].id} {packs[-1].name}" if packs else words["none"]
    lines = [
        f"{entry.name}（{entry.key}）" + (f" {entry.question}" if entry.question else ""),
        f"{words['on']}{colon}{on.isoformat()}"
        + (f"（{words['picked']}{colon}{picked.date}）" if picked else ""),
        f"{words['pack']}{colon}{newest}",
        f"{words['result']}{colon}",
        *_shown(plain(result.value), "  "),
        f"{words['clauses']}{colon}",
        *(_clause_line(found, policy.clauses.get(found)) for found in result.explanation.clauses),
        f"{words['parameters']}{colon}",
        *(_parameter_line(used, words) for used in recorder.uses),
        f"{words['why']}{colon}",
        *(f"  {line}" for line in result.explanation.lines(language)),
    ]
    return document, lines


def _rows(result: DecisionResult) -> Iterator[dict[str, Any]]:
    for step in result.explanation.steps:
        for rule in step.rules:
            yield {"decision": step.id, "name": step.name, **rule.to_json()}


def _clause_json(clause_id: str, clause: Clause | None) -> dict[str, str]:
    if clause is None:
        return {"id": clause_id}
    return {
        "id": clause_id,
        "text": clause.text,
        "article": clause.article,
        "summary": clause.summary,
        "certainty": clause.certainty,
    }


def _clause_line(clause_id: str, clause: Clause | None) -> str:
    return f"  {clause_id}  {clause.text} {clause.article}" if clause else f"  {clause_id}"


def _parameter_line(used: ParameterValue, words: Mapping[str, str]) -> str:
    value = plain(used.value)
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    parts = [
        f"  {used.label}（{used.key}）= {shown} {used.unit}".rstrip(),
        words["from"].format(used.valid_from.isoformat()),
        ", ".join(used.source),
    ]
    if used.certainty == "default":
        parts.append(words["unsettled"])
    if used.settle:
        parts.append(words["settle"].format(used.settle))
    return "；".join(parts)


def _shown(value: Any, indent: str) -> list[str]:
    """A plain value as indented lines; an empty list or text is shown as such."""
    if isinstance(value, dict) and value:
        lines = []
        for name, part in value.items():
            inner = _shown(part, indent + "  ")
            lines += (
                [f"{indent}{name} = {inner[0].strip()}"]
                if len(inner) == 1 and not (part and isinstance(part, dict | list))
                else [f"{indent}{name} =", *inner]
            )
        return lines
    if isinstance(value, list) and value:
        return [line for item in value for line in _shown(item, indent + "- ")]
    return [f"{indent}{json.dumps(value, ensure_ascii=False)}"]


def _listing(entries: tuple[Entry, ...], language: _Language) -> list[str]:
    words, lines, file = _WORDS[language], [], ""
    for entry in entries:
        if entry.file != file:
            file = entry.file
            lines.append(f"# {file}")
        lines.append(
            f"{entry.key}  {entry.name}" + (f"  {entry.question}" if entry.question else "")
        )
        for fact in entry.inputs:
            lines += _fact_lines(fact, words, f"    {words['input']} ")
        for output in entry.outputs:
            kind = f"{output.type} {words['many']}" if entry.many else output.type
            known = f"（{words['values']} {'、'.join(map(str, output.values))}）"
            lines.append(
                f"    {words['output']} {output.name}: {kind}" + (known if output.values else "")
            )
    return lines


def _fact_lines(fact: Fact, words: Mapping[str, str], lead: str) -> list[str]:
    kind = f"{fact.type} {words['many']}" if fact.many else fact.type
    known = f"（{words['values']} {'、'.join(map(str, fact.values))}）" if fact.values else ""
    note = f"  {fact.description}" if fact.description else ""
    inner = " " * (len(lead) - len(lead.lstrip())) + "    "
    return [
        f"{lead}{fact.name}: {kind}{known}{note}",
        *(line for part in fact.parts for line in _fact_lines(part, words, inner)),
    ]


def _blank(facts: tuple[Fact, ...], indent: str) -> Iterator[str]:
    """The facts as YAML with null everywhere and what each means behind it."""
    for fact in facts:
        known = "、".join(map(str, fact.values))
        note = "；".join(part for part in (fact.type, fact.description, known) if part)
        if not fact.parts:
            yield f"{indent}{fact.name}: {'[]' if fact.many else 'null'}  # {note}"
            continue
        yield f"{indent}{fact.name}:  # {note}"
        inner = list(_blank(fact.parts, indent + ("    " if fact.many else "  ")))
        if fact.many:
            inner[0] = f"{indent}  - {inner[0].strip()}"
        yield from inner


def _moment(text: str) -> date | datetime:
    """A day or a moment; without an offset it is local time.

    Raises:
        Invalid: `clock.bad_start`.
    """
    try:
        if len(text) == len("2021-11-13"):
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        message = "应为日期，或者时刻，如 2021-11-13T23:10。"
        message_en = "A day, or a moment such as 2021-11-13T23:10."
        raise Invalid(
            "clock.bad_start",
            message,
            message_en,
            findings=[Finding("clock.bad_start", message, message_en, field="from")],
        ) from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=LOCAL_ZONE)


def _deadline(
    policy: Policy, rule: ClockDefinition, start: date | datetime, language: _Language
) -> tuple[dict[str, Any], list[str]]:
    recorder = ParameterRecorder()
    found = derived_deadline(policy, rule, start, recorder)
    document = {
        "clock": rule.key,
        "name": rule.name,
        **found.to_json(),
        "clauses": [_clause_json(key, policy.clauses.get(key)) for key in rule.clauses],
        "parameters": [used.to_json() for used in recorder.uses],
    }
    words, colon = _WORDS[language], "：" if language == "zh" else ": "
    due = (
        found.due_at.astimezone(LOCAL_ZONE).isoformat()
        if found.unit is Unit.HOURS and (found.due_at)
        else found.due_on
    )
    lines = [
        f"{rule.name}（{rule.key}）",
        f"{words['due']}{colon}{due}",
        *([words["provisional"]] if found.provisional else []),
        *(f"  {line.text_zh if language == 'zh' else line.text_en}" for line in found.lines),
        f"{words['clauses']}{colon}",
        *(_clause_line(key, policy.clauses.get(key)) for key in rule.clauses),
        f"{words['parameters']}{colon}",
        *(_parameter_line(used, words) for used in recorder.uses),
    ]
    return document, lines
