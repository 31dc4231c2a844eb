"""Where somebody is supported, and the contract with whoever looks after them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final

import orjson
from sqlalchemy import select

from models.assistance import Grant
from models.households import Person
from models.tekun import CareArrangement, CareContract, Setting
from models.types import new_id
from workflows.assistance.context import OperationContext
from workflows.assistance.tekun.person import tekun_grant
from workflows.errors import Conflict, Invalid
from workflows.privacy import seal, unwrap_data_key

#: The place that the sealed terms are bound to.
TERMS: Final = "care_contracts.terms"


def place(
    context: OperationContext,
    *,
    grant_id: str | None = None,
    setting: str,
    institution: str | None = None,
    chosen_by: str,
    from_on: date,
) -> dict[str, Any]:
    """Keep where the person is supported from a day on; what was before stays as a version.

    Raises:
        Invalid: `institution_missing`. NotFound: `no_grant`. Conflict: `grant_ended`.
    """
    grant = tekun_grant(context, grant_id)
    if setting == Setting.INSTITUTION and not (institution or "").strip():
        raise Invalid(
            "institution_missing", "请写明供养服务机构。", "Name the institution of care."
        )
    before = _arrangement(context, grant)
    if before is not None:
        before.superseded_at = context.now
        context.session.flush()  # only one counts at a time
    row = CareArrangement(
        id=new_id(),
        setting=Setting(setting),
        institution=(institution or "").strip() if setting == Setting.INSTITUTION else "",
        chosen_by=chosen_by,
        from_on=from_on,
        **_of(context, grant),
    )
    context.session.add(row)
    context.notes.append(
        {"grant": grant.id, "setting": row.setting.value, "from": from_on.isoformat()}
    )
    return {"grant_id": grant.id}


def sign_contract(
    context: OperationContext,
    *,
    grant_id: str,
    name: str,
    relation: str,
    duties: str,
    from_on: date,
    until_on: date,
    signed_on: date,
    phone: str | None = None,
    pay: Decimal | None = None,
) -> dict[str, Any]:
    """Keep a contract; one that still ran ends on the day before the new one begins.

    Raises:
        Invalid: `contract_days`. NotFound: `no_grant`. Conflict: `grant_ended`.
    """
    grant = tekun_grant(context, grant_id)
    running = _contract(context, grant)
    if until_on < from_on or (running is not None and from_on < running.from_on):
        raise Invalid(
            "contract_days",
            "协议的终止日期不能早于起始日期，新协议不能早于现有协议开始。",
            "A contract can't end before it begins, nor begin before the one it replaces.",
        )
    if running is not None:
        _end(running, min(running.until_on, from_on), "由新的协议代替")
        context.session.flush()  # only one runs at a time
    row_id = new_id()
    terms = {
        "name": name,
        "relation": relation,
        "phone": phone or "",
        "duties": duties,
        "pay": None if pay is None else f"{pay:.2f}",
    }
    person = context.session.get_one(Person, grant.person_id)
    key = unwrap_data_key(context.keys, person.id, person.data_key)
    context.session.add(
        CareContract(
            id=row_id,
            terms=seal(key, TERMS, row_id, orjson.dumps(terms).decode()),
            from_on=from_on,
            until_on=until_on,
            signed_on=signed_on,
            **_of(context, grant),
        )
    )
    context.notes.append({"contract": row_id, "until": until_on.isoformat()})
    return {}


def end_contract(
    context: OperationContext, *, grant_id: str, ended_on: date, reason: str
) -> dict[str, Any]:
    """End the contract that runs.

    Raises:
        Conflict: `no_contract`, `grant_ended`. NotFound: `no_grant`.
    """
    running = _contract(context, tekun_grant(context, grant_id))
    if running is None:
        raise Conflict(
            "no_contract", "没有正在履行的照料服务协议。", "There is no running care contract."
        )
    _end(running, ended_on, reason)
    context.notes.append({"contract": running.id, "ended_on": ended_on.isoformat()})
    return {}


def end_care(context: OperationContext, grant: Grant, reason: str) -> None:
    """The support has ended: its arrangement no longer counts, and its contract ends today."""
    arrangement, running = _arrangement(context, grant), _contract(context, grant)
    if arrangement is not None:
        arrangement.superseded_at = context.now
    if running is not None:
        _end(running, context.today, reason)
        context.notes.append({"contract": running.id, "ended_on": context.today.isoformat()})


def _of(context: OperationContext, grant: Grant) -> dict[str, Any]:
    return {
        "district_id": grant.district_id,
        "grant_id": grant.id,
        "person_id": grant.person_id,
        "case_id": context.case.id,
        "recorded_at": context.now,
        "recorded_by_id": context.actor.account_id,
    }


def _arrangement(context: OperationContext, grant: Grant) -> CareArrangement | None:
    return context.session.scalar(
        select(CareArrangement)
        .where(CareArrangement.grant_id == grant.id, CareArrangement.superseded_at.is_(None))
        .with_for_update()
    )


def _contract(context: OperationContext, grant: Grant) -> CareContract | None:
    return context.session.scalar(
        select(CareContract)
        .where(CareContract.grant_id == grant.id, CareContract.ended_on.is_(None))
        .with_for_update()
    )


def _end(contract: CareContract, on: date, reason: str) -> None:
    contract.ended_on, contract.end_reason = on, reason
