"""The bounds of a form's field, read from its validation and custom properties."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from workflows.decisions.forms.model import LIST_KINDS, Bounds, FieldKind

Report = Callable[[str, str, str, str | None], None]

MAX_TEXT: Final = 1_000
MAX_LONG_TEXT: Final = 20_000
MAX_NUMBER: Final = Decimal(10) ** 15
MAX_MONEY: Final = Decimal(10) ** 13
MAX_ITEMS: Final = 200
_DECIMAL: Final = re.compile(r"[-+]?[0-9]{1,16}(?:\.[0-9]{1,16})?")


def decimal_of(value: Any) -> Decimal | None:
    """A number of the document, or a text that is one; None for anything else."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, str) and _DECIMAL.fullmatch(value.strip()):
        return Decimal(value.strip())
    return None


class BoundsReader:
    """Reads one field's bounds; `report` gets what is wrong."""

    def __init__(self, report: Report, key: str) -> None:
        self.report = report
        self.key = key

    def _number(self, given: Mapping[str, Any], name: str) -> Decimal | None:
        value = given.get(name)
        if value is None or value == "":
            return None
        found = decimal_of(value)
        if found is None:
            self.report("bad_bound", f"{name} 不是数字。", f"`{name}` is not a number.", self.key)
        return found

    def _count(self, given: Mapping[str, Any], name: str, limit: int) -> int | None:
        found = self._number(given, name)
        if found is None:
            return None
        if found != found.to_integral_value() or not 0 <= found <= limit:
            self.report(
                "bad_bound",
                f"{name} 应为 0 至 {limit} 的整数。",
                f"`{name}` should be a whole number from 0 to {limit}.",
                self.key,
            )
            return None
        return int(found)

    def bounds(
        self,
        kind: FieldKind,
        given: Mapping[str, Any],
        validate: Mapping[str, Any],
        properties: Mapping[str, str],
    ) -> Bounds:
        """The bounds of a field of this kind."""
        if kind in {FieldKind.MONEY, FieldKind.NUMBER}:
            found = self._numeric(kind, given, {**validate, **_some(properties, "min", "max")})
        elif kind in {FieldKind.TEXT, FieldKind.LONG_TEXT}:
            found = self._textual(kind, validate)
        elif kind in LIST_KINDS:
            found = Bounds(
                min_items=self._count(properties, "min", MAX_ITEMS),
                max_items=self._count(properties, "max", MAX_ITEMS) or MAX_ITEMS,
            )
        else:
            found = Bounds(
                local_time=given.get("timeSerializingFormat") == "no_timezone",
                not_in_past=given.get("disallowPassedDates") is True,
            )
        self._check_order(found.minimum, found.maximum)
        self._check_order(found.min_length, found.max_length)
        self._check_order(found.min_items, found.max_items)
        return found

    def _numeric(
        self, kind: FieldKind, given: Mapping[str, Any], limits: Mapping[str, Any]
    ) -> Bounds:
        minimum, maximum = self._number(limits, "min"), self._number(limits, "max")
        if kind is FieldKind.MONEY:
            return Bounds(
                minimum=Decimal(0) if minimum is None else minimum,
                maximum=MAX_MONEY if maximum is None else maximum,
                decimals=2,
            )
        return Bounds(
            minimum=-MAX_NUMBER if minimum is None else minimum,
            maximum=MAX_NUMBER if maximum is None else maximum,
            decimals=self._count(given, "decimalDigits", 10),
        )

    def _textual(self, kind: FieldKind, validate: Mapping[str, Any]) -> Bounds:
        limit = MAX_TEXT if kind is FieldKind.TEXT else MAX_LONG_TEXT
        pattern, form = validate.get("pattern"), validate.get("validationType")
        if form in {None, "", "custom"}:
            form = None
        elif form not in {"email", "phone"}:
            self.report(
                "unknown_validation",
                f"不认识的校验类型 {form}。",
                f"Unknown validation type {form}.",
                self.key,
            )
        return Bounds(
            min_length=self._count(validate, "minLength", limit),
            max_length=self._count(validate, "maxLength", limit) or limit,
            pattern=pattern if isinstance(pattern, str) and pattern else None,
            format=form,
        )

    def _check_order(self, low: Decimal | int | None, high: Decimal | int | None) -> None:
        if low is not None and high is not None and low > high:
            self.report(
                "bad_bound",
                f"下限 {low} 大于上限 {high}。",
                f"The lower bound {low} is above the upper bound {high}.",
                self.key,
            )


def _some(properties: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: properties[name] for name in names if properties.get(name)}
