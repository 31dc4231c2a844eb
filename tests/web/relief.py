"""Calls for relief as the pages send them, and the first steps of their cases."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from models.cases import Case
from models.offices import Office
from models.relief import ReliefEvent, ReliefGrant, ReliefSource
from models.types import new_id
from tests.web.desk import Desk, pdf, said
from tests.web.people import LONG_AGO
from web.database import db_session
from workflows.access.offices import create_office
from workflows.calendar import local_day
from workflows.definitions.release import current_policy
from workflows.errors import SYSTEM
from workflows.scenarios.funds import give_money
from workflows.transaction import transaction


def today() -> date:
    """The local day."""
    return local_day(datetime.now(UTC))


def fields(desk: Desk, **changes: Any) -> dict[str, Any]:
    """A call at night as the page sends it: a fire, three people, nothing left."""
    told = {
        "request_key": "a" * 32,
        "h_village": desk.tree.village,
        "h_name": "罗成",
        "h_id_number": "",
        "h_phone": "",
        "h_channel": "hotline",
        "h_area": "urban",
        "f_cause": "fire",
        "f_occurred_on": today().isoformat(),
        "f_place": "甲村二组",
        "f_persons": "3",
        "f_urgent_answer": "yes",
        "f_requested": "1200.00",
        "f_need": "没有住处和衣物",
        "verb": "submit",
    }
    return {**told, **changes}


def send(
    desk: Desk, *, login: str = "jingban", process: str = "relief_urgent", **changes: Any
) -> TestResponse:
    """Send the page of a call."""
    return desk.post(login, f"/intake/{process}", **fields(desk, **changes))


def called(desk: Desk, **changes: Any) -> str:
    """A call that was taken; its case's id."""
    answer = send(desk, **{"request_key": new_id().replace("-", ""), **changes})
    assert answer.status_code == 303, said(answer)
    found = re.search(r"/cases/([-0-9a-f]{36})", answer.location)
    assert found is not None
    return found[1]


def give(desk: Desk, **money: Any) -> None:
    """Money for the township's fund and the district's budget."""
    with desk.app.app_context(), transaction(db_session()) as session:
        given = {"fund": "20000.00", "budget": "50000.00", **money}
        give_money(session, session.get_one(Office, desk.tree.township), given)


def aided(desk: Desk, **changes: Any) -> str:
    """A call that the leader on duty approved and two officers paid; its case's id."""
    case_id = called(desk, **changes)
    decide(desk, case_id)
    desk.do(
        "jingban", case_id, "Task_PayAid", f_aid_method="cash", f_paid_on=today().isoformat(),
        m_handlers=[desk.accounts["jingban"], desk.accounts["jingban2"]], u_receipt=pdf("收据.pdf"),
        m_missing_papers=["身份证明", "救助申请书"],
    )  # fmt: skip
    return case_id


def decide(desk: Desk, case_id: str, amount: str = "1200.00") -> None:
    """The leader on duty approves first aid."""
    desk.do("fenguan", case_id, "Task_DutyDecision", f_duty_decision="approve", f_aid_amount=amount)


def other_village(desk: Desk) -> str:
    """A village of the other township."""
    with desk.app.app_context(), transaction(db_session()) as session:
        township = session.get_one(Office, desk.tree.other_township)
        return create_office(
            session, township, code="500154002201", name="丙村", actor=SYSTEM, now=LONG_AGO
        ).id


def parameter(desk: Desk, key: str) -> Decimal:
    """A number of the policy today."""
    with desk.app.app_context():
        policy = current_policy(db_session(), desk.tree.district)
        return Decimal(policy.parameters.value(key, today()).value)


def granted(
    desk: Desk,
    case_id: str,
    *,
    on: date,
    total: str = "500.00",
    level: str = "township",
    count: int = 1,
) -> None:
    """Relief as approved on a day, for the household of a case."""
    with desk.app.app_context(), transaction(db_session()) as session:
        case = session.scalars(select(Case).where(Case.id == case_id)).one()
        for _ in range(count):
            event = ReliefEvent(
                id=new_id(), district_id=case.district_id, township_id=case.township_id,
                case_id=case.id, household_id=case.household_id, kind="urgent", cause="traffic",
                occurred_on=on, persons=1, opened_at=datetime.now(UTC),
            )  # fmt: skip
            session.add(event)
            session.flush()
            session.add(
                ReliefGrant(
                    id=new_id(), district_id=case.district_id, event_id=event.id, case_id=case.id,
                    kind="ordinary", level=level, source=ReliefSource.BUDGET, total=Decimal(total),
                    decided_on=on,
                )
            )  # fmt: skip
