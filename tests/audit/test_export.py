"""Exports: an offline verifier that shares no code, CSV that a spreadsheet can't be tricked by."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.audit.acts import KEYS, NOW, act, make_subject, make_trail, seal, see
from workflows.audit import offline, sealed
from workflows.audit.export import (
    BOM,
    Scope,
    accesses_csv,
    entries_csv,
    export_all,
    export_subject,
    safe_cell,
)
from workflows.audit.sealing import last_head
from workflows.privacy import KeyRing, new_data_key

RING = KeyRing(keys={1: b"1" * 32}, current=1, index_key=b"i" * 32)
Lines = list[dict[str, object]]


def check(lines: Iterable[str], anchors: dict[int, str] | None = None) -> list[str]:
    return offline.verify_lines(lines, KEYS, anchors or {}).problems


def changed(lines: list[str], change: Callable[[Lines], None]) -> list[str]:
    documents = [json.loads(line) for line in lines]
    change(documents)
    return [json.dumps(document, ensure_ascii=False) for document in documents]


def first(documents: Lines, kind: str, place: int = 0) -> dict[str, object]:
    return [document for document in documents if document["type"] == kind][place]


def test_a_whole_export_verifies_offline(session: Session) -> None:
    # given
    make_trail(session)
    act(session, make_subject("waiting"), 2)

    # when
    found = offline.verify_lines(export_all(session), KEYS, {})

    # then
    assert found.problems == []
    assert found.counts["entry"] == 22
    assert found.counts["leaf"] == 24
    assert found.counts["unsealed"] == 2


def test_one_subjects_export_verifies_offline_by_proofs(session: Session) -> None:
    # given
    make_trail(session)
    act(session, make_subject("case-1"), 1)
    head = last_head(session)
    assert head is not None

    # when
    lines = list(export_subject(session, make_subject("case-1")))

    # then
    found = offline.verify_lines(lines, KEYS, {head.size: head.root.hex()})
    assert found.problems == []
    assert (found.counts["entry"], found.counts["proof"], found.counts["unsealed"]) == (6, 5, 1)
    assert offline.verify_lines(lines, KEYS, {head.size: "00" * 32}).problems


def test_the_offline_verifier_runs_without_any_package(session: Session, tmp_path: Path) -> None:
    # given
    make_trail(session)
    export = tmp_path / "export.jsonl"
    export.write_text("".join(export_all(session)), encoding="utf-8")
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({name: key.hex() for name, key in KEYS.items()}))
    program = tmp_path / "offline.py"
    program.write_bytes(Path(offline.__file__).read_bytes())

    def run(path: Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", str(program), str(path), "--keys", str(keys)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    # then
    intact = run(export)
    assert (intact.returncode, intact.stdout.splitlines()[-1]) == (0, "INTACT")
    export.write_text(export.read_text(encoding="utf-8").replace("officer-1", "officer-2", 1))
    assert run(export).returncode == 1
    export.write_text("{}")
    assert run(export).returncode == 2
    assert run(tmp_path / "missing").returncode == 2


def change_body(lines: Lines) -> None:
    line = first(lines, "entry", 2)
    line["body"] = str(line["body"]).replace("officer-1", "officer-2")


def change_hash(lines: Lines) -> None:
    first(lines, "entry", 2)["hash"] = "11" * 32


def drop_entry(lines: Lines) -> None:
    lines.remove(first(lines, "entry", 2))


def drop_last_entry(lines: Lines) -> None:
    lines.remove(first(lines, "entry", -1))


def repeat_entry(lines: Lines) -> None:
    lines.insert(3, first(lines, "entry", 2))


def swap_entries(lines: Lines) -> None:
    lines[2], lines[3] = lines[3], lines[2]


def drop_subject(lines: Lines) -> None:
    gone = [line for line in lines if "case-1" in json.dumps(line)]
    for line in gone:
        lines.remove(line)


def drop_access(lines: Lines) -> None:
    lines.remove(first(lines, "access"))


def drop_leaf(lines: Lines) -> None:
    lines.remove(first(lines, "leaf", 5))


def drop_last_head(lines: Lines) -> None:
    lines.remove(first(lines, "head", -1))


def change_root(lines: Lines) -> None:
    first(lines, "head")["root"] = "11" * 32


def change_signature(lines: Lines) -> None:
    first(lines, "head")["signature"] = "11" * 64


def change_key(lines: Lines) -> None:
    first(lines, "head")["key"] = "another"


def drop_first_line(lines: Lines) -> None:
    del lines[0]


@pytest.mark.parametrize(
    "change",
    [
        change_body,
        change_hash,
        drop_entry,
        drop_last_entry,
        repeat_entry,
        swap_entries,
        drop_subject,
        drop_access,
        drop_leaf,
        drop_last_head,
        change_root,
        change_signature,
        change_key,
        drop_first_line,
    ],
)
def test_a_changed_export_is_noticed_offline(
    session: Session, change: Callable[[Lines], None]
) -> None:
    # given
    make_trail(session)
    lines = list(export_all(session))
    assert check(changed(lines, lambda _lines: None)) == []

    # when
    forged = changed(lines, change)

    # then
    assert check(forged) != []


def test_roots_kept_elsewhere_are_compared_offline(session: Session) -> None:
    # given
    make_trail(session)
    lines = list(export_all(session))
    head = last_head(session)
    assert head is not None

    # then
    assert check(lines, {head.size: head.root.hex()}) == []
    assert check(lines, {head.size: "00" * 32}) != []
    assert check(lines, {3: "00" * 32}) != []
    assert check(lines, {head.size + 1: "00" * 32}) != []


def test_a_forged_proof_is_noticed_offline(session: Session) -> None:
    # given
    make_trail(session)
    lines = list(export_subject(session, make_subject("case-1")))

    def cut(documents: Lines) -> None:
        path = first(documents, "proof")["path"]
        assert isinstance(path, list)
        path.pop()

    def move(documents: Lines) -> None:
        first(documents, "proof")["index"] = "0"

    for change in (cut, move, change_root):
        assert check(changed(lines, change)) != []


@given(st.binary(max_size=100))
@settings(max_examples=20, deadline=None)
def test_the_second_ed25519_agrees_with_the_first(message: bytes) -> None:
    # given
    key = Ed25519PrivateKey.generate()
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)

    # then
    assert offline.ed25519_verify(public, message, signature)
    assert not offline.ed25519_verify(public, message + b"x", signature)
    assert not offline.ed25519_verify(public, message, signature[:32] + bytes(32))
    assert not offline.ed25519_verify(public, message, bytes(32) + signature[32:])
    assert not offline.ed25519_verify(public[:-1], message, signature)


def test_the_second_ed25519_passes_the_vector_of_rfc_8032() -> None:
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert offline.ed25519_verify(public, b"\x72", signature)


def table(chunks: Iterable[str]) -> list[list[str]]:
    text = "".join(chunks)
    assert text.startswith(BOM)
    return list(csv.reader(io.StringIO(text.removeprefix(BOM), newline="")))


def test_entries_become_csv_with_local_times_and_names(session: Session) -> None:
    # given
    act(session, make_subject(), 2, note="同意")

    # when
    rows = table(entries_csv(session, Scope(), names=lambda account: f"经办人 {account}"))

    # then
    assert rows[0][:5] == ["时间", "对象类型", "对象编号", "序号", "动作"]
    assert rows[1][:7] == [
        "2021-09-08 10:00:00",
        "case",
        "case-1",
        "1",
        "待办办结",
        "经办人 officer-1",
        "case_officer",
    ]
    assert json.loads(rows[1][8]) == {"note": "同意", "number": "0"}
    assert len(rows) == 3


def test_sealed_values_are_masked_unless_somebody_may_see_them(session: Session) -> None:
    # given
    key = new_data_key(RING, "person-1")[0]
    act(session, make_subject(), name=sealed(key, make_subject(), "name", "张三丰"))

    # then
    masked = "".join(entries_csv(session, Scope()))
    assert "张三丰" not in masked and "（已加密）" in masked
    opened = "".join(entries_csv(session, Scope(), reveal=lambda _subject, _value: "张*"))
    assert "张*" in opened
    refused = "".join(entries_csv(session, Scope(), reveal=lambda _subject, _value: None))
    assert "（已加密）" in refused


def test_an_export_keeps_to_its_scope(session: Session) -> None:
    # given
    act(session, make_subject("one"), 3)
    act(session, make_subject("two"), 2)

    # then
    assert len(table(entries_csv(session, Scope(district_id="elsewhere")))) == 1
    assert len(table(entries_csv(session, Scope(district_id="district-1")))) == 6
    assert len(table(entries_csv(session, Scope(), subject=make_subject("two")))) == 3
    since = Scope(since=NOW + timedelta(seconds=1), until=NOW + timedelta(seconds=2))
    assert len(table(entries_csv(session, since))) == 3


def test_the_access_log_becomes_csv(session: Session) -> None:
    # given
    see(session, make_subject())

    # when
    rows = table(accesses_csv(session, Scope(), language="en"))

    # then
    assert rows[0][0] == "Time"
    assert rows[1][3] == "revealed"
    assert json.loads(rows[1][6]) == {"fields": ["id_number"], "reason": "核对"}


@pytest.mark.parametrize(
    "cell", ["=cmd|'/c calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1", "\uff20x"]
)
def test_no_cell_is_a_formula(cell: str) -> None:
    assert safe_cell(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "张三", "405.00", "a=b", "{}"])
def test_plain_cells_stay_as_they_are(cell: str) -> None:
    assert safe_cell(cell) == cell


def test_a_hostile_actor_name_is_neutralised_in_the_file(session: Session) -> None:
    # given
    act(session, make_subject(), 1)

    # when
    rows = table(entries_csv(session, Scope(), names=lambda _account: '=HYPERLINK("x")\n"'))

    # then
    assert rows[1][5] == '\'=HYPERLINK("x")\n"'


def test_an_empty_trail_exports_and_verifies(session: Session) -> None:
    assert seal(session) is None
    assert check(export_all(session)) == []
    assert check(export_subject(session, make_subject())) == []
