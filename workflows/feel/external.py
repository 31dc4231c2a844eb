"""The Java functions that a model may name: a fixed table of pure functions (DMN 1.5, 10.3.2.13.3).

Nothing is loaded or looked up outside this table. Numbers stay decimal, except where only binary
floating point gives a result (trigonometry and the like).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal, DecimalException
from typing import Final

from workflows.feel.builtins.numbers import round_to
from workflows.feel.coercion import fit
from workflows.feel.errors import FeelError
from workflows.feel.literals import format_value
from workflows.feel.run import Run
from workflows.feel.values import NUMBERS, FunctionValue, Parameter, Value

_SIGNATURE: Final = re.compile(r"\s*([A-Za-z0-9]{1,40})\s*\(([A-Za-z0-9.,;\[\s]{0,400})\)\s*")
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]{1,3})?")
_WHOLE: Final = {"byte": 8, "short": 16, "int": 32, "long": 64}
_REAL: Final = frozenset(("float", "double"))
_BOXES: Final = {
    "java.lang.Byte": "byte",
    "java.lang.Short": "short",
    "java.lang.Integer": "int",
    "java.lang.Long": "long",
    "java.lang.Float": "float",
    "java.lang.Double": "double",
    "java.lang.Character": "char",
    "java.lang.Boolean": "boolean",
}
_STRING: Final = "java.lang.String"
_OBJECT: Final = "java.lang.Object"
_OBJECTS: Final = "[Ljava.lang.Object;"

Body = Callable[[list[Value]], Value]


def _binary(function: Callable[..., float]) -> Body:
    def body(arguments: list[Value]) -> Value:
        try:
            return NUMBERS.create_decimal(repr(function(*map(float, arguments))))
        except (ValueError, OverflowError, DecimalException):
            raise FeelError("number_overflow") from None

    return body


_MATH_BINARY: Final[dict[str, tuple[int, Callable[..., float]]]] = {
    "cos": (1, math.cos),
    "sin": (1, math.sin),
    "tan": (1, math.tan),
    "acos": (1, math.acos),
    "asin": (1, math.asin),
    "atan": (1, math.atan),
    "cosh": (1, math.cosh),
    "sinh": (1, math.sinh),
    "tanh": (1, math.tanh),
    "cbrt": (1, math.cbrt),
    "log10": (1, math.log10),
    "toRadians": (1, math.radians),
    "toDegrees": (1, math.degrees),
    "atan2": (2, math.atan2),
    "hypot": (2, math.hypot),
    "sqrt": (1, math.sqrt),
    "exp": (1, math.exp),
    "log": (1, math.log),
    "pow": (2, math.pow),
}
_MATH_DECIMAL: Final[dict[str, tuple[int, Body]]] = {
    "abs": (1, lambda arguments: abs(arguments[0])),
    "max": (2, lambda arguments: max(arguments)),
    "min": (2, lambda arguments: min(arguments)),
}


def _math(method: str, types: Sequence[str]) -> Body | None:
    if method in _MATH_DECIMAL:
        count, body = _MATH_DECIMAL[method]
        numeric = types and types[0] in ("int", "long", "float", "double")
        return body if numeric and list(types) == [types[0]] * count else None
    if any(kind != "double" for kind in types):
        return None
    if method in _MATH_BINARY and len(types) == _MATH_BINARY[method][0]:
        return _binary(_MATH_BINARY[method][1])
    if method in ("floor", "ceil", "round") and len(types) == 1:
        shift = {"floor": Decimal(0), "ceil": Decimal(0), "round": Decimal("0.5")}[method]
        sign = -1 if method == "ceil" else 1
        return lambda arguments: (
            sign * round_to(sign * arguments[0] + shift, Decimal(0), ROUND_FLOOR)
        )
    return None


def _box(primitive: str, method: str, types: Sequence[str]) -> Body | None:
    parses = {"int": "parseInt"}.get(primitive, f"parse{primitive.capitalize()}")
    if method not in ("valueOf", parses):
        return None
    if list(types) == [primitive] and method == "valueOf":
        return lambda arguments: arguments[0]
    if list(types) == [_STRING] and primitive not in ("char", "boolean"):
        return lambda arguments: _fit_number(primitive, _parsed(arguments[0]))
    return None


def _parsed(text: str) -> Decimal:
    if len(text) > 100 or _NUMBER.fullmatch(text) is None:
        raise FeelError("invalid_argument", name="valueOf", reason=f'"{text[:40]}"')
    return NUMBERS.create_decimal(text)


def _text(value: Value) -> str:
    return format_value(value, quoted=False)


def _format(arguments: list[Value]) -> Value:
    """`String.format` with the conversions %s, %d and %%."""
    pattern, values = arguments
    pending = list(values)

    def conversion(found: re.Match[str]) -> str:
        kind = found[0]
        if kind == "%%":
            return "%"
        if kind not in ("%s", "%d") or not pending:
            raise FeelError("invalid_argument", name="format", reason=kind)
        return _text(pending.pop(0))

    return re.sub(r"%.?", conversion, pattern, flags=re.DOTALL)


def _string(method: str, types: Sequence[str]) -> Body | None:
    if method == "valueOf" and len(types) == 1:
        return lambda arguments: _text(arguments[0])
    if method == "format" and list(types) == [_STRING, _OBJECTS]:
        return _format
    return None


def _fit_number(kind: str, number: Decimal) -> Decimal:
    if kind in _WHOLE:
        limit = 2 ** (_WHOLE[kind] - 1)
        if number != number.to_integral_value() or not -limit <= number < limit:
            raise FeelError("invalid_argument", name=kind, reason=str(number)[:40])
    return number


def _converted(kind: str, value: Value) -> Value:
    """A value as an argument of a Java type. Raises: FeelError when it is none."""
    kind = _BOXES.get(kind, kind)
    if kind in _WHOLE or kind in _REAL:
        return _fit_number(kind, fit(("number",), value, function="external", argument=kind))
    if kind == "boolean":
        return fit(("boolean",), value, function="external", argument=kind)
    if kind in (_STRING, "char"):
        text: str = fit(("string",), value, function="external", argument=kind)
        if kind == "char" and len(text) != 1:
            raise FeelError("invalid_argument", name="char", reason=f'"{text[:40]}"')
        return text
    return value


def _find(class_name: Value, signature: Value) -> tuple[str, list[str], Body]:
    found = _SIGNATURE.fullmatch(signature) if isinstance(signature, str) else None
    if found is None or not isinstance(class_name, str):
        raise FeelError("external_function")
    method = found[1]
    types = [kind.strip() for kind in found[2].split(",")] if found[2].strip() else []
    known = {*_WHOLE, *_REAL, *_BOXES, "char", "boolean", _STRING, _OBJECT, _OBJECTS}
    body: Body | None = None
    if not set(types) <= known:
        body = None
    elif class_name == "java.lang.Math":
        body = _math(method, types)
    elif class_name in _BOXES:
        body = _box(_BOXES[class_name], method, types)
    elif class_name == _STRING:
        body = _string(method, types)
    if body is None:
        raise FeelError("external_function")
    return method, types, body


def external_function(mapping: Value, parameters: tuple[Parameter, ...]) -> FunctionValue:
    """The function of `{java: {class: …, method signature: …}}`.

    Raises: FeelError when the mapping names none of the table.
    """
    java = mapping.get("java") if isinstance(mapping, Mapping) else None
    if not isinstance(java, Mapping):
        raise FeelError("external_function")
    method, types, body = _find(java.get("class"), java.get("method signature"))
    if len(types) != len(parameters):
        raise FeelError("external_function")

    def invoke(run: Run, arguments: Sequence[Value]) -> Value:
        values = list(arguments)
        if types and types[-1] == _OBJECTS and not isinstance(values[-1], (list, tuple)):
            values[-1] = [values[-1]]
        converted = [_converted(kind, value) for kind, value in zip(types, values, strict=True)]
        result = body(converted)
        if isinstance(result, str):
            run.check_string(len(result))
        return result

    return FunctionValue(method, parameters, invoke)
