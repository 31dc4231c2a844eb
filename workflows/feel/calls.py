"""Calling function values and host functions (DMN 1.5, 10.3.2.13.2 and 10.3.2.13.7)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from workflows.feel.coercion import KINDS, fit
from workflows.feel.errors import FeelError
from workflows.feel.run import Run
from workflows.feel.values import FunctionValue, HostFunction, Value, type_name


def wrong_arguments(
    name: str, arguments: Sequence[Value], names: Sequence[str] | None
) -> FeelError:
    """The error of arguments that no signature takes."""
    if names:
        given = ", ".join(
            f"{key}: {type_name(value)}" for key, value in zip(names, arguments, strict=True)
        )
    else:
        given = ", ".join(map(type_name, arguments)) or "none"
    return FeelError("wrong_arguments", name=name, given=given)


def invoke(
    run: Run, function: FunctionValue, arguments: Sequence[Value], names: Sequence[str] | None
) -> Value:
    """The result of calling a function value. Raises: FeelError."""
    run.tick()
    if function.builtin is not None:
        return function.builtin(run, arguments, names)
    parameters = function.parameters
    if names is not None:
        # Parameters that are not named are null (10.3.2.13.5).
        given = dict(zip(names, arguments, strict=True))
        if not given.keys() <= {parameter.name for parameter in parameters}:
            raise wrong_arguments(function.name, arguments, names)
        arguments = [given.get(parameter.name) for parameter in parameters]
    elif len(arguments) != len(parameters):
        raise wrong_arguments(function.name, arguments, names)
    ordered = [
        value if parameter.accepts is None else parameter.accepts(run, value)
        for parameter, value in zip(parameters, arguments, strict=True)
    ]
    return function.invoke(run, ordered)


def invoke_host(
    run: Run, function: HostFunction, arguments: Sequence[Value], names: Sequence[str] | None
) -> Value:
    """The result of calling a host function. Raises: FeelError."""
    run.tick()
    parameters = function.parameters
    if names is not None:
        given = dict(zip(names, arguments, strict=True))
        if any(name not in parameters for name in given):
            raise wrong_arguments(function.name, arguments, names)
        last = max((parameters.index(name) for name in given), default=-1)
        missing = [name for name in parameters[: last + 1] if name not in given]
        if any(name not in function.optional for name in missing):
            raise wrong_arguments(function.name, arguments, names)
        arguments = [given.get(name) for name in parameters[: last + 1]]
    absent = parameters[len(arguments) :]
    if len(arguments) > len(parameters) or any(name not in function.optional for name in absent):
        raise wrong_arguments(function.name, arguments, names)
    ordered = list(arguments)
    for at, kind in enumerate(function.types[: len(ordered)]):
        optional = parameters[at] in function.optional and ordered[at] is None
        if kind in KINDS and not optional:
            ordered[at] = fit((kind,), ordered[at], function=function.name, argument=parameters[at])
    result = function.call(*ordered)
    return Decimal(result) if result.__class__ is int else result
