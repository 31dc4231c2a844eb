"""The families on the roll of a village, posted month by month (长期公示, 条例 18(5), P42)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models.assistance import Assessment, Grant, GrantAmount
from models.households import Household, Person
from models.offices import Office, OfficeLevel
from models.postings import RollList
from models.trail import SubjectKind
from models.types import new_id
from workflows.assistance.context import OperationContext
from workflows.assistance.households.facts import identity_of
from workflows.assistance.money.due import pays_for
from workflows.assistance.money.ledger import DIBAO
from workflows.assistance.posting_content import (
    lawful_content,
    lawful_fields,
    money_text,
    require_lawful,
)
from workflows.audit import Subject, TrailAction, append_entry
from workflows.calendar import local_day, months_later
from workflows.definitions.policy import Policy
from workflows.errors import Actor, Conflict, Finding, Invalid
from workflows.feel import from_json
from workflows.privacy import KeyRing, mask_name
from workflows.transaction import require_transaction

#: The kind of the table of contents.
LONG_TERM: Final = "dibao_long_term"
#: What a township reports of a month that is over and whose lists didn't all hang.
MISSED: Final = "missed"


@dataclass(frozen=True, slots=True)
class VillageState:
    """One village: families on the roll now, their money, and the newest list that was made."""

    village: Office
    families: int
    monthly: Decimal
    newest: RollList | None


@dataclass(frozen=True, slots=True)
class ListedRow:
    """A family as the list shows it; `change` is added, changed or nothing."""

    grant_id: str
    name: str
    content: Mapping[str, Any]
    change: str


def village_states(session: Session, villages: Sequence[Office], *, on: date) -> list[VillageState]:
    """How villages stand on a day. Two SELECTs, whatever their number."""
    ids = [village.id for village in villages]
    counted: dict[str, tuple[int, Decimal]] = {
        village_id: (families, Decimal(total))
        for village_id, families, total in session.execute(
            select(
                Household.village_id,
                func.count(Grant.id),
                func.coalesce(func.sum(GrantAmount.monthly), Decimal(0)),
            )
            .join(Grant, Grant.household_id == Household.id)
            .join(GrantAmount, GrantAmount.grant_id == Grant.id)
            .where(
                Household.district_id.in_({village.district_id for village in villages}),
                Household.village_id.in_(ids),
                Grant.programme == DIBAO,
                pays_for(on.replace(day=1)),
            )
            .group_by(Household.village_id)
        )
    }
    newest: dict[str, RollList] = {}
    for found in session.scalars(
        select(RollList).where(RollList.village_id.in_(ids)).order_by(RollList.month)
    ):
        newest[found.village_id] = found
    return [
        VillageState(village, *counted.get(village.id, (0, Decimal(0))), newest.get(village.id))
        for village in villages
    ]


def make_list(
    session: Session, village: Office, law: Policy, *, actor: Actor, now: datetime
) -> RollList:
    """The list of the present month: who is on the roll today, with exactly the lawful fields.

    Made again in the same month it takes the place of the one before, until that is posted.

    Raises:
        Invalid: `publicity_forbidden`, `publicity_field_unlawful`. Conflict: `list_posted`.
    """
    require_transaction(session)
    today = local_day(now)
    month = today.replace(day=1)
    lawful = lawful_fields(law, LONG_TERM, today, now=now)
    rows = {
        grant_id: lawful_content(lawful, {"members": members, "monthly": money_text(monthly)})
        for grant_id, members, monthly in _families(session, village, month)
    }
    if not rows:  # the table decides about an empty list, too
        lawful_content(lawful, dict.fromkeys(lawful.fields, ""))
    require_lawful(law, LONG_TERM, 1, lawful.fields, today, now=now)
    before = session.scalar(
        select(RollList)
        .where(RollList.village_id == village.id, RollList.month < month)
        .order_by(RollList.month.desc())
        .limit(1)
    )
    found = session.scalar(
        select(RollList)
        .where(RollList.village_id == village.id, RollList.month == month)
        .with_for_update()
    )
    if found is None:
        found = RollList(
            id=new_id(),
            district_id=village.district_id,
            township_id=village.parent_id or village.district_id,
            village_id=village.id,
            month=month,
            place="",
        )
        session.add(found)
    elif found.posted_on is not None:
        raise Conflict(
            "list_posted",
            "本月的长期公示已经张贴，下月再编制。",
            "This month's list has been posted; the next one is made next month.",
        )
    found.as_of, found.fields, found.masked = today, list(lawful.fields), lawful.masked
    found.rows, found.changes = rows, _changes({} if before is None else before.rows, rows)
    found.made_at, found.made_by_id = now, actor.account_id
    session.flush()  # the trail names it
    _note(session, found, TrailAction.PUBLICITY_ANNOUNCED, actor, now, families=len(rows))
    return found


def post_list(
    session: Session,
    found: RollList,
    *,
    posted_on: date,
    place: str,
    photos: Sequence[str],
    actor: Actor,
    now: datetime,
) -> None:
    """Keep that a list hangs, with a photo; the one before it has come down in its favour.

    Raises:
        Invalid: `posted_in_future`, `posted_too_early`, `photo_missing`, `place_missing`.
        Conflict: `list_posted`.
    """
    require_transaction(session)
    findings = _findings(found, posted_on, place, photos, local_day(now))
    if findings:
        raise Invalid(findings[0].code, findings=findings)
    if found.posted_on is not None:
        raise Conflict("list_posted", "已经登记张贴。", "It was recorded as posted already.")
    found.posted_on, found.place, found.photos = posted_on, place.strip(), list(photos)
    session.execute(
        update(RollList)
        .where(
            RollList.village_id == found.village_id,
            RollList.month < found.month,
            RollList.posted_on.is_not(None),
            RollList.down_on.is_(None),
        )
        .values(down_on=posted_on)
        .execution_options(synchronize_session=False)
    )
    _note(session, found, TrailAction.PUBLICITY_POSTED, actor, now, posted_on=posted_on)


def unposted_villages(session: Session, township_id: str, month: date) -> list[Office]:
    """The villages of a township with families on a month's roll and no list posted. One SELECT."""
    families = (
        select(Grant.id)
        .join(Household, Household.id == Grant.household_id)
        .join(GrantAmount, GrantAmount.grant_id == Grant.id)
        .where(
            Household.district_id == Office.district_id,
            Household.township_id == township_id,
            Household.village_id == Office.id,
            Grant.programme == DIBAO,
            pays_for(month),
        )
    )
    posted = select(RollList.id).where(
        RollList.village_id == Office.id,
        RollList.month == month,
        RollList.posted_on.is_not(None),
    )
    return list(
        session.scalars(
            select(Office)
            .where(
                Office.parent_id == township_id,
                Office.level == OfficeLevel.VILLAGE,
                families.exists(),
                ~posted.exists(),
            )
            .order_by(Office.code)
        )
    )


