"""From what a client sent for one field to its FEEL value, or the problem with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from workflows.calendar import LOCAL_ZONE
from workflows.decisions.forms.bounds import MAX_ITEMS
from workflows.decisions.forms.model import FieldKind, FormField

_NUMBER: Final = re.compile(r"[-+]?[0-9]{1,16}(?:\.[0-9]{1,16})?")
_MONEY: Final = re.compile(r"[-+]?[0-9]{1,13}(?:\.[0-9]{1,2})?")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?"
    r"(Z|[-+][0-9]{2}:[0-9]{2})?"
)
_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9_.:@-]{1,100}")
_EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s.]{1,63}(?:\.[^@\s.]{1,63}){1,5}")
_PHONE: Final = re.compile(r"\+?[0-9][0-9 -]{5,19}")
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|[\ud800-\udfff]")
_FIRST_DAY: Final = date(1850, 1, 1)
_LAST_DAY: Final = date(2300, 1, 1)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with an answer, as sentences that do not name the field."""

    code: str
    message: str
    message_en: str


class AnswerProblem(ValueError):
    """An answer that cannot be taken, with all its problems."""

    def __init__(self, *problems: Problem) -> None:
        self.problems: Final = problems
        super().__init__("; ".join(problem.message_en for problem in problems))


REQUIRED: Final = Problem("field.required", "必须填写。", "This is required.")


def is_empty(raw: Any) -> bool:
    """Whether nothing was answered: no value, blank text, an empty list."""
    if isinstance(raw, str):
        return not raw.strip()
    return raw is None or (isinstance(raw, Sequence) and len(raw) == 0)


def convert(field: FormField, raw: Any) -> Any:
    """The FEEL value of a non-empty answer.

    Raises:
        AnswerProblem: with everything that is wrong with it.
    """
    return _CONVERTERS[field.kind](field, raw)


def text_problems(text: str) -> list[Problem]:
    """Characters that no text may hold: NUL and other controls, halves of surrogate pairs."""
    if _CONTROL.search(text):
        return [
            Problem(
                "field.bad_character",
                "含有不能保存的字符。",
                "This contains a character that cannot be stored.",
            )
        ]
    return []


def _wrong(code: str, message: str, message_en: str) -> AnswerProblem:
    return AnswerProblem(Problem(f"field.{code}", message, message_en))


def _text(field: FormField, raw: Any) -> str:
    if not isinstance(raw, str):
        raise _wrong("not_text", "应为文字。", "This should be a text.")
    problems = text_problems(raw)
    bounds = field.bounds
    if field.kind is FieldKind.TEXT and ("\n" in raw or "\r" in raw):
        problems.append(
            Problem("field.line_break", "不能换行。", "This may not contain a line break.")
        )
    if bounds.max_length is not None and len(raw) > bounds.max_length:
        problems.append(
            Problem(
                "field.too_long",
                f"最多 {bounds.max_length} 个字，现有 {len(raw)} 个。",
                f"At most {bounds.max_length} characters, not {len(raw)}.",
            )
        )
    if bounds.min_length is not None and len(raw) < bounds.min_length:
        problems.append(
            Problem(
                "field.too_short",
                f"至少 {bounds.min_length} 个字，现有 {len(raw)} 个。",
                f"At least {bounds.min_length} characters, not {len(raw)}.",
            )
        )
    if bounds.format == "email" and not _EMAIL.fullmatch(raw):
        problems.append(
            Problem("field.email", "不是电子邮件地址。", "This is not an e-mail address.")
        )
    if bounds.format == "phone" and not _PHONE.fullmatch(raw):
        problems.append(Problem("field.phone", "不是电话号码。", "This is not a telephone number."))
    if problems:
        raise AnswerProblem(*problems)
    return raw


def _written_number(raw: Any, pattern: re.Pattern[str]) -> Decimal | None:
    if isinstance(raw, bool):
        return None
    if isinstance(raw, int):
        return Decimal(raw) if abs(raw) < 10**16 else None
    text = format(raw, "f") if isinstance(raw, Decimal) and raw.is_finite() else raw
    if isinstance(raw, float):
        text = repr(raw)
    if not isinstance(text, str) or not pattern.fullmatch(text.strip()):
        return None
    return Decimal(text.strip())


def _number(field: FormField, raw: Any) -> Decimal:
    value = _written_number(raw, _NUMBER)
    if value is None:
        raise _wrong("not_number", "应为数字，例如 12 或 12.5。", "This should be a number.")
    digits = field.bounds.decimals
    if digits is not None and _decimals(value) > digits:
        raise _wrong(
            "too_many_decimals",
            f"小数最多 {digits} 位。",
            f"At most {digits} decimal places.",
        )
    return _within(field, value)


def _money(field: FormField, raw: Any) -> Decimal:
    if isinstance(raw, float):
        raise _wrong(
            "money_as_float",
            '金额须以文字形式提交，例如 "515.50"。',
            'Send an amount as text, such as "515.50".',
        )
    value = _written_number(raw, _NUMBER)
    if value is None:
        raise _wrong("not_money", "应为金额（元），例如 515.50。", "This should be an amount.")
    if not _MONEY.fullmatch(format(value, "f")):
        raise _wrong(
            "too_many_decimals",
            "金额最多两位小数、十三位整数。",
            "An amount has at most two decimal places and thirteen digits before them.",
        )
    return _within(field, value)


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _within(field: FormField, value: Decimal) -> Decimal:
    low, high = field.bounds.minimum, field.bounds.maximum
    if low is not None and value < low:
        raise _wrong("too_small", f"不得小于 {low:f}。", f"This may not be below {low:f}.")
    if high is not None and value > high:
        raise _wrong("too_large", f"不得大于 {high:f}。", f"This may not be above {high:f}.")
    return value


