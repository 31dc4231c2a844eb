"""What fuzzing does with an input, tried on its seeds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scripts.fuzz import targets
from scripts.fuzz.__main__ import main
from scripts.fuzz.seeds import write_seeds
from scripts.fuzz.targets import TARGETS, Finding
from scripts.soak import fuzzing
from tests.conditions import missing

JUNK = (b"", b"\xff\xfe", b"\x00", b"not((1..5])", b"[" * 200, b"<definitions/>", "𠀀".encode())


@pytest.mark.parametrize("target", TARGETS)
def test_every_seed_and_junk_have_an_answer(tmp_path: Path, target: str) -> None:
    # given
    count = write_seeds(tmp_path / target, target)
    files = sorted((tmp_path / target).iterdir())
    # when
    for content in (*JUNK, *(file.read_bytes() for file in files[::7])):
        TARGETS[target](content)
    # then
    assert count == len(files) > 50
    assert (tmp_path / f"{target}.dict").read_text("ascii").count('"') % 2 == 0


def test_an_answer_that_must_not_be_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(targets, "format_expression", lambda node: "1")
    monkeypatch.setattr(targets, "type_name", lambda value: "unknown")
    # when / then
    with pytest.raises(Finding):
        targets.expression(b"1 + 1")


def test_a_finding_is_run_again_from_its_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # given
    file = tmp_path / "tests" / "crash-1"
    file.parent.mkdir()
    file.write_bytes(b"[1..2[, not(3)")
    # when
    ended = main([str(file)])
    # then
    assert ended == 0
    assert capsys.readouterr().out == f"{file}: passes\n"
    assert main([]) == 2


@pytest.mark.slow
def test_fuzzing_guided_by_coverage_runs_from_its_seeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    if not fuzzing.is_available():
        missing("atheris (make soak)")
    monkeypatch.setattr(fuzzing, "FINDINGS", tmp_path)
    # when
    clean = fuzzing._fuzz_target("expression", 2, 1, tmp_path / "work")
    # then
    assert clean.runs > 100
    assert clean.findings == ()


def test_the_command_says_what_it_wants() -> None:
    # when
    said = subprocess.run(
        [sys.executable, "-m", "scripts.fuzz"], capture_output=True, text=True, check=False
    )
    # then
    assert said.returncode == 2
    assert "FILE" in said.stdout
