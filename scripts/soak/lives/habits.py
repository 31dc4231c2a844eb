"""How staff usually answer: by the name of a form's field. What isn't here they answer at random.

Each habit gets a source of chance, what the case knows, and the day; None is no habit this time.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

Habit = Callable[[random.Random, Mapping[str, Any], date], Any]


def usually(value: Any, share: float = 0.95) -> Habit:
    """This answer in most cases, at random otherwise."""

    def habit(chance: random.Random, known: Mapping[str, Any], today: date) -> Any:
        return value if chance.random() < share else None

    return habit


def always(value: Any) -> Habit:
    """This answer, at the first attempt."""
    return usually(value, 1.0)


def by_class(yes: str, no: str) -> Habit:
    """What the calculation says, as honest staff do."""

    def habit(chance: random.Random, known: Mapping[str, Any], today: date) -> Any:
        assessment = known.get("assessment")
        if not isinstance(assessment, Mapping):
            return yes
        return yes if assessment.get("class") == "dibao" else no

    return habit


HABITS: Final[Mapping[str, Habit]] = {
    "materials_result": usually("complete"),
    "agent_mandate": always(False),
    "near_relative": usually(False, 0.98),
    "supplement_complete": always(True),
    "authorisation_complete": always(True),
    "info_check_result": usually("eligible"),
    "member_signed": always(True),
    "opinion": by_class("agree", "disagree"),
    "review_opinion": by_class("confirm", "refuse"),
    "decision": by_class("confirm", "refuse"),
    "receipt_complete": always(True),
    "spot_check": usually(False, 0.7),
    "service_result": usually("served"),
    "adjustment_decision": usually("approve"),
}
