"""What a request costs in SQL statements, however many tasks are open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from models.base import db
from models.relief import ReliefGrant, ReliefStage
from models.types import new_id
from scripts.benchmark.policy import measured_policy
from tests.api.clients import Api, make_api
from tests.api.test_relief import aided, owing
from web.database import current_moment
from workflows.calendar import local_day
from workflows.transaction import transaction

#: The budget of one completed task over HTTP, and of a page of the queue.
MOST_FOR_COMPLETION, MOST_FOR_QUEUE = 12, 6
#: A case with its relief, its look recorded; a page of papers owed.
MOST_FOR_CASE, MOST_FOR_DEBTS = 9, 2


@pytest.fixture
def measured(app: Flask, session: Session) -> Api:
    """A district with the small policy that is measured: tasks with a form and a timer."""
    return make_api(app, session, measured_policy())


@contextmanager
def statements(api: Api) -> Iterator[list[str]]:
    """The statements that the application sends meanwhile, without BEGIN."""
    sent: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    with api.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def start(api: Api, count: int) -> list[str]:
    """Open so many cases; the ids of their tasks."""
    for _ in range(count):
        answer = api.post("officer", "/cases", api.application(process="bench"))
        assert answer.status_code == 201, answer.text
    queue = api.get("officer", "/tasks").json
    assert queue is not None
    return [task["id"] for task in queue["tasks"]]


@pytest.mark.parametrize("key", [None, "k"])
def test_a_completion_stays_within_its_statements(measured: Api, key: str | None) -> None:
    # given
    api = measured
    first, second, third = start(api, 3)
    headers = {} if key is None else {"Idempotency-Key": key}

    def complete(task_id: str) -> int:
        own = {name: f"{value}-{task_id}" for name, value in headers.items()}
        with statements(api) as sent:
            answer = api.post(
                "officer", f"/tasks/{task_id}/complete",
                {"answers": {"amount": "1500.00"}}, headers=own,
            )  # fmt: skip
        assert answer.status_code == 200, answer.text
        return len(sent)

    complete(first)
    # when
    counted = complete(second)
    start(api, 20)
    # then
    assert counted <= MOST_FOR_COMPLETION
    assert complete(third) == counted


def test_a_page_of_the_queue_takes_the_same_few_statements(measured: Api) -> None:
    # given
    api = measured
    start(api, 2)
    api.get("officer", "/tasks")
    # when
    with statements(api) as few:
        api.get("officer", "/tasks")
    start(api, 20)
    with statements(api) as many:
        api.get("officer", "/tasks")
    # then
    assert len(few) == len(many) <= MOST_FOR_QUEUE


def test_a_case_with_relief_and_a_page_of_debts_take_the_same_few_statements(api: Api) -> None:
    # given
    case_id = aided(api)
    paths = {f"/cases/{case_id}": MOST_FOR_CASE, "/relief/debts": MOST_FOR_DEBTS}
    first = [counted(api, path) for path in paths]
    # when
    owing(api, local_day(current_moment()), 20)
    more_stages(api, case_id)
    many = [counted(api, path) for path in paths]
    # then
    assert first == many
    assert all(found <= most for found, most in zip(many, paths.values(), strict=True)), many


def counted(api: Api, path: str) -> int:
    """How many statements the second look takes."""
    api.get("leader", path)
    with statements(api) as sent:
        assert api.get("leader", path).status_code == 200
    return len(sent)


def more_stages(api: Api, case_id: str) -> None:
    """Ten more stages of what a case granted."""
    with transaction(api.session) as session:
        grant = session.scalars(select(ReliefGrant).where(ReliefGrant.case_id == case_id)).one()
        for number in range(2, 12):
            session.add(
                ReliefStage(
                    id=new_id(), district_id=grant.district_id, grant_id=grant.id, number=number,
                    amount=Decimal(1), due_on=grant.decided_on,
                )
            )  # fmt: skip
