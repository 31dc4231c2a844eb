"""What a submitted value may not be made of: it could never be stored and read again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from workflows.decisions.forms.answers import text_problems

MAX_DEPTH: Final = 20
MAX_VALUES: Final = 5_000
MAX_WHOLE: Final = 10**15
_REFUSED_KEYS: Final = frozenset({"typename"})


def hazards(value: Any) -> Iterator[str]:
    """Why a submitted value could never be stored and read again."""
    count = 0
    pending: list[tuple[Any, int]] = [(value, 1)]
    while pending:
        item, depth = pending.pop()
        count += 1
        if depth > MAX_DEPTH or count > MAX_VALUES:
            yield "too deep or too many"
            return
        if isinstance(item, Mapping):
            for key, inner in item.items():
                if not isinstance(key, str) or key in _REFUSED_KEYS or text_problems(key):
                    yield "a key"
                pending.append((inner, depth + 1))
        elif isinstance(item, list | tuple):
            pending.extend((inner, depth + 1) for inner in item)
        elif isinstance(item, bool) or item is None:
            continue
        elif isinstance(item, str):
            if text_problems(item):
                yield "a character"
        elif isinstance(item, int | float | Decimal):
            number = Decimal(item)
            if not (number.is_finite() and abs(number) <= MAX_WHOLE):
                yield "a number"
        elif not isinstance(item, date):
            yield "a type"
