"""Relief grants: one approval fixes a total and its stages; the money is set aside at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from models.money import LedgerAccount, LedgerKind
from models.relief import ReliefEvent, ReliefGrant, ReliefSource, ReliefStage
from models.types import new_id
from workflows.assistance.assessments import decide_and_note
from workflows.assistance.context import OperationContext
from workflows.assistance.households.people import lock_household
from workflows.assistance.money.ledger import Reason, ledger_account, move_money
from workflows.assistance.relief.events import event_of, given_for
from workflows.assistance.relief.words import Level, is_amount, word_of
from workflows.errors import Finding, Invalid

#: Aid before papers: it keeps to its own cap and comes from the township's petty fund.
FIRST_AID: Final = "first_aid"
#: A later day of a stage is a typing error.
FARTHEST: Final = timedelta(days=3_660)

#: What is wrong with a plan of stages: by the codes of the decision `stage_plan`, and two more.
_PROBLEMS: Final[Mapping[str, tuple[str, str]]] = {
    "no_stages": ("计划至少要有一期。", "A plan has at least one stage."),
    "sum": ("各期金额之和须等于批准总额。", "The stages must add up to the approved total."),
    "amount": (
        "每一期的金额须大于零，最多两位小数。",
        "Every stage needs an amount above zero and in whole fen.",
    ),
    "date": ("每一期都要有发放日期。", "Every stage needs a day."),
    "order": ("各期的发放日期须依次往后。", "The days of the stages must follow one another."),
    "past": ("发放日期不能早于今天。", "No stage may be due before today."),
    "far": ("发放日期不能晚于十年以后。", "No stage may be due more than ten years ahead."),
}


def grant_relief(
    context: OperationContext,
    *,
    event_id: str,
    kind: str,
    level: str,
    amount: Decimal,
    source: str,
    stages: list[Any] | None = None,
    by_rule: Decimal | None = None,
) -> dict[str, Any]:
    """Approve relief for an event: its total, its stages, and money set aside for it.

    `level` is who decided (township, district, conference); `source` is petty_fund or budget;
    `stages` are [{amount, due_on, condition}], one due today when left out. `by_rule` is the
    amount that the rules gave, where one is the most that may be approved.

    Raises:
        Invalid: `above_level` when the total of the event needs a higher level, `above_cap` for
            first aid above its cap, `above_rule`, `amount_wrong`, `stage_plan` with every problem.
        Conflict: `no_cover` when fund or budget can't pay it.
        Fault: `unknown_word`.
    """
    event = event_of(context, event_id)
    # two approvals for one event at once: the second counts what the first has granted
    lock_household(context.session, event.household_id)
    _check_amount(amount, by_rule)
    _check_level(context, event, kind, word_of(Level, level), amount)
    rows = _stage_rows(context, amount, stages)
    grant = _kept(context, event, kind, level, amount, word_of(ReliefSource, source), rows)
    available, committed = accounts_of(context, grant)
    reason = Reason("commit", f"commit/{grant.id}", case_id=grant.case_id, grant_id=grant.id)
    move_money(
        context.session, available, committed, amount, reason,
        actor=context.actor, now=context.now,
    )  # fmt: skip
    context.notes.append(
        {
            "grant": grant.id, "event": event.id, "kind": kind, "level": level, "total": amount,
            "source": source, "stages": [[row["amount"], row["due_on"]] for row in rows],
        }
    )  # fmt: skip
    return {"grant_id": grant.id}


def _kept(
    context: OperationContext,
    event: ReliefEvent,
    kind: str,
    level: str,
    amount: Decimal,
    source: ReliefSource,
    rows: Sequence[Mapping[str, Any]],
) -> ReliefGrant:
    grant = ReliefGrant(
        id=new_id(),
        district_id=context.case.district_id,
        event_id=event.id,
        case_id=context.case.id,
        kind=kind,
        level=level,
        source=source,
        total=amount,
        decided_on=context.today,
        decided_by_id=context.actor.account_id,
    )
    context.session.add(grant)
    context.session.flush()  # stages refer to it
    for number, row in enumerate(rows, 1):
        context.session.add(
            ReliefStage(
                id=new_id(),
                district_id=grant.district_id,
                grant_id=grant.id,
                number=number,
                amount=row["amount"],
                due_on=row["due_on"],
                condition=str(row.get("condition") or ""),
            )
        )
    return grant


def accounts_of(
    context: OperationContext, grant: ReliefGrant
) -> tuple[LedgerAccount, LedgerAccount]:
    """Where the money of a grant comes from, and where it waits until it is released."""
    session, district, township = context.session, grant.district_id, context.case.township_id
    if grant.source is ReliefSource.PETTY_FUND:
        return (
            ledger_account(session, district, LedgerKind.PETTY_FUND, township),
            ledger_account(session, district, LedgerKind.PETTY_COMMITTED, township),
        )
    return (
        ledger_account(session, district, LedgerKind.BUDGET, district),
        ledger_account(session, district, LedgerKind.COMMITTED, district),
    )


def _check_amount(amount: Decimal, by_rule: Decimal | None) -> None:
    if not is_amount(amount):
        raise Invalid(
            "amount_wrong",
            "金额须大于零，最多两位小数。",
            "The amount must be above zero and in whole fen.",
        )
    if by_rule is not None and amount > by_rule:
        raise Invalid(
            "above_rule",
            f"金额 {amount:.2f} 元超过可以批准的 {by_rule:.2f} 元。",
            f"{amount:.2f} yuan is more than the {by_rule:.2f} that may be approved.",
        )


def _check_level(
    context: OperationContext, event: ReliefEvent, kind: str, level: Level, amount: Decimal
) -> None:
    """Whether who decided may decide on this much, everything granted before included."""
    given = [one.to_feel() for one in given_for(context.session, event.id)]
    facts = {"persons": Decimal(event.persons), "proposed": amount, "grants": given}
    if kind == FIRST_AID:
        cap = decide_and_note(
            context, "first_aid_cap", {"on": context.today, "event": facts}, context.today
        )
        if amount > cap.value:
            raise Invalid(
                "above_cap",
                f"先行救助最多 {cap.value:.2f} 元，{amount:.2f} 元超过了上限。",
                f"First aid is at most {cap.value:.2f} yuan; {amount:.2f} is more.",
            )
    found = decide_and_note(
        context, "relief_approval", {"on": context.today, "event": facts}, context.today
    )
    conference = found.value["conference"] is True
    needed = Level.CONFERENCE if conference else word_of(Level, str(found.value["level"]))
    if level.rank >= needed.rank:
        return
    total, ceiling = found.value["total"], found.value["ceiling"]
    if needed is Level.CONFERENCE:
        raise Invalid(
            "above_level",
            f"该事件累计 {total:.2f} 元，达到会商条件，须先会商，不能直接审批。",
            f"The event's total of {total:.2f} yuan calls for a conference.",
        )
    raise Invalid(
        "above_level",
        f"该事件累计 {total:.2f} 元，超过镇乡街道审批上限 {ceiling:.2f} 元，须由区民政局审批。",
        f"The event's total of {total:.2f} yuan is above the township's ceiling of"
        f" {ceiling:.2f}; the district decides.",
    )


def _problem(code: str, total: Decimal, stages: Sequence[Any]) -> tuple[str, str]:
    """The sentences for a problem of a plan; amounts are named where they don't agree."""
    amounts = [row["amount"] for row in stages]
    if code != "sum" or not all(isinstance(amount, Decimal) for amount in amounts):
        return _PROBLEMS[code]
    found = sum(amounts, Decimal(0))
    return (
        f"各期金额合计 {found:.2f} 元，须等于批准总额 {total:.2f} 元。",
        f"The stages add up to {found:.2f} yuan, the approved total is {total:.2f}.",
    )


def _stage_rows(
    context: OperationContext, total: Decimal, stages: Sequence[Any] | None
) -> Sequence[Mapping[str, Any]]:
    if not stages:
        return [{"amount": total, "due_on": context.today}]
    plan = {"total": total, "stages": list(stages)}
    result = decide_and_note(
        context, "stage_plan", {"on": context.today, "plan": plan}, context.today
    )
    problems = [str(problem) for problem in result.value["problems"]]
    if "amount" not in problems and not all(is_amount(row["amount"]) for row in stages):
        problems.append("amount")
    days = [row["due_on"] for row in stages if isinstance(row.get("due_on"), date)]
    if any(day < context.today for day in days):
        problems.append("past")
    if any(day > context.today + FARTHEST for day in days):
        problems.append("far")
    if problems:
        findings = [
            Finding(f"stage_plan.{code}", *_problem(code, total, stages)) for code in problems
        ]
        raise Invalid("stage_plan", findings=findings)
    return stages
