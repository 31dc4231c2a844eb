"""The petty fund (备用金) of a township: how large, how full, what it asks for and is given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from models.cases import Case
from models.money import LedgerAccount, LedgerKind
from models.offices import Office, OfficeLevel
from models.relief import ReliefGrant, ReliefSource, ReliefStage, StageState
from models.types import new_id
from workflows.assistance.context import OperationContext
from workflows.assistance.money.ledger import RELIEF, Reason, ledger_account, move_money
from workflows.calendar import local_day, local_midnight
from workflows.decisions import ParameterTable, ParameterValue
from workflows.errors import Conflict, Invalid

#: The process that a township's fund is led through, one case a month.
PROCESS: Final = "petty_fund"
#: The process that it calls for each request; its open tasks are requests under review.
REQUEST_PROCESS: Final = "fund_replenishment"
#: Why money comes into a fund.
ADVANCE: Final = "advance"
#: What the size of a fund is computed from: by resident, at least, and the share of the low mark.
SIZE_PARAMETERS: Final = (
    "petty_fund.per_resident", "petty_fund.minimum", "petty_fund.low_share",
)  # fmt: skip
_KINDS: Final = (LedgerKind.PETTY_FUND, LedgerKind.PETTY_COMMITTED)
#: A value or a column of the statement around it.
Operand = str | InstrumentedAttribute[str]
_NOTHING: Final = Decimal("0.00")
_FEN: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class FundSize:
    """How much a fund holds when full, and below what it is low, by the parameters of a day."""

    size: Decimal
    low_mark: Decimal
    #: None: nobody has told; the size is the least one then
    residents: int | None
    per_resident: ParameterValue
    minimum: ParameterValue
    low_share: ParameterValue

    @property
    def parameters(self) -> tuple[ParameterValue, ...]:
        """What it was computed from."""
        return (self.per_resident, self.minimum, self.low_share)


def fund_size(parameters: ParameterTable, residents: int | None, on: date) -> FundSize:
    """The size of a township's fund on a day: by its residents, at least the least size."""
    per_resident, minimum, low_share = (parameters.value(key, on) for key in SIZE_PARAMETERS)
    size = max(_number(per_resident) * (residents or 0), _number(minimum)).quantize(_FEN)
    low_mark = (size * _number(low_share)).quantize(_FEN)
    return FundSize(size, low_mark, residents, per_resident, minimum, low_share)


def _number(found: ParameterValue) -> Decimal:
    return Decimal(str(found.value))


@dataclass(frozen=True, slots=True)
class FundState:
    """A township's fund as it stands."""

    township_id: str
    township: str
    size: FundSize
    #: None before the fund was opened
    account_id: str | None
    #: what nobody has promised yet
    balance: Decimal
    #: promised to families, not handed over yet
    promised: Decimal
    #: stages of grants from the fund whose day hasn't come
    undrawn: Decimal

    @property
    def cash(self) -> Decimal:
        """What has to lie in the drawer."""
        return self.balance + self.promised

    @property
    def low(self) -> bool:
        """Whether it has to be replenished."""
        return self.account_id is not None and self.balance < self.size.low_mark

    @property
    def room(self) -> Decimal:
        """What it may ask for: up to its size."""
        return max(self.size.size - self.balance, _NOTHING)


def fund_states(
    session: Session,
    district_id: str,
    parameters: ParameterTable,
    on: date,
    *,
    township_id: str | None = None,
) -> list[FundState]:
    """The funds of a district's townships, low ones first, or of one township. One SELECT."""
    query = _states(district_id)
    if township_id is not None:
        query = query.where(Office.id == township_id)
    states = [
        FundState(
            row.id,
            row.name,
            fund_size(parameters, row.residents, on),
            row.account_id,
            row.balance or _NOTHING,
            row.promised or _NOTHING,
            row.undrawn or _NOTHING,
        )
        for row in session.execute(query)
    ]
    return sorted(states, key=lambda state: (not state.low, state.account_id is None))


def _states(district_id: str) -> Select[Any]:
    fund, committed = aliased(LedgerAccount), aliased(LedgerAccount)
    undrawn = (
        select(func.sum(ReliefStage.amount))
        .join(ReliefGrant, ReliefGrant.id == ReliefStage.grant_id)
        .join(Case, Case.id == ReliefGrant.case_id)
        .where(
            # along the index of planned stages: few of a district's are, whatever its history
            ReliefStage.district_id == district_id,
            ReliefStage.state == StageState.PLANNED,
            ReliefGrant.source == ReliefSource.PETTY_FUND,
            Case.township_id == Office.id,
        )
        .scalar_subquery()
    )
    columns: Any = (
        Office.id,
        Office.name,
        Office.residents,
        fund.id.label("account_id"),
        fund.balance.label("balance"),
        committed.balance.label("promised"),
        undrawn.label("undrawn"),
    )
    query: Select[Any] = (
        select(*columns)
        .outerjoin(fund, and_(*_is(fund, LedgerKind.PETTY_FUND)))
        .outerjoin(committed, and_(*_is(committed, LedgerKind.PETTY_COMMITTED)))
        .where(
            Office.district_id == district_id,
            Office.level == OfficeLevel.TOWNSHIP,
            Office.active,
        )
        .order_by(Office.code)
    )
    return query


def _is(account: type[LedgerAccount], kind: LedgerKind) -> tuple[Any, ...]:
    return (
        account.district_id == Office.district_id,
        account.office_id == Office.id,
        account.kind == kind,
        account.programme == RELIEF,
    )


def fund_state(
    session: Session, township: Office, parameters: ParameterTable, on: date
) -> FundState:
    """One township's fund. One SELECT."""
    (state,) = fund_states(session, township.district_id, parameters, on, township_id=township.id)
    return state


