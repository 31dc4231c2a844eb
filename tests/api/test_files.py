"""Attachments over the JSON interface: uploaded, named by a form, handed out."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from tests.api.clients import Api
from tests.api.test_tasks import code_of
from tests.documents.test_notice_pdf import page_texts


def picture(shade: int = 0) -> bytes:
    """A PNG of one pixel."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes([0, shade]))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def upload(
    api: Api, content: bytes, name: str = "照片.png", key: str | None = None
) -> TestResponse:
    """Send a file as the officer."""
    return api.send(
        "officer", "POST", "/attachments",
        data={"file": (io.BytesIO(content), name)},
        headers={"Idempotency-Key": key} if key else {},
    )  # fmt: skip


def test_a_file_is_kept_and_handed_out_to_who_uploaded_it(api: Api) -> None:
    # when
    kept = upload(api, picture())
    # then
    assert kept.status_code == 201, kept.text
    assert kept.json is not None
    assert kept.json["sha256"] == hashlib.sha256(picture()).hexdigest()
    assert (kept.json["media_type"], kept.json["name"]) == ("image/png", "照片.png")
    path = f"/attachments/{kept.json['id']}"
    own = api.get("officer", path, buffered=True)
    other = api.get("leader", path)
    assert own.data == picture()
    assert own.headers["Content-Disposition"].startswith("attachment")
    assert (other.status_code, code_of(other)) == (404, "attachment_not_found")


def test_a_repeated_upload_is_kept_once(api: Api) -> None:
    # when
    first, again = upload(api, picture(), key="u"), upload(api, picture(), key="u")
    other = upload(api, picture(9), key="u")
    # then
    assert first.data == again.data
    assert again.headers["Idempotent-Replay"] == "true"
    assert (other.status_code, code_of(other)) == (409, "request_key_reused")


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "file.empty"), (b"MZ\x90", "file.type"), (b"%PDF-1.7 cut", "file.type")],
)
def test_what_is_no_document_is_refused(api: Api, content: bytes, code: str) -> None:
    # when
    answer = upload(api, content)
    # then
    assert (answer.status_code, code_of(answer)) == (422, code)


def test_an_upload_has_one_part_with_a_bounded_size(api: Api) -> None:
    # when
    as_json = api.post("officer", "/attachments", {})
    nameless = api.send(
        "officer", "POST", "/attachments", data={"other": (io.BytesIO(picture()), "a.png")}
    )
    with_field = api.send(
        "officer", "POST", "/attachments",
        data={"file": (io.BytesIO(picture()), "a.png"), "case_id": "x"},
    )  # fmt: skip
    huge = api.send(
        "officer", "POST", "/attachments", data=b"\0" * (12 * 1024 * 1024 + 1),
        content_type="multipart/form-data; boundary=x",
    )  # fmt: skip
    # then
    assert (as_json.status_code, code_of(as_json)) == (415, "http.415")
    assert nameless.status_code == with_field.status_code == 422
    assert (huge.status_code, code_of(huge)) == (413, "http.413")


def test_a_form_takes_a_file_into_its_case(api: Api) -> None:
    # given
    case_id = api.started()
    first = api.task(case_id, "Task_CheckMaterials")
    answers = {"materials_result": "complete", "materials_received": ["最低生活保障申请书"]}
    api.post("officer", f"/tasks/{first}/complete", {"answers": answers})
    kept = upload(api, picture()).json
    assert kept is not None
    answers = {
        "authorisation_complete": True, "info_check_scope": ["tax", "deposits"],
        "authorisation_files": [kept["id"]],
    }  # fmt: skip
    task_id = api.task(case_id, "Task_RequestInfoCheck")
    # when
    done = api.post("officer", f"/tasks/{task_id}/complete", {"answers": answers})
    listed = api.get("leader", f"/cases/{case_id}/attachments").json
    # then
    assert done.status_code == 200, done.text
    assert listed is not None
    assert [row["id"] for row in listed["attachments"]] == [kept["id"]]
    assert api.get("leader", f"/attachments/{kept['id']}", buffered=True).data == picture()


def test_a_notice_is_handed_out_as_pdf(api: Api) -> None:
    # given
    case_id, other = api.started(), api.started()
    first = api.task(case_id, "Task_CheckMaterials")
    answers = {"materials_result": "complete", "materials_received": ["最低生活保障申请书"]}
    api.post("officer", f"/tasks/{first}/complete", {"answers": answers})
    listed = api.get("officer", f"/cases/{case_id}/notices").json
    assert listed is not None
    notice = listed["notices"][0]
    # when
    paper = api.get("leader", f"/cases/{case_id}/notices/{notice['id']}.pdf", buffered=True)
    elsewhere = api.get("leader", f"/cases/{other}/notices/{notice['id']}.pdf")
    # then
    assert (paper.status_code, paper.content_type) == (200, "application/pdf")
    assert paper.headers["Content-Disposition"] == f"attachment; filename={notice['number']}.pdf"
    (text,) = page_texts(paper.data)
    assert "陈德明：" in text and f"文号：{notice['number']}" in text
    assert (elsewhere.status_code, code_of(elsewhere)) == (404, "notice_not_found")


def test_without_a_font_a_notice_is_a_problem(api: Api, tmp_path: Path) -> None:
    # given
    case_id = api.started()
    first = api.task(case_id, "Task_CheckMaterials")
    answers = {"materials_result": "complete", "materials_received": ["最低生活保障申请书"]}
    api.post("officer", f"/tasks/{first}/complete", {"answers": answers})
    listed = api.get("officer", f"/cases/{case_id}/notices").json
    assert listed is not None
    settings = api.app.extensions["doudi"]
    api.app.extensions["doudi"] = replace(settings, notice_font=tmp_path / "nowhere.ttf")
    # when
    answer = api.get("officer", f"/cases/{case_id}/notices/{listed['notices'][0]['id']}.pdf")
    document = api.get("officer", "/openapi.json").json
    # then
    assert (answer.status_code, code_of(answer)) == (503, "document.font_missing")
    assert document is not None
    described = document["paths"]["/api/v1/cases/{case_id}/notices/{notice_id}.pdf"]["get"]
    assert {"200", "404", "503"} <= set(described["responses"])
    assert list(described["responses"]["200"]["content"]) == ["application/pdf"]
