"""Files: what is kept, what is refused, who gets them back."""

from __future__ import annotations

import io
import re

import pytest

from tests.web.desk import PDF, Desk, accept, pdf
from workflows.assistance.files import MAX_BYTES, clean_name, keep_file, kept_file
from workflows.errors import Invalid, NotFound

FIELD = "authorisation_files"


def upload(desk: Desk, case_id: str, content: bytes, name: str) -> str:
    """Send one file to the request for an information check; the form that comes back."""
    task_id = desk.task(case_id, "Task_RequestInfoCheck")
    answer = desk.post(
        "jingban", f"/work/tasks/{task_id}/fields", **{f"u_{FIELD}": (io.BytesIO(content), name)}
    )
    assert answer.status_code == 200
    return answer.text


@pytest.fixture
def case_id(desk: Desk) -> str:
    """An accepted case."""
    made = desk.open_case()
    accept(desk, made)
    return made


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "empty.pdf", "文件是空的"),
        (b"MZ\x90\x00" + b"\0" * 100, "virus.pdf", "只能上传"),
        (b"%PDF-1.4 no end", "half.pdf", "只能上传"),
        (b"<html><script>alert(1)</script>", "page.png", "只能上传"),
        (b"GIF89a" + b"\0" * 50, "a.gif", "只能上传"),
    ],
)
def test_what_is_no_document_or_picture_is_refused(
    desk: Desk, case_id: str, content: bytes, name: str, said: str
) -> None:
    # when
    page = upload(desk, case_id, content, name)
    # then
    assert said in page
    assert f'name="m_{FIELD}"' not in page
    assert list((desk.config.data / "attachments" / "incoming").iterdir()) == []


def test_a_file_is_downloaded_as_it_was_by_those_who_see_the_case(desk: Desk, case_id: str) -> None:
    # given
    page = upload(desk, case_id, PDF, "../../授权书<1>.exe")
    found = re.search(rf'name="m_{FIELD}" value="([^"]+)"', page)
    assert found is not None
    path = f"/attachments/{found[1]}"
    # when
    own = desk.client("jingban").get(path)
    other = desk.client("shenhe").get(path)
    # then: before it belongs to the case it is its uploader's
    assert own.data == PDF
    assert own.headers["Content-Type"] == "application/pdf"
    assert own.headers["Content-Disposition"].startswith("attachment")
    assert "exe.pdf" in own.headers["Content-Disposition"]
    assert (own.headers["Cache-Control"], own.headers.get("Expires")) == ("no-store", None)
    assert other.status_code == 404
    own.close()
    # when
    desk.do(
        "jingban", case_id, "Task_RequestInfoCheck",
        f_authorisation_complete="true", m_info_check_scope=["tax"],
        m_authorisation_files=[found[1]],
    )  # fmt: skip
    # then
    with desk.client("shenhe").get(path) as shown:
        assert shown.data == PDF
    assert desk.client("waizhen").get(path).status_code == 404


def test_a_request_above_the_limit_is_refused_before_it_is_read(desk: Desk, case_id: str) -> None:
    # given
    task_id = desk.task(case_id, "Task_RequestInfoCheck")
    # when
    answer = desk.client("jingban").post(
        f"/work/tasks/{task_id}/fields",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(2 * 1024**3)},
    )
    # then
    assert answer.status_code == 413
    assert "上限" in answer.text


def test_a_file_above_the_limit_leaves_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    # given
    folder = tmp_path_factory.mktemp("files")
    # when
    with pytest.raises(Invalid) as refused:
        keep_file(folder, io.BytesIO(b"%PDF-1.4" + b"0" * MAX_BYTES), "a.pdf")
    # then
    assert refused.value.code == "file.too_large"
    assert list((folder / "incoming").iterdir()) == []


def test_equal_contents_are_kept_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    # given
    folder = tmp_path_factory.mktemp("files")
    # when
    first, second = (keep_file(folder, pdf()[0], name) for name in ("甲.pdf", "乙.PDF"))
    # then
    assert first.sha256 == second.sha256
    assert (first.name, second.name) == ("甲.pdf", "乙.PDF")
    assert kept_file(folder, first.sha256).read_bytes() == PDF
    with pytest.raises(NotFound):
        kept_file(folder, "../../etc/passwd")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\照片\\房屋.JPG", "房屋.JPG"),
        ("../../etc/passwd", "passwd.jpg"),
        ("a\u202egpj.exe", "agpj.exe.jpg"),
        ("  ", "附件.jpg"),
        ("x" * 300 + ".jpg", "x" * 120 + ".jpg"),
    ],
)
def test_names_are_harmless(given: str, kept: str) -> None:
    assert clean_name(given, "image/jpeg") == kept
