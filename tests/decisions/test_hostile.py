"""Whatever stands in a document, it is refused, found out or evaluated; nothing else happens."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.decisions.models import make_decision, make_document, make_input, make_table
from workflows.decisions import check_decision, evaluate_decision, parse_dmn
from workflows.errors import DoudiError

WORDS = st.sampled_from(
    [
        "1", "..", "income", "for x in ", "return ", '"a"', "[", "]", "{", "}", "a:", "?", "not(",
        "-", "null", 'date("2026-01-01")', "(", ")", "+", "**", "999999", "function(a) ", "if ",
        "then ", "else ", "and ", "in ", "< ", ">= ", '@"P1D"', "every x in ", "satisfies ",
        "sum(", ".", "item", "between ", "instance of ", "number", "string(", "家庭", "1e300",
    ]
)  # fmt: skip
TEXTS = st.lists(WORDS, max_size=8).map("".join).filter(lambda text: "|" not in text)
VALUES = st.sampled_from(
    [Decimal(5), -3, "a", True, None, [Decimal(1)], {"a": Decimal(1)}, date(2026, 1, 1)]
)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@given(TEXTS, TEXTS, TEXTS, VALUES, st.booleans())
def test_any_text_in_a_cell_gives_a_value_or_an_error_of_ours(
    first: str, second: str, result: str, value: Any, strict: bool
) -> None:
    # given
    table = make_table(
        [f"{first} | {result} | mca57-15", f"{second} | {result} | mca57-15"],
        inputs={"income": "Any"},
        outputs={"amount": "Any"},
        policy="COLLECT",
    )
    content = make_document(make_input("income"), make_decision("result", table, inputs=["income"]))
    model = parse_dmn(content, file="test.dmn")
    # when
    findings = check_decision(model)
    try:
        found = evaluate_decision(model, "result", {"income": value}, strict=strict, now=NOW)
    except DoudiError as error:
        # then
        assert error.message and error.message_en
    else:
        assert found.explanation.to_json()
        assert found.explanation.lines()
    assert all(finding.message and finding.message_en for finding in findings)


@given(
    st.binary(max_size=300)
    | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))
)
def test_any_bytes_are_refused_or_read(content: bytes) -> None:
    for document in (content, make_document(content.decode("utf-8", "replace"))):
        try:
            parse_dmn(document, file="test.dmn")
        except DoudiError as error:
            assert error.findings
