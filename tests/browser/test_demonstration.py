"""The pages of the demonstration, as those who work with them open them, on wide and narrow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.assistance import Publicity
from models.cases import Case, Task, TaskState
from models.deaths import DeathList
from models.offices import Office
from models.price import PriceIndex
from models.recoveries import Recovery
from tests.browser.people import People
from tests.runtime.district import policy_files
from tests.web.people import PASSWORD
from web.database import db_session
from web.demo import make_demo
from web.demo.people import colleagues
from workflows.definitions.release import publish_release
from workflows.errors import SYSTEM
from workflows.runtime.service_tasks import signatures
from workflows.transaction import transaction

_REVIEWER = (
    "/policy/adjustments", "/recoveries", "/deaths", "/remedies", "/remedies/new",
    "/remedies/new/administrative_review", "/remedies/new/lawsuit", "/remedies/new/petition",
    "/remedies/new/complaint", "/edge-households", "/roll-lists", "/price-subsidies", "/elsewhere",
)  # fmt: skip
_PROCESSES = (
    "administrative_review", "benefit_change", "complaint", "gradual_exit", "household_change",
    "job_refusal", "member_death", "overpayment", "petition", "price_subsidy",
    "recovery_repayment", "tekun", "tekun_care_change",
)  # fmt: skip
_TASKS = (
    "Task_ApprovePrice", "Task_CheckComplaint", "Task_CheckDeath", "Task_DecideChange",
    "Task_HandleObjection", "Task_HearMember", "Task_ReceiveInstalment", "Task_ReviewAnswer",
    "Task_ReviewFamily", "Task_Selfcare", "Task_ServeInvitation", "Task_Triage",
    "Task_VerifyChange",
)  # fmt: skip


def founded(app: Flask) -> list[tuple[str, str]]:
    """Found the demonstration; who opens which address."""
    now = datetime.now(UTC)
    with app.app_context():
        session = db_session()
        with transaction(session):
            publish_release(
                session, policy_files(), actor=SYSTEM, now=now - timedelta(days=1),
                operations=signatures(),
            )  # fmt: skip
        make_demo(session, app.extensions["doudi"], PASSWORD, now=now)
        return [("shenhe", path) for path in _REVIEWER] + [*addresses(session)]


def addresses(session: Session) -> Iterator[tuple[str, str]]:
    """The pages of single things: the newest case and task of each kind, what registers hold."""
    for process in _PROCESSES:
        case = session.scalars(
            select(Case).where(Case.process_key == process).order_by(Case.opened_at.desc())
        ).first()
        if case is None:
            continue
        yield "shenhe", f"/cases/{case.id}"
        if process in {"gradual_exit", "tekun"}:
            yield "shenhe", f"/cases/{case.id}/household"
            yield "shenhe", f"/cases/{case.id}/calculation"
            yield "shenhe", f"/households/{case.household_id}"
            officer = login(session, "case_officer", case.township_id)
            yield officer, f"/households/{case.household_id}/months"
            yield officer, f"/households/{case.household_id}/changes/new"
    for element in _TASKS:
        task = session.scalars(
            select(Task).where(Task.element_id == element, Task.state == TaskState.OPEN)
        ).first()
        if task is not None:
            yield login(session, task.role, task.office_id), f"/work/tasks/{task.id}"
    for kind, place in ((Recovery, "recoveries"), (DeathList, "deaths"),
                        (PriceIndex, "price-subsidies")):  # fmt: skip
        yield "shenhe", f"/{place}/{session.scalars(select(kind.id)).one()}"
    village = session.scalars(select(Office.id).where(Office.code == "500154901201")).one()
    yield "shenhe", f"/roll-lists/{village}"
    code = session.scalars(
        select(Publicity.code).where(Publicity.code.is_not(None)).order_by(Publicity.id.desc())
    ).first()
    yield "shenhe", f"/objection/{code}"


def login(session: Session, role: str, office_id: str) -> str:
    """The first colleague with a role at an office."""
    code = session.scalars(select(Office.code).where(Office.id == office_id)).one()
    return next(
        one.login for one in colleagues() if one.role.value == role and one.office_code == code
    )


def test_every_page_of_the_demonstration_fits_its_window_and_can_be_used_by_everybody(
    app: Flask, address: str, browser: Browser
) -> None:
    # given
    pages = founded(app)
    assert len(pages) > 40
    for width in (375, 1440):
        people = People(browser, address, width)
        # when
        for who, path in pages:
            page = people.page(who)
            answer = page.goto(address + path)
            # then
            assert answer is not None and answer.ok, path
            people.check(page)
        assert people.complaints == []
        people.close()
