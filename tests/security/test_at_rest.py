"""Planted names and numbers: in no file of the database, the log, the outbox or an export."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from structlog.testing import capture_logs

from models.accounts import Role
from models.base import Base
from tests.api.clients import Api
from tests.runtime.district import id_number
from tests.security.surface import browser_of, district_offices, token_of
from workflows.transaction import transaction

NAME, PHONE, OTHER = "欧阳隐秘甲", "13996550123", "司徒隐秘乙"
NUMBER = id_number("1961-09-17", 907)


def plants() -> list[bytes]:
    """Every spelling in which a planted text might stand."""
    texts = (NAME, PHONE, OTHER, NUMBER, NUMBER.lower())
    found = [text.encode(code) for text in texts for code in ("utf-8", "utf-16-le", "gb18030")]
    return [*found, *(text.encode("unicode_escape") for text in (NAME, OTHER))]


def planted_case(api: Api) -> str:
    """A case of a planted person, with a saved draft, a search, a look and a refused form."""
    document = api.application()
    document["household"]["members"][0] |= {"name": NAME, "id_number": NUMBER, "phone": PHONE}
    started = api.post("officer", "/cases", document, headers={"Idempotency-Key": f"k-{PHONE[:3]}"})
    assert started.status_code == 201, started.text
    assert started.json is not None
    case_id: str = started.json["id"]
    api.post("officer", "/cases", document)  # refused: they apply already
    client = browser_of(api, "officer")
    token = token_of(client)
    task_id = api.task(case_id, "Task_CheckMaterials")
    typed = {"csrf_token": token, "f_materials_note": NAME, "f_nothing": f"{OTHER} {NUMBER}"}
    for path in (f"/work/tasks/{task_id}/draft", f"/work/tasks/{task_id}"):
        client.post(path, data=typed)
    for path in ("/work/search", "/cases/search"):
        for wanted in (NAME, NUMBER):
            assert client.post(path, data={"csrf_token": token, "q": wanted}).status_code == 200
    client.get(f"/cases?q={NUMBER}")
    client.get(f"/cases/{case_id}/household")
    client.get(f"/nowhere/{NUMBER}")
    client.post("/sign-in", data={"csrf_token": token, "login": NUMBER, "password": OTHER})
    answers = {"materials_result": "complete", "materials_received": ["最低生活保障申请书"]}
    api.post("officer", f"/tasks/{task_id}/complete", {"answers": answers})
    return case_id


def test_nothing_planted_stands_in_database_log_outbox_or_export(api: Api, tmp_path: Path) -> None:
    # given
    with capture_logs() as lines:
        case_id = planted_case(api)
    # when
    places = {"log": str(lines).encode(), "database": dumped(api)}
    auditor = api.staff(Role.AUDITOR, district_offices(api))
    for form in ("csv", "jsonl"):
        answer = api.post(auditor, f"/audit/cases/{case_id}/export", {"format": form})
        assert answer.status_code == 200
        places[form] = answer.data
    places |= {str(file): file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    # then
    found = {(name, plant) for name, content in places.items() for plant in plants()
             if plant in content}  # fmt: skip
    assert found == set()
    assert case_id.encode() in places["database"]


def dumped(api: Api) -> bytes:
    """The bytes of the database: its files on SQLite, every value of every row elsewhere."""
    address = make_url(str(api.app.config["SQLALCHEMY_DATABASE_URI"]))
    if address.get_backend_name() == "sqlite":
        path = Path(str(address.database))
        files = [path.with_name(path.name + end) for end in ("", "-wal", "-shm")]
        return b"".join(file.read_bytes() for file in files if file.exists())
    with transaction(api.session) as session:
        rows = [
            session.execute(text(f'SELECT * FROM "{table.name}"')).all()
            for table in Base.metadata.sorted_tables
        ]
    parts: list[bytes] = []
    for row in rows:
        for values in row:
            parts += [
                bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                for value in values
            ]
    return b"\n".join(parts)


@pytest.mark.parametrize("path", ["/cases", "/work"])
def test_what_is_searched_for_stands_in_no_address(api: Api, path: str) -> None:
    # given
    planted_case(api)
    client = browser_of(api, "officer")
    # when
    answer = client.post(f"{path}/search", data={"csrf_token": token_of(client), "q": NUMBER})
    # then
    assert answer.status_code == 200
    assert NUMBER not in str(answer.headers)
