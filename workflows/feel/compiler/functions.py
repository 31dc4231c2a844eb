"""Closures of calls and function literals (DMN 1.5, 10.3.2.13)."""

from __future__ import annotations

from collections.abc import Sequence

from workflows.feel.builtins.registry import FUNCTIONS, takes
from workflows.feel.calls import invoke, invoke_host
from workflows.feel.coercion import acceptor
from workflows.feel.compiler.unit import Evaluator, Frame, Scope, Unit, failed
from workflows.feel.errors import FeelError
from workflows.feel.external import external_function
from workflows.feel.nodes import Call, FunctionNode, Name, effort, height
from workflows.feel.run import Position, Run
from workflows.feel.values import FunctionValue, HostFunction, Parameter, Value, type_name


def compile_call(unit: Unit, node: Call, scope: Scope) -> Evaluator:
    """A call. A name means, in this order: a local, a value of scope, the host's, a built-in."""
    arguments = [unit.compile(argument, scope) for argument in node.arguments]
    where = unit.position(node.at)
    names = node.names
    if isinstance(node.function, Name):
        name = node.function.name
        if name not in scope.names:
            unit.called.add(name)
            if name in unit.known and name not in FUNCTIONS:
                unit.free.add(name)
                unit.outside.add(name)
                unit.paths.add((name,))
            if (
                name in FUNCTIONS
                and name not in unit.known
                and not takes(name, len(arguments), names)
            ):
                given = ", ".join(names) if names else str(len(arguments))
                unit.find(FeelError("wrong_arguments", name=name, given=given), node.at)
            return _named_call(name, where, arguments, names, nested=scope.nested)
        function_of = unit.compile(node.function, scope)
    else:
        function_of = unit.compile(node.function, scope)

    def evaluate(run: Run, frame: Frame | None) -> Value:
        function = function_of(run, frame)
        given = [argument(run, frame) for argument in arguments]
        return _call_value(run, where, function, given, names)

    return evaluate


def _call_value(
    run: Run,
    where: Position,
    function: Value,
    given: Sequence[Value],
    names: Sequence[str] | None,
) -> Value:
    try:
        if isinstance(function, FunctionValue):
            return invoke(run, function, given, names)
        if isinstance(function, HostFunction):
            return invoke_host(run, function, given, names)
    except FeelError as error:
        return run.warn(error, where)
    return failed(run, where, "not_a_function", type=type_name(function))


def _named_call(
    name: str,
    where: Position,
    arguments: Sequence[Evaluator],
    names: Sequence[str] | None,
    *,
    nested: bool,
) -> Evaluator:
    builtin = FUNCTIONS.get(name)

    def find(run: Run, frame: Frame | None) -> Value:
        while frame is not None:
            if isinstance(frame.variables.get(name), (FunctionValue, HostFunction)):
                return frame.variables[name]
            frame = frame.parent
        value = run.scope.get(name)
        if isinstance(value, (FunctionValue, HostFunction)):
            return value
        return run.functions.get(name) if run.functions is not None else None

    def evaluate(run: Run, frame: Frame | None) -> Value:
        function = find(run, frame)
        given = [argument(run, frame) for argument in arguments]
        if function is not None:
            return _call_value(run, where, function, given, names)
        if builtin is None:
            return failed(run, where, "unknown_function", name=name)
        run.tick()
        try:
            return builtin(run, given, names)
        except FeelError as error:
            return run.warn(error, where)

    return evaluate


def compile_function(unit: Unit, node: FunctionNode, scope: Scope) -> Evaluator:
    """A function literal, which keeps the frame it was made in."""
    if node.external:
        return _external(unit, node, scope)
    names = tuple(name for name, _ in node.parameters)
    body = unit.compile(node.body, scope.with_names(names))
    weight = height(node.body) + 4
    steps = effort(node.body)
    parameters = tuple(Parameter(name, acceptor(name, kind)) for name, kind in node.parameters)
    types = tuple(kind for _, kind in node.parameters)

    def evaluate(run: Run, frame: Frame | None) -> Value:
        scope_of_definition = run.scope

        def call(caller: Run, arguments: Sequence[Value]) -> Value:
            caller.enter(weight)
            caller.tick(steps)
            own_scope = caller.scope
            caller.scope = scope_of_definition
            local = Frame(dict(zip(names, arguments, strict=True)), frame)
            result = body(caller, local)
            caller.scope = own_scope
            caller.depth -= weight
            return result

        origin = (node, frame, scope_of_definition)
        return FunctionValue("function", parameters, call, types, origin=origin)

    return evaluate


def _external(unit: Unit, node: FunctionNode, scope: Scope) -> Evaluator:
    """An external function, from the table of those that are allowed."""
    where = unit.position(node.at)
    mapping_of = unit.compile(node.body, scope)
    parameters = tuple(Parameter(name, acceptor(name, kind)) for name, kind in node.parameters)

    def evaluate(run: Run, frame: Frame | None) -> Value:
        try:
            return external_function(mapping_of(run, frame), parameters)
        except FeelError as error:
            return run.warn(error, where)

    return evaluate
