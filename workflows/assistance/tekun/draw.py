"""The draw of cases that the district visits (43 号 16): by seeds sealed beforehand, in blocks.

In a block of `size` cases those are drawn whose hash of seed and position is among the smallest;
how many is the share of the block, rounded up, so that every block reaches the share. Nobody can
tell the next position while the seed is hidden; its SHA-256 stands in the trail of the first case
already, and the seed itself in the trail of the last one, so that everybody can draw again.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import Any, Final

from sqlalchemy import select

from models.offices import Office
from models.tekun import SpotCheckBlock, SpotCheckDraw
from models.types import new_id
from workflows.assistance.context import OperationContext
from workflows.errors import Invalid
from workflows.numbers import next_number

_SEED_BYTES: Final = 32


def drawn_positions(seed: str, size: int, drawn: int) -> frozenset[int]:
    """The positions (from 1) that a seed draws in a block: the same for everybody, every time."""
    ordered = sorted(
        range(1, size + 1),
        key=lambda position: hashlib.sha256(f"{seed}/{position}".encode()).digest(),
    )
    return frozenset(ordered[:drawn])


def draw_case(
    context: OperationContext, *, programme: str, share: Decimal, block: Decimal
) -> dict[str, Any]:
    """Whether the district visits this case; one that comes again keeps what was drawn for it."""
    session = context.session
    known = session.scalar(select(SpotCheckDraw).where(SpotCheckDraw.case_id == context.case.id))
    if known is not None:
        held = session.get_one(SpotCheckBlock, known.block_id)
        return {"drawn": known.is_drawn, "text": _told(known, held)}
    held = _open_block(context, programme, share, int(block))
    held.filled += 1
    row = SpotCheckDraw(
        id=new_id(),
        district_id=context.case.district_id,
        block_id=held.id,
        case_id=context.case.id,
        position=held.filled,
        is_drawn=held.filled in drawn_positions(held.seed, held.size, held.drawn),
        drawn_at=context.now,
    )
    session.add(row)
    note: dict[str, Any] = {
        "draw": held.number,
        "position": row.position,
        "size": held.size,
        "to_draw": held.drawn,
        "commitment": held.commitment,
        "drawn": row.is_drawn,
    }
    if held.filled == held.size:
        held.filled_at = context.now
        note["seed"] = held.seed
    context.notes.append(note)
    session.flush()
    return {"drawn": row.is_drawn, "text": _told(row, held)}


def require_visit(context: OperationContext, home_visit_on: date | None) -> None:
    """A case that was drawn is visited before it is decided.

    Raises:
        Invalid: `visit_missing`.
    """
    drawn = context.session.scalar(
        select(SpotCheckDraw.is_drawn).where(SpotCheckDraw.case_id == context.case.id)
    )
    if drawn and home_visit_on is None:
        raise Invalid(
            "visit_missing",
            "本件被抽中，没有区级入户核查记录，不能确认。",
            "The case was drawn; it can't be confirmed without the district's visit.",
        )


def _open_block(
    context: OperationContext, programme: str, share: Decimal, size: int
) -> SpotCheckBlock:
    """The block that the next case belongs to; a new one where the last is full or none is."""
    session, district_id = context.session, context.case.district_id
    # one draw at a time in a district
    session.execute(select(Office.id).where(Office.id == district_id).with_for_update())
    held = session.scalar(
        select(SpotCheckBlock)
        .where(SpotCheckBlock.district_id == district_id, SpotCheckBlock.programme == programme)
        .order_by(SpotCheckBlock.number.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    drawn = int((share * size).to_integral_value(ROUND_CEILING))
    if held is not None and held.filled_at is None:
        return held
    seed = secrets.token_hex(_SEED_BYTES)
    held = SpotCheckBlock(
        id=new_id(),
        district_id=district_id,
        programme=programme,
        number=next_number(session, district_id, f"spot-check/{programme}"),
        size=size,
        drawn=drawn,
        filled=0,
        seed=seed,
        commitment=hashlib.sha256(seed.encode()).hexdigest(),
        opened_at=context.now,
    )
    session.add(held)
    session.flush()
    return held


def _told(row: SpotCheckDraw, held: SpotCheckBlock) -> str:
    said = "抽中，应当入户核查" if row.is_drawn else "没有抽中"
    return (
        f"第{held.number}组第{row.position}件（每组{held.size}件抽{held.drawn}件）：{said}。"
        f"种子的校验值 {held.commitment[:16]}…"
    )
