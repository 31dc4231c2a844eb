"""From the XML of a boxed expression to its model (DMN 1.5, 7.3 and 10.2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from lxml import etree

from workflows.decisions.document import child, children, line_of, local_name
from workflows.decisions.model import (
    Aggregation,
    Conditional,
    ContextEntry,
    ContextExpression,
    DecisionTable,
    Expression,
    Filter,
    FunctionDefinition,
    HitPolicy,
    InputClause,
    Invocation,
    Iterator,
    ListExpression,
    Literal,
    OutputClause,
    Relation,
    Rule,
    Text,
    Variable,
)

Report = Callable[[str, str, str, etree._Element], None]

MAX_DEPTH: Final = 40
_KINDS: Final = frozenset(
    {
        "literalExpression", "context", "invocation", "list", "relation", "functionDefinition",
        "conditional", "filter", "for", "every", "some", "decisionTable",
    }
)  # fmt: skip
_EMPTY: Final = Literal(Text(""))
#: On a table: `refused` says that inputs which no row covers are refused on purpose.
_GAPS: Final = "{urn:doudi:dmn:1}gaps"
_NAME: Final = re.compile(r"[^\W\d]\w*(?:\s+\w+)*")


class ExpressionReader:
    """Reads expressions and reports what is wrong with them through `report`."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.depth = 0

    def only_child(self, part: etree._Element) -> Expression | None:
        """The expression among an element's children; None without one."""
        for found in children(part):
            if local_name(found) in _KINDS:
                return self.expression(found)
        return None

    def expression(self, part: etree._Element) -> Expression:
        """The expression that this element is."""
        if self.depth >= MAX_DEPTH:
            self.report("dmn.too_deep", "表达式嵌套过深。", "The expression nests too deep.", part)
            return _EMPTY
        self.depth += 1
        try:
            return self._read(part)
        finally:
            self.depth -= 1

    def _read(self, part: etree._Element) -> Expression:
        readers: dict[str, Callable[[etree._Element], Expression]] = {
            "literalExpression": self._literal,
            "context": self._context,
            "invocation": self._invocation,
            "list": self._list,
            "relation": self._relation,
            "functionDefinition": self.function,
            "conditional": self._conditional,
            "filter": self._filter,
            "for": self._iterator,
            "every": self._iterator,
            "some": self._iterator,
            "decisionTable": self._table,
        }
        return readers[local_name(part)](part)

    def _within(self, part: etree._Element, name: str) -> Expression:
        holder = child(part, name)
        found = None if holder is None else self.only_child(holder)
        if found is None:
            kind = local_name(part)
            self.report(
                "dmn.missing_part", f"{kind} 缺少 {name}。", f"{kind} lacks its {name}.", part
            )
            return _EMPTY
        return found

    def _literal(self, part: etree._Element) -> Literal:
        return Literal(text_of(part), part.get("typeRef"), part.get("id"))

    def _context(self, part: etree._Element) -> ContextExpression:
        entries = []
        for entry in children(part, "contextEntry"):
            variable = child(entry, "variable")
            expression = self.only_child(entry)
            if expression is None:
                self.report(
                    "dmn.missing_part", "条目没有表达式。", "An entry has no expression.", entry
                )
                expression = _EMPTY
            entries.append(
                ContextEntry(None if variable is None else variable_of(variable), expression)
            )
        return ContextExpression(tuple(entries), part.get("typeRef"), part.get("id"))

    def _invocation(self, part: etree._Element) -> Invocation:
        function = self.only_child(part)
        if function is None:
            self.report(
                "dmn.missing_part",
                "调用没有写明函数。",
                "The invocation does not say which function it calls.",
                part,
            )
            function = _EMPTY
        bindings = []
        for binding in children(part, "binding"):
            parameter = child(binding, "parameter")
            if parameter is None:
                self.report(
                    "dmn.missing_part", "绑定没有参数。", "A binding has no parameter.", binding
                )
                continue
            bindings.append((variable_of(parameter), self.only_child(binding)))
        return Invocation(function, tuple(bindings), part.get("typeRef"), part.get("id"))

    def _items(self, part: etree._Element) -> tuple[Expression, ...]:
        return tuple(self.expression(item) for item in children(part) if local_name(item) in _KINDS)

    def _list(self, part: etree._Element) -> ListExpression:
        return ListExpression(self._items(part), part.get("typeRef"), part.get("id"))

    def _relation(self, part: etree._Element) -> Relation:
        columns = tuple(variable_of(column) for column in children(part, "column"))
        rows = []
        for row in children(part, "row"):
            cells = self._items(row)
            if len(cells) != len(columns):
                self.report(
                    "dmn.row_length",
                    f"该行有 {len(cells)} 格，应为 {len(columns)} 格。",
                    f"The row has {len(cells)} cells instead of {len(columns)}.",
                    row,
                )
            rows.append(cells)
        return Relation(columns, tuple(rows), part.get("typeRef"), part.get("id"))

    def function(self, part: etree._Element) -> FunctionDefinition:
        """A function definition, or the logic of a business knowledge model."""
        body = self.only_child(part)
        parameters = tuple(variable_of(found) for found in children(part, "formalParameter"))
        if not parameters and isinstance(body, DecisionTable):
            parameters = _implicit_parameters(body)
        return FunctionDefinition(
            parameters=parameters,
            body=body,
            kind=part.get("kind", "FEEL"),
            type_ref=part.get("typeRef"),
            id=part.get("id"),
        )

    def _conditional(self, part: etree._Element) -> Conditional:
        return Conditional(
            self._within(part, "if"),
            self._within(part, "then"),
            self._within(part, "else"),
            part.get("typeRef"),
            part.get("id"),
        )

    def _filter(self, part: etree._Element) -> Filter:
        return Filter(
            self._within(part, "in"),
            self._within(part, "match"),
            part.get("typeRef"),
            part.get("id"),
        )

    def _iterator(self, part: etree._Element) -> Iterator:
        kind = local_name(part)
        name = " ".join(part.get("iteratorVariable", "").split())
        if not name:
            self.report(
                "dmn.missing_part",
                f"{kind} 没有循环变量。",
                f"{kind} has no iterator variable.",
                part,
            )
        return Iterator(
            kind,
            Variable(name),
            self._within(part, "in"),
            self._within(part, "return" if kind == "for" else "satisfies"),
            part.get("typeRef"),
            part.get("id"),
        )

    def _table(self, part: etree._Element) -> DecisionTable:
        inputs = tuple(self._input(found) for found in children(part, "input"))
        outputs = tuple(self._output(found) for found in children(part, "output"))
        annotations = tuple(found.get("name", "") for found in children(part, "annotation"))
        rules = tuple(
            self._rule(found, number, len(inputs), len(outputs))
            for number, found in enumerate(children(part, "rule"), start=1)
        )
        return DecisionTable(
            id=part.get("id"),
            hit_policy=self._hit_policy(part),
            aggregation=self._aggregation(part),
            inputs=inputs,
            outputs=outputs,
            annotations=annotations,
            rules=rules,
            type_ref=part.get("typeRef"),
            line=line_of(part),
            refuses_gaps=part.get(_GAPS) == "refused",
        )

    def _hit_policy(self, part: etree._Element) -> HitPolicy:
        given = part.get("hitPolicy", "UNIQUE").replace("_", " ")
        try:
            return HitPolicy(given)
        except ValueError:
            self.report(
                "dmn.hit_policy",
                f"不认识的命中策略 {given}。",
                f"Unknown hit policy {given}.",
                part,
            )
            return HitPolicy.UNIQUE

    def _aggregation(self, part: etree._Element) -> Aggregation | None:
        given = part.get("aggregation")
        if given is None:
            return None
        try:
            return Aggregation(given)
        except ValueError:
            self.report(
                "dmn.aggregation",
                f"不认识的汇总方式 {given}。",
                f"Unknown aggregation {given}.",
                part,
            )
            return None

    def _input(self, part: etree._Element) -> InputClause:
        expression = child(part, "inputExpression")
        if expression is None:
            self.report(
                "dmn.missing_part", "输入列没有表达式。", "An input has no expression.", part
            )
            return InputClause(part.get("id"), part.get("label", ""), Text(""))
        text = text_of(expression)
        return InputClause(
            id=part.get("id"),
            label=part.get("label") or text.text.strip(),
            expression=text,
            type_ref=expression.get("typeRef"),
            allowed=_optional(child(part, "inputValues")),
        )

    def _output(self, part: etree._Element) -> OutputClause:
        return OutputClause(
            id=part.get("id"),
            name=" ".join(part.get("name", "").split()) or None,
            label=part.get("label"),
            type_ref=part.get("typeRef"),
            allowed=_optional(child(part, "outputValues")),
            default=_optional(child(part, "defaultOutputEntry")),
        )

    def _rule(self, part: etree._Element, number: int, inputs: int, outputs: int) -> Rule:
        tests = tuple(text_of(found) for found in children(part, "inputEntry"))
        results = tuple(text_of(found) for found in children(part, "outputEntry"))
        if len(tests) != inputs or len(results) != outputs:
            self.report(
                "dmn.row_length",
                f"第 {number} 行有 {len(tests)} 个条件、{len(results)} 个结果，"
                f"应为 {inputs} 个和 {outputs} 个。",
                f"Row {number} has {len(tests)} tests and {len(results)} results instead of "
                f"{inputs} and {outputs}.",
                part,
            )
        annotations = tuple(text_of(found).text for found in children(part, "annotationEntry"))
        return Rule(part.get("id"), number, tests, results, annotations)


def _implicit_parameters(table: DecisionTable) -> tuple[Variable, ...]:
    """The input expressions of a table that are names (DMN 1.5, 10.2.1.7)."""
    named = {
        " ".join(clause.expression.text.split()): clause.type_ref
        for clause in table.inputs
        if _NAME.fullmatch(clause.expression.text.strip())
    }
    return tuple(Variable(name, type_ref) for name, type_ref in named.items())


def text_of(part: etree._Element) -> Text:
    """The FEEL in an element's `text` child, empty without one."""
    found = child(part, "text")
    if found is None:
        return Text("", line_of(part))
    return Text(found.text or "", line_of(found))


def _optional(part: etree._Element | None) -> Text | None:
    if part is None:
        return None
    text = text_of(part)
    return text if text.text.strip() else None


def variable_of(part: etree._Element) -> Variable:
    """The name and type that an information item declares."""
    return Variable(" ".join(part.get("name", "").split()), part.get("typeRef"))