def check_lists(context: OperationContext, *, month: date, result: str) -> dict[str, Any]:
    """Hold what a township reports of a month's lists against the lists (条例 18(5)).

    `result` is posted or missed; a month is missed once it is over.

    Raises:
        Invalid: `lists_missing`, `nothing_missed`. Conflict: `month_not_over`.
    """
    missing = unposted_villages(context.session, context.case.township_id, month)
    names = "、".join(village.name for village in missing)
    if result == MISSED:
        if not missing:
            raise Invalid(
                "nothing_missed",
                "这个月都已经张贴，请选择已经张贴。",
                "Every list of the month has been posted; say so.",
            )
        if context.today < months_later(month, 1):
            raise Conflict(
                "month_not_over",
                f"本月还没有过完，请继续张贴：{names}。",
                f"The month isn't over yet: post the lists of {names}.",
            )
    elif missing:
        raise Invalid(
            "lists_missing",
            f"还没有登记张贴的村（社区）：{names}。请先在“长期公示”页面登记。",
            f"No posted list is recorded for {names}; record them first.",
        )
    context.notes.append({"month": month.isoformat(), "unposted": [one.id for one in missing]})
    return {"unposted": Decimal(len(missing))}


def _findings(
    found: RollList, posted_on: date, place: str, photos: Sequence[str], today: date
) -> list[Finding]:
    findings = []
    if posted_on > today:
        findings.append(
            Finding("posted_in_future", "张贴日期不能晚于今天。",
                    "The day of posting can't be in the future.", field="posted_on")
        )  # fmt: skip
    if posted_on < found.as_of:
        findings.append(
            Finding("posted_too_early", f"张贴日期不能早于编制日期({found.as_of})。",
                    f"The list of {found.as_of} can't be posted before it was made.",
                    field="posted_on")
        )  # fmt: skip
    if not place.strip():
        findings.append(
            Finding("place_missing", "请填写张贴地点。", "Say where it hangs.", field="place")
        )
    if not photos:
        findings.append(
            Finding("photo_missing", "请上传公示照片。", "A photo is needed.", field="photo")
        )
    return findings


