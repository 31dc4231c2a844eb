"""How many SQL statements a request needs, counted inside one process."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from models.base import db
from scripts.benchmark.deployment import Deployment
from scripts.benchmark.district import PASSWORD, District
from scripts.benchmark.pages import TOKEN
from scripts.benchmark.seeding import PROCESS
from web import create_app
from web.config import Config

_STEPS = 3


def count_statements(
    deployment: Deployment, district: District, household_id: str
) -> dict[str, int]:
    """Statements, without BEGIN and COMMIT, of a start, each completion and the queue."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stderr(nowhere):
        app = create_app(Config.from_environment(deployment.environment()))
        try:
            return _count(app, district, household_id)
        finally:
            with app.app_context():
                db.engine.dispose()


def _count(app: Flask, district: District, household_id: str) -> dict[str, int]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
    client = app.test_client()
    token = district.officers[0].token
    content = {
        "process": PROCESS,
        "village_id": district.village_id,
        "household_id": household_id,
    }

    def start() -> Any:
        return _post(client, token, "/api/v1/cases", content)

    def counted(act: Callable[[], Any]) -> tuple[int, Any]:
        seen.clear()
        answer = act()
        return len(seen), answer

    _walk(client, token, start(), counted)  # warm: the policy is read once per process
    found: dict[str, int] = {}
    found["start"], case = counted(start)
    found |= _walk(client, token, case, counted)
    bearer = {"Authorization": f"Bearer {token}"}
    found["list_json"] = _counted_page(client, "/api/v1/tasks", counted, bearer)
    _sign_in(client, district.officers[0].login)
    found["list_html"] = _counted_page(client, "/work", counted, {})
    return found


def _counted_page(
    client: FlaskClient,
    path: str,
    counted: Callable[..., tuple[int, Any]],
    headers: Mapping[str, str],
) -> int:
    """Statements of a page that was shown before."""
    client.get(path, headers=headers)
    count, answer = counted(lambda: client.get(path, headers=headers))
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status_code}")
    return count


def _sign_in(client: FlaskClient, login: str) -> None:
    found = TOKEN.search(client.get("/sign-in").text)
    token = found[1] if found else ""
    client.post("/sign-in", data={"csrf_token": token, "login": login, "password": PASSWORD})


def _walk(
    client: FlaskClient, token: str, case: Any, counted: Callable[..., tuple[int, Any]]
) -> dict[str, int]:
    """Complete the case's tasks one after the other."""
    found = {}
    content = {"answers": {"amount": "1500.00", "note": "同意。"}}
    for number in range(1, _STEPS + 1):
        task_id = _open_task(client, case["id"])
        path = f"/api/v1/tasks/{task_id}/complete"

        def complete(path: str = path) -> Any:
            return _post(client, token, path, content)

        found[f"complete_{number}"], _ = counted(complete)
    return found


def _open_task(client: FlaskClient, case_id: str) -> str:
    statement = "SELECT id FROM tasks WHERE case_id = :case AND state = 'open'"
    with client.application.app_context(), db.engine.connect() as connection:
        found: str = connection.execute(db.text(statement), {"case": case_id}).scalar_one()
        return found


def _post(client: FlaskClient, token: str, path: str, content: Any) -> Any:
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": secrets.token_hex(12)}
    answer = client.post(path, json=content, headers=headers)
    if answer.status_code >= 300:
        raise RuntimeError(f"{path}: {answer.status_code} {answer.text[:500]}")
    return answer.get_json()
