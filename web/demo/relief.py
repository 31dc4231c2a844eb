"""Relief of the demonstration: night calls, papers owed, stages; all by real commands."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from models.cases import Case, Task, TaskState
from models.households import Area, Household, Person
from web.config import Config
from web.demo.cases import picture
from web.demo.people import colleagues
from workflows.assistance.attachments import add_attachment
from workflows.assistance.files import keep_file
from workflows.assistance.households import ApplicantData
from workflows.assistance.money.bank_accounts import record_bank_account
from workflows.calendar import local_day
from workflows.definitions.release import current_policy
from workflows.errors import Actor, NotFound
from workflows.privacy import KeyRing
from workflows.runtime.applying import open_by_form
from workflows.runtime.tasks import complete_task
from workflows.runtime.worker import fire_due, raise_alarms
from workflows.transaction import reading, transaction

URGENT: Final = "relief_urgent"
EXPENSE: Final = "relief_expense"
_STEP: Final = timedelta(minutes=50)


@dataclass(frozen=True, slots=True)
class _Call:
    """Somebody who asks for relief, so many days ago, and how far their case has come.

    `until` is the task that is left open; answers beside the usual ones are given by task.
    """

    days: int
    township: str
    name: str
    process: str
    channel: str
    told: Mapping[str, Any]
    until: str
    answers: Mapping[str, Mapping[str, Any]]
    account: str = ""


def _urgent(cause: str, place: str, persons: int, requested: str, need: str) -> dict[str, Any]:
    return {
        "cause": cause, "place": place, "persons": persons, "requested": requested,
        "urgent_answer": "yes", "need": need,
    }  # fmt: skip


#: Invented people; the townships are those of the demonstration.
_CALLS: Final = (
    _Call(0, "500154901", "罗成", URGENT, "discovery",
          _urgent("fire", "桂湖社区二组", 3, "1200.00", "租住房屋夜间失火，没有住处和衣物"),
          "Task_DutyDecision", {}),
    _Call(1, "500154905", "石秀兰", URGENT, "hospital",
          _urgent("traffic", "九岭村公路", 1, "700.00", "务工返乡途中车祸，家属未到，没有饭钱"),
          "Task_PayAid", {}),
    _Call(12, "500154901", "汪德全", URGENT, "agent",
          _urgent("disaster", "滨江社区河边", 2, "900.00", "暴雨进屋，被褥粮食全部浸泡"),
          "Task_Papers", {"Task_FollowUp": {"follow_up": "ended"}}),
    _Call(40, "500154904", "柏永福", URGENT, "hotline",
          _urgent("illness", "姚渡社区", 1, "600.00", "突发脑溢血，独居，没有钱交押金"),
          "Task_Papers", {"Task_FollowUp": {"follow_up": "ended"}}),
    _Call(20, "500154902", "游小琴", URGENT, "window",
          {**_urgent("accident", "新桥社区", 1, "4800.00", "烧伤住院，后续还要植皮"),
           "urgent_answer": "no"},
          "Task_StageVisit",
          {"Task_DistrictApprove": {"staged": True, "months": "plan"}}, "6228480470123456789"),
    _Call(9, "500154903", "曾凡强", EXPENSE, "window",
          {"cause": "illness", "persons": 4, "requested": "45000.00",
           "need": "肾病透析，自付费用超过全家收入"},
          "Task_PostPublicity", {}),
    _Call(30, "500154906", "牟春花", EXPENSE, "agent",
          {"cause": "education", "persons": 1, "requested": "9000.00",
           "need": "孤女考取大学，缺第一年费用"},
          "Task_PayStage", {"Task_ExpenseSurvey": {"household_class": "dibao", "months": 2}}),
)  # fmt: skip


@dataclass(slots=True)
class _Scene:
    session: Session
    keys: KeyRing
    folder: Path
    offices: Mapping[str, str]
    accounts: Mapping[str, str]
    district_id: str
    now: datetime

    def actor(self, role: str, office_id: str, *, second: bool = False) -> Actor:
        """The first (or last) colleague with a role at an office."""
        found = [
            Actor(self.accounts[colleague.login], role, office_id, colleague.name)
            for colleague in colleagues()
            if colleague.role.value == role and self.offices[colleague.office_code] == office_id
        ]
        return found[-1 if second else 0]

    def officers(self, township: str) -> list[str]:
        """The case officers of a township."""
        return [
            self.accounts[one.login]
            for one in colleagues()
            if one.role.value == "case_officer" and one.office_code == township
        ]


def demo_relief(session: Session, config: Config, demo: Any, now: datetime) -> None:
    """Seven people who asked for relief; nothing where somebody has asked already."""
    with reading(session):
        known = session.scalar(
            select(exists().where(Case.district_id == demo.district_id, Case.process_key == URGENT))
        )
        if known:
            return
        try:
            current_policy(session, demo.district_id)
        except NotFound:
            return
    scene = _Scene(
        session, config.keys.ring, config.data / "attachments", demo.offices, demo.accounts,
        demo.district_id, now,
    )  # fmt: skip
    for call in sorted(_CALLS, key=lambda one: -one.days):
        _play(scene, call)


def _play(scene: _Scene, call: _Call) -> None:
    moment = scene.now - timedelta(days=call.days, minutes=95)
    village = scene.offices[f"{call.township}201"]
    officer = scene.actor("case_officer", scene.offices[call.township])
    told = {**call.told, "occurred_on": local_day(moment).isoformat()}
    with transaction(scene.session) as session:
        case = open_by_form(
            session, call.process, ApplicantData(village, Area.URBAN, call.name), told,
            scene.keys, channel=call.channel, actor=officer, now=moment,
        )  # fmt: skip
        case_id, household_id = case.id, case.household_id
        if call.account:
            household = session.get_one(Household, household_id)
            record_bank_account(
                session, session.get_one(Person, household.head_person_id), call.account,
                "农业银行开州支行", call.name, scene.keys, actor=officer, now=moment,
            )  # fmt: skip
    for _ in range(40):
        moment = min(moment + _STEP, scene.now)
        if not _advance(scene, call, case_id, moment):
            if moment >= scene.now or not _waits(scene, case_id):
                return
            moment = min(moment + timedelta(days=1), scene.now)
        _pass_time(scene, moment)


def _pass_time(scene: _Scene, until: datetime) -> None:
    while fire_due(scene.session, scene.keys, until):
        pass
    raise_alarms(scene.session, until)


def _waits(scene: _Scene, case_id: str) -> bool:
    """Whether only time has to pass."""
    with reading(scene.session):
        return not scene.session.scalar(
            select(exists().where(Task.case_id == case_id, Task.state == TaskState.OPEN))
        )


def _advance(scene: _Scene, call: _Call, case_id: str, moment: datetime) -> bool:
    """Do the first task that isn't where the case should stop; whether there was one."""
    with reading(scene.session):
        tasks = scene.session.execute(
            select(Task.id, Task.element_id, Task.role, Task.office_id)
            .where(Task.case_id == case_id, Task.state == TaskState.OPEN)
            .order_by(Task.created_at, Task.id)
        ).all()
    for task in tasks:
        if task.element_id == call.until or task.element_id not in _ANSWERS:
            continue
        # who gave the opinion doesn't approve
        second = task.element_id == "Task_TownshipApprove"
        actor = scene.actor(task.role, task.office_id, second=second)
        file = _file(scene, actor, moment)
        usual = _ANSWERS[task.element_id](
            local_day(moment).isoformat(), scene.officers(call.township), file
        )
        given = dict(call.answers.get(task.element_id, {}))
        if task.element_id == "Task_DutyDecision":
            given["aid_amount"] = call.told["requested"]
        if given.pop("months", None) == "plan":
            given |= _plan(moment)
        answers = {**usual, **given}
        with transaction(scene.session) as session:
            complete_task(session, task.id, answers, scene.keys, actor=actor, now=moment)
        return True
    return False


