"""Every key that `doudi decide --list` names is answered, or refused with a sentence."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from typing import Any, Final

import pytest
from click.testing import CliRunner

from tests.bpmn.asking import policy
from tests.bpmn.policy import POLICY
from web.cli import doudi
from workflows.decisions import load_yaml
from workflows.decisions.catalogue import DAY_NAMES, Entry, Fact, decision_catalogue, read_facts
from workflows.definitions.questions import reply_to
from workflows.errors import DoudiError

ENTRIES: Final = {entry.key: entry for entry in decision_catalogue(policy().decisions.values())}
#: Days on both sides of each change of law, and one before any.
DAYS: Final = tuple(
    date.fromisoformat(day)
    for day in (
        "2016-06-01", "2020-01-01", "2021-08-04", "2021-08-05", "2021-10-15", "2022-10-19",
        "2022-10-20", "2023-02-01", "2025-01-01", "2026-01-29", "2026-06-30", "2026-07-01",
        "2027-03-01",
    )
)  # fmt: skip
NUMBERS: Final = tuple(
    Decimal(text)
    for text in (
        "0",
        "0.05",
        "1",
        "2",
        "3",
        "4",
        "16",
        "18",
        "60",
        "70",
        "515",
        "772.50",
        "636",
        "1272",
        "1272.01",
        "29000",
        "-1",
        "1E+30",
    )
)


def value(fact: Fact, on: date, chance: random.Random, gaps: float) -> Any:
    """Something that the fact may be, or sometimes null."""
    if chance.random() < gaps:
        return None
    if fact.many:
        return [single(fact, on, chance, gaps) for _ in range(chance.randint(0, 3))]
    return single(fact, on, chance, gaps)


def single(fact: Fact, on: date, chance: random.Random, gaps: float) -> Any:
    if fact.parts:
        return {part.name: value(part, on, chance, gaps) for part in fact.parts}
    if fact.values:
        return chance.choice(fact.values)
    if fact.type == "number":
        return chance.choice(NUMBERS)
    if fact.type == "boolean":
        return chance.choice([True, False])
    if fact.type == "date":
        return on if fact.name in DAY_NAMES else chance.choice([*DAYS, date(1950, 2, 28), on])
    return chance.choice(["none", "开州", ""])


@pytest.mark.parametrize("key", ENTRIES)
def test_a_key_is_answered_or_refused_with_a_sentence(key: str) -> None:
    # given
    entry, chance = ENTRIES[key], random.Random(key)
    answered = 0
    for turn in range(90):
        on = chance.choice(DAYS)
        gaps = 0.0 if turn % 3 else 0.15
        given = {fact.name: value(fact, on, chance, gaps) for fact in entry.inputs}
        # when
        try:
            reply_to(policy(), key, given, on=on)
        except DoudiError as refused:
            # then
            assert refused.message.endswith(("。", "？")), refused.message
            assert refused.message_en and refused.code != "facts.invalid", refused.code
        else:
            answered += 1
    assert answered, "no facts at all get a result"


def test_what_blank_prints_can_be_read_back_for_every_key() -> None:
    for key, entry in ENTRIES.items():
        # when
        result = CliRunner().invoke(doudi, ["decide", key, "--blank", "--folder", str(POLICY)])
        # then
        assert result.exit_code == 0
        blank = load_yaml(result.stdout.encode(), file="blank") or {}
        assert read_facts(entry, blank, on=DAYS[4]).keys() == {fact.name for fact in entry.inputs}


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda entry: entry.key)
def test_a_key_has_a_day_that_picks_its_law_and_typed_facts(entry: Entry) -> None:
    # then
    assert policy().packs.picking_date(entry.key) is not None
    assert entry.name and entry.outputs
    assert all(fact.type != "Any" for fact in entry.inputs)
