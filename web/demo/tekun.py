"""People in 特困 of the demonstration: at home, in an institution, assessed again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from models.cases import Case
from models.households import Area
from web.config import Config
from web.demo.answers import STEPS, Answers, Entry
from web.demo.families import Family, lone
from web.demo.scene import Course, Scene, day_text, first_village
from workflows.assistance.households import IncomeData, register_household
from workflows.transaction import reading, transaction

_SERVE: Final = STEPS["Task_ServeNotice"][1]
_POST: Final = STEPS["Task_PostPublicity"][1]


@dataclass(frozen=True, slots=True)
class _Person:
    """Somebody alone: their place in the list of names, since when, what they can't do alone."""

    number: int
    born: int
    ago: int
    township: int
    unable: tuple[str, ...]
    setting: str


_ITEMS: Final = ("eat", "dress", "bed", "toilet", "walk", "bathe")
_PEOPLE: Final = (
    _Person(51, 1948, 66, 0, ("dress", "bed", "toilet", "bathe"), "home"),
    _Person(52, 1945, 62, 3, ("dress", "bed", "toilet", "walk", "bathe"), "institution"),
    _Person(53, 1950, 58, 4, ("walk",), "home"),
)


def demo_tekun(session: Session, config: Config, demo: Any, now: datetime) -> None:
    """Three people who are supported; nothing where somebody has applied already."""
    scene = Scene.of(session, config, demo, now)
    if scene is None:
        return
    with reading(session):
        known = exists().where(Case.district_id == demo.district_id, Case.process_key == "tekun")
        if session.scalar(select(known)):
            return
    courses = [_supported(scene, person) for person in _PEOPLE]
    _worse(courses[-1])


def _supported(scene: Scene, person: _Person) -> Course:
    """From the application to the arrangement of care."""
    moment = scene.ago(person.ago)
    alone = lone(person.number, person.born)
    with transaction(scene.session) as session:
        village = first_village(scene, person.township)
        data = Family(
            alone, [IncomeData(0, "pension_base", "documented", Decimal("150"), "基础养老金")],
            Area.RURAL,
        ).data(village)  # fmt: skip
        officer = scene.staff["case_officer", _township(scene, person)][0]
        household = register_household(session, data, scene.keys, actor=officer, now=moment)
    course = Course(scene, household, alone[0].name, moment)
    course.start("tekun", {
        "application_way": "self", "applied_on": day_text(moment),
        "need": "年老，没有劳动能力，没有赡养、扶养的人。",
    }, channel="window")  # fmt: skip
    for element, days, told in _STEPS:
        course.do(element, told, days=days, at_most=20 if element == "Task_TekunSubmit" else 0)
        if element == "Task_TekunSubmit":
            down = replace(course)
            down.follow("publicity_take_down")
            down.do("Task_TakeDown", _down)
    course.do("Task_Selfcare", lambda e: _assessed(e, person.unable), days=1)
    course.do("Task_TekunReview", {
        "review_opinion": "confirm", "review_reason": "三个条件同时具备，评估清楚。",
    }, days=2)  # fmt: skip
    course.do("Task_TekunConfirm", {"decision": "confirm"}, days=2)
    course.do("Task_ServeNotice", _SERVE, days=2)
    course.follow("tekun_arrangement")
    course.do("Task_Arrangement", _home if person.setting == "home" else _institution, days=1)
    return course


def _township(scene: Scene, person: _Person) -> str:
    from_code = first_village(scene, person.township)
    return next(
        office for code, office in scene.offices.items()
        if scene.offices.get(f"{code}201") == from_code
    )  # fmt: skip


def _worse(course: Course) -> None:
    """The carer tells that the person can do less; it is to be assessed again."""
    course.moment = course.scene.ago(3)
    course.start("tekun_care_change", {
        "care_reported_on": day_text(course.moment), "care_reporter": "照料人谭世芬",
        "care_change_note": "入冬以来卧床，不能自己穿衣、如厕。",
    })  # fmt: skip


def _survey(e: Entry) -> Answers:
    return {
        "survey_on": e.on, "survey_method": "home", "surveyors": list(e.staff),
        "member_present": e.applicant, "neighbours_findings": "邻居证实独居，没有亲属照顾。",
        "survey_findings": "没有劳动能力，没有固定收入。", "treatment_area": "rural",
        "property_answer": "within", "property_reason": "只有自住住房，没有存款。",
        "supporter_count": 0, "survey_sheet": [e.attach("入户调查表.png")],
    }  # fmt: skip


def _down(e: Entry) -> Answers:
    return {"down_on": e.on, "down_photos": [e.attach("撤下后的照片.png")]}


def _visit(e: Entry) -> Answers:
    return {
        "home_visit_on": e.on, "home_visitors": list(e.staff), "home_visit_member": e.applicant,
        "home_visit_consistent": True, "home_visit_findings": "与镇街调查一致。",
        "home_visit_sheet": [e.attach("区级核查表.png")],
    }  # fmt: skip


def _assessed(e: Entry, unable: tuple[str, ...]) -> Answers:
    items: Mapping[str, str] = {
        f"care_{item}": "no" if item in unable else "yes" for item in _ITEMS
    }
    return {
        "care_assessed_on": e.on, "care_by": "own", "care_assessors": list(e.staff), **items,
        "care_sheet": [e.attach("自理能力评估表.png")],
    }  # fmt: skip


def _home(e: Entry) -> Answers:
    end = datetime.fromisoformat(e.on) + timedelta(days=365)
    return {
        "setting": "home", "chosen_by": "person", "setting_from": e.on, "contract_action": "sign",
        "carer_name": "邻居谭世芬", "carer_relation": "邻居", "carer_phone": "13800000051",
        "duties": "每天送饭、打扫，陪同就医。", "carer_pay": "300.00", "contract_from": e.on,
        "contract_until": day_text(end.date()), "contract_signed_on": e.on,
        "contract_files": [e.attach("照料服务协议.png")],
    }  # fmt: skip


def _institution(e: Entry) -> Answers:
    return {
        "setting": "institution", "chosen_by": "person", "setting_from": e.on,
        "contract_action": "none", "institution": "赵家街道敬老院",
    }  # fmt: skip


#: The steps until the six items are assessed: how many days pass before, and what is entered.
_STEPS: Final = (
    ("Task_TekunMaterials", 0, {
        "materials_received": [
            "特困人员救助供养申请书", "身份证、户口簿",
            "劳动能力、收入财产、赡养抚养扶养情况的书面声明", "承诺书", "本人的核查授权书",
        ],
        "applicant_authorised": True, "supporters_authorised": "none",
        "materials_result": "complete",
    }),
    ("Task_TekunSurvey", 4, _survey),
    ("Task_TekunOpinion", 2, {"opinion": "agree", "opinion_reason": "三个条件同时具备。"}),
    ("Task_PostPublicity", 0, _POST),
    ("Task_TekunSubmit", 0, lambda e: {
        "submitted_on": e.on,
        "submission_items": ["application", "survey", "opinion", "publicity"],
    }),
    ("Task_TekunReceive", 0, lambda e: {"received_on": e.on, "receipt_complete": True}),
    ("Task_TekunHomeVisit", 2, _visit),
)  # fmt: skip
