"""What the staff of the demonstration enter at each step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Entry:
    """One step that is being done: the day, two of the staff, whose case, how to attach a file."""

    day: date
    staff: tuple[str, ...]
    applicant: str
    special: str
    channel: str
    attach: Callable[[str], str]

    @property
    def on(self) -> str:
        """The day as forms take it."""
        return self.day.isoformat()


Answers = Mapping[str, Any]
_MATERIALS: Final = (
    "最低生活保障申请书",
    "身份证、户口簿、居住证",
    "家庭经济状况核查授权书",
    "诚信承诺书",
)


def _materials(e: Entry) -> Answers:
    if e.special == "supplement":
        return {
            "materials_received": list(_MATERIALS[:2]),
            "materials_result": "incomplete",
            "missing_materials": [_MATERIALS[2], "收入证明材料"],
            "missing_note": "请在五个工作日内交到便民服务中心。",
            **({"agent_mandate": True} if e.channel == "agent" else {}),
        }
    relative = {
        "near_relative": True,
        "near_relative_person": e.applicant,
        "near_relative_relation": "sibling",
        "near_relative_staff": "村委会成员",
        "near_relative_post": "committee_member",
    }
    mandate = {"agent_mandate": True} if e.channel == "agent" else {}
    return {
        "materials_received": [*_MATERIALS, *(["委托手续"] if mandate else [])],
        "materials_result": "complete",
        **mandate,
        **(relative if e.special == "relative" else {}),
    }


def _supplement(e: Entry) -> Answers:
    mandate = {"agent_mandate": True} if e.channel == "agent" else {}
    return {"supplement_on": e.on, "supplement_complete": True, **mandate}


def _start_survey(e: Entry) -> Answers:
    return {"survey_started_on": e.on, "survey_team": list(e.staff), "survey_plan": "上午入户"}


def _survey(e: Entry) -> Answers:
    return {
        "survey_on": e.on,
        "survey_method": "home",
        "surveyors": list(e.staff),
        "member_present": e.applicant,
        "member_signed": True,
        "neighbours_visited": True,
        "neighbours_findings": "走访邻居两户，反映情况与申报一致。",
        "living_situation": "砖混房三间，家电陈旧，日常以自种粮菜为主。",
        "survey_findings": "收入、财产与申报一致，没有发现隐瞒。",
        "survey_sheet": [e.attach("入户调查表.pdf")],
        "survey_photos": [e.attach("住房照片.png")],
    }


def _info_request(e: Entry) -> Answers:
    return {
        "authorisation_complete": True,
        "authorisation_files": [e.attach("核查授权书.pdf")],
        "info_check_scope": ["household_register", "social_insurance", "real_estate", "deposits"],
    }


def _info_result(e: Entry) -> Answers:
    bad = e.special == "ineligible"
    return {
        "info_check_result_on": e.on,
        "info_check_result": "ineligible" if bad else "eligible",
        **({"info_check_findings": "名下有一辆小型普通客车。"} if bad else {}),
        "info_check_report": [e.attach("信息核对报告.pdf")],
    }


def _opinion(e: Entry) -> Answers:
    if e.special == "edge":
        return {"opinion": "disagree", "opinion_reason": "月人均收入高于保障标准。"}
    return {"opinion": "agree", "opinion_reason": "人均收入低于标准，财产符合规定。"}


def _post(e: Entry) -> Answers:
    return {
        "posted_on": e.on,
        "publicity_place": "村（居）务公开栏",
        "publicity_photos": [e.attach("公示照片.png")],
    }


def _objection(e: Entry) -> Answers:
    return {
        "objection_way": "resurvey",
        "objection_held_on": e.on,
        "objection_handlers": list(e.staff),
        "objection_result": "dismissed",
        "objection_findings": "重新入户核实，异议不成立。",
        "objector_informed_on": e.on,
        "objection_records": [e.attach("异议核实记录.pdf")],
    }


def _submit(e: Entry) -> Answers:
    items = ["application", "survey", "info_check", "opinion", "publicity"]
    return {"submitted_on": e.on, "submission_items": items}


def _review(e: Entry) -> Answers:
    if e.special == "edge":
        return {"review_opinion": "refuse", "review_reason": "核算人均收入超过标准。"}
    return {"review_opinion": "confirm", "review_reason": "材料齐全，核算无误。"}


def _visit(e: Entry) -> Answers:
    return {
        "home_visit_on": e.on,
        "home_visitors": list(e.staff),
        "home_visit_member": e.applicant,
        "home_visit_consistent": True,
        "home_visit_findings": "与镇街调查一致。",
        "home_visit_sheet": [e.attach("区级核查表.pdf")],
    }


def _confirm(e: Entry) -> Answers:
    if e.special == "edge":
        return {
            "decision": "refuse",
            "decision_reason": "家庭月人均收入高于当地最低生活保障标准。",
        }
    return {"decision": "confirm"}


def _serve(e: Entry) -> Answers:
    return {
        "service_method": "direct",
        "service_result": "served",
        "served_on": e.on,
        "service_receiver": e.applicant,
        "service_receipt": [e.attach("送达回证.pdf")],
    }


def _offer(e: Entry) -> Answers:
    """The family wants to be recorded as on the edge, and nothing else."""
    return {"chosen_programmes": ["edge"], "offered_on": e.on}


def _recheck(e: Entry) -> Answers:
    return {"recheck_result": "none", "recheck_on": e.on}


def _receive(e: Entry) -> Answers:
    return {"received_on": e.on, "receipt_complete": True}


def _start_info(e: Entry) -> Answers:
    return {"info_check_started_on": e.on}


#: By element: how many working days it waits, and what is entered.
STEPS: Final[Mapping[str, tuple[int, Callable[[Entry], Answers]]]] = {
    "Task_CheckMaterials": (0, _materials),
    "Task_Supplement": (3, _supplement),
    "Task_StartSurvey": (1, _start_survey),
    "Task_RequestInfoCheck": (1, _info_request),
    "Task_StartInfoCheck": (1, _start_info),
    "Task_Survey": (3, _survey),
    "Task_InfoCheckResult": (3, _info_result),
    "Task_Recheck": (2, _recheck),
    "Task_Opinion": (2, _opinion),
    "Task_PostPublicity": (0, _post),
    "Task_HandleObjection": (2, _objection),
    "Task_Submit": (1, _submit),
    "Task_Receive": (0, _receive),
    "Task_DistrictReview": (3, _review),
    "Task_HomeVisit": (2, _visit),
    "Task_Confirm": (2, _confirm),
    "Task_ServeNotice": (2, _serve),
    "Task_OfferOthers": (2, _offer),
}
