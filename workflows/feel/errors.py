"""The exceptions and warnings of FEEL, each with a stable code and sentences in two languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from workflows.feel.messages import sentence


class FeelError(Exception):
    """A failed operation inside an evaluation; it becomes null plus a warning (DMN 1.5, 10.3.2.13).

    Host functions raise it with a `code` and, for codes of their own, both sentences.
    """

    def __init__(
        self, code: str, message: str = "", message_zh: str = "", **details: object
    ) -> None:
        english, chinese = sentence(code, details)
        self.code: Final = code
        self.message: Final = message or english
        self.message_zh: Final = message_zh or message or chinese
        super().__init__(self.message)


class FeelSyntaxError(ValueError):
    """A text that is not FEEL; `line` and `column` count from 1."""

    def __init__(self, code: str, line: int, column: int, **details: object) -> None:
        english, chinese = sentence(code, details)
        self.code: Final = code
        self.line: Final = line
        self.column: Final = column
        self.message: Final = english
        self.message_zh: Final = chinese
        super().__init__(f"{english} (line {line}, column {column})")


class FeelLimitExceeded(RuntimeError):
    """An evaluation that asked for more steps, depth, items or characters than its limits allow."""

    def __init__(self, code: str, limit: int) -> None:
        english, chinese = sentence(code, {"limit": limit})
        self.code: Final = code
        self.limit: Final = limit
        self.message: Final = english
        self.message_zh: Final = chinese
        super().__init__(english)


@dataclass(frozen=True, slots=True)
class Warning_:
    """Why a part of an expression became null; `line` and `column` count from 1."""

    code: str
    message: str
    message_zh: str
    line: int
    column: int
