"""`doudi policy check`: every finding in the language asked for, and a count of each severity."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from web.cli.policy import policy_group

FOLDER = Path(__file__).parents[2] / "bpmn"


@pytest.mark.parametrize(
    ("language", "shown", "hidden"),
    [
        ("zh", "没有一行适用于", "no row covers"),
        ("en", "no row covers", "没有一行适用于"),
    ],
)
def test_the_gate_speaks_the_language_that_it_is_asked_for(
    language: str, shown: str, hidden: str
) -> None:
    # when
    result = CliRunner().invoke(policy_group, ["check", str(FOLDER), "--lang", language])
    # then
    assert result.exit_code == 0, result.output
    assert shown in result.output
    assert hidden not in result.output
    assert result.output.splitlines()[-1].startswith("0 errors, ")
    assert result.output.splitlines()[-1].endswith(" notes")


def test_an_error_of_a_table_stops_the_gate_in_both_languages(tmp_path: Path) -> None:
    # given
    for file in FOLDER.rglob("*"):
        if file.is_file():
            place = tmp_path / file.relative_to(FOLDER)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(file.read_bytes())
    table = tmp_path / "decisions" / "single-person.dmn"
    text = table.read_text("utf-8")
    table.write_text(text.replace("&lt; 当地标准", "&lt;= 当地标准", 1), "utf-8")
    # when
    result = CliRunner().invoke(policy_group, ["check", str(tmp_path), "--lang", "both"])
    # then
    assert result.exit_code == 1
    line = next(line for line in result.output.splitlines() if "dmn.overlap" in line)
    assert line.startswith("error decisions/single-person.dmn:")
    assert "重叠" in line
    assert "overlap, but only one may hit" in line
