"""What a request costs in SQL statements, however many tasks are open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from models.base import db
from scripts.benchmark.policy import measured_policy
from tests.api.clients import Api, make_api

#: The budget of one completed task over HTTP, and of a page of the queue.
MOST_FOR_COMPLETION, MOST_FOR_QUEUE = 12, 6


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
