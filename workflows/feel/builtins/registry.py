"""Built-in functions by name, with their signatures and overloads (DMN 1.5, 10.3.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import DecimalException
from typing import Final, TypeAlias

from workflows.feel.calls import wrong_arguments
from workflows.feel.coercion import fit
from workflows.feel.dates import as_host_value
from workflows.feel.errors import FeelError
from workflows.feel.run import Run
from workflows.feel.values import FunctionValue, Parameter, Value

Body: TypeAlias = Callable[..., Value]
Callee: TypeAlias = Callable[[Run, Sequence[Value], Sequence[str] | None], Value]


@dataclass(frozen=True, slots=True)
class Signature:
    """One overload: names, accepted kinds, how many are required, and whether the last repeats."""

    names: tuple[str, ...]
    kinds: tuple[tuple[str, ...], ...]
    required: int
    variadic: bool
    body: Body


FUNCTIONS: Final[dict[str, Callee]] = {}
_SIGNATURES: Final[dict[str, list[Signature]]] = {}
_VALUES: Final[dict[str, FunctionValue]] = {}


def _parse(parameters: str, body: Body) -> Signature:
    """`name: kind|kind, name?: kind, name*: kind`; `?` is optional and `*` repeats."""
    names: list[str] = []
    kinds: list[tuple[str, ...]] = []
    required = 0
    variadic = False
    for part in filter(None, parameters.split(", ")):
        name, _, kind = part.partition(": ")
        if name.endswith("*"):
            variadic = True
        elif not name.endswith("?"):
            required += 1
        names.append(name.rstrip("?*"))
        kinds.append(tuple(kind.split("|")))
    return Signature(tuple(names), tuple(kinds), required, variadic, body)


def builtin(name: str, parameters: str) -> Callable[[Body], Body]:
    """Add a signature of a built-in function; the body gets the run and the fitted arguments."""

    def register(body: Body) -> Body:
        signatures = _SIGNATURES.setdefault(name, [])
        signatures.append(_parse(parameters, body))
        if name not in FUNCTIONS:
            callee = _callee(name, signatures)
            FUNCTIONS[name] = callee
            own = tuple(Parameter(parameter) for parameter in signatures[0].names)
            _VALUES[name] = FunctionValue(
                name, own, lambda run, values: callee(run, values, None), builtin=callee
            )
        return body

    return register


def function_value(name: str) -> FunctionValue | None:
    """A built-in function as a value."""
    return _VALUES.get(name)


def takes(name: str, count: int, names: Sequence[str] | None) -> bool:
    """Whether a built-in function has a signature for so many arguments, or for these names."""
    placeholders = (None,) * count
    return any(_bind(signature, placeholders, names) is not None for signature in _SIGNATURES[name])


def parameters_of(
    name: str, count: int, names: Sequence[str] | None
) -> Iterator[tuple[tuple[str, tuple[str, ...]], ...]]:
    """For each signature that takes so many arguments, or these names: name and kinds of each."""
    for signature in _SIGNATURES[name]:
        if _bind(signature, (None,) * count, names) is None:
            continue
        last = len(signature.names) - 1
        places = [min(at, last) for at in range(count)]
        if names is not None:
            places = [signature.names.index(given) for given in names]
        yield tuple((signature.names[at], signature.kinds[at]) for at in places)


def _callee(name: str, signatures: list[Signature]) -> Callee:
    def call(run: Run, arguments: Sequence[Value], names: Sequence[str] | None) -> Value:
        refusal: FeelError | None = None
        for signature in signatures:
            bound = _bind(signature, arguments, names)
            if bound is None:
                continue
            try:
                fitted = _fit(name, signature, bound)
            except FeelError as error:
                refusal = refusal or error
                continue
            run.tick(sum(map(_effort, fitted)))
            try:
                return as_host_value(signature.body(run, *fitted))
            except (DecimalException, OverflowError):
                raise FeelError("number_overflow") from None
        raise refusal or wrong_arguments(name, arguments, names)

    return call


def _effort(value: Value) -> int:
    """The steps of going through an argument once."""
    if value.__class__ is str:
        return len(value) >> 6
    return len(value) >> 4 if value.__class__ in (list, tuple, dict) else 0


def _bind(
    signature: Signature, arguments: Sequence[Value], names: Sequence[str] | None
) -> Sequence[Value] | None:
    """The arguments in the signature's order; None when their number or names don't fit."""
    if names is None:
        most = len(signature.names)
        if len(arguments) < signature.required:
            return None
        return arguments if signature.variadic or len(arguments) <= most else None
    given = dict(zip(names, arguments, strict=True))
    if any(name not in signature.names for name in given):
        return None
    if any(name not in given for name in signature.names[: signature.required]):
        return None
    last = max(signature.names.index(name) for name in given)
    return [given.get(name) for name in signature.names[: last + 1]]


def _fit(name: str, signature: Signature, arguments: Sequence[Value]) -> list[Value]:
    kinds, names = signature.kinds, signature.names
    last = len(kinds) - 1
    return [
        fit(kinds[min(at, last)], value, function=name, argument=names[min(at, last)])
        for at, value in enumerate(arguments)
    ]
