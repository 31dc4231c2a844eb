"""FEEL texts of a model as code that runs inside an evaluation."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from workflows.decisions.evaluation import Code, Evaluation, Scope
from workflows.decisions.model import Text
from workflows.decisions.parameters import FUNCTION_NAME
from workflows.decisions.types import ANY, DmnType, TypeTable
from workflows.errors import Finding
from workflows.feel import (
    BUILT_IN_FUNCTIONS,
    Expression,
    FeelSyntaxError,
    Value,
    compile_expression,
    compile_unary_tests,
)

#: A call of the parameter function with the key written out.
_KEY: Final = re.compile(rf'\b{FUNCTION_NAME}\s*\(\s*(?:key\s*:\s*)?"([^"\\]*)"')
#: FEEL's warning about an entry that a context does not have.
_NOT_GIVEN: Final = "unknown_property"
#: A test of a value; None when it gives no truth value.
TestCode = Callable[[Evaluation, Scope, Value], bool | None]


@dataclass(slots=True)
class FeelCompiler:
    """Compiles the texts of one model and collects what is wrong with them.

    `properties` are names that may follow a dot: components of types, elements of imports.
    """

    file: str
    functions: frozenset[str]
    properties: frozenset[str]
    types: TypeTable
    findings: list[Finding] = field(default_factory=list)
    #: Functions that the texts call by name.
    called: set[str] = field(default_factory=set)
    #: Elements with the keys of parameters that their texts name.
    parameter_keys: set[tuple[str, str]] = field(default_factory=set)
    #: Inside a filter, names may be properties of the items.
    in_items: bool = False

    def within_items(self) -> FeelCompiler:
        """This compiler for the condition of a filter, with the same list of findings."""
        return replace(self, in_items=True)

    def expression(self, text: Text, names: frozenset[str], element: str) -> Code:
        """The code of an expression; one with a syntax error is null with a warning."""
        if not text.text.strip():
            return _null
        try:
            compiled = compile_expression(
                text.text, names | self.properties, functions=self.functions
            )
        except FeelSyntaxError as error:
            self._syntax_error(error, text, element)
            return _failing(error)
        of_items = compiled.filter_names & self.properties
        self._check_names(compiled.free_names - names - of_items, text, element)
        self._check_functions(compiled.called_functions, names, text, element)
        simple = compiled.text.strip()
        if simple in names and compiled.free_names == {simple}:
            return _variable(simple)
        if compiled.literal is not None:
            return _constant(compiled.literal.value)
        return _checked(compiled, text)

    def tests(self, text: Text, names: frozenset[str], element: str) -> TestCode | None:
        """The code of unary tests; None for `-` and nothing, which every value passes."""
        if text.text.strip() in {"", "-"}:
            return None
        try:
            compiled = compile_unary_tests(
                text.text, names | self.properties, functions=self.functions
            )
        except FeelSyntaxError as error:
            self._syntax_error(error, text, element)
            failing = _failing(error)
            return lambda evaluation, scope, value: failing(evaluation, scope)
        of_items = compiled.filter_names & self.properties
        self._check_names(compiled.free_names - names - of_items, text, element)
        self._check_functions(compiled.called_functions, names, text, element)
        within = compiled.matches_within
        return lambda evaluation, scope, value: within(evaluation.run, value, scope)

    def type_of(self, reference: str | None, element: str, line: int | None = None) -> DmnType:
        """The type with this name, Any without one; a name that nothing defines is a finding."""
        found = self.types.find(reference)
        if found is None:
            self.report(
                "dmn.unknown_type",
                f"{element}：类型“{reference}”没有定义。",
                f"{element}: nothing defines the type “{reference}”.",
                element,
                line,
            )
            return ANY
        return found

    def _syntax_error(self, error: FeelSyntaxError, text: Text, element: str) -> None:
        self.findings.append(
            Finding(
                f"feel.{error.code}",
                f"{element}：{error.message_zh}（{_short(text)}）",
                f"{element}: {error.message} ({_short(text)})",
                file=self.file,
                element=element,
                line=max(text.line, 1) + error.line - 1,
                column=error.column,
            )
        )

    def _check_names(self, unknown: frozenset[str], text: Text, element: str) -> None:
        for name in () if self.in_items else sorted(unknown):
            self.report(
                "feel.unknown_name",
                f"{element}：名称“{name}”没有定义（{_short(text)}）",
                f"{element}: nothing defines the name “{name}” ({_short(text)})",
                element,
                text.line,
            )

    def _check_functions(
        self, called: frozenset[str], names: frozenset[str], text: Text, element: str
    ) -> None:
        self.called |= called
        if FUNCTION_NAME in called:
            self.parameter_keys |= {(element, key) for key in _KEY.findall(text.text)}
        for name in sorted(called - names - self.functions - BUILT_IN_FUNCTIONS):
            self.report(
                "feel.unknown_function",
                f"{element}：函数“{name}”没有定义（{_short(text)}）",
                f"{element}: nothing defines the function “{name}” ({_short(text)})",
                element,
                text.line,
            )

    def report(
        self, code: str, message: str, message_en: str, element: str, line: int | None = None
    ) -> None:
        """Add a finding about an element of the model."""
        self.findings.append(
            Finding(code, message, message_en, file=self.file, element=element, line=line or None)
        )


def _checked(compiled: Expression, text: Text) -> Code:
    within = compiled.evaluate_within

    def evaluate(evaluation: Evaluation, scope: Scope) -> Value:
        warnings = evaluation.run.warnings
        before = len(warnings)
        value = within(evaluation.run, scope)
        if value is None and evaluation.strict and len(warnings) > before:
            # A null that nobody wrote must not choose a row or become an amount. A fact that
            # was not given is another matter: declared types say whether it must be.
            failed = [found for found in warnings[before:] if found.code != _NOT_GIVEN]
            if failed:
                evaluation.problem(
                    "failed_expression",
                    f"{_short(text)} 没有值：{failed[0].message_zh}",
                    f"{_short(text)} has no value: {failed[0].message}",
                    text=text.text,
                )
        return value

    return evaluate


def _variable(name: str) -> Code:
    return lambda evaluation, scope: scope.get(name)


def _constant(value: Value) -> Code:
    return lambda evaluation, scope: value


def _null(evaluation: Evaluation, scope: Scope) -> Value:
    return None


def _failing(error: FeelSyntaxError) -> Code:
    def evaluate(evaluation: Evaluation, scope: Scope) -> Value:
        evaluation.problem("syntax_error", error.message_zh, error.message)
        return None

    return evaluate


def _short(text: Text) -> str:
    flat = " ".join(text.text.split())
    return flat if len(flat) <= 60 else flat[:57] + "…"
