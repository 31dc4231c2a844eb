"""Work introduced to a member who can work: the answers, three refusals in a row, the own share."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models.assistance import Assessment, Grant, GrantState
from models.households import Household, HouseholdMember, Person
from models.job_offers import JobOffer, ShareCut
from models.trail import SubjectKind
from models.types import new_id
from workflows.assistance.context import OperationContext
from workflows.assistance.grants import change_amount, end_grant, lock_grant
from workflows.assistance.households import member_facts
from workflows.audit import Subject, TrailAction, append_entry
from workflows.calendar import local_day
from workflows.errors import Actor, Conflict, Fault, Finding, Invalid
from workflows.feel import from_json
from workflows.privacy import unwrap_data_key
from workflows.transaction import require_transaction

_NOTHING: Final = Decimal(0)
#: How many introductions a page shows.
_MOST_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class OfferData:
    """An introduction of work as entered. `good_reason` is judged where it was declined."""

    offered_on: date
    employer: str
    work: str
    suitable: bool
    accepted: bool
    good_reason: bool | None
    reason: str


def record_offer(
    session: Session,
    household: Household,
    person_id: str,
    data: OfferData,
    *,
    actor: Actor,
    now: datetime,
) -> JobOffer:
    """Keep an introduction with its answer; nothing of a benefit changes by it.

    Raises:
        Invalid: `offer_in_future`, `employer_missing`, `reason_missing`, `reason_unjudged`,
            `member_unknown`, all at once.
    """
    require_transaction(session)
    findings = [*_findings(data, local_day(now))]
    if not _is_member(session, household, person_id):
        findings.append(
            Finding("member_unknown", "请选择一名家庭成员。", "Choose a member.", field="person")
        )
    if findings:
        raise Invalid(findings=findings)
    offer = JobOffer(
        id=new_id(),
        district_id=household.district_id,
        household_id=household.id,
        person_id=person_id,
        offered_on=data.offered_on,
        employer=data.employer.strip(),
        work=data.work.strip(),
        suitable=data.suitable,
        accepted=data.accepted,
        good_reason=None if data.accepted else data.good_reason,
        reason=data.reason.strip(),
        recorded_at=now,
        recorded_by_id=actor.account_id,
    )
    session.add(offer)
    _note_offer(session, offer, actor, now)
    session.flush()  # what follows in the same act counts it
    return offer


def _is_member(session: Session, household: Household, person_id: str) -> bool:
    found = select(HouseholdMember.id).where(
        HouseholdMember.household_id == household.id,
        HouseholdMember.person_id == person_id,
        HouseholdMember.superseded_at.is_(None),
    )
    return session.scalars(found).first() is not None


def _note_offer(session: Session, offer: JobOffer, actor: Actor, now: datetime) -> None:
    append_entry(
        session,
        Subject(SubjectKind.PERSON, offer.person_id, offer.district_id),
        TrailAction.JOB_OFFER_RECORDED,
        actor=actor,
        now=now,
        data={
            "offer": offer.id,
            "offered_on": offer.offered_on,
            "suitable": offer.suitable,
            "accepted": offer.accepted,
            "good_reason": offer.good_reason,
        },
    )


def _findings(data: OfferData, today: date) -> list[Finding]:
    found = []
    if data.offered_on > today:
        found.append(
            Finding("offer_in_future", "介绍日期不能晚于今天。", "The day can't lie ahead.",
                    field="offered_on")
        )  # fmt: skip
    if not data.employer.strip():
        found.append(
            Finding("employer_missing", "请写明用人单位。", "Name the employer.", field="employer")
        )
    if not data.accepted and not data.reason.strip():
        found.append(
            Finding("reason_missing", "请写明拒绝的理由。", "Give the reason for declining.",
                    field="reason")
        )  # fmt: skip
    if not data.accepted and data.good_reason is None:
        found.append(
            Finding("reason_unjudged", "请判断理由是否正当。", "Judge whether the reason is good.",
                    field="good_reason")
        )  # fmt: skip
    return found


def offers_to(session: Session, person_id: str) -> Sequence[JobOffer]:
    """The introductions of a person in their order. One SELECT."""
    return session.scalars(
        select(JobOffer)
        .where(JobOffer.person_id == person_id)
        .order_by(JobOffer.offered_on, JobOffer.id)
    ).all()


def offers_of(session: Session, household_id: str) -> Sequence[JobOffer]:
    """The last introductions of a household's members, the newest first. One SELECT."""
    return session.scalars(
        select(JobOffer)
        .where(JobOffer.household_id == household_id)
        .order_by(JobOffer.offered_on.desc(), JobOffer.id.desc())
        .limit(_MOST_SHOWN)
    ).all()


