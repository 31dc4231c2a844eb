"""Whether the texts of a model fit the types that it declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from workflows.decisions import model
from workflows.decisions.columns import TypedTable
from workflows.decisions.decision_models import DecisionModel
from workflows.decisions.kinds import declared_kind, host_kinds
from workflows.decisions.linking import LinkedModel
from workflows.decisions.model import Aggregation, HitPolicy, Text
from workflows.decisions.parameters import ParameterTable
from workflows.errors import Finding
from workflows.feel import Warning_
from workflows.feel.inference.inferring import Inference, infer, infer_tests
from workflows.feel.inference.kinds import (
    ANY,
    NUMBER,
    Kind,
    context_of,
    function_of,
    joined,
    list_of,
    may_become,
)

#: Requirements deeper than this, and those in a circle, are any.
_DEEPEST: Final = 30
_SHORT: Final = 60

_Names = Mapping[str, Kind]


@dataclass(frozen=True, slots=True)
class TypeReport:
    """What is wrong with a model's types, and its tables with what is known of their inputs."""

    findings: tuple[Finding, ...]
    tables: tuple[TypedTable, ...]


def check_types(decisions: DecisionModel, parameters: ParameterTable | None = None) -> TypeReport:
    """A finding for each operation that can only give null, and each value of a wrong type.

    What is not declared and cannot be told from the texts is taken to fit.
    """
    check = _Check(decisions.linked, host_kinds(parameters))
    for element in decisions.linked.definitions.elements.values():
        check.element(decisions.linked, element)
    return TypeReport(tuple(check.findings), tuple(check.tables))


def result_kind(
    decisions: DecisionModel, key: str, parameters: ParameterTable | None = None
) -> Kind:
    """The kind of a decision's value, as declared or as its texts tell. Raises: NotFound."""
    check = _Check(decisions.linked, host_kinds(parameters))
    return check.element(decisions.linked, decisions.decision(key))


class _Check:
    """One model; `at` is the element and the place in it that is being looked at."""

    def __init__(self, linked: LinkedModel, functions: _Names) -> None:
        self.own = linked
        self.functions = functions
        self.findings: list[Finding] = []
        self.tables: list[TypedTable] = []
        self.results: dict[tuple[str, str], Kind] = {}
        self.at = ("", "", "")

    def element(self, linked: LinkedModel, element: model.Element, depth: int = 0) -> Kind:
        """The kind of an element's value; its texts are checked on the way, once."""
        key = (linked.namespace, element.id)
        if key not in self.results:
            declared = declared_kind(linked, element.variable.type_ref)
            if depth > _DEEPEST:
                return declared
            # Whoever requires it in a circle sees what it declares.
            self.results[key] = declared
            outer, self.at = self.at, (element.id, "", "")
            self.results[key] = self._element(linked, element, declared, depth)
            self.at = outer
        return self.results[key]

    def _element(
        self, linked: LinkedModel, element: model.Element, declared: Kind, depth: int
    ) -> Kind:
        if isinstance(element, model.InputData):
            return declared
        if isinstance(element, model.DecisionService):
            return Kind(frozenset({"function"}))
        names = self._required(linked, element.id, depth)
        scope = _Scope(self, linked)
        if isinstance(element, model.Decision):
            found = scope.expression(element.expression, names)
            scope.fits(found, declared, element.variable.type_ref, None)
            return found if declared.is_any else declared
        if element.logic is None:
            return ANY
        of_type = declared.result if declared.is_only("function") else declared
        names[element.variable.name] = Kind(frozenset({"function"}))
        function = scope.expression(element.logic, names)
        result = function.result or ANY
        if of_type is not None and not of_type.is_any:
            scope.fits(result, of_type, element.variable.type_ref, None)
            result = of_type
        return function_of(function.parameters or (), result)

    def _required(self, linked: LinkedModel, key: str, depth: int) -> dict[str, Kind]:
        names: dict[str, Kind] = {}
        of_imports: dict[str, dict[str, Kind]] = {}
        for found in linked.requirements[key]:
            target = found.linked.definitions.elements[found.target[1]]
            kind = self.element(found.linked, target, depth + 1)
            if found.prefix:
                of_imports.setdefault(found.prefix, {})[found.name] = kind
            else:
                names[found.name] = kind
        return {**names, **{prefix: context_of(parts) for prefix, parts in of_imports.items()}}

    def report(
        self, linked: LinkedModel, text: Text | None, code: str, chinese: str, english: str,
        column: int | None = None, line: int = 1,
    ) -> None:  # fmt: skip
        """Keep a finding about the element that is being looked at, unless it is an import's."""
        if linked is not self.own:
            return
        element, place_zh, place_en = self.at
        shown = "" if text is None else _short(text.text)
        self.findings.append(
            Finding(
                code,
                f"{element}：{place_zh}{chinese.rstrip('。')}{f'（{shown}）' if shown else ''}。",
                f"{element}: {place_en}{english.rstrip('.')}{f' ({shown})' if shown else ''}.",
                file=linked.definitions.file,
                element=element,
                line=text.line + line - 1 if text is not None and text.line else None,
                column=column,
            )
        )


