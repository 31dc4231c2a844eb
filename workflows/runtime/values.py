"""Values that cross between diagrams, forms and operations, checked against their declared type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from workflows.errors import Fault
from workflows.feel import YearMonthDuration


def _is_number(value: Any) -> bool:
    return isinstance(value, Decimal | int) and not isinstance(value, bool)


def _is_date(value: Any) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


_CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": _is_number,
    "boolean": lambda value: isinstance(value, bool),
    "date": _is_date,
    "dateTime": lambda value: isinstance(value, datetime),
    "duration": lambda value: isinstance(value, timedelta | YearMonthDuration),
    "list": lambda value: isinstance(value, list | tuple),
    "context": lambda value: isinstance(value, dict),
    "any": lambda value: True,
}


def checked(value: Any, type_name: str, place: str) -> Any:
    """`value` if it is null or of the type; whole numbers become Decimal.

    Raises:
        Fault: `wrong_type`, naming the place.
    """
    if value is None or _CHECKS[type_name](value):
        return Decimal(value) if type_name == "number" and isinstance(value, int) else value
    raise Fault(
        "wrong_type",
        f"“{place}”的值类型不对，应为 {type_name}。",
        f"The value of “{place}” has the wrong type; {type_name} is expected.",
        details={"place": place, "type": type_name},
    )
