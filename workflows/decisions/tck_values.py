"""Values of the DMN TCK: read from its XML, and compared with results."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from lxml import etree

from workflows.decisions.document import child, children
from workflows.feel import Value, compare, compile_expression, format_value, type_name

_NIL: Final = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"
#: How far two numbers may be apart; the kit gives some results with few digits.
_TOLERANCE: Final = Decimal("1e-8")
_CONVERSIONS: Final = {
    "date": "date",
    "dateTime": "date and time",
    "time": "time",
    "duration": "duration",
    "dayTimeDuration": "duration",
    "yearMonthDuration": "duration",
}


def read_value(node: etree._Element) -> Value:
    """The value below an input node, an expected result, a component or an item.

    Raises: ValueError for text that is no value of its type.
    """
    listed = child(node, "list")
    if listed is not None:
        if listed.get(_NIL) == "true":
            return None
        return [read_value(item) for item in children(listed, "item")]
    components = list(children(node, "component"))
    if components:
        return {component.get("name", ""): read_value(component) for component in components}
    value = child(node, "value")
    if value is None or value.get(_NIL) == "true":
        return None
    kind = value.get(_TYPE, "string").rpartition(":")[2]
    return _scalar(kind, value.text or "")


def _scalar(kind: str, text: str) -> Value:
    if kind == "string" or kind == "anySimpleType":
        return text
    if kind == "boolean":
        return text.strip() in {"true", "1"}
    if kind in {"decimal", "double", "float", "integer", "int", "long"}:
        number = Decimal(text.strip())
        if not number.is_finite():
            raise ValueError(f"{text} is no number of FEEL")
        return number
    conversion = _CONVERSIONS.get(kind)
    if conversion is None:
        raise ValueError(f"unknown type {kind}")
    value = compile_expression(f"{conversion}(text)", frozenset({"text"})).value(
        {"text": text.strip()}
    )
    if value is None:
        raise ValueError(f"{text} is no {conversion}")
    return value


def same_value(expected: Value, actual: Value) -> bool:
    """Whether a result is the expected one; numbers may differ in the ninth digit."""
    if expected is None or actual is None:
        return expected is actual
    if isinstance(expected, Mapping):
        return (
            isinstance(actual, Mapping)
            and expected.keys() == actual.keys()
            and all(same_value(expected[key], actual[key]) for key in expected)
        )
    if isinstance(expected, list):
        return (
            isinstance(actual, list | tuple)
            and len(expected) == len(actual)
            and all(map(same_value, expected, actual))
        )
    if type_name(expected) != type_name(actual):
        return False
    if isinstance(expected, Decimal) and isinstance(actual, Decimal):
        return abs(expected - actual) <= max(abs(expected), Decimal(1)) * _TOLERANCE
    return bool(expected == actual) or compare(expected, actual) == 0


def shown(value: Value) -> str:
    """A value for a report."""
    return f"{format_value(value)[:200]} ({type_name(value)})"
