"""What others ask of the district in the demonstration: reviews, complaints, indices, postings."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from models.assistance import Notice, Publicity
from models.cases import Case
from models.money import LedgerKind
from models.offices import Office
from models.remedies import Remedy
from web.config import Config
from web.demo.families import family, stories
from web.demo.scene import Scene, day_text
from workflows.assistance.money.ledger import PRICE, Reason, ledger_account, move_money
from workflows.assistance.roll_lists import make_list, post_list
from workflows.calendar import local_day
from workflows.definitions.release import current_policy
from workflows.errors import SYSTEM
from workflows.runtime.objections import lay_objection, posting_by_code
from workflows.runtime.prices import open_price_case
from workflows.runtime.remedies import Decision, Filing, open_remedy
from workflows.transaction import reading, transaction

_PRICE_BUDGET: Final = Decimal("50000.00")
#: A family that was refused, and one that somebody complains about, by their stories.
_REFUSED, _ACCUSED = 9, 7


def demo_oversight(session: Session, config: Config, demo: Any, now: datetime) -> None:
    """A review, a complaint, a petition, a month's index, a list of the roll, an objection."""
    scene = Scene.of(session, config, demo, now)
    if scene is None:
        return
    with reading(session):
        if session.scalar(select(exists().where(Remedy.district_id == demo.district_id))):
            return
    _review(scene)
    _complaint(scene)
    _petition(scene)
    _index(scene)
    _rolls(scene)
    _objection(scene)


def _decision(scene: Scene, number: int) -> Decision | None:
    """The newest decision about the family of a story, where there is one."""
    household = scene.household(next(one for one in stories() if one.number == number))
    with reading(scene.session) as session:
        row = session.execute(
            select(Case, Notice)
            .join(Notice, Notice.case_id == Case.id)
            .where(Case.household_id == household.id, Case.process_key == "dibao")
            .order_by(Notice.issued_at.desc(), Notice.id.desc())
            .limit(1)
        ).first()
        return None if row is None else Decision(row.Case, row.Notice)


def _file(scene: Scene, process: str, number: int, name: str, moment: datetime,
          answers: dict[str, Any]) -> str:  # fmt: skip
    decision = _decision(scene, number)
    household = scene.household(next(one for one in stories() if one.number == number))
    filing = Filing(
        process, household.township_id, household.village_id, decision, name, "", "13800000088"
    )
    with transaction(scene.session) as session:
        return open_remedy(
            session, filing, answers, scene.keys, actor=scene.at_district("reviewer"), now=moment
        ).id


def _review(scene: Scene) -> None:
    """The review body has accepted it; the written answer is due."""
    moment = scene.ago(6)
    decision = _decision(scene, _REFUSED)
    if decision is None:
        return
    learnt = decision.learnt_on or local_day(moment)
    name = family(next(one for one in stories() if one.number == _REFUSED)).members[0].name
    case_id = _file(scene, "administrative_review", _REFUSED, name, moment, {
        "filed_on": day_text(moment), "learnt_on": day_text(min(learnt, local_day(moment))),
        "review_body": "重庆市开州区人民政府", "request": "撤销不予确认的决定，重新核实收入。",
        "grounds": "务工只做了半年，按全年计算收入偏高。",
    })  # fmt: skip
    later = scene.ago(3)
    scene.complete(case_id, "Task_ReviewAcceptance", lambda _actor: {
        "acceptance": "accepted", "accepted_by_body_on": day_text(later),
        "body_number": f"开州府复〔{later.year}〕17号", "copy_received_on": day_text(later),
        "execution": "continues",
    }, later)  # fmt: skip


def _complaint(scene: Scene) -> None:
    """Somebody gives their name; the district has to check it, and to answer."""
    moment = scene.ago(4)
    _file(scene, "complaint", _ACCUSED, "文国强", moment, {
        "filed_on": day_text(moment), "complaint_channel": "phone", "complaint_about": "family",
        "complaint_content": "反映该户儿子在外做生意，有汽车，没有申报。", "complaint_leads": True,
    })  # fmt: skip


def _petition(scene: Scene) -> None:
    """A petition that nobody has looked at yet."""
    moment = scene.ago(1)
    _file(scene, "petition", _REFUSED, "向春梅", moment, {
        "filed_on": day_text(moment), "petition_source": "visit",
        "matter": "要求说明人均收入是怎样计算的。",
    })  # fmt: skip


def _index(scene: Scene) -> None:
    """Last month's indices are above the line: counted, checked, and with finance."""
    moment = scene.ago(1, 10)
    month = (local_day(moment).replace(day=1) - timedelta(days=1)).replace(day=1)
    actor = scene.at_district("reviewer")
    district = scene.district_id
    with transaction(scene.session) as session:
        source, budget = (
            ledger_account(session, district, kind, district, PRICE)
            for kind in (LedgerKind.APPROPRIATION, LedgerKind.BUDGET)
        )
        why = Reason("appropriate", f"appropriate/{district}/{PRICE}/demo")
        move_money(session, source, budget, _PRICE_BUDGET, why, actor=SYSTEM, now=moment)
        case_id = open_price_case(
            session, district, scene.keys, month=month, published_on=local_day(moment),
            cpi=Decimal("3.6"), food=Decimal("6.4"), scpi=Decimal("4.1"), actor=actor, now=moment,
        ).id  # fmt: skip
    scene.work(moment)
    scene.complete(
        case_id, "Task_CheckList", lambda _actor: {"list_result": "correct"},
        min(moment + timedelta(hours=1), scene.now),
    )  # fmt: skip


def _rolls(scene: Scene) -> None:
    """This month's lists of two villages; one hangs already."""
    moment = scene.ago(1, 14)
    with reading(scene.session) as session:
        law = current_policy(session, scene.district_id)
    for township, hangs in (("500154901", True), ("500154902", False)):
        actor = scene.staff["case_officer", scene.offices[township]][0]
        photo = scene.attach("长期公示照片.png", actor, moment)
        with transaction(scene.session) as session:
            village = session.get_one(Office, scene.offices[f"{township}201"])
            found = make_list(session, village, law, actor=actor, now=moment)
            if hangs:
                post_list(
                    session, found, posted_on=local_day(moment), place="村（居）务公开栏",
                    photos=[photo], actor=actor, now=moment,
                )  # fmt: skip


def _objection(scene: Scene) -> None:
    """Somebody scans the code of a sheet that hangs, and objects without a name."""
    today = local_day(scene.now)
    with reading(scene.session) as session:
        codes = session.scalars(
            select(Publicity.code)
            .join(Case, Case.id == Publicity.case_id)
            .where(
                Case.district_id == scene.district_id, Case.process_key == "dibao",
                Publicity.code.is_not(None), Publicity.posted_on <= today,
                Publicity.last_on >= today,
            )
            .order_by(Publicity.posted_on.desc())
            .limit(1)
        ).all()  # fmt: skip
    for code in codes:
        with transaction(scene.session) as session:
            posting = posting_by_code(session, code or "", today=today)
            lay_objection(
                session, posting, scene.keys,
                content="这家的儿子在重庆上班，每月给家里寄钱，没有写进去。", now=scene.now,
            )  # fmt: skip
