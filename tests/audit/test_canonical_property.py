"""The quick way of writing a record gives the bytes of RFC 8785."""

from __future__ import annotations

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from workflows.audit.record import canonical

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=5))
def test_records_are_written_as_rfc_8785_says(document: dict[str, object]) -> None:
    # when
    written = canonical(document)
    # then
    assert written == rfc8785.dumps(document)
