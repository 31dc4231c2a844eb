"""The draw of cases that the district visits: its share, its repetition, its record."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.cases import Case
from models.tekun import SpotCheckBlock, SpotCheckDraw
from tests.assistance.grants.world import Benefit
from workflows.assistance.context import OperationContext
from workflows.assistance.tekun.draw import draw_case, drawn_positions, require_visit
from workflows.errors import Invalid
from workflows.transaction import transaction

TEN = Decimal(10)


def drawn(
    benefit: Benefit, share: str = "0.3", block: Decimal = TEN
) -> tuple[Mapping[str, Any], OperationContext]:
    """A new case that comes to the district, and what was drawn for it."""
    session = benefit.session
    with transaction(session):
        context = benefit.context("2021-10-11")
        context.case = _case_like(session, context.case)
        found = draw_case(context, programme="tekun", share=Decimal(share), block=block)
    return found, context


def _case_like(session: Session, case: Case) -> Case:
    number = session.query(Case).count()
    made = Case(
        district_id=case.district_id, number=f"TEKUN-{number}", process_key="tekun",
        release_id=case.release_id, household_id=case.household_id,
        township_id=case.township_id, opened_at=case.opened_at, version=1, engine_state=b"",
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def test_every_ten_cases_have_three_that_are_drawn(session: Session) -> None:
    # given
    benefit = Benefit.begun(session)
    # when
    found = [drawn(benefit)[0]["drawn"] for _ in range(20)]
    # then
    assert sum(found[:10]) == 3 and sum(found[10:]) == 3


def test_the_draw_can_be_repeated_from_the_seed_that_the_last_case_tells(
    session: Session,
) -> None:
    # given
    benefit = Benefit.begun(session)
    # when
    notes = [drawn(benefit)[1].notes[-1] for _ in range(10)]
    # then the seed stays hidden until the block is full, and is the one that was committed to
    assert all("seed" not in note for note in notes[:9])
    seed = str(notes[9]["seed"])
    assert {note["commitment"] for note in notes} == {hashlib.sha256(seed.encode()).hexdigest()}
    # and whoever draws again gets the same cases
    again = drawn_positions(seed, 10, 3)
    assert [note["position"] for note in notes if note["drawn"]] == sorted(again)
    rows = session.scalars(select(SpotCheckDraw.position).where(SpotCheckDraw.is_drawn)).all()
    assert set(rows) == again


def test_a_case_that_comes_again_keeps_what_was_drawn(session: Session) -> None:
    # given
    benefit = Benefit.begun(session)
    first, context = drawn(benefit)
    # when
    with transaction(session):
        second = draw_case(context, programme="tekun", share=Decimal("0.3"), block=TEN)
    # then
    assert second == first
    assert session.scalars(select(SpotCheckBlock.filled)).all() == [1]


def test_a_drawn_case_is_not_confirmed_without_the_visit(session: Session) -> None:
    # given
    benefit = Benefit.begun(session)
    _, context = drawn(benefit, share="1")
    # when
    with pytest.raises(Invalid) as refused:
        require_visit(context, None)
    # then
    assert refused.value.code == "visit_missing"
    require_visit(context, context.today)


@given(st.text(min_size=1), st.integers(1, 40), st.integers(0, 40))
def test_as_many_positions_are_drawn_as_were_asked_for(seed: str, size: int, count: int) -> None:
    # when
    found = drawn_positions(seed, size, count)
    # then
    assert len(found) == min(size, count)
    assert found <= set(range(1, size + 1))
    assert found == drawn_positions(seed, size, count)
