"""A change of a household in the process: tried out, carried out with its money, or dropped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from models.assistance import Assessment
from models.household_changes import ChangeKind, HouseholdChangeState
from models.households import Household, HouseholdMember, IncomeItem, Person
from models.types import new_id
from workflows.assistance.assessments import assess_household
from workflows.assistance.context import CaseRequest, OperationContext
from workflows.assistance.families.asked import (
    check_consents,
    check_people,
    own_household,
    planned_change,
    relations_of,
    require_nothing_asked,
)
from workflows.assistance.families.planning import (
    CHANGE,
    DIBAO,
    END,
    KEEP,
    NEW,
    OWN,
    REVIEW,
    Part,
    first_month,
    newcomer_facts,
    parts_after,
)
from workflows.assistance.grants import change_amount, end_grant
from workflows.assistance.households.facts import identity_of
from workflows.assistance.households.membership import MERGED, end_household, end_memberships
from workflows.assistance.households.moving import (
    SELF,
    admit_person,
    household_of_head,
    lock_households,
    move_people,
    note_change,
    set_relations,
)
from workflows.assistance.money.bank_accounts import usable_account
from workflows.errors import Conflict
from workflows.privacy import parse_id_number

_TOLD = {OWN: "本家庭", "other": "对方家庭", NEW: "新家庭"}


def plan_change(
    context: OperationContext,
    *,
    kind: str,
    other_household_id: str | None = None,
    newcomer_id: str | None = None,
    newcomer: Mapping[str, Any] | None = None,
    new_head: str | None = None,
    chosen: Mapping[str, Any] | None = None,
    consents: Sequence[str] | None = None,
    consent_note: str | None = None,
) -> dict[str, Any]:
    """Try the change out: who belongs where, which amounts follow and from which month.

    Nothing is changed. What is wrong with the choice is told at its field.

    Raises:
        Invalid: as `relations_of`, `check_people` and `check_consents`.
    """
    household = own_household(context)
    other = _other(context, other_household_id)
    relations = relations_of(kind, new_head, chosen or {})
    check_people(context, kind, household, other, relations)
    check_consents(context, kind, household, other, consents, consent_note)
    parts = _parts(context, kind, household, other, relations, newcomer_id, newcomer)
    month = first_month(context)
    plan = {
        "kind": kind,
        "relations": relations,
        "parts": [part.to_json() for part in parts],
        "from_month": month,
    }
    context.notes.append({"plan": plan})
    return {
        "plan": plan,
        "preview": "\n".join(
            [*(_told(part, month) for part in parts), *_account_missing(context, parts, relations)]
        ),
        "own_told": _told(parts[0], month),
        "other_told": next((_told(part, month) for part in parts if part.part == "other"), None),
        "from_month": month,
        "money": any(part.route in {CHANGE, END, REVIEW} for part in parts),
        "falls": any(part.falls for part in parts),
    }


def apply_change(
    context: OperationContext,
    *,
    plan: Mapping[str, Any],
    other_household_id: str | None = None,
    newcomer_id: str | None = None,
    newcomer: Mapping[str, Any] | None = None,
    occurred_on: date | None = None,
    reason: str | None = None,
    new_applies: bool | None = None,
) -> dict[str, Any]:
    """Carry out what was decided, in one act: people, relations, and every amount it changes.

    All amounts change from the same month, so that nobody is counted in two households or in none.
    Where a family no longer qualifies, its benefit gets a procedure of its own (`benefit_change`).

    Raises:
        Conflict: `calculation_outdated` when the households or the amounts are no longer those that
            were decided on; as `require_nothing_asked`. Others as `plan_change`.
    """
    household = own_household(context)
    other = _other(context, other_household_id)
    lock_households(context.session, [household.id, other_household_id])
    change = planned_change(context)
    kind, relations = str(plan["kind"]), dict(plan["relations"])
    require_nothing_asked(context, kind, other_household_id)
    check_people(context, kind, household, other, relations)
    parts = _parts(context, kind, household, other, relations, newcomer_id, newcomer)
    if [part.to_json() for part in parts] != [dict(part) for part in plan["parts"]]:
        raise Conflict(
            "calculation_outdated",
            "试算以后家庭情况或者标准有变化，请退回重新试算。",
            "The households or the amounts have changed since; return the case.",
        )
    made = _carried_out(context, kind, household, other, relations, newcomer_id, newcomer)
    month = first_month(context)
    change.state, change.done_at = HouseholdChangeState.DONE, context.now
    change.people, change.occurred_on = list(relations), occurred_on
    change.from_month = month if any(part.route != KEEP for part in parts) else None
    change.reason = (reason or "").strip()
    if made is not None:
        change.other_household_id = made.id
    _settle_money(context, parts, month, change.reason, occurred_on)
    told = {"case": context.case.number, "kind": kind, "people": len(relations), "from": month}
    touched = [household, *(one for one in (other, made) if one is not None)]
    for one in touched:
        households = {"households": [each.id for each in touched if each is not one]}
        note_change(
            context.session, one, actor=context.actor, now=context.now, data={**told, **households}
        )
    if made is not None and new_applies:
        context.requests.append(
            CaseRequest(DIBAO, {"household_id": made.id, "channel": "window"}, made)
        )
    context.notes.append({**told, "new_household": None if made is None else made.id})
    return {"from_month": month, "new_household_id": None if made is None else made.id}


def drop_change(context: OperationContext, *, outcome: str, reason: str | None) -> dict[str, Any]:
    """Nothing changes: refused, or taken back by the family."""
    change = planned_change(context)
    change.state, change.done_at = HouseholdChangeState.DROPPED, context.now
    change.reason = (reason or "").strip()
    context.notes.append({"outcome": outcome})
    return {"dropped_on": context.today}


def _account_missing(
    context: OperationContext, parts: Sequence[Part], relations: Mapping[str, str]
) -> list[str]:
    """A new head is paid from the next roll on; without an account the family is held there."""
    head = next((person for person, relation in relations.items() if relation == SELF), None)
    if head is None or parts[0].grant is None or parts[-1].part == NEW:
        return []
    try:
        usable_account(context.session, head)
    except Conflict:
        return ["新户主还没有可用的领款账户；登记以前，清册上暂缓发放。"]
    return []


def _other(context: OperationContext, household_id: str | None) -> Household | None:
    return None if household_id is None else context.session.get_one(Household, household_id)


def _parts(
    context: OperationContext,
    kind: str,
    household: Household,
    other: Household | None,
    relations: Mapping[str, str],
    newcomer_id: str | None,
    newcomer: Mapping[str, Any] | None,
) -> list[Part]:
    facts = None
    if kind == ChangeKind.JOIN and other is None and newcomer_id is not None:
        person = context.session.get_one(Person, newcomer_id)
        number = identity_of(person, context.keys).id_number
        born = parse_id_number(number, today=context.today).born_on
        incomes = _incomes(newcomer)
        facts = newcomer_facts(
            newcomer_id, relations[newcomer_id], born, _own_facts(newcomer), incomes
        )
    return parts_after(context, kind, household, other, relations, facts)


def _own_facts(newcomer: Mapping[str, Any] | None) -> dict[str, Any]:
    told = (newcomer or {}).items()
    return {name: value for name, value in told if name != "monthly" and value is not None}


def _incomes(newcomer: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    monthly = (newcomer or {}).get("monthly")
    if not isinstance(monthly, Decimal) or monthly <= 0:
        return []
    return [{"kind": "wage", "basis": "documented", "monthly": monthly, "label": ""}]


def _carried_out(
    context: OperationContext,
    kind: str,
    household: Household,
    other: Household | None,
    relations: dict[str, str],
    newcomer_id: str | None,
    newcomer: Mapping[str, Any] | None,
) -> Household | None:
    """The people where they belong now; the household that is new, None where none is."""
    session, keys, actor, now = context.session, context.keys, context.actor, context.now
    if kind == ChangeKind.SPLIT:
        head = next(person for person, relation in relations.items() if relation == SELF)
        made = household_of_head(session, household, head, actor=actor, now=now)
        move_people(session, household, made, relations, keys, actor=actor, now=now)
        return made
    if kind == ChangeKind.HEAD:
        household.head_person_id = next(
            person for person, relation in relations.items() if relation == SELF
        )
        set_relations(session, household, relations, keys, actor=actor, now=now)
    elif kind == ChangeKind.CUSTODY:
        assert other is not None
        move_people(session, household, other, relations, keys, actor=actor, now=now)
    elif kind == ChangeKind.LEAVE:
        _let_go(context, household, relations)
    elif other is not None:
        move_people(session, other, household, relations, keys, actor=actor, now=now)
        if _is_empty(context, other):
            end_household(session, other, MERGED, actor=actor, now=now)
    elif newcomer_id is not None:
        _admit(context, household, newcomer_id, relations[newcomer_id], newcomer)
    return None


def _admit(
    context: OperationContext,
    household: Household,
    newcomer_id: str,
    relation: str,
    newcomer: Mapping[str, Any] | None,
) -> None:
    person = context.session.get_one(Person, newcomer_id)
    admit_person(
        context.session, household, person, relation, _own_facts(newcomer), context.keys,
        actor=context.actor, now=context.now,
    )  # fmt: skip
    for income in _incomes(newcomer):
        context.session.add(
            IncomeItem(
                id=new_id(),
                household_id=household.id,
                person_id=newcomer_id,
                recorded_at=context.now,
                recorded_by_id=context.actor.account_id,
                **income,
            )
        )
    context.session.flush()


def _let_go(context: OperationContext, household: Household, relations: Mapping[str, str]) -> None:
    end_memberships(context.session, household.id, context.now, list(relations))
    context.session.flush()


def _is_empty(context: OperationContext, household: Household) -> bool:
    return (
        context.session.scalar(
            select(HouseholdMember.id)
            .where(
                HouseholdMember.household_id == household.id,
                HouseholdMember.superseded_at.is_(None),
            )
            .limit(1)
        )
        is None
    )


def _settle_money(
    context: OperationContext,
    parts: Sequence[Part],
    month: date,
    reason: str,
    occurred_on: date | None,
) -> None:
    """Every benefit that the change touches, from the same month on."""
    for part in parts:
        if part.grant is None or part.household is None:
            continue
        if part.route == END:
            end_grant(context, part.grant, from_month=month, reason=reason)
        elif part.route == REVIEW:
            context.requests.append(
                CaseRequest(
                    "benefit_change",
                    {
                        "grant_id": part.grant.id,
                        "cause": "household",
                        "cause_note": reason,
                        "occurred_on": occurred_on or context.today,
                    },
                    part.household,
                )
            )
        elif part.route == CHANGE:
            found = assess_household(context, context.today, household=part.household)
            assessed = found["assessment"]
            newest = context.session.scalars(
                select(Assessment.id)
                .where(
                    Assessment.case_id == context.case.id,
                    Assessment.household_id == part.household.id,
                )
                .order_by(Assessment.id.desc())
                .limit(1)
            ).one()
            change_amount(
                context, part.grant, from_month=month, monthly=assessed["monthly"],
                base=assessed["base"], topup=assessed["topup"], reason=reason,
                assessment_id=newest,
            )  # fmt: skip


def _told(part: Part, month: date) -> str:
    """One household in a sentence, without names."""
    name = _TOLD[part.part]
    people = f"{name}由 {part.members_before} 人变为 {part.members} 人"
    if part.part == NEW:
        people = f"{name}共 {part.members} 人"
    since = f"自{month.year}年{month.month}月起"
    if part.part == NEW and part.result is not None:
        if part.result["class"] == DIBAO and part.result["monthly"] > 0:
            return f"{people}；按现有情况每月 {part.result['monthly']:.2f} 元，须另行申请。"
        return f"{people}；按现有情况不符合低保条件，仍可以申请。"
    if part.grant is None:
        return f"{people}，没有领取低保。"
    old = f"{part.grant.monthly:.2f} 元"
    if part.route == REVIEW:
        return f"{people}，现每月 {old}；按变动后的情况须另行核定，核定前不变。"
    if part.route == END:
        return f"{people}，现每月 {old}，{since}不再单独发放。"
    if part.route == CHANGE:
        return f"{people}，低保金由每月 {old}变为 {part.monthly:.2f} 元，{since}。"
    return f"{people}，低保金每月 {old}不变。"
