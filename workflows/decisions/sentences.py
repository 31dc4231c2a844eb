"""Sentences about a result: texts of the model with FEEL in braces, in Chinese and English."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from workflows.decisions.evaluation import Code, Evaluation, Scope
from workflows.decisions.explanation import MatchedRule, sentence_language
from workflows.decisions.expressions import FeelCompiler
from workflows.decisions.model import ContextExpression, Decision, DecisionTable, Text
from workflows.decisions.wording import Words
from workflows.feel import (
    FeelLimitExceeded,
    Value,
    as_value,
    compile_expression,
    format_value,
)

Names = Mapping[str, Words]
_MONEY: Final = "money"
#: Larger numbers are shown as they are: no sentence rounds them.
_HUGE: Final = Decimal(10) ** 18
_FORMATS: Final = frozenset({_MONEY, "name", "percent"})
_FORMAT: Final = re.compile(r":([a-z]+)\s*\Z")
_WORDS: Final = {
    True: Words("是", "yes"),
    False: Words("否", "no"),
    None: Words("未知", "not known"),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """Literal text, or an expression with the form in which its value is shown."""

    text: str
    is_code: bool = False
    form: str = ""


def pieces(text: str) -> Iterator[Piece]:
    """The parts of a template: literal text and, between braces, FEEL.

    Braces inside FEEL pair up, those inside its strings do not count. `{x:money}` shows two
    decimals, `{x:percent}` a share as per cent, `{x:name}` what a code is called.

    Raises:
        ValueError: a brace without its partner, an empty expression, an unknown form.
    """
    start = 0
    while start < len(text):
        opened = text.find("{", start)
        literal = text[start:] if opened < 0 else text[start:opened]
        if "}" in literal:
            raise ValueError("}")
        if literal:
            yield Piece(literal)
        if opened < 0:
            return
        closed = _closing(text, opened)
        code = text[opened + 1 : closed].strip()
        form = _FORMAT.search(code)
        if form is not None:
            code = code[: form.start()].strip()
            if form.group(1) not in _FORMATS:
                raise ValueError(form.group(1))
        if not code:
            raise ValueError("{}")
        yield Piece(code, is_code=True, form="" if form is None else form.group(1))
        start = closed + 1


def _closing(text: str, opened: int) -> int:
    depth, quoted, at = 0, False, opened
    while at < len(text):
        sign = text[at]
        if quoted:
            at += sign == "\\"
            quoted = sign != '"'
        elif sign == '"':
            quoted = True
        elif sign in "{}":
            depth += 1 if sign == "{" else -1
            if depth == 0:
                return at
        at += 1
    raise ValueError("{")


def shown(value: Value, language: str, form: str = "", names: Names | None = None) -> str:
    """A value as a sentence says it."""
    if value is None or isinstance(value, bool):
        words = _WORDS[value]
        return words.zh if language == "zh" else words.en
    if isinstance(value, str):
        known = None if names is None else names.get(value)
        return value if known is None else (known.zh if language == "zh" else known.en)
    if isinstance(value, Decimal):
        return _number(value, form)
    if isinstance(value, date) and not isinstance(value, datetime):
        return f"{value.year}年{value.month}月{value.day}日" if language == "zh" else str(value)
    if isinstance(value, list | tuple):
        joint = "、" if language == "zh" else ", "
        return joint.join(shown(item, language, form, names) for item in value)
    return format_value(value)


def _number(value: Decimal, form: str) -> str:
    if abs(value) >= _HUGE:
        return format_value(value)
    if form == _MONEY:
        return f"{value.quantize(Decimal('0.01'), ROUND_HALF_UP):,}"
    if form == "percent":
        value, sign = value * 100, "%"
    else:
        sign = ""
    return f"{value.quantize(Decimal('0.0001'), ROUND_HALF_UP).normalize():f}{sign}"


class Template:
    """A text in one language, compiled once for the names of an element."""

    def __init__(
        self, feel: FeelCompiler, text: Text, names: frozenset[str], element: str, language: str
    ) -> None:
        self.language: Final = language
        self.parts: list[tuple[str, Code | None, str]] = []
        try:
            found = list(pieces(text.text))
        except ValueError as error:
            feel.report(
                "dmn.template",
                f"{element}：说明文字的花括号有误：{error}。",
                f"{element}: the braces of a sentence are wrong: {error}.",
                element,
                text.line,
            )
            return
        for piece in found:
            code = (
                feel.expression(Text(piece.text, text.line), names, element)
                if piece.is_code
                else None
            )
            self.parts.append((piece.text, code, piece.form))

    def render(self, evaluation: Evaluation, scope: Scope, names: Names) -> str:
        """The sentence; what cannot be told is “未知”, and never stands against a result."""
        try:
            with _leniently(evaluation):
                return "".join(
                    text
                    if code is None
                    else shown(code(evaluation, scope), self.language, form, names)
                    for text, code, form in self.parts
                )
        except FeelLimitExceeded:
            return ""


@contextmanager
def _leniently(evaluation: Evaluation) -> Iterator[None]:
    """What a sentence cannot tell becomes null, and leaves neither error nor warning behind."""
    strict, record, warnings = evaluation.strict, evaluation.current, evaluation.run.warnings
    before = len(warnings)
    evaluation.strict, evaluation.current = False, None
    try:
        yield
    finally:
        evaluation.strict, evaluation.current = strict, record
        del warnings[before:]


#: Gives the sentences of a result by language.
Teller = Callable[[Evaluation, Scope, Sequence[MatchedRule], Value], Mapping[str, str]]


def compile_teller(feel: FeelCompiler, decision: Decision, names: frozenset[str]) -> Teller | None:
    """What a decision tells about its result: of the rows that hit, or of itself.

    Templates see what the decision requires, the outputs by name, and `value`. None where the
    model has no sentence for the decision.
    """
    table = decision.expression if isinstance(decision.expression, DecisionTable) else None
    outputs = output_names(decision)
    seen = names | set(outputs) | {"value"}
    for goal in decision.wording.goals:
        feel.expression(Text(goal.test, goal.line), frozenset(outputs) | {"value"}, decision.id)
    known = dict(decision.wording.values)
    rows: dict[int, list[Template]] = {}
    for number, language, text in _row_texts(table):
        rows.setdefault(number, []).append(Template(feel, text, seen, decision.id, language))
    _check_languages(feel, decision, rows)
    own = [
        Template(feel, Text(text, words.line), seen, decision.id, language)
        for words in (decision.wording.sentence,)
        if words is not None
        for language, text in (("zh", words.zh), ("en", words.en))
    ]
    if not rows and not own:
        return None
    when = feel.expression(Text(decision.wording.when), seen, decision.id)
    always = not decision.wording.when

    def tell(
        evaluation: Evaluation, scope: Scope, hit: Sequence[MatchedRule], value: Value
    ) -> Mapping[str, str]:
        inner = {**scope, "value": value}
        if isinstance(value, Mapping):
            inner.update(value)
        elif len(outputs) == 1:
            inner[outputs[0]] = value
        templates = [found for rule in hit for found in rows.get(rule.number, ())]
        if not templates and own:
            with _leniently(evaluation):
                said_here = always or when(evaluation, inner) is True
            templates = own if said_here else []
        said: dict[str, str] = {}
        for template in templates:
            text = template.render(evaluation, inner, known)
            said[template.language] = said.get(template.language, "") + text
        return said

    return tell


def output_names(decision: Decision) -> list[str]:
    """The names of a table's outputs or of a context's entries, which goals and sentences see."""
    expression = decision.expression
    if isinstance(expression, DecisionTable):
        return [output.name for output in expression.outputs if output.name]
    if isinstance(expression, ContextExpression):
        named = [entry.variable for entry in expression.entries]
        return [variable.name for variable in named if variable] if None not in named else []
    return []


def _row_texts(table: DecisionTable | None) -> Iterator[tuple[int, str, Text]]:
    if table is None:
        return
    columns = [(at, sentence_language(name)) for at, name in enumerate(table.annotations)]
    for rule in table.rules:
        for at, language in columns:
            if language is not None and at < len(rule.annotations) and rule.annotations[at].strip():
                yield rule.number, language, Text(rule.annotations[at].strip(), table.line)


def _check_languages(
    feel: FeelCompiler, decision: Decision, rows: Mapping[int, Sequence[Template]]
) -> None:
    for number, templates in rows.items():
        if len({template.language for template in templates}) == 1:
            feel.report(
                "dmn.wording_language",
                f"{decision.id}：第 {number} 行的说明须有中文（说明）和英文（explanation）。",
                f"{decision.id}: row {number} needs its sentence in Chinese and in English.",
                decision.id,
            )


def rendered(
    text: str, scope: Mapping[str, Value], language: str, names: Names | None = None
) -> str:
    """A template over a scope of its own, outside an evaluation."""
    given = {name: as_value(value) for name, value in scope.items()}
    return "".join(
        shown(
            compile_expression(piece.text, frozenset(given)).value(given),
            language,
            piece.form,
            names,
        )
        if piece.is_code
        else piece.text
        for piece in pieces(text)
    )
