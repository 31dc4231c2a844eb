"""A district at work: the published policy, people of every role, households, open cases."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from models.accounts import Role
from models.base import db
from models.cases import Case, Task, TaskState
from models.households import Area
from models.offices import Office
from tests.runtime.district import member, policy_files
from tests.web.people import LONG_AGO, Tree, csrf_token, make_account, make_tree, sign_in
from web.config import Config
from web.database import db_session
from workflows.assistance.households import HouseholdData, IncomeData, register_household
from workflows.definitions.release import publish_release
from workflows.errors import SYSTEM, Actor
from workflows.runtime.service_tasks import signatures
from workflows.runtime.starting import start_case
from workflows.transaction import transaction

ROLES = {
    "xieli": (Role.ASSISTANT, "village"),
    "jingban": (Role.CASE_OFFICER, "township"),
    "jingban2": (Role.CASE_OFFICER, "township"),
    "fenguan": (Role.TOWNSHIP_LEADER, "township"),
    "shenhe": (Role.REVIEWER, "district"),
    "queren": (Role.CONFIRMER, "district"),
    "waizhen": (Role.CASE_OFFICER, "other_township"),
    "shenji": (Role.AUDITOR, "district"),
    "caizheng": (Role.FINANCE, "district"),
}
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def pdf(name: str = "表.pdf") -> tuple[io.BytesIO, str]:
    """A small document to upload."""
    return io.BytesIO(PDF), name


@dataclass
class Desk:
    """An application with people who are signed in when they are asked for."""

    app: Flask
    tree: Tree
    accounts: dict[str, str]
    clients: dict[str, FlaskClient] = field(default_factory=dict)

    @classmethod
    def opened(cls, app: Flask) -> Desk:
        """The policy published, one account for each role."""
        tree = make_tree(app)
        accounts = {
            login: make_account(app, tree, login, role, getattr(tree, office), name=f"{login}先生")
            for login, (role, office) in ROLES.items()
        }
        with app.app_context(), transaction(db_session()) as session:
            publish_release(
                session, policy_files(), actor=SYSTEM, now=LONG_AGO, operations=signatures()
            )
        return cls(app, tree, accounts)

    @property
    def config(self) -> Config:
        """The configuration of the application."""
        found: Config = self.app.extensions["doudi"]
        return found

    def client(self, login: str) -> FlaskClient:
        """The browser of somebody who is signed in."""
        if login not in self.clients:
            client = self.app.test_client()
            assert sign_in(client, login).status_code == 303
            self.clients[login] = client
        return self.clients[login]

    def actor(self, login: str) -> Actor:
        """Somebody in their role."""
        role, office = ROLES[login]
        return Actor(self.accounts[login], role.value, getattr(self.tree, office), login)

    def open_case(
        self,
        order: int = 101,
        *,
        name: str = "陈德明",
        basis: str = "documented",
        wage: str = "900",
        now: datetime | None = None,
    ) -> str:
        """A household of two with one wage, and its case at the first step; its id."""
        now = now or datetime.now(UTC)
        data = HouseholdData(
            self.tree.village,
            Area.RURAL,
            [
                member(name, "1975-03-02", order=order, employed=True),
                member("李素芳", "1977-06-11", "spouse", order),
            ],
            [IncomeData(0, "wage", basis, Decimal(wage))],
            property_reason="住房一处",
        )
        with self.app.app_context(), transaction(db_session()) as session:
            keys = self.config.keys.ring
            actor = self.actor("jingban")
            household = register_household(session, data, keys, actor=actor, now=now)
            return start_case(
                session,
                "dibao",
                keys,
                township_id=household.township_id,
                village_id=household.village_id,
                household_id=household.id,
                variables={"household_id": household.id, "channel": "window"},
                actor=actor,
                now=now,
            ).id

    def task(self, case_id: str, element_id: str) -> str:
        """The id of an open task."""
        with self.app.app_context():
            found = db_session().scalar(
                select(Task.id).where(
                    Task.case_id == case_id,
                    Task.element_id == element_id,
                    Task.state == TaskState.OPEN,
                )
            )
            assert found is not None, f"{element_id} is not open"
            return found

    def case(self, case_id: str) -> Case:
        """The case as stored."""
        with self.app.app_context():
            found = db_session().get_one(Case, case_id)
            db_session().expunge(found)
            return found

    def post(self, login: str, path: str, **fields: Any) -> TestResponse:
        """Send a form; fields that are lists are sent several times."""
        client = self.client(login)
        return client.post(path, data={"csrf_token": csrf_token(client), **fields})

    def complete(self, login: str, case_id: str, element_id: str, **fields: Any) -> TestResponse:
        """Complete a task as its page would send it."""
        task_id = self.task(case_id, element_id)
        page = self.client(login).get(f"/work/tasks/{task_id}")
        return self.post(
            login, f"/work/tasks/{task_id}", **hidden(page.text), **fields, verb="complete"
        )

    def do(self, login: str, case_id: str, element_id: str, **fields: Any) -> None:
        """Complete a task that nothing stands against."""
        answer = self.complete(login, case_id, element_id, **fields)
        assert answer.status_code == 303, said(answer)

    def office(self, office_id: str) -> Office:
        """An office."""
        with self.app.app_context():
            return db_session().get_one(Office, office_id)


def hidden(page: str) -> dict[str, str]:
    """The version and request key that a page carries."""
    return {
        name: found[1]
        for name in ("version", "request_key")
        if (found := re.search(rf'name="{name}" value="([^"]*)"', page))
    }


def said(answer: TestResponse) -> str:
    """The errors that a page lists."""
    found = re.search(r'<div class="error-summary".*?</div>', answer.text, re.DOTALL)
    return re.sub(r"<[^>]+>", " ", found[0] if found else answer.text[:500])


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """The SQL statements that the block sends, without beginning and ending of transactions."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "COMMIT", "ROLLBACK")):
            sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


ACCEPT = {
    "f_materials_result": "complete",
    "m_materials_received": ["最低生活保障申请书"],
}


def accept(desk: Desk, case_id: str) -> None:
    """The officer accepts the application."""
    desk.do("jingban", case_id, "Task_CheckMaterials", **ACCEPT)


def investigate(desk: Desk, case_id: str) -> None:
    """Survey and information check, both done."""
    day = datetime.now().astimezone().date().isoformat()
    pair = [desk.accounts["jingban"], desk.accounts["jingban2"]]
    desk.do("jingban", case_id, "Task_StartSurvey", f_survey_started_on=day, m_survey_team=pair)
    desk.do(
        "jingban",
        case_id,
        "Task_RequestInfoCheck",
        f_authorisation_complete="true",
        m_info_check_scope=["tax", "deposits"],
        u_authorisation_files=pdf(),
    )
    desk.do("shenhe", case_id, "Task_StartInfoCheck", f_info_check_started_on=day)
    desk.do("jingban", case_id, "Task_Survey", **SURVEY, f_survey_on=day, m_surveyors=pair,
            u_survey_sheet=pdf())  # fmt: skip
    desk.do(
        "shenhe",
        case_id,
        "Task_InfoCheckResult",
        f_info_check_result_on=day,
        f_info_check_result="eligible",
        u_info_check_report=pdf(),
    )


SURVEY = {
    "f_survey_method": "home",
    "f_member_present": "本人",
    "f_member_signed": "true",
    "f_living_situation": "土墙房三间",
    "f_survey_findings": "与申报一致",
}
