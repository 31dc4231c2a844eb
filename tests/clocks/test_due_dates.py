"""Two hundred due dates over the holidays of 2021 to 2026, as a second method computed them."""

from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path

import pytest

from tests.clocks import second_method
from tests.runtime.district import policy_files
from workflows.clocks.derivation import Unit, derive
from workflows.definitions.policy import parse_policy

CALENDAR = parse_policy(policy_files()).calendar
with second_method.TABLE.open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


def start_of(text: str) -> date | datetime:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: "-".join(list(row.values())[:4]))
def test_a_deadline_is_the_one_of_the_second_method(row: dict[str, str]) -> None:
    # when
    found = derive(
        start_of(row["start"]),
        int(row["length"]),
        Unit(row["unit"]),
        calendar=CALENDAR,
        roll=row["roll"] == "true",
    )
    # then
    assert found.due_on is not None and found.due_at is not None
    assert found.due_on.isoformat() == row["due_on"]
    assert found.due_at.isoformat() == row["due_at"]
    assert not found.provisional


def test_the_table_has_two_hundred_lines_of_every_unit_and_year() -> None:
    assert len(ROWS) >= 200
    assert {row["unit"] for row in ROWS} == {unit.value for unit in Unit}
    assert {row["start"][:4] for row in ROWS} == {str(year) for year in range(2021, 2027)}


def test_the_table_is_what_the_second_method_writes_and_shares_no_code_with_the_product() -> None:
    assert second_method.TABLE.read_text("utf-8") == second_method.written()
    source = Path(second_method.__file__).read_text("utf-8")
    assert "workflows" not in source
