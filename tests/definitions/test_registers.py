"""Registers of any shape: the gate reports what is wrong with them and never fails itself."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.definitions.diagrams import PARAMETERS_YAML, codes, findings, line, node, policy
from workflows.definitions.packs import PACKS

DIAGRAM = line(node("serviceTask", "Task_A"))
REGISTERS: dict[str, Any] = {
    "clauses.yaml": [
        {"id": "c1", "text": "某办法", "article": "第一条", "source": "原文"}
        | {"summary": "要点", "kind": "summary", "certainty": "found"}
        | {"from": date(2021, 1, 1), "to": date(2030, 1, 1), "note": ["随意"]}
    ],
    "clocks.yaml": [
        {"key": "A.k", "name": "时限", "length": "k.length", "unit": "workdays", "roll": False}
        | {"clause": ["c1"], "warn": 1, "severity": "red", "note": "说明"}
    ],
    "calendar.yaml": {
        "version": "1",
        "known_from": date(2026, 1, 1),
        "known_until": date(2026, 12, 31),
        "holidays": [{"on": date(2026, 1, 1), "name": "元旦", "name_en": "New Year"}],
        "workdays": [{"on": date(2026, 1, 4), "name": "元旦"}],
    },
    "parameters/k.yaml": yaml.safe_load(PARAMETERS_YAML),
    PACKS: {
        "packs": [
            {"id": "A", "name": "甲", "from": date(2021, 1, 1), "certainty": "found"}
            | {"clauses": ["c1"], "changes": ["改"], "parameters": ["k.length"]}
        ],
        "dates": [{"date": "当日", "decisions": [], "clauses": ["c1"], "note": "说明"}],
    },
    "notices/n.yaml": {
        "refusal": {"title": "书", "once": True, "clauses": ["c1"], "paragraphs": ['"文"']}
    },
}
Place = tuple[str | int, ...]


def places(value: Any, here: Place = ()) -> Iterator[Place]:
    """Every place inside a document, the whole of it first."""
    yield here
    if isinstance(value, (dict, list)):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(part, (*here, key))


def changed(document: Any, place: Place, value: Any) -> Any:
    """The document with another value at a place."""
    if not place:
        return value
    copy = deepcopy(document)
    inner = copy
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return copy


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


PLACES = [(file, place) for file, document in REGISTERS.items() for place in places(document)]
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.dates(),
    st.decimals(allow_nan=False, allow_infinity=False, places=2).map(float),
    st.sampled_from(["c1", "k.length", "=", '"']),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(place=st.sampled_from(PLACES), value=VALUES)
def test_any_value_anywhere_gives_findings_and_no_error(
    place: tuple[str, Place], value: Any
) -> None:
    # given
    file, inside = place
    text = yaml.dump(changed(REGISTERS[file], inside, value), Dumper=_Plain, allow_unicode=True)
    documents = {path: yaml.dump(found, Dumper=_Plain) for path, found in REGISTERS.items()}
    # when
    found = findings(policy(DIAGRAM, **{**documents, file: text}))
    # then every finding can be read, and says in which file
    assert all(one.file is not None and one.message and one.message_en for one in found)
    if not inside and not isinstance(value, (dict, list)):
        assert any(one.severity == "error" for one in found)


def test_the_registers_of_these_tests_are_right() -> None:
    # given
    documents = {path: yaml.dump(found, Dumper=_Plain) for path, found in REGISTERS.items()}
    # when / then
    assert codes(policy(DIAGRAM, **documents)) == set()


@pytest.mark.parametrize(
    ("file", "place", "value", "expected"),
    [
        ("clocks.yaml", (0, "warn"), [1], ("register.value", "A.k")),
        ("clocks.yaml", (0, "warn"), {}, ("register.value", "A.k")),
        ("clocks.yaml", (0, "warn"), date(2026, 1, 1), ("register.value", "A.k")),
        ("clocks.yaml", (0, "warn"), 121, ("register.value", "A.k")),
        ("clocks.yaml", (0, "warn"), 1.5, ("register.value", "A.k")),
        ("clocks.yaml", (0, "clause"), [1], ("register.value", "A.k")),
        ("clocks.yaml", (0, "clause"), [], ("register.missing", "A.k")),
        ("clauses.yaml", (0, "summary"), ["x"], ("register.value", "c1")),
        ("clauses.yaml", (0, "certainty"), 1, ("register.value", "c1")),
        ("calendar.yaml", ("holidays",), "2026-01-01", ("register.value", "calendar")),
        ("calendar.yaml", ("holidays",), 0, ("register.value", "calendar")),
        ("calendar.yaml", ("version",), ["1"], ("register.value", "calendar")),
        ("calendar.yaml", ("holidays", 0, "name"), {}, ("register.value", "2026-01-01")),
        (PACKS, ("packs", 0, "certainty"), ["x"], ("register.value", "A")),
        (PACKS, ("packs", 0, "certainty"), None, ("register.value", "A")),
        (PACKS, ("packs", 0, "clauses"), "", ("register.value", "A")),
        (PACKS, ("packs", 0, "name"), 1, ("register.value", "A")),
        (PACKS, ("packs",), "foo", ("register.value", "packs")),
        (PACKS, ("dates",), {"a": "b"}, ("register.value", "dates")),
    ],
)
def test_a_value_of_another_shape_is_found_at_its_place(
    file: str, place: Place, value: Any, expected: tuple[str, str]
) -> None:
    # given
    documents = {path: yaml.dump(found, Dumper=_Plain) for path, found in REGISTERS.items()}
    documents[file] = yaml.dump(changed(REGISTERS[file], place, value), Dumper=_Plain)
    # when
    found = findings(policy(DIAGRAM, **documents))
    # then
    assert {(one.file, one.code, one.element) for one in found} == {(file, *expected)}


@pytest.mark.parametrize(
    ("days", "right"), [("0", True), ("120", True), ("121", False), ("1.5", False), ("-1", False)]
)
def test_a_warning_taken_from_a_parameter_is_no_longer_than_the_queue_looks(
    days: str, right: bool
) -> None:
    # given
    warning = PARAMETERS_YAML.replace("k.length", "k.warn").replace("value: 3", f"value: {days}")
    clocks = yaml.dump(changed(REGISTERS["clocks.yaml"], (0, "warn"), "k.warn"), Dumper=_Plain)
    # when
    found = codes(
        policy(DIAGRAM, **{"clocks.yaml": clocks, "parameters/k.yaml": PARAMETERS_YAML + warning})
    )
    # then
    assert found == (set() if right else {("clock.warning", "A.k")})
