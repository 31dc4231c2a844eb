"""The register of rule packs."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from workflows.definitions.files import PolicyFiles, load_policy
from workflows.definitions.findings import Report
from workflows.definitions.packs import PACKS, check_packs, read_packs
from workflows.definitions.policy import parse_policy
from workflows.errors import Invalid

POLICY = Path(__file__).parents[2] / "bpmn"


@pytest.mark.parametrize(
    ("on", "newest"),
    [
        (date(2016, 5, 1), "RP-2016"),
        (date(2021, 8, 4), "RP-2021-07"),
        (date(2021, 8, 5), "RP-2021"),
        (date(2022, 10, 20), "RP-2022-10"),
        (date(2026, 1, 29), "RP-2026-01"),
        (date(2026, 7, 1), "RP-2026-07"),
    ],
)
def test_the_newest_pack_of_a_day(on: date, newest: str) -> None:
    # given
    register = read_packs((POLICY / PACKS).read_bytes(), Report(PACKS))
    # then
    assert register.in_force(on)[-1].id == newest


def test_before_the_first_pack_none_is_in_force() -> None:
    # given
    register = read_packs((POLICY / PACKS).read_bytes(), Report(PACKS))
    # then
    assert register.in_force(date(2016, 4, 30)) == ()


def test_a_policy_knows_which_day_picks_a_rule() -> None:
    # given
    policy = parse_policy(load_policy(POLICY))
    # when
    found = policy.packs.picking_date("gradual_exit_end")
    # then
    assert found is not None and found.date == "期满复核之日"
    assert policy.packs.picking_date("nothing") is None


def test_a_pack_whose_texts_were_read_begins_a_value_of_each_parameter_it_changes() -> None:
    # given
    policy = parse_policy(load_policy(POLICY))
    read = [pack for pack in policy.packs.packs if pack.certainty != "none"]
    # then
    assert sum(len(pack.parameters) for pack in read) > 10
    for pack in read:
        for key in pack.parameters:
            days = [entry.valid_from for entry in policy.parameters.parameters[key].entries]
            assert pack.valid_from in days, (pack.id, key)


BROKEN = """
packs:
  - {id: A, name: a, from: 2021-01-01, certainty: found, clauses: [no-such], parameters: [none]}
  - {id: A, name: a, from: 2022-01-01, certainty: sure, colour: red}
  - {id: B, name: b, from: soon, certainty: found}
  - {name: nobody}
dates:
  - {date: today, decisions: [no_decision], clauses: one}
"""


def test_everything_wrong_with_the_register_is_reported() -> None:
    # given
    report = Report(PACKS)
    # when
    register = read_packs(BROKEN.encode(), report)
    check_packs(register, report, clauses=["mca57-8"], parameters=["x"], decisions=["y"])
    # then
    assert sorted(finding.code for finding in report.findings) == [
        "clause.unknown",
        "decision.unknown",
        "register.field",
        "register.item",
        "register.repeated",
        "register.value",
        "register.value",
        "register.value",
        "register.value",
    ]


def test_a_policy_with_a_broken_register_is_refused_and_one_without_is_not() -> None:
    # given
    files = dict(load_policy(POLICY))
    broken = PolicyFiles({**files, PACKS: BROKEN.encode()})
    without = PolicyFiles({path: content for path, content in files.items() if path != PACKS})
    # then
    with pytest.raises(Invalid, match=r"policy\.invalid"):
        parse_policy(broken)
    assert parse_policy(without).packs.packs == ()


@pytest.mark.parametrize("text", ["[]", "other: 1", "packs: [", ""])
def test_a_document_of_another_shape_is_reported(text: str) -> None:
    # given
    report = Report(PACKS)
    # when
    read_packs(text.encode(), report)
    # then
    assert report.findings