def _checkbox(field: FormField, raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw in {"true", "on"}:
        return True
    if isinstance(raw, str) and raw == "false":
        return False
    raise _wrong("not_boolean", "应为“是”或“否”。", "This should be yes or no.")


def _choice(field: FormField, raw: Any) -> Any:
    if isinstance(raw, Mapping | list | tuple):
        raise _wrong("not_one", "只能选一项。", "Choose one value.")
    if field.options_from is not None:
        return _plain(raw)
    return _chosen(field, raw)


def _chosen(field: FormField, raw: Any) -> Any:
    for option in field.options:
        if isinstance(option.value, bool) or isinstance(raw, bool):
            if raw is option.value or raw == str(option.value).lower():
                return option.value
        elif str(option.value) == str(raw):
            return option.value
    raise _wrong("not_an_option", "不是可选的值。", "This is not one of the options.")


def _plain(raw: Any) -> Any:
    if isinstance(raw, str):
        problems = text_problems(raw)
        if problems or len(raw) > 1_000:
            raise _wrong("not_an_option", "不是可选的值。", "This is not one of the options.")
        return raw
    if isinstance(raw, bool):
        return raw
    value = _written_number(raw, _NUMBER)
    if value is None:
        raise _wrong("not_an_option", "不是可选的值。", "This is not one of the options.")
    return value


def _choices(field: FormField, raw: Any) -> list[Any]:
    items = _items(field, raw)
    each = _plain if field.options_from is not None else _one_of(field)
    return _distinct(field, [each(item) for item in items])


def _one_of(field: FormField) -> Callable[[Any], Any]:
    return lambda item: _chosen(field, item)


def _identifiers(field: FormField, raw: Any) -> list[str]:
    items = _items(field, raw)
    if not all(isinstance(item, str) and _IDENTIFIER.fullmatch(item) for item in items):
        raise _wrong(
            "not_identifiers", "含有无效的编号。", "This contains something that is no id."
        )
    return _distinct(field, items)


def _items(field: FormField, raw: Any) -> list[Any]:
    items = list(raw) if isinstance(raw, list | tuple) else [raw]
    if len(items) > MAX_ITEMS:
        raise _wrong("too_many", f"最多 {MAX_ITEMS} 项。", f"At most {MAX_ITEMS} items.")
    return items


def _distinct(field: FormField, items: list[Any]) -> list[Any]:
    low, high = field.bounds.min_items, field.bounds.max_items
    if len({str(item) for item in items}) < len(items):
        raise _wrong("repeated", "有重复的项。", "An item occurs twice.")
    if low is not None and len(items) < low:
        raise _wrong("too_few", f"至少 {low} 项。", f"At least {low} items.")
    if high is not None and len(items) > high:
        raise _wrong("too_many", f"最多 {high} 项。", f"At most {high} items.")
    return items


def _day(field: FormField, raw: Any) -> date:
    if isinstance(raw, str) and _DAY.fullmatch(raw.strip()):
        try:
            day = date.fromisoformat(raw.strip())
        except ValueError:
            raise _wrong("no_such_day", "没有这一天。", "There is no such day.") from None
    elif type(raw) is date:
        day = raw
    else:
        raise _wrong("not_date", "应为日期，例如 2026-11-23。", "This should be a day.")
    _check_day(day)
    return day


def _check_day(day: date) -> None:
    if not _FIRST_DAY <= day < _LAST_DAY:
        raise _wrong("day_out_of_range", "年份有误。", "The year is out of range.")


def _moment(field: FormField, raw: Any) -> datetime:
    if isinstance(raw, datetime):
        moment = raw
    elif isinstance(raw, str) and _MOMENT.fullmatch(raw.strip()):
        try:
            moment = datetime.fromisoformat(raw.strip())
        except ValueError:
            raise _wrong("no_such_moment", "没有这个时刻。", "There is no such time.") from None
    else:
        raise _wrong(
            "not_moment",
            "应为日期和时间，例如 2026-11-23T09:30:00+08:00。",
            "This should be a date and time, such as 2026-11-23T09:30:00+08:00.",
        )
    if moment.tzinfo is None:
        if not field.bounds.local_time:
            raise _wrong("no_offset", "时间缺少时区。", "The time lacks its offset from UTC.")
        moment = moment.replace(tzinfo=LOCAL_ZONE)
    _check_day(moment.astimezone(LOCAL_ZONE).date())
    return moment.astimezone(LOCAL_ZONE)


_CONVERTERS: Final[dict[FieldKind, Callable[[FormField, Any], Any]]] = {
    FieldKind.TEXT: _text,
    FieldKind.LONG_TEXT: _text,
    FieldKind.NUMBER: _number,
    FieldKind.MONEY: _money,
    FieldKind.CHECKBOX: _checkbox,
    FieldKind.CHOICE: _choice,
    FieldKind.CHOICES: _choices,
    FieldKind.DATE: _day,
    FieldKind.DATETIME: _moment,
    FieldKind.SURVEYORS: _identifiers,
    FieldKind.ATTACHMENTS: _identifiers,
}
