"""The published indices of a month, whether they trigger the subsidy, and what is made public."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select

from models.assistance import Publicity
from models.households import Area
from models.price import BatchState, PriceBatch, PriceIndex
from models.types import new_id
from workflows.assistance.assessments import decide_and_note
from workflows.assistance.context import OperationContext
from workflows.assistance.posting_content import content_for, money_text
from workflows.errors import Conflict, Finding, Invalid, NotFound

TRIGGER: Final = "price_triggered"
RULE: Final = "price_subsidy"
#: The kind of the table of contents: the result alone, without names.
RESULT: Final = "price_result"
CPI: Final = "price.cpi_trigger"
FOOD: Final = "price.food_trigger"
_HUNDRED: Final = Decimal(100)
#: Batches that nobody has decided on: one of a month at a time.
_UNDECIDED: Final = (BatchState.PREVIEWED,)


def register_index(
    context: OperationContext,
    *,
    month: date,
    published_on: date,
    cpi: Decimal,
    food: Decimal,
    scpi: Decimal,
) -> dict[str, Any]:
    """Keep the indices of a month (per cent) and ask the tables of the day of publication.

    `month` is its first day. Entered once more, an index is a version of its own: what was given
    for the month is taken into account, so that it pays the difference, or those who were missed.

    Raises:
        Invalid: `month_wrong`, `published_in_future`, `rise_out_of_range`.
        Conflict: `price_batch_open` when a batch of the month waits for its decision.
    """
    session, case = context.session, context.case
    _check_days(context, month, published_on)
    _require_decided(context, month)
    index = PriceIndex(
        id=new_id(),
        district_id=case.district_id,
        case_id=case.id,
        month=month,
        published_on=published_on,
        figures={"cpi": f"{cpi:f}", "food": f"{food:f}", "scpi": f"{scpi:f}"},
        entered_at=context.now,
        entered_by_id=context.actor.account_id,
    )
    session.add(index)
    session.flush()  # the batch of the same case refers to it
    facts = index_facts(index)
    # only the two triggers: a fall of the low-income index says nothing where none is reached
    triggered = decide_and_note(
        context, TRIGGER, {"index": {**facts, "scpi_rise": Decimal(0)}}, published_on
    ).value
    outputs: dict[str, Any] = {
        "index_id": index.id,
        "triggered": triggered is True,
        "subsidy_amount": None,
        "reason": _reason(context, index),
        "pay_by": _last_of_month(published_on),
    }
    if triggered is True:
        outputs |= _promised(context, index)
    context.notes.append({"index": index.id, "month": month.isoformat(), **index.figures})
    return outputs


def _promised(context: OperationContext, index: PriceIndex) -> dict[str, Any]:
    """What a person gets, and until when it has to be paid."""
    if not 0 <= index_facts(index)["scpi_rise"] <= 1:
        raise Invalid(
            "rise_out_of_range",
            "低收入居民基本生活费用价格指数涨幅应在0到100之间。",
            "The rise of the low-income index has to be between 0 and 100 per cent.",
        )
    found = group_rule(context, index, "dibao", Area.RURAL.value)
    return {
        "subsidy_amount": found["amount"],
        "pay_by": found["pay_by"] or _last_of_month(index.published_on),
    }


def group_rule(
    context: OperationContext, index: PriceIndex, group: str, area: str
) -> dict[str, Any]:
    """What the tables give a group in an area: triggered, included, amount, pay_by."""
    inputs = {"index": index_facts(index), "group": group, "area": area}
    return dict(decide_and_note(context, RULE, inputs, index.published_on).outputs)


def index_facts(index: PriceIndex) -> dict[str, Any]:
    """An index as the tables see it; the rise of the low-income index as a share."""
    figures = {name: Decimal(value) for name, value in index.figures.items()}
    return {
        "published_on": index.published_on,
        "cpi": figures["cpi"],
        "food": figures["food"],
        "scpi_rise": figures["scpi"] / _HUNDRED,
    }


def close_price(
    context: OperationContext, *, index_id: str, reason: str, batch_id: str | None = None
) -> dict[str, Any]:
    """End a month without paying: the reason is kept and made public.

    Raises:
        NotFound: `price_index_not_found`, `price_batch_not_found`.
    """
    index = _index(context, index_id)
    if batch_id is not None:
        batch = locked_batch(context, batch_id)
        batch.state, batch.reason = BatchState.CLOSED, reason
        batch.decided_on = context.today
    publish_result(context, index, amount=None, persons=0, total=Decimal(0), reason=reason)
    return {}


def publish_result(
    context: OperationContext,
    index: PriceIndex,
    *,
    amount: Decimal | None,
    persons: int,
    total: Decimal,
    reason: str,
) -> None:
    """Make the result of a month public: no names, as the table of contents says."""
    known = {
        "month": f"{index.month:%Y-%m}",
        "amount": None if amount is None else money_text(amount),
        "persons": str(persons),
        "total": money_text(total),
        "reason": reason,
    }
    lawful, content = content_for(context, RESULT, 1, context.today, known)
    context.session.add(
        Publicity(
            id=new_id(),
            district_id=context.case.district_id,
            case_id=context.case.id,
            village_id=None,
            kind="confirmed",
            round=1,
            posted_on=context.today,
            first_on=context.today,
            last_on=None,
            fields=list(lawful.fields),
            masked=lawful.masked,
            content=content,
        )
    )


def locked_batch(context: OperationContext, batch_id: str) -> PriceBatch:
    """The batch of the case, locked until the transaction ends. Raises NotFound."""
    batch = context.session.scalar(
        select(PriceBatch)
        .where(PriceBatch.id == batch_id, PriceBatch.case_id == context.case.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if batch is None:
        raise NotFound("price_batch_not_found", "找不到这一批补贴。", "There is no such batch.")
    return batch


def _index(context: OperationContext, index_id: str) -> PriceIndex:
    index = context.session.get(PriceIndex, index_id)
    if index is None or index.case_id != context.case.id:
        raise NotFound("price_index_not_found", "找不到这个指数。", "There is no such index.")
    return index


def _require_decided(context: OperationContext, month: date) -> None:
    open_batch = context.session.scalar(
        select(PriceBatch.id).where(
            PriceBatch.district_id == context.case.district_id,
            PriceBatch.month == month,
            PriceBatch.state.in_(_UNDECIDED),
        )
    )
    if open_batch is not None:
        raise Conflict(
            "price_batch_open",
            "这个月有一批补贴还没有审核，请先办完。",
            "A batch of this month waits for its decision; finish it first.",
        )


def _check_days(context: OperationContext, month: date, published_on: date) -> None:
    findings = []
    if month.day != 1 or month > published_on:
        findings.append(
            Finding("month_wrong", "月份应当是公布以前的一个月。",
                    "The month has to be one before the publication.", field="month")
        )  # fmt: skip
    if published_on > context.today:
        findings.append(
            Finding("published_in_future", "公布日期不能晚于今天。",
                    "The day of publication can't be in the future.", field="published_on")
        )  # fmt: skip
    if findings:
        raise Invalid(findings[0].code, findings=findings)


def _reason(context: OperationContext, index: PriceIndex) -> str:
    """The indices beside their triggers, as a sentence for the public."""
    law, on = context.law.parameters, index.published_on
    return (
        f"{index.month.year}年{index.month.month}月居民消费价格同比上涨{index.figures['cpi']}%"
        f"（启动条件{law.value(CPI, on).value}%），食品价格同比上涨{index.figures['food']}%"
        f"（启动条件{law.value(FOOD, on).value}%）。"
    )


def _last_of_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])
