"""How staff usually answer, by the name of a form's field, or of a step and its field.

What isn't here they answer at random.

Each habit gets a source of chance, what the case knows, and the day; None is no habit this time.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
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


def known_sum(name: str) -> Habit:
    """What the case says is due; a little less from time to time."""

    def habit(chance: random.Random, known: Mapping[str, Any], today: date) -> Any:
        due = known.get(name)
        if not isinstance(due, Decimal) or due <= 0:
            return None
        part = due if chance.random() < 0.9 else (due / 2).quantize(Decimal("0.01"))
        return str(max(part, Decimal("0.01")))

    return habit


def some(least: int, most: int) -> Habit:
    """A number between two."""

    def habit(chance: random.Random, known: Mapping[str, Any], today: date) -> Any:
        return str(chance.randint(least, most))

    return habit


def in_a_month(chance: random.Random, known: Mapping[str, Any], today: date) -> Any:
    """A day about a month ahead."""
    return (today + timedelta(days=30)).isoformat()


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
    # changes of a benefit follow the tables
    "Task_ChangeOpinion.opinion": usually("agree"),
    "Task_DecideChange.decision": usually("apply", 0.98),
    # deaths
    "check_result": usually("confirmed", 0.97),
    "died_on_checked": lambda chance, known, today: str(known.get("died_on")),
    # 特困
    "supporters_authorised": always("none"),
    "applicant_authorised": always(True),
    "supporter_count": always("0"),
    "property_answer": always("within"),
    "orphan_scheme": always(False),
    "provincial_labour": always(False),
    "disposable_income": always(None),
    "Task_TekunOpinion.opinion": usually("agree"),
    "Task_TekunReview.review_opinion": usually("confirm"),
    "Task_TekunConfirm.decision": usually("confirm"),
    "other_programme": always("none"),
    "next_programme": always("none"),
    "Task_CareDecide.decision": usually("adjust"),
    "tekun_result": usually("unchanged"),
    "Task_EndCheck.end_ground": usually("voluntary"),
    "Task_EndDecide.decision": usually("end"),
    # families in motion
    "Task_ReviewFamily.review_result": usually("agree"),
    "Task_DecideFamily.decision_result": usually("agree"),
    "takeover_result": usually("accept"),
    # money that comes back
    "fraud": usually(False),
    "eligible": usually("yes"),
    "Task_PrepareRecovery.proposal": usually("all", 0.7),
    "Task_DecideRecovery.decision": usually("all", 0.7),
    "proposal_amount": known_sum("total"),
    "decision_amount": known_sum("total"),
    "instalments": some(1, 4),
    "first_due_on": in_a_month,
    "repay_step": usually("received", 0.97),
    "paid_back": known_sum("instalment_amount"),
    "receipt_result": usually("right"),
    # work declined
    "Task_DecideCut.decision": usually("stop", 0.9),
    "cut_amount": known_sum("at_most"),
    # reviews, complaints
    "acceptance": usually("accepted", 0.9),
    "execution": usually("continues"),
    "Task_ReviewDecision.result": usually("kept", 0.7),
    "complaint_measure": usually("benefit_change", 0.6),
    "objection_result": usually("dismissed", 0.7),
    "price_decision": usually("approve"),
    "list_result": usually("correct"),
}
