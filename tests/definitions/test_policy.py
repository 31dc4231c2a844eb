"""The files of a policy, its hash and its parsed form."""

from __future__ import annotations

import hashlib
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from tests.definitions.diagrams import CALENDAR_YAML, findings, line, node, policy
from workflows.definitions.files import MOST_FILES, PolicyFiles, load_policy
from workflows.definitions.policy import parse_policy
from workflows.errors import Invalid, NotFound

FILES = policy(line(node("userTask", "Task_A")))


def test_the_hash_can_be_computed_again_with_sha256sum(tmp_path: Path) -> None:
    # given
    lines = [f"{hashlib.sha256(content).hexdigest()}  {path}\n" for path, content in FILES.items()]
    # when
    expected = hashlib.sha256("".join(sorted(lines, key=lambda row: row[66:])).encode())
    # then
    assert FILES.content_hash == expected.hexdigest()


def test_the_hash_names_content_and_path_but_not_order() -> None:
    # given
    backwards = PolicyFiles(dict(reversed(list(FILES.items()))))
    # when
    moved = FILES.replaced({"clauses.yaml": None, "regulation/clauses.yaml": FILES["clauses.yaml"]})
    # then
    assert backwards.content_hash == FILES.content_hash
    assert moved.content_hash != FILES.content_hash
    assert FILES.replaced({"clauses.yaml": b"x"}).content_hash != FILES.content_hash


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a//b", "a\nb", "低保.bpmn", "a/../b", ""])
def test_paths_that_climb_or_confuse_are_refused(path: str) -> None:
    # given / when / then
    with pytest.raises(Invalid) as caught:
        PolicyFiles({path: b""})
    assert caught.value.findings[0].code == "files.path"


def test_too_many_files_are_refused() -> None:
    # given / when / then
    with pytest.raises(Invalid):
        PolicyFiles({f"f{i}": b"" for i in range(MOST_FILES + 1)})


def test_a_folder_is_read_without_hidden_files(tmp_path: Path) -> None:
    # given
    for path, content in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    (tmp_path / ".hidden").write_text("x")
    # when
    found = load_policy(tmp_path)
    # then
    assert found == FILES


def test_a_link_in_the_folder_is_refused(tmp_path: Path) -> None:
    # given
    (tmp_path / "clauses.yaml").symlink_to("/etc/passwd")
    # when / then
    with pytest.raises(Invalid) as caught:
        load_policy(tmp_path)
    assert caught.value.findings[0].code == "files.link"


def test_a_linked_folder_is_refused(tmp_path: Path) -> None:
    # given
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "forms").symlink_to(tmp_path / "elsewhere")
    # when / then
    with pytest.raises(Invalid) as caught:
        load_policy(tmp_path / "policy")
    assert caught.value.findings[0].code == "files.link"
    assert "forms" in caught.value.findings[0].message


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    # given / when / then
    with pytest.raises(Invalid):
        load_policy(tmp_path / "nothing")


def test_a_parsed_policy_cannot_be_changed() -> None:
    # given
    parsed = parse_policy(FILES)
    # when / then
    with pytest.raises(TypeError):
        parsed.processes["x"] = parsed.processes["p"]  # type: ignore[index]  # read-only by type
    with pytest.raises(FrozenInstanceError):
        parsed.content_hash = "x"  # type: ignore[misc]  # frozen
    with pytest.raises(TypeError):
        parsed.process("p").elements["x"] = None  # type: ignore[index]  # read-only by type


def test_a_parsed_policy_answers_by_id() -> None:
    # given
    parsed = parse_policy(FILES)
    # when / then
    assert parsed.element("Task_A").form == "f"
    assert [process.id for process in parsed.startable()] == ["p"]
    assert parsed.clocks["A.k"].clauses == ("c1",)
    assert parsed.clauses["c1"].article == "第一条"
    with pytest.raises(NotFound):
        parsed.process("q")
    with pytest.raises(NotFound):
        parsed.element("Task_Z")


def test_a_policy_that_cannot_be_read_is_refused_with_every_finding() -> None:
    # given
    files = FILES.replaced({"clauses.yaml": b"a: b", "processes/p.bpmn": b"<x"})
    # when
    with pytest.raises(Invalid) as caught:
        parse_policy(files)
    # then
    assert {finding.code for finding in caught.value.findings} >= {"register.shape", "xml.syntax"}


def test_a_day_listed_twice_is_found() -> None:
    # given
    files = policy(
        None,
        **{
            "calendar.yaml": CALENDAR_YAML.replace(
                "workdays: []", "workdays:\n- {on: 2026-01-01, name: 元旦}"
            )
        },
    )
    # when
    found = {finding.code for finding in findings(files)}
    # then
    assert "calendar.repeated" in found