class _Scope:
    """The boxed expressions of one element."""

    def __init__(self, check: _Check, linked: LinkedModel) -> None:
        self.check = check
        self.linked = linked

    def expression(self, expression: model.Expression | None, names: _Names) -> Kind:
        """The kind of a boxed expression."""
        if expression is None:
            return ANY
        found = _READERS[type(expression)](self, expression, names)
        if expression.type_ref is None or isinstance(expression, model.FunctionDefinition):
            return found
        declared = self.declared(expression.type_ref)
        text = expression.text if isinstance(expression, model.Literal) else None
        self.fits(found, declared, expression.type_ref, text)
        return found if declared.is_any else declared

    def declared(self, reference: str | None) -> Kind:
        """The kind of a type by its name."""
        return declared_kind(self.linked, reference)

    def fits(self, found: Kind, declared: Kind, reference: str | None, text: Text | None) -> None:
        """Report a value that can't be of its declared type."""
        if may_become(found, declared):
            return
        self.check.report(
            self.linked,
            text,
            "dmn.type",
            f"结果是 {found}，而声明的类型是 {reference}",
            f"the result is {found}, but {reference} is declared",
        )

    def text(self, text: Text, names: _Names) -> Kind:
        """The kind of a text, its findings reported."""
        if not text.text.strip():
            return ANY
        return self._reported(
            text,
            infer(text.text, names, self.check.functions, spellings=self.linked.feel.properties),
        )

    def tests(self, text: Text | None, tested: Kind, names: _Names) -> tuple[Kind, ...]:
        """Report what in unary tests can't hold of what is tested; the kinds of plain tests."""
        if text is None or text.text.strip() in {"", "-"}:
            return ()
        found = infer_tests(
            text.text,
            tested,
            names,
            self.check.functions,
            spellings=self.linked.feel.properties,
        )
        self._reported(text, found)
        return found.tests

    def _reported(self, text: Text, found: Inference) -> Kind:
        for warning in found.findings:
            self._report(text, warning)
        return found.kind

    def _report(self, text: Text, found: Warning_) -> None:
        self.check.report(
            self.linked,
            text,
            f"feel.{found.code}",
            found.message_zh,
            found.message,
            found.column,
            found.line,
        )

    def literal(self, part: model.Literal, names: _Names) -> Kind:
        return self.text(part.text, names)

    def context(self, part: model.ContextExpression, names: _Names) -> Kind:
        inner = dict(names)
        parts: dict[str, Kind] = {}
        result: Kind | None = None
        for entry in part.entries:
            if entry.variable is None:
                result = self.expression(entry.expression, inner)
                continue
            declared = self.declared(entry.variable.type_ref)
            # An entry that is a function may call itself.
            inner.setdefault(entry.variable.name, ANY)
            found = self.expression(entry.expression, inner)
            text = entry.expression.text if isinstance(entry.expression, model.Literal) else None
            self.fits(found, declared, entry.variable.type_ref, text)
            kind = found if declared.is_any else declared
            parts[entry.variable.name] = inner[entry.variable.name] = kind
        return context_of(parts) if result is None else result

    def invocation(self, part: model.Invocation, names: _Names) -> Kind:
        function = self.expression(part.function, names)
        wanted = dict(function.parameters or ())
        for variable, bound in part.bindings:
            found = self.expression(bound, names)
            declared = self.declared(variable.type_ref)
            text = bound.text if isinstance(bound, model.Literal) else None
            self.fits(found, declared, variable.type_ref, text)
            parameter = wanted.get(variable.name, ANY)
            if not may_become(found, parameter):
                self.check.report(
                    self.linked,
                    text,
                    "feel.argument_type",
                    f"参数 {variable.name} 应为 {parameter}，而不是 {found}",
                    f"the argument {variable.name} must be {parameter}, not {found}",
                )
        return function.result or ANY

    def list(self, part: model.ListExpression, names: _Names) -> Kind:
        kinds = [self.expression(item, names) for item in part.items]
        return list_of(_all(kinds))

    def relation(self, part: model.Relation, names: _Names) -> Kind:
        columns = {column.name: self.declared(column.type_ref) for column in part.columns}
        for row in part.rows:
            for column, cell in zip(part.columns, row, strict=False):
                found = self.expression(cell, names)
                text = cell.text if isinstance(cell, model.Literal) else None
                self.fits(found, columns[column.name], column.type_ref, text)
        return list_of(context_of(columns))

    def function(self, part: model.FunctionDefinition, names: _Names) -> Kind:
        parameters = [(found.name, self.declared(found.type_ref)) for found in part.parameters]
        result = self.expression(part.body, {**names, **dict(parameters)})
        return function_of(parameters, result if part.kind == "FEEL" else ANY)

    def conditional(self, part: model.Conditional, names: _Names) -> Kind:
        self.condition(part.condition, names)
        then = self.expression(part.then, names)
        return joined(then, self.expression(part.otherwise, names))

    def condition(self, part: model.Expression, names: _Names) -> None:
        """Report a condition that is neither true nor false."""
        found = self.expression(part, names)
        if not found.is_any and "boolean" not in found.names:
            self.check.report(
                self.linked,
                part.text if isinstance(part, model.Literal) else None,
                "feel.not_boolean",
                f"条件的结果是 {found}，而不是 true 或 false",
                f"a condition gives {found} instead of true or false",
            )

    def filter(self, part: model.Filter, names: _Names) -> Kind:
        source = self.expression(part.source, names)
        item = (source.item or ANY) if source.is_only("list") else ANY
        if item.is_any or item.parts is None:
            self.expression(part.match, {"item": item})
        else:
            self.expression(part.match, {**names, **item.parts, "item": item})
        return list_of(item)

    def iterator(self, part: model.Iterator, names: _Names) -> Kind:
        source = self.expression(part.source, names)
        item = (source.item or ANY) if source.is_only("list") else ANY
        inner = {**names, "partial": ANY, part.variable.name: item}
        if part.kind != "for":
            self.condition(part.body, inner)
            return Kind(frozenset({"boolean"}))
        return list_of(self.expression(part.body, inner))

    def table(self, table: model.DecisionTable, names: _Names) -> Kind:
        tested: list[Kind] = []
        element = self.check.at[0]
        for clause in table.inputs:
            found = self.text(clause.expression, names)
            declared = self.declared(clause.type_ref)
            self.fits(found, declared, clause.type_ref, clause.expression)
            kind = found if declared.is_any else declared
            self.tests(clause.allowed, kind, names)
            tested.append(kind)
        outputs = [self._output(output, names) for output in table.outputs]
        results = list(outputs)
        tests: dict[tuple[int, int], tuple[Kind, ...]] = {}
        for rule in table.rules:
            for at, (text, kind) in enumerate(zip(rule.tests, tested, strict=False)):
                label = table.inputs[at].label or table.inputs[at].expression.text.strip()
                self._in_row(element, rule.number, label)
                tests[rule.number, at] = self.tests(text, kind, names)
            for at, text in enumerate(rule.results[: len(outputs)]):
                output = table.outputs[at]
                self._in_row(element, rule.number, output.name or output.label or "")
                found = self.text(text, names)
                self.fits(found, outputs[at], output.type_ref, text)
                if output.type_ref is None:
                    results[at] = found if rule.number == 1 else joined(results[at], found)
        self.check.at = (element, "", "")
        if self.linked is self.check.own:
            spellings = frozenset(names) | self.linked.feel.properties | set(self.check.functions)
            self.check.tables.append(TypedTable(element, table, tuple(tested), tests, spellings))
        return _table_kind(table, results)

    def _output(self, output: model.OutputClause, names: _Names) -> Kind:
        declared = self.declared(output.type_ref)
        if output.default is not None:
            found = self.text(output.default, names)
            self.fits(found, declared, output.type_ref, output.default)
        self.tests(output.allowed, declared, names)
        return declared

    def _in_row(self, element: str, number: int, column: str) -> None:
        self.check.at = (element, f"第 {number} 行“{column}”：", f"row {number}, “{column}”: ")