def standing_cut(session: Session, person_id: str) -> ShareCut | None:
    """The cut of a person's own share that goes on. One SELECT."""
    return session.scalars(
        select(ShareCut).where(ShareCut.person_id == person_id, ShareCut.until_month.is_(None))
    ).one_or_none()


def job_facts(context: OperationContext, *, person_id: str) -> dict[str, Any]:
    """What the table `job_refusals` asks about a member (最低生活保障审核确认办法 34).

    Raises:
        Fault: `member_unknown`, `grant_unknown` where the household has no benefit.
    """
    session = context.session
    facts = _facts(context, person_id)
    grant = _grant_of(context, person_id)
    assessment = session.get_one(Assessment, grant.assessment_id)
    result = {name: from_json(value) for name, value in assessment.result.items()}
    offers = offers_to(session, person_id)
    jobless = {
        "able_bodied": facts.get("able_bodied"),
        "employed": facts.get("employed"),
        "introductions": [
            {
                "accepted": one.accepted,
                "suitable": one.suitable,
                "good_reason": one.good_reason is True,
            }
            for one in offers
        ],
        "base": grant.base,
        "members": result["members"],
        "own_topup": own_topup(assessment, person_id),
        "monthly": grant.monthly,
    }
    return {"jobless": jobless, "grant_id": grant.id, "told": _told(offers)}


def cut_share(
    context: OperationContext, *, person_id: str, grant_id: str, amount: Decimal,
    at_most: Decimal, from_month: date, reason: str,
) -> dict[str, Any]:  # fmt: skip
    """Take at most a member's own share off the benefit; the others' stays.

    Raises:
        Invalid: `more_than_share`, `reason_missing`. Conflict: `share_cut_already`.
    """
    if not reason.strip():
        raise Invalid("reason_missing", "请写明理由。", "Give the reason.")
    if not 0 < amount <= at_most:
        raise Invalid(
            "more_than_share",
            f"最多减去本人的份额 {at_most:.2f} 元，其他成员的不受影响。",
            f"At most the own share of {at_most:.2f} yuan; the others' isn't touched.",
        )
    if standing_cut(context.session, person_id) is not None:
        raise Conflict(
            "share_cut_already",
            "本人的份额已经减发、停发，先恢复再作决定。",
            "The share is cut already; give it back first.",
        )
    grant = context.session.get_one(Grant, grant_id)
    lock_grant(context.session, grant)
    left = grant.monthly - amount
    if left > 0:
        _change(context, grant, from_month, -amount, reason)
    else:
        end_grant(context, grant, from_month=from_month, reason=reason)
    context.session.add(
        ShareCut(
            id=new_id(),
            district_id=grant.district_id,
            grant_id=grant.id,
            person_id=person_id,
            case_id=context.case.id,
            amount=amount,
            from_month=from_month,
            decided_on=context.today,
            decided_by_id=context.actor.account_id,
        )
    )
    context.case.monthly = max(left, _NOTHING)
    context.notes.append({"grant": grant.id, "cut": amount, "from_month": from_month})
    return {
        "amount": amount,
        "from_month": from_month,
        "new_monthly": max(left, _NOTHING),
        "decided_on": context.today,
    }


