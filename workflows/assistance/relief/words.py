"""What diagrams hand to relief: amounts in fen, and words that the host must know."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, TypeVar

from workflows.errors import Fault

_MOST: Final = Decimal(10) ** 15
_Word = TypeVar("_Word", bound=StrEnum)


class Level(StrEnum):
    """Who approves relief, lower ones first; a conference decides what it has minutes for."""

    TOWNSHIP = "township"
    DISTRICT = "district"
    CONFERENCE = "conference"

    @property
    def rank(self) -> int:
        """0 for the lowest."""
        return list(Level).index(self)


class ByHand(StrEnum):
    """How aid is handed over."""

    CASH = "cash"
    GOODS = "goods"


def word_of(words: type[_Word], word: str) -> _Word:
    """The word of a diagram as the host knows it.

    Raises:
        Fault: `unknown_word`.
    """
    try:
        return words(word)
    except ValueError:
        raise Fault(
            "unknown_word",
            f"流程图中的“{word}”不是已知的值。",
            f"The diagram says “{word}”, which the host doesn't know.",
            details={"known": [known.value for known in words]},
        ) from None


def is_amount(value: Any) -> bool:
    """Whether it is money above zero in whole fen."""
    return (
        isinstance(value, Decimal)
        and value.is_finite()
        and Decimal(0) < value <= _MOST
        and value == value.quantize(Decimal("0.01"))
    )
