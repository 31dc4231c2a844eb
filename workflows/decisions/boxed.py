"""Boxed expressions as code (DMN 1.5, 10.2.1)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from workflows.decisions import model
from workflows.decisions.evaluation import Code, Evaluation, Scope
from workflows.decisions.expressions import FeelCompiler
from workflows.decisions.functions import Signature, make_function, outside_body, type_node
from workflows.decisions.tables import compile_table
from workflows.decisions.types import DmnType
from workflows.feel import (
    Expression,
    FeelError,
    FunctionValue,
    Parameter,
    Value,
    compile_expression,
    type_name,
)
from workflows.feel.calls import invoke


def compile_boxed(
    feel: FeelCompiler, expression: model.Expression | None, names: frozenset[str], element: str
) -> Code:
    """The code of an expression that sees `names`, its result coerced to the declared type."""
    if expression is None:
        feel.report(
            "dmn.no_expression",
            f"{element}：没有表达式。",
            f"{element}: there is no expression.",
            element,
        )
        return lambda evaluation, scope: None
    code = _COMPILERS[type(expression)](feel, expression, names, element)
    if expression.type_ref is None or isinstance(expression, model.FunctionDefinition):
        return code
    kind = feel.type_of(expression.type_ref, element)
    return code if kind.is_any else typed(code, kind, element)


def typed(code: Code, kind: DmnType, what: str) -> Code:
    """Code whose value is coerced to a type."""

    def evaluate(evaluation: Evaluation, scope: Scope) -> Value:
        return evaluation.coerced(kind, code(evaluation, scope), what)

    return evaluate


def _literal(
    feel: FeelCompiler, expression: model.Literal, names: frozenset[str], element: str
) -> Code:
    return feel.expression(expression.text, names, element)


def _context(
    feel: FeelCompiler, expression: model.ContextExpression, names: frozenset[str], element: str
) -> Code:
    entries: list[tuple[str, Code]] = []
    result: Code | None = None
    for entry in expression.entries:
        if entry.variable is None:
            result = compile_boxed(feel, entry.expression, names, element)
            continue
        name = entry.variable.name
        # An entry that is a function may call itself.
        seen = names | {name} if _is_function(entry.expression) else names
        code = compile_boxed(feel, entry.expression, seen, element)
        kind = feel.type_of(entry.variable.type_ref, element)
        entries.append((name, code if kind.is_any else typed(code, kind, name)))
        names = names | {name}

    def evaluate(evaluation: Evaluation, scope: Scope) -> Value:
        inner = dict(scope)
        built: dict[str, Value] = {}
        for name, code in entries:
            built[name] = inner[name] = code(evaluation, inner)
        return built if result is None else result(evaluation, inner)

    return evaluate


def _is_function(expression: model.Expression) -> bool:
    return isinstance(expression, model.FunctionDefinition) or (
        isinstance(expression, model.Literal)
        and expression.text.text.lstrip().startswith("function")
    )


def _invocation(
    feel: FeelCompiler, expression: model.Invocation, names: frozenset[str], element: str
) -> Code:
    function_of = compile_boxed(feel, expression.function, names, element)
    bindings = [
        (
            variable.name,
            feel.type_of(variable.type_ref, element),
            compile_boxed(feel, bound, names, element)
            if bound is not None
            else (lambda evaluation, scope: None),
        )
        for variable, bound in expression.bindings
    ]
    parameters = [name for name, _, _ in bindings]

    def evaluate(evaluation: Evaluation, scope: Scope) -> Value:
        function = function_of(evaluation, scope)
        if not isinstance(function, FunctionValue):
            evaluation.problem(
                "not_a_function",
                f"{element} 调用的 {type_name(function)} 不是函数。",
                f"{element} calls a {type_name(function)}, not a function.",
            )
            return None
        arguments = [
            evaluation.coerced(kind, code(evaluation, scope), name) for name, kind, code in bindings
        ]
        try:
            return invoke(evaluation.run, function, arguments, parameters or None)
        except FeelError as error:
            evaluation.problem(error.code, error.message_zh, error.message)
            return None

    return evaluate


def _list(
    feel: FeelCompiler, expression: model.ListExpression, names: frozenset[str], element: str
) -> Code:
    items = [compile_boxed(feel, item, names, element) for item in expression.items]
    return lambda evaluation, scope: [item(evaluation, scope) for item in items]


def _relation(
    feel: FeelCompiler, expression: model.Relation, names: frozenset[str], element: str
) -> Code:
    columns = [
        (column.name, feel.type_of(column.type_ref, element)) for column in expression.columns
    ]
    rows = [
        [
            (name, kind, compile_boxed(feel, cell, names, element))
            for (name, kind), cell in zip(columns, row, strict=False)
        ]
        for row in expression.rows
    ]

    def evaluate(evaluation: Evaluation, scope: Scope) -> Value:
        return [
            {
                name: evaluation.coerced(kind, cell(evaluation, scope), name)
                for name, kind, cell in row
            }
            for row in rows
        ]

    return evaluate


def _function(
    feel: FeelCompiler, expression: model.FunctionDefinition, names: frozenset[str], element: str
) -> Code:
    make = compile_function(feel, expression, names, element, element)
    return lambda evaluation, scope: make(evaluation, scope, None)


def compile_function(
    feel: FeelCompiler,
    expression: model.FunctionDefinition,
    names: frozenset[str],
    element: str,
    name: str,
    result_ref: str | None = None,
) -> Callable[[Evaluation, Scope, str | None], FunctionValue]:
    """Makes the function value over a scope; `step` is the id under which calls are explained."""
    parameters = tuple(found.name for found in expression.parameters)
    body = compile_boxed(feel, expression.body, names | frozenset(parameters), element)
    if expression.kind != "FEEL":
        feel.report(
            "dmn.external_function",
            f"{element}：不应使用 {expression.kind} 函数。",
            f"{element}: functions of kind {expression.kind} should not be used.",
            element,
        )
        body = outside_body(expression.kind, body, parameters)
    signature = Signature(
        name,
        parameters,
        tuple(feel.type_of(found.type_ref, element) for found in expression.parameters),
        feel.type_of(result_ref, element),
        tuple(type_node(found.type_ref) for found in expression.parameters),
        type_node(result_ref),
    )
    return lambda evaluation, scope, step: make_function(evaluation, scope, signature, body, step)


@lru_cache(maxsize=16)
def _through_feel(text: str) -> Expression:
    return compile_expression(text, frozenset({"source", "body", "otherwise"}))


def _thunk(name: str, parameters: tuple[str, ...], call: Callable[..., Value]) -> FunctionValue:
    return FunctionValue(
        name,
        tuple(Parameter(parameter) for parameter in parameters),
        lambda run, arguments: call(*arguments),
    )


def _evaluated(evaluation: Evaluation, text: str, scope: Scope) -> Value:
    return _through_feel(text).evaluate_within(evaluation.run, scope)


#: The condition of a boxed conditional must be a truth value (10.2.1.8), null counting as false.
_CONDITIONAL: Final = (
    "if source = true then body() else if source in (false, null) then otherwise() else null"
)


def _conditional(
    feel: FeelCompiler, expression: model.Conditional, names: frozenset[str], element: str
) -> Code:
    condition, then, otherwise = (
        compile_boxed(feel, part, names, element)
        for part in (expression.condition, expression.then, expression.otherwise)
    )

    def evaluate(evaluation: Evaluation, scope: Scope) -> Value:
        return _evaluated(
            evaluation,
            _CONDITIONAL,
            {
                "source": condition(evaluation, scope),
                "body": _thunk("then", (), lambda: then(evaluation, scope)),
                "otherwise": _thunk("else", (), lambda: otherwise(evaluation, scope)),
            },
        )

    return evaluate


_LOOPS: Final = {
    "for": "for turn in source return body(turn, partial)",
    "every": "every turn in source satisfies body(turn, null)",
    "some": "some turn in source satisfies body(turn, null)",
}


def _iterator(
    feel: FeelCompiler, expression: model.Iterator, names: frozenset[str], element: str
) -> Code:
    source = compile_boxed(feel, expression.source, names, element)
    name = expression.variable.name
    inside = names | {name} | ({"partial"} if expression.kind == "for" else frozenset())
    body = compile_boxed(feel, expression.body, inside, element)
    text = _LOOPS[expression.kind]

    def evaluate(evaluation: Evaluation, scope: Scope) -> Value:
        def turn(item: Value, partial: Value) -> Value:
            return body(evaluation, {**scope, "partial": partial, name: item})

        return _evaluated(
            evaluation,
            text,
            {
                "source": source(evaluation, scope),
                "body": _thunk("body", ("item", "partial"), turn),
            },
        )

    return evaluate


def _filter(
    feel: FeelCompiler, expression: model.Filter, names: frozenset[str], element: str
) -> Code:
    source = compile_boxed(feel, expression.source, names, element)
    match = compile_boxed(feel.within_items(), expression.match, names | {"item"}, element)

    def evaluate(evaluation: Evaluation, scope: Scope) -> Value:
        def matches(item: Value) -> Value:
            members = item if isinstance(item, dict) else {}
            found = match(evaluation, {**scope, **members, "item": item})
            # The match must be a truth value (10.2.1.9): a number chooses no item here.
            return found if found is None or found.__class__ is bool else type_name(found)

        return _evaluated(
            evaluation,
            "source[body(item)]",
            {
                "source": source(evaluation, scope),
                "body": _thunk("body", ("item",), matches),
            },
        )

    return evaluate


_COMPILERS: Final[dict[type, Callable[[FeelCompiler, Any, frozenset[str], str], Code]]] = {
    model.Literal: _literal,
    model.ContextExpression: _context,
    model.Invocation: _invocation,
    model.ListExpression: _list,
    model.Relation: _relation,
    model.FunctionDefinition: _function,
    model.Conditional: _conditional,
    model.Iterator: _iterator,
    model.Filter: _filter,
    model.DecisionTable: compile_table,
}
