"""The attack surface: every route of the application with addresses of real rows, and clients."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from models.accounts import Account, ApiToken
from models.assistance import Attachment, Notice
from models.cases import Case, Incident
from models.clocks import Alert, Clock
from models.households import Household, HouseholdMember
from models.offices import OfficeLevel
from models.releases import Release
from models.remedies import Remedy, RemedyKind
from models.types import new_id
from tests.api.clients import Api
from tests.api.money import after_the_grant, empty_change, failed_payment
from web.database import current_moment
from web.guard import Access, access_of
from workflows.transaction import transaction

#: Values of path parameters that name no row.
PLAIN = {
    "release": "current",
    "process_id": "dibao",
    "message": "application.withdrawn",
    "process": "relief_urgent",
    "kind": "petition",
    "filename": "dist/icon.svg",
    "year": "2026",
}
KEYS = {"/decisions/": "dibao_start_month", "/deadlines/": "A.overall", "/forms/": "withdrawal"}
CHECKED = {"materials_result": "complete", "materials_received": ["最低生活保障申请书"]}


@dataclass(frozen=True)
class Route:
    """A method and rule with what its view says."""

    method: str
    rule: Rule
    access: Access

    @property
    def name(self) -> str:
        """How tests call it."""
        return f"{self.method} {self.rule.rule}"

    @property
    def is_api(self) -> bool:
        """Whether it answers in JSON."""
        return self.rule.rule.startswith("/api/")

    def path(self, ids: dict[str, str]) -> str:
        """The address with the ids of real rows."""
        path = self.rule.rule
        for part, value in KEYS.items():
            if part in path:
                path = path.replace("<key>", value)
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: ids[found[1]], path)


def routes(app: Flask) -> list[Route]:
    """Every route, static files left out."""
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            access = access_of(app.view_functions[rule.endpoint], method)
            assert access is not None, f"{method} {rule.rule} says nothing about access"
            found.append(Route(method, rule, access))
    return sorted(found, key=lambda route: route.name)


def browser_of(api: Api, login: str) -> FlaskClient:
    """A browser in which somebody of the staff is signed in."""
    account = api.session.scalar(select(Account).where(Account.login == login))
    assert account is not None
    client = api.client()
    moment = int(current_moment().timestamp())
    with client.session_transaction() as session:
        session.update(
            id="test", account=account.id, epoch=account.session_epoch, began=moment, seen=moment
        )
    api.session.rollback()
    return client


def token_of(client: FlaskClient) -> str:
    """The CSRF token of a browser."""
    page = client.get("/admin/access")
    found = re.search(r'name="csrf-token" content="([^"]+)"', page.text)
    assert found is not None
    return found[1]


def real_ids(api: Api) -> dict[str, str]:
    """The ids of one row of each kind, by the names of path parameters."""
    case_id = api.started()
    api.post("officer", f"/tasks/{api.task(case_id, 'Task_CheckMaterials')}/complete",
             {"answers": CHECKED})  # fmt: skip
    now = current_moment()
    file_id = api.district.attachment("officer", now)[0]
    api.token("officer")
    ids = {"incident_id": new_id(), "alert_id": new_id()}
    with transaction(api.session) as session:
        session.execute(update(Attachment).where(Attachment.id == file_id).values(case_id=case_id))
        district_id = api.district.offices["district"].id
        clock = session.scalars(select(Clock).where(Clock.case_id == case_id)).first()
        assert clock is not None
        session.add(
            Incident(
                id=ids["incident_id"], district_id=district_id, case_id=case_id, code="x",
                message="x", message_en="x", details={}, opened_at=now,
            )
        )  # fmt: skip
        session.add(
            Alert(
                id=ids["alert_id"], district_id=district_id, case_id=case_id, clock_id=clock.id,
                office_id=api.district.offices["township"].id, severity="red", message="x",
                raised_at=now,
            )
        )  # fmt: skip
        case = session.get_one(Case, case_id)
        ids["remedy_id"] = _remedy(session, case)
        ids |= {
            "case_id": case_id,
            "household_id": case.household_id or "",
            "case": case_id,
            "attachment_id": file_id,
            "person_id": _one(api, select(HouseholdMember.person_id).where(
                HouseholdMember.household_id == case.household_id)),
            "notice_id": _one(api, select(Notice.id).where(Notice.case_id == case_id)),
            "release_id": _one(api, select(Release.id)),
            "token_id": _one(api, select(ApiToken.id)),
            "account_id": api.district.accounts["leader"].id,
            "office_id": api.district.offices["village"].id,
            "village_id": api.district.offices["village"].id,
            "posting_id": new_id(),
            "index_id": new_id(),
            "code": "BCDFGHJKMNPQ",
            "holding_id": new_id(),
            "township_id": api.district.offices["township"].id,
        }  # fmt: skip
    ids |= failed_payment(api, case_id) | empty_change(api, ids["release_id"])
    ids |= after_the_grant(api)
    return {**PLAIN, **ids, "task_id": api.task(case_id, "Task_StartSurvey")}


def _remedy(session: Session, case: Case) -> str:
    """A review that stands with the case itself, filed by the household's head."""
    household = session.get_one(Household, case.household_id)
    remedy = Remedy(
        id=new_id(),
        district_id=case.district_id,
        township_id=case.township_id,
        kind=RemedyKind.REVIEW,
        case_id=case.id,
        party_id=household.head_person_id,
        filed_on=case.opened_at.date(),
    )
    session.add(remedy)
    return remedy.id


def _one(api: Api, query: object) -> str:
    found = api.session.scalars(query).first()  # type: ignore[call-overload]  # any select
    assert isinstance(found, str)
    return found


def district_offices(api: Api) -> dict[OfficeLevel, str]:
    """The offices of the district by level."""
    found = {OfficeLevel(key): office.id for key, office in api.district.offices.items()}
    api.session.rollback()
    return found


class Fields(HTMLParser):
    """The forms of a page: action and names of fields with their values."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect forms and their fields."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((given.get("action", ""), {}))
        elif tag in ("input", "textarea", "select", "button") and self.forms and "name" in given:
            self.forms[-1][1].setdefault(given["name"], given.get("value", ""))


def forms_of(client: FlaskClient, path: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The forms of a page."""
    yield from Fields(client.get(path).text).forms
