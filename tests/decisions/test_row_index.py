"""The index of a table's rows: what it finds is what looking at each row finds."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.decisions.models import make_table_model
from workflows.decisions import DecisionError, DecisionModel, evaluate_decision, tables
from workflows.decisions.cells import intervals
from workflows.decisions.row_index import MAX_ROWS, UNKNOWN, RowIndex, bits, make_index

NUMBERS = st.sampled_from(
    ["-", "1", "< 2", ">= 2", "[1..3)", "1, 3", "< 1, > 2", "[1..2], (2..3]", "[3..1]", "? > 1"]
)
TEXTS = st.sampled_from(["-", '"a"', '"b"', '"a", "b"', 'not("a")', '> "a"'])
FLAGS = st.sampled_from(["-", "true", "false", "not(true)", "1"])
ROWS = st.lists(st.tuples(NUMBERS, TEXTS, FLAGS), min_size=2, max_size=6)
INPUTS = {"n": "Any", "t": "Any", "f": "Any"}
VALUES: dict[str, list[Any]] = {
    "n": [None, "a", *(Decimal(half) / 2 for half in range(1, 8))],
    "t": [None, "a", "b", "c", Decimal(1)],
    "f": [None, True, False, Decimal(1)],
}


def outcomes(model: DecisionModel) -> list[Any]:
    """What a table gives for every combination of values: the rows that hit, or the error."""
    found: list[Any] = []
    for values in product(*VALUES.values()):
        try:
            result = evaluate_decision(model, "result", dict(zip(VALUES, values, strict=True)))
            found.append((result.value, result.explanation))
        except DecisionError as error:
            found.append((error.code, error.message_en))
    return found


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS, st.sampled_from(["COLLECT", "FIRST", "UNIQUE"]))
def test_an_indexed_table_decides_as_one_that_looks_at_every_row(
    monkeypatch: pytest.MonkeyPatch, rows: list[tuple[str, ...]], policy: str
) -> None:
    # given
    lines = [f"{' | '.join(row)} | {number} | x" for number, row in enumerate(rows)]
    columns: dict[str, Any] = {"inputs": INPUTS, "outputs": {"row": "number"}, "policy": policy}
    indexed = make_table_model(lines, **columns)
    with monkeypatch.context() as patched:
        patched.setattr(tables, "make_index", lambda rows: None)
        plain = make_table_model(lines, **columns)
    # when / then
    assert outcomes(indexed) == outcomes(plain)


def test_the_index_answers_up_to_the_first_cell_that_it_does_not_know() -> None:
    # given
    rows = [
        (intervals("< 5"), None, intervals('"a"')),
        (intervals(">= 5"), UNKNOWN, intervals('"a"')),
        (None, intervals("true"), intervals('"b"')),
    ]
    # when
    index = RowIndex(rows)
    # then
    assert index.answered == [3, 1, 3]
    found = index.candidates([Decimal(7), True, "z"])
    assert found is not None
    assert list(bits(found)) == [1]
    assert index.candidates(["7", True, "z"]) is None


def test_a_table_too_long_for_an_index_has_none() -> None:
    # given
    row = (intervals("1"),)
    # when / then
    assert make_index([row] * MAX_ROWS) is not None
    assert make_index([row] * (MAX_ROWS + 1)) is None
