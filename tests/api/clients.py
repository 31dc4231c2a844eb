"""Clients of the JSON interface: staff of a district with tokens, and applications to send."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from models.accounts import Account, Role, RoleHolding
from models.offices import Office, OfficeLevel
from models.types import new_id
from tests.runtime.district import District, id_number
from web.config import Config
from web.database import current_moment
from workflows.access import LEVEL_OF_ROLE, viewer_of_account
from workflows.access.tokens import create_token
from workflows.definitions.files import PolicyFiles
from workflows.transaction import transaction

_ORDERS = count(101, 2)


@dataclass
class Api:
    """A district behind its JSON interface."""

    app: Flask
    district: District
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def session(self) -> Session:
        """The district's session."""
        return self.district.session

    def client(self) -> FlaskClient:
        """A client without a session."""
        return self.app.test_client()

    def token(self, login: str) -> str:
        """A token of somebody of the staff."""
        if login not in self.tokens:
            now = current_moment()
            account_id = self.session.scalar(select(Account.id).where(Account.login == login))
            assert account_id is not None
            viewer = viewer_of_account(self.session, account_id, now=now)
            assert viewer is not None
            with transaction(self.session) as session:
                _, text = create_token(session, viewer, label="test", days=1, now=now)
            self.tokens[login] = text
        return self.tokens[login]

    def send(self, login: str, method: str, path: str, **options: Any) -> TestResponse:
        """A request with somebody's token; `headers` add to it."""
        headers = {"Authorization": f"Bearer {self.token(login)}", **options.pop("headers", {})}
        return self.client().open(f"/api/v1{path}", method=method, headers=headers, **options)

    def get(self, login: str, path: str, **options: Any) -> TestResponse:
        """GET with somebody's token."""
        return self.send(login, "GET", path, **options)

    def post(self, login: str, path: str, body: Any = None, **options: Any) -> TestResponse:
        """POST JSON with somebody's token."""
        return self.send(login, "POST", path, json={} if body is None else body, **options)

    def application(self, **changes: Any) -> dict[str, Any]:
        """The application of one person who works, with a number of their own."""
        days, order = divmod(next(_ORDERS), 800)
        number = id_number((date(1975, 3, 2) + timedelta(days=days)).isoformat(), 100 + order)
        return {
            "process": "dibao",
            "village_id": self.district.offices["village"].id,
            "household": {
                "area": "rural",
                "members": [
                    {
                        "name": "陈德明",
                        "id_number": number,
                        "relation": "self",
                        "facts": {"employed": True},
                    }
                ],
                "incomes": [
                    {"member": 0, "kind": "wage", "basis": "documented", "monthly": "300.00"}
                ],
            },
            **changes,
        }

    def started(self) -> str:
        """A case opened over the interface by the officer; its id."""
        answer = self.post("officer", "/cases", self.application())
        assert answer.status_code == 201, answer.text
        found: str = answer.json["id"]  # type: ignore[index]  # a started case is an object
        return found

    def task(self, case_id: str, element_id: str) -> str:
        """The id of an open task of a case."""
        found: str = self.district.open_tasks(case_id)[element_id].id
        self.session.rollback()
        return found

    def hire(self, login: str, role: Role, office_id: str, since: datetime | None = None) -> str:
        """Somebody new in a role at an office; the account's id."""
        now = since or current_moment() - timedelta(days=1)
        with transaction(self.session) as session:
            account = Account(
                id=new_id(), district_id=self.district.offices["district"].id, login=login,
                name=login, password_hash="!", created_at=now,
            )  # fmt: skip
            session.add(account)
            session.flush()  # the holding names the account
            session.add(
                RoleHolding(account_id=account.id, office_id=office_id, role=role, since=now)
            )
            return account.id

    def elsewhere(self) -> dict[OfficeLevel, str]:
        """The ids of a second township and its village, and of the same district."""
        root = self.district.offices["district"].id
        township, village = new_id(), new_id()
        with transaction(self.session) as session:
            for office_id, parent, level, code, name in (
                (township, root, OfficeLevel.TOWNSHIP, "500154110000", "温泉镇"),
                (village, township, OfficeLevel.VILLAGE, "500154110201", "河东村"),
            ):
                session.add(
                    Office(
                        id=office_id,
                        district_id=root,
                        parent_id=parent,
                        level=level,
                        code=code,
                        name=name,
                    )
                )
                session.flush()  # the village names its township
        return {
            OfficeLevel.DISTRICT: root,
            OfficeLevel.TOWNSHIP: township,
            OfficeLevel.VILLAGE: village,
        }

    def staff(self, role: Role, offices: dict[OfficeLevel, str]) -> str:
        """Somebody in a role at the office of its level; their login."""
        login = f"{role.value}_{len(self.tokens)}_{next(_ORDERS)}"
        self.hire(login, role, offices[LEVEL_OF_ROLE[role]])
        return login


def make_api(app: Flask, session: Session, files: PolicyFiles | None = None) -> Api:
    """A founded district that shares the application's database and keys."""
    settings: Config = app.extensions["doudi"]
    district = District.founded(session, files)
    district.keys = settings.keys.ring
    return Api(app, district)
