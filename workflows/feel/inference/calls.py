"""Whether a function takes the kinds of arguments that a call gives it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from workflows.feel.builtins.registry import FUNCTIONS, parameters_of
from workflows.feel.inference.kinds import ANY, NULL, Kind, may_become
from workflows.feel.inference.results import result_of
from workflows.feel.nodes import Call, Literal


class Finder(Protocol):
    """Keeps what is wrong."""

    def find(self, at: int, code: str, **details: Any) -> Kind:
        """Keep a finding about an offset; the value is any."""


def call_kind(
    finder: Finder, node: Call, name: str, function: Kind | None, arguments: Sequence[Kind]
) -> Kind:
    """The kind of a call's result; a built-in function's without a `function` of that name."""
    if function is not None:
        return _declared(finder, node, name, function, arguments)
    if name not in FUNCTIONS:
        return ANY
    refused: tuple[str, str, Kind] | None = None
    taken = False
    for parameters in parameters_of(name, len(arguments), node.names):
        taken = True
        wrong = next(
            (
                (parameter, " / ".join(kind for kind in kinds if kind != "null"), given)
                for (parameter, kinds), given in zip(parameters, arguments, strict=True)
                if not _fits(kinds, given)
            ),
            None,
        )
        if wrong is None:
            return result_of(name, () if node.names else arguments)
        refused = refused or wrong
    if not taken:
        given_names = node.names or [str(kind) for kind in arguments]
        shown = ", ".join(given_names) or "none"
        return finder.find(node.at, "wrong_arguments", name=name, given=shown)
    return _refused(finder, node, name, refused)


def _refused(finder: Finder, node: Call, name: str, wrong: tuple[str, str, Kind] | None) -> Kind:
    if wrong is None:
        return ANY
    argument, expected, given = wrong
    return finder.find(
        node.at,
        "argument_type",
        name=name,
        argument=argument,
        expected=expected,
        type=str(given),
    )


def _fits(kinds: Sequence[str], given: Kind) -> bool:
    """Whether some value of a kind fits one of a built-in function's parameter kinds."""
    if given == NULL:
        return "Any" in kinds or "null" in kinds
    if given.is_any or "Any" in kinds or "list" in kinds or given.names & set(kinds):
        return True
    # A list of one item is taken for the item.
    return "list" in given.names and (given.item is None or _fits(kinds, given.item))


def _declared(
    finder: Finder, node: Call, name: str, function: Kind, arguments: Sequence[Kind]
) -> Kind:
    parameters = function.parameters
    result = function.result or ANY
    if parameters is None:
        return result
    names = node.names or tuple(parameter for parameter, _ in parameters)
    by_name = dict(parameters)
    required = {parameter for parameter, _ in parameters[: len(parameters) - function.optional]}
    given = names[: len(arguments)]
    if len(arguments) > len(parameters) or set(given) - set(by_name) or required - set(given):
        shown = ", ".join(node.names or [str(kind) for kind in arguments]) or "none"
        return finder.find(node.at, "wrong_arguments", name=name, given=shown)
    for parameter, kind in zip(given, arguments, strict=True):
        if not may_become(kind, by_name[parameter]):
            wrong = parameter, str(by_name[parameter]), kind
            _refused(finder, node, name, wrong)
    if function.results is not None and parameters and parameters[0][0] in given:
        first = node.arguments[given.index(parameters[0][0])]
        if isinstance(first, Literal):
            return function.results.get(str(first.value), result)
    return result
