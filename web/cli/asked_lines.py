"""Answers of decisions and deadlines as lines to read, in Chinese or in English."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from web.api.plain import plain
from workflows.calendar import LOCAL_ZONE
from workflows.clocks.derivation import Derivation, Unit
from workflows.decisions import ParameterRecorder, ParameterValue
from workflows.decisions.catalogue import Entry, Fact
from workflows.definitions.policy import Policy
from workflows.definitions.questions import Reply
from workflows.definitions.registers import Clause, ClockDefinition
from workflows.definitions.telling import told
from workflows.errors import DoudiError

Language = Literal["zh", "en"]
_WORDS = {
    "zh": {
        "on": "日期", "pack": "规则包", "picked": "选用", "result": "结果", "clauses": "依据",
        "parameters": "参数", "from": "自 {} 起", "unsettled": "默认值，尚无本地依据",
        "settle": "应由 {} 确认", "why": "经过", "input": "输入", "output": "输出",
        "due": "到期", "provisional": "暂定：含尚未公布的放假安排，按法定节假日推算；"
        "公布后由系统管理员录入，时限随之重新计算", "none": "无",
        "many": "列表", "values": "取值", "derived": "推导",
        "defaults": "注意：用到 {} 项没有本地依据的默认值，见参数",
        "question": "待决问题 {}", "supposed": "假设的值",
        "told": "说明", "what_if": "怎样会改变结果",
    },
    "en": {
        "on": "Day", "pack": "Rule pack", "picked": "picked by", "result": "Result",
        "clauses": "Clauses", "parameters": "Parameters", "from": "from {}",
        "unsettled": "default, no local source yet", "settle": "to be settled by {}",
        "why": "Steps", "input": "input", "output": "output", "due": "Due",
        "provisional": "Provisional: counts days whose holidays are not published, computed from"
        " the statutory ones; recounted once the system administrator has entered the notice",
        "none": "none",
        "many": "list", "values": "one of", "derived": "derived",
        "defaults": "Note: rests on {} defaults without a local source, see the parameters",
        "question": "open question {}", "supposed": "supposed value",
        "told": "In words", "what_if": "What would change this",
    },
}  # fmt: skip


def answer_lines(answer: Reply, policy: Policy, language: Language) -> list[str]:
    """A decision: the result first, then what it rests on, then the steps."""
    words, colon = _WORDS[language], "：" if language == "zh" else ": "
    entry, result = answer.entry, answer.result
    said = told(result.explanation.to_json(), policy.clauses)
    newest = f"{answer.packs[-1].id} {answer.packs[-1].name}" if answer.packs else words["none"]
    return [
        f"{entry.name}（{entry.key}）" + (f" {entry.question}" if entry.question else ""),
        f"{words['on']}{colon}{answer.on.isoformat()}"
        + (f"（{words['picked']}{colon}{answer.picked.date}）" if answer.picked else ""),
        f"{words['pack']}{colon}{newest}",
        f"{words['result']}{colon}",
        *_shown(plain(result.value), "  "),
        *_warned(answer.parameters, words),
        f"{words['told']}{colon}",
        *(f"  {one.text(language)}" for one in said if one.text(language)),
        *([f"{words['what_if']}{colon}"] if answer.what_if else []),
        *(f"  {text}" for one in answer.what_if or () for text in one.sentences(language)),
        f"{words['clauses']}{colon}",
        *(_clause_line(found, policy.clauses.get(found)) for found in result.explanation.clauses),
        f"{words['parameters']}{colon}",
        *(_parameter_line(used, policy, words) for used in answer.parameters),
        f"{words['why']}{colon}",
        *(f"  {line}" for line in result.explanation.lines(language)),
    ]


def deadline_lines(
    found: Derivation,
    rule: ClockDefinition,
    policy: Policy,
    language: Language,
    *,
    recorder: ParameterRecorder,
) -> list[str]:
    """A deadline: when it falls, each run of days, clauses and parameters."""
    words, colon = _WORDS[language], "：" if language == "zh" else ": "
    due = (
        found.due_at.astimezone(LOCAL_ZONE).isoformat()
        if found.unit is Unit.HOURS and found.due_at
        else found.due_on
    )
    return [
        f"{rule.name}（{rule.key}）",
        f"{words['due']}{colon}{due}",
        *([words["provisional"]] if found.provisional else []),
        *_warned(tuple(recorder.uses), words),
        *(f"  {line.text_zh if language == 'zh' else line.text_en}" for line in found.lines),
        f"{words['clauses']}{colon}",
        *(_clause_line(key, policy.clauses.get(key)) for key in rule.clauses),
        f"{words['parameters']}{colon}",
        *(_parameter_line(used, policy, words) for used in recorder.uses),
    ]


def listing_lines(entries: tuple[Entry, ...], language: Language) -> list[str]:
    """Every key with its facts, what it gives, and their types."""
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


def blank_lines(facts: tuple[Fact, ...], indent: str = "") -> Iterator[str]:
    """The facts as YAML with null everywhere and what each means behind it."""
    for fact in facts:
        known = "、".join(map(str, fact.values))
        note = "；".join(part for part in (fact.type, fact.description, known) if part)
        if not fact.parts:
            yield f"{indent}{fact.name}: {'[]' if fact.many else 'null'}  # {note}"
            continue
        yield f"{indent}{fact.name}:  # {note}"
        inner = list(blank_lines(fact.parts, indent + ("    " if fact.many else "  ")))
        if fact.many:
            inner[0] = f"{indent}  - {inner[0].strip()}"
        yield from inner


def refusal_lines(error: DoudiError, language: Language) -> list[str]:
    """A refusal: what is wrong as one sentence, then every finding with its place."""
    lines = [f"{error.code}: {error.message if language == 'zh' else error.message_en}"]
    for finding in error.findings:
        place = ":".join(
            str(part) for part in (finding.file, finding.line, finding.field) if part is not None
        )
        text = finding.message if language == "zh" else finding.message_en
        lines.append("  " + " ".join(part for part in (place, finding.code, text) if part))
    return lines


def _warned(used: tuple[ParameterValue, ...], words: Mapping[str, str]) -> list[str]:
    defaults = sum(value.certainty == "default" for value in used)
    return [words["defaults"].format(defaults)] if defaults else []


def _clause_line(clause_id: str, clause: Clause | None) -> str:
    return f"  {clause_id}  {clause.text} {clause.article}" if clause else f"  {clause_id}"


def _parameter_line(used: ParameterValue, policy: Policy, words: Mapping[str, str]) -> str:
    value = plain(used.value)
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    known = policy.parameters.parameters.get(used.key)
    supposed = known is not None and all(e.valid_from != used.valid_from for e in known.entries)
    parts = [
        f"  {used.label}（{used.key}）= {shown} {used.unit}".rstrip(),
        words["supposed"] if supposed else words["from"].format(used.valid_from.isoformat()),
        ", ".join(used.source),
    ]
    if used.certainty == "derived":
        parts.append(words["derived"])
    if used.certainty == "default" and not supposed:
        parts.append(words["unsettled"])
    if known is not None and known.question and (used.certainty == "default" or used.settle):
        parts.append(words["question"].format(known.question))
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


def _fact_lines(fact: Fact, words: Mapping[str, str], lead: str) -> list[str]:
    kind = f"{fact.type} {words['many']}" if fact.many else fact.type
    known = f"（{words['values']} {'、'.join(map(str, fact.values))}）" if fact.values else ""
    note = f"  {fact.description}" if fact.description else ""
    inner = " " * (len(lead) - len(lead.lstrip())) + "    "
    return [
        f"{lead}{fact.name}: {kind}{known}{note}",
        *(line for part in fact.parts for line in _fact_lines(part, words, inner)),
    ]