def _table_kind(table: model.DecisionTable, outputs: list[Kind]) -> Kind:
    if not outputs:
        return ANY
    names = [output.name or output.label or "value" for output in table.outputs]
    one = outputs[0] if len(outputs) == 1 else context_of(dict(zip(names, outputs, strict=False)))
    if table.hit_policy in {HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER}:
        return list_of(one)
    if table.hit_policy is HitPolicy.COLLECT:
        if table.aggregation is None:
            return list_of(one)
        return NUMBER if table.aggregation is Aggregation.COUNT else one
    if len(outputs) == 1 and any(output.default is not None for output in table.outputs):
        # The default may be of another kind than the rows, where no type is declared.
        return one if table.outputs[0].type_ref is not None else ANY
    return one


def _all(kinds: list[Kind]) -> Kind:
    found = kinds[0] if kinds else ANY
    for kind in kinds[1:]:
        found = joined(found, kind)
    return found


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHORT else flat[: _SHORT - 1] + "…"


_READERS: Final[dict[type, Callable[[_Scope, Any, _Names], Kind]]] = {
    model.Literal: _Scope.literal,
    model.ContextExpression: _Scope.context,
    model.Invocation: _Scope.invocation,
    model.ListExpression: _Scope.list,
    model.Relation: _Scope.relation,
    model.FunctionDefinition: _Scope.function,
    model.Conditional: _Scope.conditional,
    model.Filter: _Scope.filter,
    model.Iterator: _Scope.iterator,
    model.DecisionTable: _Scope.table,
}
