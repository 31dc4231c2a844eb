"""Why a decision has its result: each step with inputs, rows that hit, clauses, parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from workflows.decisions.parameters import ParameterValue
from workflows.feel import FunctionValue, Value, format_value, to_json

Language = Literal["zh", "en"]

_CLAUSE_COLUMNS: Final = frozenset({"依据", "clause"})
#: Annotation columns whose cells are sentences for people.
_SENTENCE_COLUMNS: Final[dict[str, Language]] = {"说明": "zh", "explanation": "en"}
_SEPARATOR: Final = re.compile(r"[,，;；、\s]+")


def is_clause_column(name: str) -> bool:
    """Whether the cells of the annotation column with this name are clause ids."""
    return name.strip() in _CLAUSE_COLUMNS


def sentence_language(name: str) -> Language | None:
    """The language of the sentences in an annotation column; None for any other column."""
    return _SENTENCE_COLUMNS.get(name.strip())


def clause_ids(text: str) -> tuple[str, ...]:
    """The ids in a cell of the clause column, separated by commas."""
    return tuple(part for part in _SEPARATOR.split(text) if part)


@dataclass(frozen=True, slots=True)
class MatchedRule:
    """A row that hit; `number` counts from 1, `clauses` are ids of clauses.yaml."""

    table_id: str | None
    rule_id: str | None
    number: int
    clauses: tuple[str, ...]
    annotations: tuple[tuple[str, str], ...]

    def to_json(self) -> dict[str, Any]:
        """For the trail."""
        return {
            "table": self.table_id,
            "rule": self.rule_id,
            "row": self.number,
            "clauses": list(self.clauses),
            "annotations": [list(pair) for pair in self.annotations],
        }


@dataclass(frozen=True, slots=True)
class Note:
    """A warning of an evaluation, in both languages."""

    code: str
    message: str
    message_en: str

    def to_json(self) -> dict[str, str]:
        """For the trail."""
        return {"code": self.code, "message": self.message, "message_en": self.message_en}


@dataclass(frozen=True, slots=True)
class Step:
    """One decision, knowledge model or service that was evaluated.

    `inputs` pairs the text of each input expression, or the name of each requirement, with its
    value; `default_used` says that no row hit and the default output is the result. `sentence`
    says by language what was decided and why, where the model has words for it.
    """

    id: str
    name: str
    kind: str
    inputs: tuple[tuple[str, Value], ...]
    rules: tuple[MatchedRule, ...]
    result: Value
    warnings: tuple[Note, ...] = ()
    parameters: tuple[ParameterValue, ...] = ()
    default_used: bool = False
    sentence: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """For the trail."""
        said = {"sentence": dict(self.sentence)} if self.sentence else {}
        return {
            **said,
            "id": self.id,
            "name": self.name,
            "kind": self.kind,
            "inputs": [[text, storable(value)] for text, value in self.inputs],
            "rules": [rule.to_json() for rule in self.rules],
            "result": storable(self.result),
            "warnings": [warning.to_json() for warning in self.warnings],
            "parameters": [used.to_json() for used in self.parameters],
            "default_used": self.default_used,
        }


_WORDS: Final = {
    "zh": {
        "decision": "决策", "knowledge_model": "业务知识", "service": "决策服务",
        "input": "输入", "row": "命中第 {} 行", "by": "依据", "default": "没有命中的行，取默认值",
        "parameter": "参数", "from": "自 {} 起", "source": "来源", "result": "结果",
        "warning": "提示", "unsettled": "默认值，尚无本地依据", "settle": "应由 {} 确认",
    },
    "en": {
        "decision": "Decision", "knowledge_model": "Knowledge model",
        "service": "Decision service", "input": "Input", "row": "Row {} hit", "by": "under",
        "default": "No row hit; the default is the result", "parameter": "Parameter",
        "from": "from {}", "source": "source", "result": "Result", "warning": "Note",
        "unsettled": "default, no local source yet", "settle": "to be settled by {}",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Explanation:
    """The steps of an evaluation in the order in which they finished."""

    steps: tuple[Step, ...]

    @property
    def parameters(self) -> tuple[ParameterValue, ...]:
        """Every parameter used, each value once."""
        found: dict[tuple[str, object], ParameterValue] = {}
        for step in self.steps:
            for used in step.parameters:
                found.setdefault((used.key, used.valid_from), used)
        return tuple(found.values())

    @property
    def clauses(self) -> tuple[str, ...]:
        """The clauses of all rows that hit, each once."""
        return tuple(
            dict.fromkeys(
                clause for step in self.steps for rule in step.rules for clause in rule.clauses
            )
        )

    def to_json(self) -> dict[str, Any]:
        """For the trail: plain JSON with numbers as text."""
        return {"format": 1, "steps": [step.to_json() for step in self.steps]}

    def lines(self, language: Language = "zh") -> list[str]:
        """The explanation as lines to read, in Chinese or English."""
        return [line for step in self.steps for line in _step_lines(step, language)]


def storable(value: Value) -> Any:
    """A value as FEEL JSON; a function, which no JSON can hold, as its signature."""
    if isinstance(value, FunctionValue):
        return {"function": value.name}
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    if isinstance(value, dict) and any(_holds_function(item) for item in value.values()):
        return {key: storable(item) for key, item in value.items()}
    return to_json(value)


def _holds_function(value: Value) -> bool:
    if isinstance(value, dict):
        return any(_holds_function(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(_holds_function(item) for item in value)
    return isinstance(value, FunctionValue)


def _step_lines(step: Step, language: Language) -> Iterator[str]:
    words = _WORDS[language]
    colon = "：" if language == "zh" else ": "
    comma = "，" if language == "zh" else ", "
    yield f"{words[step.kind]} {step.name}"
    if step.sentence.get(language):
        yield f"  {step.sentence[language]}"
    for text, value in step.inputs:
        yield f"  {words['input']} {text} = {format_value(value)}"
    for rule in step.rules:
        parts = [words["row"].format(rule.number)]
        if rule.clauses:
            parts.append(f"{words['by']} {', '.join(rule.clauses)}")
        parts += [
            f"{name}{colon}{text}"
            for name, text in rule.annotations
            if text and not is_clause_column(name) and sentence_language(name) is None
        ]
        yield "  " + comma.join(parts)
    if step.default_used:
        yield f"  {words['default']}"
    for used in step.parameters:
        yield f"  {_parameter_line(used, words, comma)}"
    for warning in step.warnings:
        sentence = warning.message if language == "zh" else warning.message_en
        yield f"  {words['warning']}{colon}{sentence}"
    yield f"  {words['result']}{colon}{format_value(step.result)}"


def _parameter_line(used: ParameterValue, words: dict[str, str], comma: str) -> str:
    parts = [
        f"{words['parameter']} {used.label} = {format_value(used.value)} {used.unit}".rstrip(),
        words["from"].format(used.valid_from.isoformat()),
    ]
    if used.certainty == "default":
        parts.append(words["unsettled"])
        if used.settle:
            parts.append(words["settle"].format(used.settle))
    elif used.source:
        parts.append(f"{words['source']} {', '.join(used.source)}")
    return comma.join(parts)