def listed_rows(session: Session, found: RollList, keys: KeyRing) -> list[ListedRow]:
    """The families of a list with their names, as it shows them. One SELECT."""
    people = session.execute(
        select(Grant.id, Person)
        .join(Household, Household.id == Grant.household_id)
        .join(Person, Person.id == func.coalesce(Grant.person_id, Household.head_person_id))
        .where(Grant.id.in_(list(found.rows)))
    )
    names = {grant_id: identity_of(person, keys).name for grant_id, person in people}
    change = {
        **dict.fromkeys(found.changes.get("added", ()), "added"),
        **dict.fromkeys(found.changes.get("changed", ()), "changed"),
    }
    shown = [
        ListedRow(
            grant_id,
            mask_name(names.get(grant_id, "")) if found.masked else names.get(grant_id, ""),
            content,
            change.get(grant_id, ""),
        )
        for grant_id, content in found.rows.items()
    ]
    return sorted(shown, key=lambda row: (row.name, row.grant_id))


def _families(session: Session, village: Office, month: date) -> list[tuple[str, str, Decimal]]:
    """The grants that pay in a village: id, members that count, amount. One SELECT."""
    rows = session.execute(
        select(Grant.id, Grant.person_id, GrantAmount.monthly, Assessment.result)
        .join(Household, Household.id == Grant.household_id)
        .join(GrantAmount, GrantAmount.grant_id == Grant.id)
        .outerjoin(
            Assessment,
            Assessment.id == func.coalesce(GrantAmount.assessment_id, Grant.assessment_id),
        )
        .where(
            Household.district_id == village.district_id,
            Household.township_id == village.parent_id,
            Household.village_id == village.id,
            Grant.programme == DIBAO,
            pays_for(month),
        )
        .order_by(Grant.id)
    )
    found = []
    for grant_id, person_id, monthly, result in rows:
        members = from_json((result or {}).get("members"))
        found.append((grant_id, "1" if person_id else str(members or ""), monthly))
    return found


def _changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, list[str]]:
    return {
        "added": sorted(now.keys() - before.keys()),
        "left": sorted(before.keys() - now.keys()),
        "changed": sorted(key for key in now.keys() & before.keys() if now[key] != before[key]),
    }


def _note(
    session: Session,
    found: RollList,
    action: TrailAction,
    actor: Actor,
    now: datetime,
    **data: object,
) -> None:
    append_entry(
        session,
        Subject(SubjectKind.OFFICE, found.village_id, found.district_id),
        action,
        actor=actor,
        now=now,
        data={"list": found.id, "month": found.month.isoformat(), **data},
    )