def return_share(context: OperationContext, *, person_id: str, from_month: date) -> dict[str, Any]:
    """Give a cut share back from a month on.

    Raises:
        Conflict: `no_cut`, `grant_ended` where nothing was left and the family applies anew.
    """
    cut = standing_cut(context.session, person_id)
    if cut is None:
        raise Conflict("no_cut", "本人的份额没有减发。", "No share is cut.")
    grant = context.session.get_one(Grant, cut.grant_id)
    lock_grant(context.session, grant)
    _change(context, grant, from_month, cut.amount, "接受工作，恢复本人份额")
    cut.until_month, cut.ended_on = from_month, context.today
    context.case.monthly = grant.monthly
    context.notes.append({"grant": grant.id, "returned": cut.amount, "from_month": from_month})
    return {"from_month": from_month, "new_monthly": grant.monthly}


def own_topup(assessment: Assessment, person_id: str) -> Decimal:
    """A member's own top-up inside an assessment, from its explanation; yuan."""
    for step in assessment.explanation.get("decision", {}).get("steps", ()):
        value = from_json(step["result"]) if "result" in step else None
        if step.get("name") == "增发" and isinstance(value, dict):
            for one in value.get("persons", ()):
                if one["id"] == person_id and value["total"] > 0:
                    amount: Decimal = one["amount"]
                    return amount
    return _NOTHING


def _change(
    context: OperationContext, grant: Grant, from_month: date, by: Decimal, reason: str
) -> None:
    """Another amount, the base first; below zero the rest goes from the top-up."""
    base = max(grant.base + by, _NOTHING)
    monthly = grant.monthly + by
    change_amount(
        context, grant, from_month=from_month, monthly=monthly, base=min(base, monthly),
        topup=monthly - min(base, monthly), reason=reason,
    )  # fmt: skip


def standing_cuts(session: Session, grant_id: str) -> Decimal:
    """What a grant pays less a month for own shares that are cut, in yuan."""
    found = session.scalar(
        select(func.sum(ShareCut.amount)).where(
            ShareCut.grant_id == grant_id, ShareCut.until_month.is_(None)
        )
    )
    return _NOTHING if found is None else Decimal(found)


def end_cuts(
    context: OperationContext, grant_id: str, person_ids: Collection[str], from_month: date
) -> None:
    """Cuts of people who no longer share a benefit end with it, from a month on."""
    context.session.execute(
        update(ShareCut)
        .where(
            ShareCut.grant_id == grant_id,
            ShareCut.person_id.in_(person_ids),
            ShareCut.until_month.is_(None),
        )
        .values(until_month=from_month, ended_on=context.today)
    )


def _grant_of(context: OperationContext, person_id: str) -> Grant:
    grants = context.session.scalars(
        select(Grant)
        .where(Grant.household_id == context.case.household_id, Grant.state == GrantState.ACTIVE)
        .order_by(Grant.id)
    ).all()
    found = [one for one in grants if one.person_id in (None, person_id)]
    if not found:
        raise Fault(
            "grant_unknown", "这个家庭没有在领的低保。", "The household has no benefit now."
        )
    return found[0]


def _facts(context: OperationContext, person_id: str) -> dict[str, Any]:
    row = context.session.execute(
        select(HouseholdMember, Person)
        .join(Person, Person.id == HouseholdMember.person_id)
        .where(
            HouseholdMember.household_id == context.case.household_id,
            HouseholdMember.person_id == person_id,
            HouseholdMember.superseded_at.is_(None),
        )
    ).first()
    if row is None:
        raise Fault(
            "member_unknown",
            "这个人不是家庭现在的成员。",
            "The person isn't a present member of the household.",
        )
    member, person = row
    return member_facts(member, unwrap_data_key(context.keys, person.id, person.data_key or b""))


def _told(offers: Sequence[JobOffer]) -> str:
    """The introductions in a line that people read."""
    return "；".join(
        f"{one.offered_on.isoformat()} {one.employer}"
        + ("（工作不适当）" if not one.suitable else "")
        + ("：接受" if one.accepted else f"：拒绝，{one.reason}，理由")
        + ("" if one.accepted else "正当" if one.good_reason else "不正当")
        for one in offers
    )
