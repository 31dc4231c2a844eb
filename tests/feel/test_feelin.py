"""FEEL here and in browsers: drawn expressions, each difference explained."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from scripts.feelin.compare import Plain, available, our_answer
from scripts.feelin.explained import EXPLANATIONS
from scripts.feelin.run import compare
from scripts.feelin.texts import KINDS, Texts
from tests.conditions import missing

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "feel.md"


@pytest.fixture
def feelin() -> None:
    if not available():
        missing("node and @bpmn-io/feelin (make frontend)")


@pytest.mark.usefixtures("feelin")
def test_every_difference_from_the_browser_s_feel_is_an_explained_one() -> None:
    # when
    compared = compare(800, seed=2026, mistakes=25)
    # then
    assert compared.unexplained == []
    assert compared.same > 400
    assert len(compared.explained) > 8


@pytest.mark.usefixtures("feelin")
def test_an_implementation_that_errs_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    def erring(text: str) -> Plain:
        answer = our_answer(text)
        number = isinstance(answer.get("value"), dict) and answer["value"].get("number")
        return {"value": {"number": str(Decimal(number) + 1)}} if number else answer

    monkeypatch.setattr("scripts.feelin.compare.our_answer", erring)
    # when
    compared = compare(200, seed=1)
    # then
    assert len(compared.unexplained) > 10


def test_the_page_about_feel_lists_every_class_of_differences() -> None:
    # given
    page = PAGE.read_text("utf-8")
    # when
    listed = [line.split("|")[1].strip() for line in page.splitlines() if line.startswith("| `")]
    # then
    assert {f"`{known.code}`" for known in EXPLANATIONS} <= set(listed)
    for known in EXPLANATIONS:
        assert known.says.split(";")[0].rstrip(".") in page, known.code
        assert known.clause in page


@pytest.mark.parametrize("kind", KINDS)
def test_drawn_texts_are_feel_and_the_same_for_the_same_seed(kind: str) -> None:
    # given
    first, second = Texts(5), Texts(5)
    # when
    texts = [first.of(kind, 3) for _ in range(50)]
    # then
    assert texts == [second.of(kind, 3) for _ in range(50)]
    assert [text for text in texts if "failed" in our_answer(text)] == []
