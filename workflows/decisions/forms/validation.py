"""Checking a submission against a form: every finding at once, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from marshmallow import ValidationError

from workflows.calendar import LOCAL_ZONE
from workflows.decisions.forms.answers import (
    AnswerProblem,
    Problem,
    convert,
    is_empty,
    text_problems,
)
from workflows.decisions.forms.hazards import hazards
from workflows.decisions.forms.model import FieldKind, Form, FormField
from workflows.decisions.forms.schema import form_schema
from workflows.errors import Fault, Finding, Invalid
from workflows.feel import (
    Expression,
    FeelLimitExceeded,
    FeelSyntaxError,
    HostFunction,
    Value,
    compile_expression,
)


@dataclass(frozen=True, slots=True)
class Answers:
    """What a form writes: a FEEL value for each key; None where hidden or not answered."""

    values: Mapping[str, Value]
    hidden: frozenset[str]


def validate_answers(
    form: Form,
    raw: Mapping[str, Any],
    *,
    scope: Mapping[str, Value],
    now: datetime,
    functions: Mapping[str, HostFunction] | None = None,
) -> Answers:
    """The answers of a submission as FEEL values.

    Conditions see the scope's variables and, over them, the answers. A hidden field is ignored
    whatever was sent for it, and becomes None; a checkbox that was not sent is false.

    Raises:
        Invalid: `form.answers` with every finding (field, code, sentences): unknown or read-only
            fields, refused values, missing answers.
    """
    check = _Check(form, raw, scope, now, functions or {})
    return check.answers()


@dataclass(frozen=True, slots=True)
class Shape:
    """How a form stands while it is being filled in: what conditions hide, ask for and offer.

    `hidden` and `required` are keys of fields, `hidden_parts` ids of texts, lines and groups,
    `options` the values and labels of choices whose options come from an expression.
    """

    hidden: frozenset[str]
    hidden_parts: frozenset[str]
    required: frozenset[str]
    options: Mapping[str, tuple[tuple[str, str], ...]]


def form_shape(
    form: Form,
    raw: Mapping[str, Any],
    *,
    scope: Mapping[str, Value],
    now: datetime,
    functions: Mapping[str, HostFunction] | None = None,
) -> Shape:
    """What a half-filled form shows; answers that can't be taken count as not given.

    Raises:
        Invalid: as `validate_answers` for conditions that are broken or never settle.
    """
    return _Check(form, raw, scope, now, functions or {}).shape()


class _Check:
    """One submission being checked."""

    def __init__(
        self,
        form: Form,
        raw: Mapping[str, Any],
        scope: Mapping[str, Value],
        now: datetime,
        functions: Mapping[str, HostFunction],
    ) -> None:
        self.form = form
        self.raw = raw
        self.scope = scope
        #: in local time, so that `today()` is the local day
        self.now = now.astimezone(LOCAL_ZONE)
        self.functions = functions
        self.findings: list[Finding] = []
        self.names = frozenset(scope) | frozenset(form.fields)

    def answers(self) -> Answers:
        self._check_shape()
        known = {key: self._tolerated(key) for key in self.form.writes}
        hidden = self._hidden(known)
        visible = [key for key in self.form.fields if key in known and key not in hidden]
        self._check_storable(visible)
        seen = {**self.scope, **known, **dict.fromkeys(hidden)}
        values = self._loaded(visible, seen)
        for key, value in values.items():
            if value is not None:
                self._check_value(self.form.fields[key], value, seen)
        if self.findings:
            raise Invalid("form.answers", findings=self.findings)
        complete = {key: values.get(key) for key in self.form.fields if key in known}
        return Answers(values=complete, hidden=hidden)

    def shape(self) -> Shape:
        known = {key: self._tolerated(key) for key in self.form.writes}
        hidden = self._hidden(known)
        seen = {**self.scope, **known, **dict.fromkeys(hidden)}
        fields = [found for found in self.form.fields.values() if found.key not in hidden]
        return Shape(
            hidden,
            frozenset(
                name
                for name, purpose, text in self.form.conditions()
                if purpose == "hide"
                and name not in self.form.fields
                and self._holds(text, seen, name)
            ),
            frozenset(
                found.key
                for found in fields
                if found.required
                or (
                    found.required_when is not None
                    and self._holds(found.required_when, seen, found.key)
                )
            ),
            {
                found.key: _option_pairs(self._evaluated(found.options_from, seen, found.key))
                for found in fields
                if found.options_from is not None
            },
        )

    def _report(self, key: str, problem: Problem) -> None:
        label = self.form.fields[key].label if key in self.form.fields else key
        self.findings.append(
            Finding(
                problem.code,
                f"“{label}”{problem.message}",
                f"{label}: {problem.message_en}",
                field=key,
            )
        )

    def _check_shape(self) -> None:
        for key in self.raw:
            name = str(key)
            found = self.form.fields.get(name)
            if found is None:
                shown = name[:64].encode("ascii", "backslashreplace").decode()
                shown = name[:64] if not text_problems(name) else shown
                self._report(
                    shown,
                    Problem(
                        "form.unknown_field",
                        "不是本表单的字段。",
                        "This is not a field of the form.",
                    ),
                )
            elif found.readonly:
                self._report(
                    name,
                    Problem("form.readonly_field", "不能修改。", "This cannot be changed."),
                )

    def _check_storable(self, visible: list[str]) -> None:
        for key in visible:
            if key in self.raw and any(True for _ in hazards(self.raw[key])):
                self._report(
                    key,
                    Problem(
                        "form.refused_value",
                        "含有不能保存的内容。",
                        "This contains what cannot be stored.",
                    ),
                )

    def _tolerated(self, key: str) -> Value:
        found, raw = self.form.fields[key], self.raw.get(key)
        if is_empty(raw) or any(True for _ in hazards(raw)):
            return False if found.kind is FieldKind.CHECKBOX else None
        try:
            return convert(found, raw)
        except AnswerProblem:
            return None

    def _hidden(self, known: Mapping[str, Value]) -> frozenset[str]:
        hidden: frozenset[str] = frozenset()
        for _ in range(len(self.form.fields) + 1):
            seen = {**self.scope, **known, **dict.fromkeys(hidden)}
            found = frozenset(
                field.key
                for field, hiding in self.form.placed()
                if any(self._holds(text, seen, field.key) for text in hiding)
            )
            if found == hidden:
                return hidden
            hidden = found
        raise Invalid(
            "form.conditions_never_settle",
            "表单的隐藏条件互相矛盾。",
            "The conditions that hide fields contradict each other.",
            details={"form": self.form.key},
        )

    def _holds(self, text: str, seen: Mapping[str, Value], key: str) -> bool:
        value = self._evaluated(text, seen, key)
        if value is None or value is False:
            return False
        if value is True:
            return True
        raise _broken(self.form, key, text, "条件的结果不是“是”或“否”。", "yields no yes or no")

    def _evaluated(self, text: str, seen: Mapping[str, Value], key: str) -> Value:
        try:
            expression = compiled(text, self.names, frozenset(self.functions))
            return expression.evaluate(seen, functions=self.functions, now=self.now).value
        except FeelSyntaxError as error:
            raise _broken(self.form, key, text, error.message_zh, error.message) from None
        except FeelLimitExceeded as error:
            raise _broken(self.form, key, text, error.message_zh, error.message) from None

    def _loaded(self, visible: list[str], seen: Mapping[str, Value]) -> dict[str, Value]:
        schema = form_schema(self.form)(only=visible)
        for key in visible:
            found = self.form.fields[key]
            required = found.required or (
                found.required_when is not None and self._holds(found.required_when, seen, key)
            )
            schema.fields[key].required = required
            schema.fields[key].allow_none = not required
        refused = {finding.field for finding in self.findings}
        sent = {key: self.raw[key] for key in visible if key in self.raw and key not in refused}
        try:
            loaded = schema.load(sent, partial=[key for key in visible if key in refused])
        except ValidationError as error:
            messages: Any = error.messages
            for key in visible:
                for problem in messages.get(key, ()):
                    self._report(key, Problem(**problem))
            valid = error.valid_data
            loaded = dict(valid) if isinstance(valid, Mapping) else {}
        return dict(loaded)

    def _check_value(self, found: FormField, value: Value, seen: Mapping[str, Value]) -> None:
        if found.bounds.pattern is not None and not self._matches(found, value):
            self._report(
                found.key,
                Problem("field.pattern", "格式不符合要求。", "This does not have the form asked."),
            )
        if found.bounds.not_in_past and isinstance(value, date) and self._is_past(value):
            self._report(
                found.key,
                Problem("field.day_in_past", "不得早于今天。", "This may not be before today."),
            )
        if isinstance(value, date):
            self._check_days(found, value, seen)
        if found.options_from is not None:
            allowed = _option_values(self._evaluated(found.options_from, seen, found.key))
            items = value if isinstance(value, list) else [value]
            if not all(str(item) in allowed for item in items):
                self._report(
                    found.key,
                    Problem(
                        "field.not_an_option",
                        "不是可选的值。",
                        "This is not one of the options.",
                    ),
                )

    def _check_days(self, found: FormField, value: date, seen: Mapping[str, Value]) -> None:
        day = _local_day(value)
        earliest = self._bound(found.earliest, seen, found.key)
        latest = self._bound(found.latest, seen, found.key)
        if earliest is not None and day < earliest:
            self._report(
                found.key,
                Problem(
                    "field.day_too_early",
                    f"不得早于 {earliest}。",
                    f"This may not be before {earliest}.",
                ),
            )
        if latest is not None and day > latest:
            self._report(
                found.key,
                Problem(
                    "field.day_too_late",
                    f"不得晚于 {latest}。",
                    f"This may not be after {latest}.",
                ),
            )

    def _bound(self, text: str | None, seen: Mapping[str, Value], key: str) -> date | None:
        value = None if text is None else self._evaluated(text, seen, key)
        if value is None:
            return None
        if not isinstance(value, date):
            raise _broken(self.form, key, text or "", "结果不是日期。", "yields no day")
        return _local_day(value)

    def _matches(self, found: FormField, value: Value) -> bool:
        pattern = found.bounds.pattern
        expression = compiled(
            "matches(answer, pattern)", frozenset({"answer", "pattern"}), frozenset()
        )
        try:
            result = expression.evaluate({"answer": value, "pattern": pattern}, now=self.now)
        except FeelLimitExceeded as error:
            raise _broken(
                self.form, found.key, str(pattern), error.message_zh, error.message
            ) from None
        return result.value is True

    def _is_past(self, value: date) -> bool:
        return _local_day(value) < self.now.date()


def _local_day(value: date) -> date:
    return value.astimezone(LOCAL_ZONE).date() if isinstance(value, datetime) else value


def _option_pairs(source: Value) -> tuple[tuple[str, str], ...]:
    items = source if isinstance(source, list) else []
    return tuple(
        (str(item.get("value")), str(item.get("label") or item.get("value")))
        if isinstance(item, Mapping)
        else (str(item), str(item))
        for item in items
    )


def _option_values(source: Value) -> frozenset[str]:
    items = source if isinstance(source, list) else []
    return frozenset(
        str(item.get("value") if isinstance(item, Mapping) else item) for item in items
    )


@lru_cache(maxsize=4_096)
def compiled(text: str, names: frozenset[str], functions: frozenset[str]) -> Expression:
    """A condition of a form, compiled once. Raises: FeelSyntaxError."""
    return compile_expression(text, names, functions=functions)


def _broken(form: Form, key: str, text: str, message: str, message_en: str) -> Fault:
    return Fault(
        "form.condition",
        f"表单 {form.key} 的字段 {key} 的条件有误：{message}",
        f"The form {form.key}, field {key}: the condition `{text}` {message_en}.",
        details={"form": form.key, "field": key, "condition": text},
    )
