"""Functions that a model defines, as FEEL function values (DMN 1.5, 10.2.1.7)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from workflows.decisions.evaluation import Code, Evaluation, Scope
from workflows.decisions.types import DmnType
from workflows.feel import (
    FeelError,
    FunctionValue,
    Parameter,
    Run,
    Value,
    external_function,
    format_value,
    type_name,
)
from workflows.feel.nodes import TypeNode

#: What a call of a boxed function weighs against the depth limit of an evaluation.
CALL_WEIGHT: Final = 16


@dataclass(frozen=True, slots=True)
class Signature:
    """A function's name, its parameters with their types, and the type of its result."""

    name: str
    parameters: tuple[str, ...]
    kinds: tuple[DmnType, ...]
    result: DmnType
    nodes: tuple[TypeNode | None, ...]
    result_node: TypeNode | None


def make_function(
    evaluation: Evaluation, scope: Scope, signature: Signature, body: Code, step: str | None
) -> FunctionValue:
    """The function over a scope; with `step`, an element's id, each call is a step."""
    name, parameters = signature.name, signature.parameters

    def call(run: Run, arguments: Sequence[Value]) -> Value:
        run.enter(CALL_WEIGHT)
        outer_run, evaluation.run = evaluation.run, run
        inner = dict(scope)
        inner.update(zip(parameters, arguments, strict=True))
        if step is None:
            result = evaluation.coerced(signature.result, body(evaluation, inner), name)
        else:
            outer = evaluation.begin(step, name, "knowledge_model")
            if evaluation.current is not None:
                evaluation.current.inputs.extend(zip(parameters, arguments, strict=True))
            result = evaluation.coerced(signature.result, body(evaluation, inner), name)
            evaluation.finish(outer, result)
        evaluation.run = outer_run
        run.depth -= CALL_WEIGHT
        return result

    accepted = tuple(
        Parameter(parameter, acceptor(evaluation, kind, name, parameter))
        for parameter, kind in zip(parameters, signature.kinds, strict=True)
    )
    return FunctionValue(name, accepted, call, signature.nodes, signature.result_node)


def acceptor(
    evaluation: Evaluation, kind: DmnType, function: str, parameter: str
) -> Callable[[Run, Value], Value] | None:
    """The coercion of an argument; None for Any. What does not fit fails the call."""
    if kind.is_any:
        return None

    def accept(run: Run, value: Value) -> Value:
        fits, coerced = kind.coerce(value)
        if not fits:
            if evaluation.strict:
                shown = format_value(value)[:100]
                evaluation.problem(
                    "wrong_type",
                    f"{function} 的参数 {parameter} 的值 {shown} 不符合类型 {kind.name}。",
                    f"The value {shown} of {parameter} of {function} is not of type {kind.name}.",
                    what=parameter,
                )
            raise FeelError(
                "argument_type",
                name=function,
                argument=parameter,
                expected=kind.name,
                type=type_name(value),
            )
        return coerced

    return accept


def type_node(reference: str | None) -> TypeNode | None:
    """A type's name as FEEL's syntax tree has it; None without a type."""
    return None if reference is None else TypeNode(0, reference)


def outside_body(kind: str, mapping: Code, parameters: tuple[str, ...]) -> Code:
    """The body of a function of kind Java, from FEEL's fixed table; of any other, a problem."""

    def evaluate(evaluation: Evaluation, scope: Scope) -> Value:
        formal = tuple(Parameter(parameter) for parameter in parameters)
        try:
            if kind != "Java":
                raise FeelError("external_function")
            function = external_function({"java": mapping(evaluation, scope)}, formal)
            return function.invoke(evaluation.run, [scope[name] for name in parameters])
        except FeelError as error:
            evaluation.problem(error.code, error.message_zh, error.message)
            return None

    return evaluate
