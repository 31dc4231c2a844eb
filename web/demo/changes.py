"""What happened to families of the demonstration after their grants: changes, exits, a split."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from models.cases import Case
from models.household_changes import ChangeKind
from models.households import Household
from models.recoveries import Recovery
from web.config import Config
from web.demo.answers import STEPS
from web.demo.families import EXITING, OVERPAID, STOPPED, Story, family, stories
from web.demo.scene import Course, Scene, day_text
from workflows.assistance.deaths.lists import take_list, upload_deaths
from workflows.assistance.households import IncomeData
from workflows.assistance.job_offers import OfferData
from workflows.calendar import local_day
from workflows.runtime.aftercare import answer_offer, ask_back
from workflows.runtime.families import ChangeAsked, open_change
from workflows.runtime.reviews import queue_reviews
from workflows.transaction import reading, transaction

CHANGE = "benefit_change"
_SERVE = STEPS["Task_ServeNotice"][1]


def demo_exits(session: Session, config: Config, demo: Any, now: datetime) -> None:
    """Changes of months ago, before the rolls since then: a gradual exit, and a stop."""
    scene = Scene.of(session, config, demo, now)
    if scene is None or _has(session, demo.district_id, CHANGE):
        return
    exiting = _reported(scene, EXITING, 74, "丈夫到县城工地上班", "2600")
    _decided(exiting)
    stopped = _reported(scene, STOPPED, 46, "夫妻二人进厂，有长期合同", "7800")
    _decided(stopped)


def demo_changes(session: Session, config: Config, demo: Any, now: datetime) -> None:
    """What is under way with families that are paid; nothing where it has been made."""
    scene = Scene.of(session, config, demo, now)
    if scene is None or _has(session, demo.district_id, "overpayment"):
        return
    known = {story.number: story for story in stories()}
    _overpaid(scene, OVERPAID)
    # compared and waiting for the decision
    _reported(scene, known[0], 9, "镇上的活路少了，工资减少", "700")
    # the invitation to be heard is to be served
    _reported(scene, known[18], 6, "丈夫换了工作，工资增加", "1700")
    _refused_work(scene, known[12])
    _split(scene, known[3])
    _died(scene, known[4], known[28])
    queue_reviews(session, now)
    scene.work(now)


def _has(session: Session, district_id: str, process: str) -> bool:
    with reading(session):
        found = exists().where(Case.district_id == district_id, Case.process_key == process)
        return bool(session.scalar(select(found)))


def _reported(scene: Scene, story: Story, ago: int, note: str, wage: str) -> Course:
    """A family tells of another wage; it is entered, verified and, by the township, judged."""
    course = Course.of(scene, story, scene.ago(ago))
    if scene.grant(course.household) is None:
        return course
    began = local_day(course.moment) - timedelta(days=4)
    course.start(CHANGE, {
        "changed_what": ["income", "work"], "cause_note": note, "occurred_on": day_text(began),
    })  # fmt: skip
    course.pass_time(1)
    first, *others = family(story).incomes
    course.change_facts(story, incomes=[replace(first, monthly=Decimal(wage)), *others])
    course.do("Task_VerifyChange", lambda e: {
        "verify_on": e.on, "verify_method": "home", "verified_by": list(e.staff),
        "clear_change": "yes", "after_employment": True,
        "verify_findings": f"入户核实：{note}，从{began.month}月{began.day}日起。",
    })  # fmt: skip
    course.do(
        "Task_ChangeOpinion",
        {"opinion": "agree", "opinion_reason": "入户核实与家庭所述一致。"}, days=1,
    )  # fmt: skip
    return course


def _decided(course: Course) -> None:
    """Heard, where somebody has to be; decided; served."""
    if course.do("Task_ServeInvitation", lambda e: {
        "invited_on": e.on, "invitation_method": "direct", "invitation_receiver": e.applicant,
        "invitation_receipt": [e.attach("听取意见通知回执.png")],
    }, days=1):  # fmt: skip
        course.say("benefit.heard", lambda e: {
            "heard_on": e.on, "heard_result": "agreed",
            "heard_note": "没有意见，家里已经有稳定工资。",
        }, days=2)  # fmt: skip
    course.do(
        "Task_DecideChange",
        {"decision": "apply", "decision_reason": "核实清楚，按规定办理。"}, days=1,
    )  # fmt: skip
    course.do("Task_ServeNotice", _SERVE, days=2)


def _overpaid(scene: Scene, story: Story) -> None:
    """A wage that nobody told of: decided, planned in three parts, the first paid back."""
    course = Course.of(scene, story, scene.ago(26))
    grant = scene.grant(course.household)
    if grant is None:
        return
    incomes = [
        *family(story).incomes,
        IncomeData(1, "wage", "documented", Decimal("500"), "超市钟点工"),
    ]
    course.change_facts(story, incomes=incomes)
    with transaction(scene.session) as session:
        course.case_id = ask_back(
            session, grant, cause="unreported", note="妻子做钟点工没有告知", first_month=None,
            keys=scene.keys, actor=scene.officer(course.household), now=course.moment,
        ).id  # fmt: skip
    found, changed = course.moment, course.moment - timedelta(days=62)
    course.do("Task_CheckOverpayment", lambda e: {
        "changed_on": day_text(changed), "found_on": day_text(found), "eligible": "yes",
        "facts_note": "妻子做钟点工，每月工资五百元，有工资单。",
    }, days=1)  # fmt: skip
    course.do("Task_HearOverpaid", lambda e: {
        "heard_on": e.on, "heard_result": "agreed", "heard_note": "同意退回，请求分期。",
    }, days=1)  # fmt: skip
    course.do(
        "Task_PrepareRecovery", {"proposal": "all", "proposal_reason": "变化没有告知，事实清楚。"}
    )
    course.do(
        "Task_DecideRecovery",
        {"decision": "all", "decision_reason": "应当退回，可以分期。"}, days=2,
    )  # fmt: skip
    course.do("Task_ServeNotice", _SERVE, days=1)
    _paying_back(course)


def _paying_back(course: Course) -> None:
    course.follow("recovery_repayment")
    with reading(course.scene.session) as session:
        amount = session.scalar(
            select(Recovery.amount).where(Recovery.household_id == course.household.id)
        )
    if amount is None:
        return
    part = (amount / 3).quantize(Decimal("0.01"))
    first = amount - 2 * part
    due = course.moment + timedelta(days=14)
    course.do("Task_PlanRepayment", lambda e: {
        "instalments": 3, "first_due_on": day_text(due), "agreed_on": e.on,
        "agreement": [e.attach("分期协议.png")],
    })  # fmt: skip
    course.do("Task_ReceiveInstalment", lambda e: {
        "repay_step": "received", "paid_back": f"{first:.2f}", "paid_method": "cash",
        "paid_back_on": e.on, "paid_files": [e.attach("收据.png")],
    }, days=10)  # fmt: skip
    course.do("Task_CheckReceipt", {"receipt_result": "right"}, days=1)


def _refused_work(scene: Scene, story: Story) -> None:
    """Three jobs declined without good reason: what becomes of the own share is to be decided."""
    course = Course.of(scene, story, scene.now)
    if scene.grant(course.household) is None:
        return
    spouse = scene.members(course.household)[1]
    offers = (
        (12, "赵家街道服装厂", "缝纫工", "嫌工资低"),
        (8, "汉丰街道保洁公司", "保洁员", "嫌路远"),
        (3, "镇上超市", "理货员", "不想上晚班"),
    )
    for ago, employer, work, reason in offers:
        course.moment = scene.ago(ago, 10)
        data = OfferData(local_day(course.moment), employer, work, True, False, False, reason)
        with transaction(scene.session) as session:
            household = session.get_one(Household, course.household.id)
            _, case = answer_offer(
                session, household, spouse, data, keys=scene.keys,
                actor=scene.officer(household), now=course.moment,
            )  # fmt: skip
            course.case_id = course.case_id if case is None else case.id
    course.do("Task_PrepareCut", {
        "proposal": "stop", "proposal_reason": "连续三次没有正当理由拒绝适当的工作。",
    })  # fmt: skip


def _split(scene: Scene, story: Story) -> None:
    """The grown-up child lives apart: registered, to be looked at by the township's leader."""
    course = Course.of(scene, story, scene.ago(3))
    persons = scene.members(course.household)
    with transaction(scene.session) as session:
        household = session.get_one(Household, course.household.id)
        course.case_id = open_change(
            session, household, ChangeAsked(ChangeKind.SPLIT), scene.keys,
            actor=scene.officer(household), now=course.moment,
        ).id  # fmt: skip
    course.do("Task_RegisterFamily", lambda e: {
        "request_result": "submit", "occurred_on": day_text(course.moment - timedelta(days=20)),
        "ground": "adult_child", "reason": "女儿已经毕业，在外租房单独生活。",
        "new_head": persons[2], "children": [], "new_applies": False,
        "consents": persons, "proofs": [e.attach("租房合同.png")],
    })  # fmt: skip
    course.do("Task_HearFamilyChange", lambda e: {
        "heard_on": e.on, "heard_result": "agree", "heard_note": "两家人都没有意见。",
    })  # fmt: skip


def _died(scene: Scene, paid: Story, applied: Story) -> None:
    """The register's list: somebody whose benefit runs, somebody who applied, and a stranger."""
    moment, day = scene.ago(1, 15), local_day(scene.now) - timedelta(days=16)
    rows = [family(paid).members[1].id_number, family(applied).members[0].id_number,
            "500154194003070014"]  # fmt: skip
    lines = ["id_number,died_on", *(f"{one},{day}" for one in rows)]
    actor = scene.at_district("reviewer")
    with transaction(scene.session) as session:
        listed = upload_deaths(
            session, "\n".join(lines).encode(), "区殡葬管理所", scene.keys,
            district_id=scene.district_id, actor=actor, now=moment,
        ).id  # fmt: skip
    with transaction(scene.session) as session:
        take_list(session, listed, actor=actor, now=moment + timedelta(minutes=20))
    scene.work(scene.now)
