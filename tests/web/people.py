"""Offices, accounts and signed-in clients for tests of pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from models.accounts import Role
from models.offices import Office
from web.database import db_session
from workflows.access.accounts import create_account, grant_role
from workflows.access.offices import create_district, create_office
from workflows.access.passwords import hash_password
from workflows.errors import SYSTEM
from workflows.transaction import transaction

PASSWORD = "Lantern-Harbour-27"
LONG_AGO = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Tree:
    """The ids of a district with two townships, the first of them with two villages."""

    district: str
    township: str
    other_township: str
    village: str
    other_village: str


def make_tree(app: Flask, code: str = "500154") -> Tree:
    """A small district."""
    with app.app_context(), transaction(db_session()) as session:

        def below(parent: Office, number: str, name: str) -> Office:
            return create_office(
                session, parent, code=number, name=name, actor=SYSTEM, now=LONG_AGO
            )

        district = create_district(session, code=code, name="开州区", actor=SYSTEM, now=LONG_AGO)
        township = below(district, f"{code}001", "汉丰街道")
        other = below(district, f"{code}002", "大德镇")
        village = below(township, f"{code}001201", "甲村")
        other_village = below(township, f"{code}001202", "乙村")
        return Tree(district.id, township.id, other.id, village.id, other_village.id)


def make_account(
    app: Flask,
    tree: Tree,
    login: str,
    role: Role | None = None,
    office_id: str | None = None,
    *,
    name: str = "李试",
    password: str = PASSWORD,
) -> str:
    """An account, with a role at an office (the district by default); returns its id."""
    with app.app_context(), transaction(db_session()) as session:
        account = create_account(
            session,
            district_id=tree.district,
            login=login,
            name=name,
            password_hash=_hash(password),
            actor=SYSTEM,
            now=LONG_AGO,
        )
        if role is not None:
            office = session.get_one(Office, office_id or tree.district)
            grant_role(session, account, office, role, actor=SYSTEM, now=LONG_AGO)
        return account.id


@cache
def _hash(password: str) -> str:
    return hash_password(password)


def csrf_token(client: FlaskClient) -> str:
    """The token of the client's session."""
    page = client.get("/account", follow_redirects=True)
    found = re.search(r'name="csrf-token" content="([^"]+)"', page.text)
    assert found is not None
    return found[1]


def post(client: FlaskClient, path: str, **fields: object) -> TestResponse:
    """Send a form with the token of the session."""
    return client.post(path, data={"csrf_token": csrf_token(client), **fields})


def sign_in(client: FlaskClient, login: str, password: str = PASSWORD) -> TestResponse:
    """Sign in as a person would."""
    return post(client, "/sign-in", login=login, password=password)
