"""A case accepted under one pack and decided under the next names the pack of each result."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.assistance import Assessment
from tests.bpmn.policy import read_yaml
from tests.runtime.district import policy_files
from tests.runtime.test_run_again import trail_of
from workflows.feel import from_json
from workflows.scenarios.runner import Runner


@pytest.mark.parametrize(
    ("scenario", "packs", "amounts"),
    [
        (
            "pack-changes-before-decision",
            ["RP-2021", "RP-2022-10"],
            [Decimal("381.00"), Decimal("681.00")],
        ),
        ("standard-by-acceptance", ["RP-2021"], [Decimal("348.00")]),
    ],
)
def test_each_result_names_the_pack_of_its_day(
    session: Session, scenario: str, packs: list[str], amounts: list[Decimal]
) -> None:
    # given
    runner = Runner(session, read_yaml(f"scenarios/{scenario}.yaml"), policy_files())
    # when
    runner.run()
    made = session.scalars(select(Assessment).order_by(Assessment.made_at)).all()
    noted = [
        reason
        for entry in trail_of(session, runner)
        for reason in entry.data.get("reasons", [])
        if "assessment" in reason
    ]
    # then
    assert list(dict.fromkeys(row.explanation["pack"] for row in made)) == packs
    assert list(dict.fromkeys(from_json(row.result["monthly"]) for row in made)) == amounts
    assert {note["assessment"]: note["pack"] for note in noted} == {
        row.id: row.explanation["pack"] for row in made
    }