def petty_accounts(
    session: Session, district_id: str, township_id: str
) -> tuple[LedgerAccount, LedgerAccount]:
    """A township's cash and what is promised of it, opened when they aren't there yet."""
    fund, committed = (ledger_account(session, district_id, kind, township_id) for kind in _KINDS)
    return fund, committed


def lock_petty_accounts(
    session: Session, district_id: str, township_id: str
) -> tuple[LedgerAccount, LedgerAccount]:
    """As `petty_accounts`, locked until the transaction ends, in the order of the ledger."""
    accounts = petty_accounts(session, district_id, township_id)
    session.execute(
        select(LedgerAccount)
        .where(LedgerAccount.id.in_([account.id for account in accounts]))
        .order_by(LedgerAccount.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    return accounts


def require_cover(
    session: Session, district_id: str, township_id: str, amount: Decimal
) -> LedgerAccount:
    """The fund, where it holds the amount now; moving the money still decides.

    Raises:
        Conflict: `no_cover`.
    """
    fund, _ = petty_accounts(session, district_id, township_id)
    if fund.balance < amount:
        raise Conflict(
            "no_cover",
            f"镇乡街道备用金不足：余额{fund.balance:.2f}元，需要{amount:.2f}元。",
            f"The petty fund has {fund.balance:.2f} yuan; {amount:.2f} is needed.",
            details={"balance": f"{fund.balance:.2f}", "needed": f"{amount:.2f}"},
        )
    return fund


def open_month(context: OperationContext) -> dict[str, Any]:
    """Lead the fund through this month: its size by the law of today, and until when.

    Raises:
        Invalid: `fund_of_household`: it is a township's and no household's.
        Conflict: `fund_month_opened` when the township has a case of this month already.
    """
    session, case = context.session, context.case
    if case.household_id is not None:
        raise Invalid(
            "fund_of_household",
            "备用金办件不属于任何家庭。",
            "A case of the petty fund belongs to no household.",
        )
    fund, _ = lock_petty_accounts(session, case.district_id, case.township_id)
    month = month_of(local_day(case.opened_at))
    other = session.scalar(
        cases_of_month(case.district_id, case.township_id, month).where(Case.id != case.id)
    )
    if other is not None:
        raise Conflict(
            "fund_month_opened",
            f"{month:%Y年%m月}的备用金办件已经开立：{other.number}。",
            f"The case of this month is open already: {other.number}.",
            details={"case": other.id},
        )
    township = session.get_one(Office, case.township_id)
    found = fund_size(context.law.parameters, township.residents, context.today)
    fund.ceiling = found.size
    context.notes.append(
        {
            "month": f"{month:%Y-%m}",
            "residents": township.residents,
            "size": found.size,
            "low_mark": found.low_mark,
            "balance": fund.balance,
            "parameters": [used.to_json() for used in found.parameters],
        }
    )
    return {"month": month, "next_month": next_month(month), "fund_size": found.size}


def request_money(context: OperationContext, *, amount: Decimal, reason: str) -> dict[str, Any]:
    """Ask the district to replenish the fund, up to its size.

    Raises:
        Invalid: `above_fund_size`.
    """
    state = _present_state(context)
    _require_room(state, amount)
    request_id = new_id()
    context.notes.append({"request": request_id, "amount": amount, "reason": reason})
    return {"request_id": request_id, "fund_room": state.room, "fund_balance": state.balance}


def replenish(context: OperationContext, *, request_id: str, amount: Decimal) -> dict[str, Any]:
    """Give the fund what was asked for, once for each request, from the district's budget.

    Raises:
        Invalid: `above_fund_size` when the fund has been filled meanwhile.
        Conflict: `no_cover` when the budget doesn't hold it.
    """
    session, case = context.session, context.case
    fund, _ = lock_petty_accounts(session, case.district_id, case.township_id)
    _require_room(_present_state(context), amount)
    budget = ledger_account(session, case.district_id, LedgerKind.BUDGET, case.district_id)
    why = Reason(ADVANCE, f"fund/{request_id}", case_id=case.id)
    move_money(session, budget, fund, amount, why, actor=context.actor, now=context.now)
    context.notes.append({"request": request_id, "amount": amount, "balance": fund.balance})
    return {"replenished_on": context.today}


def refuse_money(context: OperationContext, *, request_id: str, reason: str) -> dict[str, Any]:
    """Note that a request was refused and why; nothing moves."""
    context.notes.append({"request": request_id, "refused": reason})
    return {"refused_on": context.today}


def _present_state(context: OperationContext) -> FundState:
    township = context.session.get_one(Office, context.case.township_id)
    return fund_state(context.session, township, context.law.parameters, context.today)


def _require_room(state: FundState, amount: Decimal) -> None:
    if amount <= 0 or amount > state.room:
        raise Invalid(
            "above_fund_size",
            f"备用金规模{state.size.size:.2f}元，余额{state.balance:.2f}元，"
            f"最多可以补充{state.room:.2f}元。",
            f"The fund holds {state.size.size:.2f} yuan when full and has {state.balance:.2f};"
            f" it can take {state.room:.2f}.",
            details={"room": f"{state.room:.2f}", "asked": f"{amount:.2f}"},
        )


def month_of(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def cases_of_month(district_id: Operand, township_id: Operand, month: date) -> Select[Any]:
    """A SELECT of a township's cases of the fund that were opened in a month: none or one."""
    return select(Case).where(
        Case.district_id == district_id,
        Case.township_id == township_id,
        Case.process_key == PROCESS,
        Case.opened_at >= local_midnight(month),
        Case.opened_at < local_midnight(next_month(month)),
    )