def _plan(moment: datetime) -> dict[str, Any]:
    today = local_day(moment)
    return {
        "approved_amount": "4800.00", "approval_method": "bank",
        "stage1_amount": "2000.00", "stage1_on": today.isoformat(), "stage1_condition": "住院",
        "stage2_amount": "1800.00", "stage2_on": (today + timedelta(days=22)).isoformat(),
        "stage2_condition": "仍在治疗",
        "stage3_amount": "1000.00", "stage3_on": (today + timedelta(days=60)).isoformat(),
        "stage3_condition": "需要植皮",
    }  # fmt: skip


def _file(scene: _Scene, actor: Actor, moment: datetime) -> str:
    kept = keep_file(scene.folder, io.BytesIO(picture()), "照片.png")
    with transaction(scene.session) as session:
        return add_attachment(
            session, district_id=scene.district_id, sha256=kept.sha256, size=kept.size,
            media_type=kept.media_type, name=kept.name, actor=actor, now=moment,
        ).id  # fmt: skip


#: Usual answers by task, for the day, the township's officers, and a file.
_ANSWERS: Final[Mapping[str, Callable[[str, list[str], str], dict[str, Any]]]] = {
    "Task_DutyDecision": lambda on, staff, file: {
        "duty_decision": "approve",
    },
    "Task_PayAid": lambda on, staff, file: {
        "aid_method": "cash", "handlers": staff, "paid_on": on, "receipt": [file],
        "missing_papers": ["救助申请书", "审批签字盖章"],
    },
    "Task_Eased": lambda on, staff, file: {"eased_on": on},
    "Task_FollowUp": lambda on, staff, file: {
        "visit_on": on, "visitors": staff, "visit_findings": "已经有人照应，生活恢复",
        "follow_up": "ended",
    },
    "Task_ReceiveRelief": lambda on, staff, file: {"received_on": on},
    "Task_DistrictApprove": lambda on, staff, file: {
        "approval_decision": "approve", "approval_reason": "情况属实，同意",
    },
    "Task_TownshipApprove": lambda on, staff, file: {
        "approval_decision": "approve", "approved_amount": "1272.00", "approval_method": "cash",
        "approval_reason": "情况属实，同意",
    },
    "Task_CheckExpense": lambda on, staff, file: {
        "materials_received": ["临时救助申请书", "支出凭证"], "materials_result": "complete",
    },
    "Task_ExpenseSurvey": lambda on, staff, file: {
        "household_class": "other", "annual_income": "52000.00", "disposable_income": "29000.00",
        "property_answer": "within", "own_cost": "45000.00", "months": 3, "surveyors": staff,
        "survey_findings": "与申报一致", "spending_files": [file],
    },
    "Task_ExpenseOpinion": lambda on, staff, file: {
        "opinion": "agree", "proposed_amount": "1272.00", "opinion_reason": "支出超过承受能力",
    },
    "Task_PostPublicity": lambda on, staff, file: {
        "posted_on": on, "publicity_place": "村务公开栏", "publicity_photos": [file],
    },
    "Task_ServeNotice": lambda on, staff, file: {
        "service_method": "direct", "served_on": on, "service_result": "served",
        "service_receiver": "本人", "service_receipt": [file],
    },
}  # fmt: skip
