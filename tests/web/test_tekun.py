"""Pages of a case of extreme hardship: care on the household's page, the amount on its own."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from models.accounts import Account
from models.cases import Case
from models.households import Area
from tests.runtime.district import policy_files
from tests.web.desk import statements
from tests.web.people import PASSWORD, sign_in
from web.database import db_session
from workflows.access.passwords import hash_password
from workflows.assistance.households import ApplicantData
from workflows.decisions.strict_yaml import load_yaml
from workflows.errors import SYSTEM, Conflict
from workflows.runtime.applying import open_by_form
from workflows.scenarios.given import id_number
from workflows.scenarios.runner import Runner
from workflows.transaction import transaction

#: A district, its staff and one case, told by a scenario up to some of its steps.
Told = Callable[[str, int], str]


@pytest.fixture
def told(app: Flask) -> Told:
    """Runs a scenario's first steps on the application's database; gives its first case."""

    def run(name: str, steps: int) -> str:
        files = policy_files()
        path = f"scenarios/{name}.yaml"
        scenario = copy.deepcopy(dict(load_yaml(files[path], file=path)))
        scenario["when"], scenario["then"] = scenario["when"][:steps], {}
        with app.app_context():
            runner = Runner(db_session(), scenario, files, keys=app.extensions["doudi"].keys.ring)
            runner.run()
            with transaction(db_session()) as session:
                session.execute(update(Account).values(password_hash=hash_password(PASSWORD)))
            return runner.case_ids[0]

    return run


def reader(client: FlaskClient, login: str = "lihua") -> FlaskClient:
    """Somebody of the scenario's district, signed in."""
    sign_in(client, login)
    return client


def test_the_household_page_shows_setting_contract_and_self_care(
    told: Told, client: FlaskClient
) -> None:
    # given a person confirmed, and care arranged at home with a contract that has run out
    case_id = told("tekun-arrangement", 14)
    # when
    page = reader(client).get(f"/cases/{case_id}/household").text
    # then
    assert "在家供养（分散）" in page and "本人选择" in page
    assert "完全丧失，全护理" in page and "六项中4项不能自主完成" in page
    assert "邻居李某（邻居）" in page and "每月报酬300.00元" in page
    assert "已经到期，应当续签" in page
    assert "13800000000" not in page


def test_before_anything_is_arranged_the_page_says_so(told: Told, client: FlaskClient) -> None:
    # given
    case_id = told("tekun-arrangement", 12)
    # when
    page = reader(client).get(f"/cases/{case_id}/household").text
    # then
    assert "没有安排" in page and "没有正在履行的协议" in page


def test_the_calculation_tells_conditions_tier_and_amount(told: Told, client: FlaskClient) -> None:
    # given
    case_id = told("c13-half-care", 12)
    # when
    page = reader(client).get(f"/cases/{case_id}/calculation").text
    # then
    assert "符合特困人员的三个条件" in page
    assert "半护理" in page and "1,027.00" in page
    assert (
        "照料护理每月 200.00 元，合计每月 1027.00 元" in page.replace(",", "")
        and "basic =" not in page
    )
    assert "基本生活827.00 + 照料护理200.00" in page


def test_care_costs_two_statements_however_many_people_get_support(
    app: Flask, told: Told, client: FlaskClient
) -> None:
    # given
    case_id = told("tekun-arrangement", 14)
    reader(client).get(f"/cases/{case_id}/household")
    # when
    with statements(app) as sent:
        client.get(f"/cases/{case_id}/household")
    # then
    care = [one for one in sent if "care_contracts" in one or "self_care_assessments" in one]
    assert len(care) == 2


def test_a_case_about_a_grandchild_goes_by_their_name(told: Told, client: FlaskClient) -> None:
    # given a household of two, with a case for each
    case_id = told("tekun-minor", 5)
    # when
    page = reader(client).get(f"/cases/{case_id}").text
    listed = client.get("/cases").text
    queue = client.get("/work").text
    # then
    assert "成员2" in page
    assert "成员1" in listed and "成员2" in listed
    assert "成员1" in queue and "成员2" in queue


def test_who_applies_by_the_form_is_the_person_and_not_the_head(app: Flask, told: Told) -> None:
    # given a grandchild's open case
    case_id = told("tekun-minor", 1)
    with app.app_context():
        session = db_session()
        village = str(session.get_one(Case, case_id).village_id)
        # when each of the two applies
        with pytest.raises(Conflict) as refused:
            _apply(app, village, id_number(date(2010, 5, 1), 101))
        made = _apply(app, village, id_number(date(1958, 3, 1), 100))
        # then
        assert refused.value.code == "open_case_exists"
        grandchild = session.get_one(Case, case_id)
        assert made.household_id == grandchild.household_id
        assert made.person_id not in (None, grandchild.person_id)


def _apply(app: Flask, village: str, number: str) -> Case:
    applicant = ApplicantData(village, Area.RURAL, "某人", number)
    answers = {"application_way": "self", "applied_on": "2021-09-13", "need": "没有收入"}
    with transaction(db_session()) as session:
        return open_by_form(
            session, "tekun", applicant, answers, app.extensions["doudi"].keys.ring,
            channel="window", actor=SYSTEM, now=datetime(2021, 9, 13, 4, tzinfo=UTC),
        )  # fmt: skip
