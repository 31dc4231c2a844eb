"""Answers to every form of relief, made from what a state machine has drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from tests.assistance.relief.world import Relief
from workflows.calendar import local_day

#: amounts around the cap, the ceiling and the conference of one person or two
AMOUNTS: Final = (
    "0.01", "72.00", "300.00", "600.00", "636.00", "636.01", "1272.00", "1272.01", "3000.00",
    "7632.01", "20000.00",
)  # fmt: skip
#: who does what a role has to do
LOGIN_OF: Final = {
    "assistant": "assistant", "case_officer": "officer", "township_leader": "leader",
    "reviewer": "reviewer", "confirmer": "confirmer", "finance": "finance",
}  # fmt: skip


@dataclass(frozen=True)
class Draw:
    """What chance gives one act: an amount, whether to say yes, days, a choice of a few."""

    amount: str
    agrees: bool
    days: int
    choice: int

    def one_of(self, *words: str) -> str:
        """One of a few words."""
        return words[self.choice % len(words)]


Answering = Callable[[Relief, Draw, datetime], Mapping[str, Any]]


def answers_of(relief: Relief, element_id: str, draw: Draw, now: datetime) -> dict[str, Any]:
    """What somebody answers at a step."""
    return dict(_ANSWERS[element_id](relief, draw, now))


def _two(relief: Relief) -> list[str]:
    return relief.district.staff_ids("officer", "second_officer")


def _file(relief: Relief, login: str, now: datetime) -> list[str]:
    return relief.district.attachment(login, now)


def _day(now: datetime, days: int = 0) -> str:
    day: date = local_day(now) + timedelta(days=days)
    return day.isoformat()


def _duty(_relief: Relief, draw: Draw, _now: datetime) -> Mapping[str, Any]:
    if draw.agrees:
        return {"duty_decision": "approve", "aid_amount": draw.amount}
    return {"duty_decision": "ordinary", "duty_reason": "走分级审批"}


def _paid(relief: Relief, draw: Draw, now: datetime) -> Mapping[str, Any]:
    return {
        "handlers": _two(relief)[: 1 if draw.choice == 7 else 2],
        "paid_on": _day(now, 1 if draw.choice == 6 else 0),
        "receipt": _file(relief, "officer", now), "goods": "大米",
    }  # fmt: skip


def _paid_aid(relief: Relief, draw: Draw, now: datetime) -> Mapping[str, Any]:
    method = draw.one_of("cash", "goods")
    return {**_paid(relief, draw, now), "aid_method": method, "missing_papers": ["身份证明"]}


def _follow_up(relief: Relief, draw: Draw, now: datetime) -> Mapping[str, Any]:
    more = {"follow_up_amount": draw.amount, "follow_up_departments": draw.choice}
    return {
        "visit_on": _day(now), "visitors": _two(relief), "visit_findings": "已走访",
        "follow_up": "more" if draw.agrees else "ended", **(more if draw.agrees else {}),
    }  # fmt: skip


def _approval(relief: Relief, draw: Draw, now: datetime) -> Mapping[str, Any]:
    if not draw.agrees:
        return {"approval_decision": "refuse", "approval_reason": "不符合条件"}
    parts = {
        "0.01": (), "72.00": ("36.00", "36.00"), "300.00": ("100.00", "100.00", "100.00"),
        "600.00": ("599.99", "0.01"), "1272.00": ("636.00", "635.99"),
        "3000.00": ("1000.00", "1000.00", "500.00", "500.00"),
        "20000.00": ("15000.00", "5000.00"),
    }.get(draw.amount, ())  # fmt: skip
    return relief.approval(
        draw.amount,
        *((part, _day(now, number * max(draw.days, 0))) for number, part in enumerate(parts)),
        approval_method=draw.one_of("bank", "bank", "cash", "goods"),
    )


def _visited(relief: Relief, draw: Draw, now: datetime) -> Mapping[str, Any]:
    return {
        "visited_on": _day(now), "stage_visitors": _two(relief), **_obstacle(relief, draw, now),
    }  # fmt: skip


def _obstacle(_relief: Relief, draw: Draw, now: datetime) -> Mapping[str, Any]:
    result = draw.one_of("release", "release", "postpone", "cancel")
    found = {"stage_findings": "已走访", "stage_result": result}
    if result == "postpone":
        found["stage_new_day"] = _day(now, draw.days)
    return found if result == "release" else {**found, "stage_reason": "情况有变"}


def _served(relief: Relief, _draw: Draw, now: datetime) -> Mapping[str, Any]:
    return {
        "service_method": "direct", "served_on": _day(now), "service_result": "served",
        "service_receiver": "户主", "service_receipt": _file(relief, "officer", now),
    }  # fmt: skip


def _papers(relief: Relief, _draw: Draw, now: datetime) -> Mapping[str, Any]:
    papers = _file(relief, "officer", now)
    return {"papers_on": _day(now), "papers": papers, "papers_note": "补齐"}


def _posted(relief: Relief, _draw: Draw, now: datetime) -> Mapping[str, Any]:
    photos = _file(relief, "assistant", now)
    return {"posted_on": _day(now), "publicity_place": "公示栏", "publicity_photos": photos}


def _taken_down(relief: Relief, _draw: Draw, now: datetime) -> Mapping[str, Any]:
    return {"down_on": _day(now), "down_photos": _file(relief, "assistant", now)}


def _surveyed(relief: Relief, draw: Draw, now: datetime) -> Mapping[str, Any]:
    return {
        "household_class": draw.one_of("other", "dibao", "edge"), "annual_income": "7200.00",
        "disposable_income": "29000.00", "property_answer": "within", "own_cost": draw.amount,
        "months": 3, "surveyors": _two(relief), "survey_findings": "一致",
        "spending_files": _file(relief, "officer", now),
    }  # fmt: skip


def _opinion(_relief: Relief, draw: Draw, _now: datetime) -> Mapping[str, Any]:
    if draw.agrees:
        return {"opinion": "agree", "proposed_amount": draw.amount, "opinion_reason": "支出过大"}
    return {"opinion": "disagree", "opinion_reason": "不符", "decision_reason": "不符"}


def _minutes(relief: Relief, draw: Draw, now: datetime) -> Mapping[str, Any]:
    found = {
        "held_on": _day(now), "people": 5, "conference_reason": "会商",
        "minutes": _file(relief, "reviewer", now),
    }  # fmt: skip
    if not draw.agrees:
        return {**found, "conference_decision": "refuse"}
    method = draw.one_of("bank", "cash")
    return {
        **found, "conference_decision": "approve", "conference_amount": draw.amount,
        "conference_method": method,
    }  # fmt: skip


def _just(**answers: Any) -> Answering:
    return lambda _relief, _draw, _now: answers


_ANSWERS: Final[Mapping[str, Answering]] = {
    "Task_DutyDecision": _duty,
    "Task_PayAid": _paid_aid,
    "Task_PayStage": _paid,
    "Task_Eased": lambda _relief, _draw, now: {"eased_on": _day(now)},
    "Task_Papers": _papers,
    "Task_ConfirmAid": lambda _relief, draw, _now: {
        "confirmed_reason": "属实", "privacy_harm": draw.agrees,
    },
    "Task_PublishAid": _posted,
    "Task_FollowUp": _follow_up,
    "Task_ReceiveRelief": lambda _relief, _draw, now: {"received_on": _day(now)},
    "Task_DistrictApprove": _approval,
    "Task_TownshipApprove": _approval,
    "Task_StageVisit": _visited,
    "Task_StageObstacle": _obstacle,
    "Task_ServeNotice": _served,
    "Task_CheckExpense": _just(
        materials_received=["临时救助申请书"], materials_result="complete", new_reason=True
    ),
    "Task_ExpenseSurvey": _surveyed,
    "Task_ExpenseOpinion": _opinion,
    "Task_PostPublicity": _posted,
    "Task_TakeDown": _taken_down,
    "Task_Convene": lambda _relief, _draw, now: {
        "convened_on": _day(now), "invited": ["民政", "财政"], "convene_note": "大额",
    },
    "Task_Minutes": _minutes,
    "Task_ConferenceSign": lambda _relief, draw, _now: (
        {"sign_result": "agree"} if draw.agrees else {"sign_result": "return", "sign_note": "再议"}
    ),
}  # fmt: skip
