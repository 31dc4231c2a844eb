"""Pictures of the processes, drawn by the pages' own viewer in a real browser."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import diagrams
from tests.conditions import missing

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "web" / "frontend" / "demo.bpmn"


@pytest.fixture
def source(tmp_path: Path, chromium: Path) -> Path:
    """A folder with one diagram in it."""
    if not (diagrams.DIST / "viewer.js").exists():
        missing("the built front end (make frontend)")
    folder = tmp_path / "processes"
    folder.mkdir()
    shutil.copy(DEMO, folder)
    return folder


def draw(source: Path, target: Path) -> subprocess.CompletedProcess[str]:
    """As `make diagrams` does it: the tests' own browser runs in this process already."""
    command = [sys.executable, "-m", "scripts.diagrams", str(source), str(target)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


@pytest.mark.browser
def test_a_diagram_drawn_twice_is_the_same_and_has_arrows(source: Path, tmp_path: Path) -> None:
    # when
    statuses = [draw(source, tmp_path / name).returncode for name in ("one", "two")]
    # then
    svg = (tmp_path / "one" / "demo.svg").read_text("utf-8")
    assert statuses == [0, 0]
    assert svg == (tmp_path / "two" / "demo.svg").read_text("utf-8")
    assert "登记入户调查" in svg
    assert svg.count("marker-end") == 3
    assert (tmp_path / "one" / "demo.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.browser
def test_a_broken_diagram_is_a_failure(source: Path, tmp_path: Path) -> None:
    # given
    (source / "broken.bpmn").write_text("<bpmn")
    # when
    done = draw(source, tmp_path / "out")
    # then
    assert done.returncode == 1
    assert "broken.bpmn: could not be drawn" in done.stdout
    assert (tmp_path / "out" / "demo.svg").exists()
