"""Decision tables as code: hit policies, defaults, aggregation (DMN 1.5, chapter 8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from workflows.decisions.cells import Interval, intervals, quick_test
from workflows.decisions.evaluation import Code, Evaluation, Scope
from workflows.decisions.explanation import MatchedRule, clause_ids, is_clause_column
from workflows.decisions.expressions import FeelCompiler, TestCode
from workflows.decisions.model import Aggregation, DecisionTable, HitPolicy, Rule, Text
from workflows.decisions.row_index import UNKNOWN, Accepted, bits, make_index
from workflows.decisions.types import DmnType
from workflows.feel import Expression, Value, compile_expression, format_value


@dataclass(frozen=True, slots=True)
class _Input:
    label: str
    #: What people call it.
    title: str
    #: The tests of the values that may come in, as written.
    allowed_text: str
    code: Code
    kind: DmnType
    allowed: TestCode | None


@dataclass(frozen=True, slots=True)
class _Output:
    name: str
    kind: DmnType
    allowed: TestCode | None
    #: The output values in the order of their priority.
    priorities: Code | None
    default: Code | None


@dataclass(frozen=True, slots=True)
class _Row:
    tests: tuple[tuple[int, TestCode], ...]
    #: What each column accepts, for the index.
    accepted: tuple[Accepted, ...]
    results: tuple[Code, ...]
    matched: MatchedRule


@dataclass(frozen=True, slots=True)
class _Hit:
    row: _Row
    values: tuple[Value, ...]


def compile_table(
    feel: FeelCompiler, table: DecisionTable, names: frozenset[str], element: str
) -> Code:
    """The code of a decision table; its steps note the inputs and the rows that hit."""
    inputs = [
        _Input(
            clause.expression.text.strip() or clause.label,
            clause.label.strip() or clause.expression.text.strip(),
            "" if clause.allowed is None else " ".join(clause.allowed.text.split()),
            feel.expression(clause.expression, names, element),
            feel.type_of(clause.type_ref, element, table.line),
            _tests(feel, clause.allowed, names, element),
        )
        for clause in table.inputs
    ]
    outputs = [
        _Output(
            clause.name or clause.label or "value",
            feel.type_of(clause.type_ref, element, table.line),
            _tests(feel, clause.allowed, names, element),
            _priorities(feel, clause.allowed, names, element, table.hit_policy),
            None if clause.default is None else feel.expression(clause.default, names, element),
        )
        for clause in table.outputs
    ]
    rows = [_row(feel, table, rule, names, element) for rule in table.rules]
    if not outputs:
        feel.report(
            "dmn.no_outputs",
            f"{element}：决策表没有输出列。",
            f"{element}: the table has no outputs.",
            element,
            table.line,
        )
    return _TableCode(table, inputs, outputs, rows).evaluate


def _tests(
    feel: FeelCompiler, text: Text | None, names: frozenset[str], element: str
) -> TestCode | None:
    return None if text is None else feel.tests(text, names, element)


def _priorities(
    feel: FeelCompiler,
    text: Text | None,
    names: frozenset[str],
    element: str,
    policy: HitPolicy,
) -> Code | None:
    if text is None or policy not in {HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER}:
        return None
    return feel.expression(Text(f"[{text.text}]", text.line), names, element)


def _row(
    feel: FeelCompiler, table: DecisionTable, rule: Rule, names: frozenset[str], element: str
) -> _Row:
    tests = []
    accepted: list[tuple[Interval, ...] | None] = []
    for column, text in enumerate(rule.tests):
        test = feel.tests(text, names, element)
        simple = None
        if test is not None:
            simple = intervals(text.text) or UNKNOWN
            tests.append((column, quick_test(simple, test)))
        accepted.append(simple)
    annotations = tuple(
        (table.annotations[at] if at < len(table.annotations) else "", text.strip())
        for at, text in enumerate(rule.annotations)
    )
    clauses = tuple(
        clause
        for name, text in annotations
        if is_clause_column(name)
        for clause in clause_ids(text)
    )
    return _Row(
        tuple(tests),
        tuple(accepted),
        tuple(feel.expression(text, names, element) for text in rule.results),
        MatchedRule(table.id, rule.id, rule.number, clauses, annotations),
    )


class _TableCode:
    """One table, compiled."""

    def __init__(
        self,
        table: DecisionTable,
        inputs: Sequence[_Input],
        outputs: Sequence[_Output],
        rows: Sequence[_Row],
    ) -> None:
        self.policy = table.hit_policy
        self.aggregation = table.aggregation if self.policy is HitPolicy.COLLECT else None
        self.inputs = inputs
        self.outputs = outputs
        self.rows = rows
        self.single = len(outputs) == 1
        self.names = [output.name for output in outputs]
        self.first_only = self.policy is HitPolicy.FIRST
        self.index = make_index([row.accepted for row in rows])
        #: What is left to test in each row that the index finds.
        self.left_tests = [
            tuple(test for test in row.tests if test[0] >= answered)
            for row, answered in zip(rows, self.index.answered if self.index else (), strict=False)
        ]

    def evaluate(self, evaluation: Evaluation, scope: Scope) -> Value:
        values = self._input_values(evaluation, scope)
        if values is None:
            return None
        hits = self._hits(evaluation, scope, values)
        if hits is None:
            return None
        if not hits:
            return self._without_hit(evaluation, scope, values)
        return _POLICIES[self.policy](self, evaluation, scope, hits)

    def _input_values(self, evaluation: Evaluation, scope: Scope) -> list[Value] | None:
        values: list[Value] = []
        record = evaluation.current
        for column in self.inputs:
            value = column.code(evaluation, scope)
            if not column.kind.fits(value):
                value = evaluation.coerced(column.kind, value, column.label)
            values.append(value)
            if record is not None:
                record.inputs.append((column.label, value))
            if column.allowed is not None and column.allowed(evaluation, scope, value) is not True:
                shown, among = format_value(value)[:100], column.allowed_text[:200]
                evaluation.problem(
                    "input_not_allowed",
                    f"输入 {column.label} 的值 {shown} 不在允许的范围内（{among}）。",
                    f"The value {shown} of the input {column.label} is not allowed ({among}).",
                    input=column.label,
                )
                return None
        return values

    def _hits(
        self, evaluation: Evaluation, scope: Scope, values: Sequence[Value]
    ) -> list[_Hit] | None:
        hits: list[_Hit] = []
        record = evaluation.current
        for row, tests in self._candidates(values):
            for column, test in tests:
                passed = test(evaluation, scope, values[column])
                if passed is not True:
                    if passed is None and values[column] is not None:
                        self._undecided(evaluation, row, column, values[column])
                    break
            else:
                if record is not None:
                    record.rules.append(row.matched)
                results = self._results(evaluation, scope, row)
                if results is None:
                    return None
                hits.append(_Hit(row, results))
                if self.first_only:
                    break
        return hits

    def _candidates(
        self, values: Sequence[Value]
    ) -> Iterator[tuple[_Row, tuple[tuple[int, TestCode], ...]]]:
        """The rows that may hit, in their order, each with what is left to test."""
        found = None if self.index is None else self.index.candidates(values)
        if found is None:
            return ((row, row.tests) for row in self.rows)
        return ((self.rows[at], self.left_tests[at]) for at in bits(found))

    def _undecided(self, evaluation: Evaluation, row: _Row, column: int, value: Value) -> None:
        shown, label = format_value(value)[:100], self.inputs[column].label
        evaluation.problem(
            "test_undecided",
            f"第 {row.matched.number} 行对输入 {label} 的值 {shown} 无法判断。",
            f"Row {row.matched.number} cannot tell whether the value {shown} of {label} passes.",
            row=row.matched.number,
            input=label,
        )

    def _results(self, evaluation: Evaluation, scope: Scope, row: _Row) -> tuple[Value, ...] | None:
        results = []
        for output, code in zip(self.outputs, row.results, strict=False):
            value = code(evaluation, scope)
            if not output.kind.fits(value):
                value = evaluation.coerced(output.kind, value, output.name)
            allowed = output.allowed
            if (
                allowed is not None
                and value is not None
                and allowed(evaluation, scope, value) is not True
            ):
                shown = format_value(value)[:100]
                evaluation.problem(
                    "output_not_allowed",
                    f"第 {row.matched.number} 行的结果 {shown} 不在允许的范围内。",
                    f"The result {shown} of row {row.matched.number} is not allowed.",
                    row=row.matched.number,
                )
                return None
            results.append(value)
        return tuple(results)

    def _without_hit(self, evaluation: Evaluation, scope: Scope, values: Sequence[Value]) -> Value:
        if any(output.default is not None for output in self.outputs):
            if evaluation.current is not None:
                evaluation.current.default_used = True
            return self._made(
                tuple(
                    None
                    if output.default is None
                    else evaluation.coerced(
                        output.kind, output.default(evaluation, scope), output.name
                    )
                    for output in self.outputs
                )
            )
        if self.policy is HitPolicy.COLLECT:
            if self.aggregation is None:
                return []
            if self.aggregation is Aggregation.COUNT:
                return _aggregate(Aggregation.COUNT).value({"values": []})
        # Names only: what a family's facts are does not belong into a message that may be kept.
        pairs = list(zip(self.inputs, values, strict=True))
        looked = "、".join(
            column.title + ("（没有登记）" if value is None else "") for column, value in pairs
        )
        looked_en = ", ".join(
            column.label + (" (not given)" if value is None else "") for column, value in pairs
        )
        evaluation.problem(
            "no_rule",
            f"没有一行命中，也没有默认值；核对了：{looked}。",
            f"No row hit, and there is no default; looked at: {looked_en}.",
        )
        return None

    def _made(self, values: tuple[Value, ...]) -> Value:
        if self.single:
            return values[0]
        return dict(zip(self.names, values, strict=False))

    def _overlap(self, evaluation: Evaluation, hits: Sequence[_Hit]) -> None:
        numbers = [hit.row.matched.number for hit in hits]
        shown = "、".join(map(str, numbers))
        evaluation.problem(
            "overlap",
            f"第 {shown} 行同时命中，但该表只允许一行命中。",
            f"The rows {', '.join(map(str, numbers))} hit together, but only one may.",
            rows=numbers,
        )

    def unique(self, evaluation: Evaluation, scope: Scope, hits: Sequence[_Hit]) -> Value:
        if len(hits) > 1:
            return self._overlap(evaluation, hits)
        return self._made(hits[0].values)

    def first(self, evaluation: Evaluation, scope: Scope, hits: Sequence[_Hit]) -> Value:
        return self._made(hits[0].values)

    def any(self, evaluation: Evaluation, scope: Scope, hits: Sequence[_Hit]) -> Value:
        if any(hit.values != hits[0].values for hit in hits):
            numbers = [hit.row.matched.number for hit in hits]
            evaluation.problem(
                "different_results",
                f"第 {'、'.join(map(str, numbers))} 行同时命中，结果却不同。",
                f"The rows {', '.join(map(str, numbers))} hit together with different results.",
                rows=numbers,
            )
            return None
        return self._made(hits[0].values)

    def _ordered(
        self, evaluation: Evaluation, scope: Scope, hits: Sequence[_Hit]
    ) -> Sequence[_Hit]:
        lists = [
            None if output.priorities is None else output.priorities(evaluation, scope) or []
            for output in self.outputs
        ]

        def rank(hit: _Hit) -> tuple[int, ...]:
            return tuple(
                0 if values is None else values.index(value) if value in values else len(values)
                for value, values in zip(hit.values, lists, strict=True)
            )

        return sorted(hits, key=rank)

    def priority(self, evaluation: Evaluation, scope: Scope, hits: Sequence[_Hit]) -> Value:
        return self._made(self._ordered(evaluation, scope, hits)[0].values)

    def output_order(self, evaluation: Evaluation, scope: Scope, hits: Sequence[_Hit]) -> Value:
        return [self._made(hit.values) for hit in self._ordered(evaluation, scope, hits)]

    def rule_order(self, evaluation: Evaluation, scope: Scope, hits: Sequence[_Hit]) -> Value:
        return [self._made(hit.values) for hit in hits]

    def collect(self, evaluation: Evaluation, scope: Scope, hits: Sequence[_Hit]) -> Value:
        if self.aggregation is None:
            return [self._made(hit.values) for hit in hits]
        expression = _aggregate(self.aggregation)
        columns = [
            expression.evaluate_within(evaluation.run, {"values": list(values)})
            for values in zip(*(hit.values for hit in hits), strict=True)
        ]
        return self._made(tuple(columns))


_Policy = Callable[[_TableCode, Evaluation, Mapping[str, Value], Sequence[_Hit]], Value]
_POLICIES: Final[dict[HitPolicy, _Policy]] = {
    HitPolicy.UNIQUE: _TableCode.unique,
    HitPolicy.FIRST: _TableCode.first,
    HitPolicy.ANY: _TableCode.any,
    HitPolicy.PRIORITY: _TableCode.priority,
    HitPolicy.COLLECT: _TableCode.collect,
    HitPolicy.RULE_ORDER: _TableCode.rule_order,
    HitPolicy.OUTPUT_ORDER: _TableCode.output_order,
}


@lru_cache(maxsize=8)
def _aggregate(aggregation: Aggregation) -> Expression:
    return compile_expression(f"{aggregation.value.lower()}(values)", frozenset({"values"}))
