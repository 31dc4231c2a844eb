"""The change of a household as somebody asks for it: whom it concerns, what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import select

from models.cases import Case, CaseState
from models.household_changes import ChangeKind, HouseholdChange, HouseholdChangeState
from models.households import Household, Person
from models.types import new_id
from workflows.assistance.applications import decides_benefit
from workflows.assistance.context import OperationContext
from workflows.assistance.families.planning import household_grant
from workflows.assistance.households.facts import identity_of, rule_facts
from workflows.assistance.households.moving import SELF, lock_households
from workflows.calendar import months_later
from workflows.decisions.forms import Form
from workflows.errors import Conflict, Fault, Finding, Invalid
from workflows.privacy import parse_id_number

#: From which age somebody is asked for their consent.
ADULT_AGE: Final = "dibao.members.adult_age"
#: The form whose words name relations.
_MEMBER_FORM: Final = "household-member"
_MONTHS: Final = 12
#: The fields of the form, and what relation to the head each of them means.
RELATIONS: Final[Mapping[str, str]] = {
    "spouse": "spouse",
    "children": "child",
    "grandchildren": "grandchild",
    "parents": "parent",
    "siblings": "sibling",
    "others": "other",
}
_HAS_HEAD: Final = frozenset({ChangeKind.SPLIT, ChangeKind.HEAD})
_CONSENTED: Final = frozenset({ChangeKind.SPLIT, ChangeKind.MERGE, ChangeKind.HEAD})
_NEEDS_OTHER: Final = frozenset({ChangeKind.MERGE, ChangeKind.CUSTODY})


def look_at_family(
    context: OperationContext,
    *,
    kind: str,
    other_household_id: str | None = None,
    newcomer_id: str | None = None,
    to_village_id: str | None = None,
) -> dict[str, Any]:
    """Who belongs to the household now, for the form to choose from; the change is planned.

    Nobody is named: people are told by their relation and month of birth.

    Raises:
        Conflict: `change_under_way` where the household, or the other one, has another change;
            as `require_nothing_asked`.
        Invalid: `other_household_missing`, `newcomer_missing`, `same_household`.
    """
    household = own_household(context)
    lock_households(context.session, [household.id, other_household_id])
    _refuse_second(context, household.id, other_household_id)
    if kind in _NEEDS_OTHER and other_household_id is None:
        raise Invalid(
            "other_household_missing",
            "没有找到另一个家庭，请核对对方成员的身份证号码。",
            "The other household isn't known; check the id number of one of its people.",
        )
    if other_household_id == household.id:
        raise Invalid("same_household", "双方是同一个家庭。", "Both are the same household.")
    if kind == ChangeKind.JOIN and newcomer_id is None:
        raise Invalid("newcomer_missing", "没有写明谁加入。", "Nobody is named who joins.")
    require_nothing_asked(context, kind, other_household_id)
    mine = rule_facts(context.session, household, context.today, context.keys)
    people = [_choice(context, one) for one in mine["members"]]
    context.session.add(_planned(context, household, kind, other_household_id))
    context.session.flush()
    grant = household_grant(context, household.id)
    head_died = context.session.get_one(Person, household.head_person_id).died_on is not None
    context.notes.append({"change": kind, "other": other_household_id, "village": to_village_id})
    return {
        "people": people,
        "newcomers": _newcomers(context, kind, other_household_id, newcomer_id),
        "grant_id": None if grant is None else grant.id,
        "head_died": head_died,
    }


def require_nothing_asked(
    context: OperationContext, kind: str, other_household_id: str | None
) -> None:
    """A household that ends by a merger doesn't wait for a decision about what it gets.

    Raises:
        Conflict: `other_waits`.
    """
    if kind != ChangeKind.MERGE or other_household_id is None:
        return
    rows = context.session.execute(
        select(Case.number, Case.process_key)
        .where(Case.household_id == other_household_id, Case.state == CaseState.OPEN)
        .order_by(Case.id)
    )
    for number, process_key in rows:
        if process_key in context.law.processes and decides_benefit(context.law, process_key):
            raise Conflict(
                "other_waits",
                f"对方家庭的办件 {number} 还没有办结：先办结，或者由其撤回，再合户。",
                f"The other household's case {number} is open: finish it, or let them"
                " withdraw it, before the households become one.",
                details={"number": number},
            )


def own_household(context: OperationContext) -> Household:
    """The household of the case.

    Raises:
        Fault: `no_household`.
    """
    found = context.session.get(Household, context.case.household_id or "")
    if found is None:
        raise Fault("no_household", "办件没有家庭信息。", "The case has no household.")
    return found


def planned_change(context: OperationContext) -> HouseholdChange:
    """The change that this case decides on, locked.

    Raises:
        Conflict: `change_settled`.
    """
    found = context.session.scalar(
        select(HouseholdChange)
        .where(
            HouseholdChange.case_id == context.case.id,
            HouseholdChange.state == HouseholdChangeState.PLANNED,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise Conflict("change_settled", "这次变动已经办结。", "The change is settled already.")
    return found


def relations_of(
    kind: str, new_head: str | None, chosen: Mapping[str, Sequence[str] | None]
) -> dict[str, str]:
    """Who goes, by person, with the relation to the head of where they belong afterwards.

    Raises:
        Invalid: `nobody_goes`, `head_missing`, `chosen_twice`.
    """
    relations: dict[str, str] = {}
    if kind in _HAS_HEAD:
        if not new_head:
            raise _wrong("head_missing", "请选择新户主。", "Choose the new head.", "new_head")
        relations[new_head] = SELF
    for field, people in chosen.items():
        for person in people or ():
            if person in relations:
                raise _wrong("chosen_twice", "同一人选了两次。", "Somebody is chosen twice.", field)
            relations[person] = RELATIONS[field]
    if not relations and kind not in {ChangeKind.TOWNSHIP, ChangeKind.DISTRICT}:
        raise _wrong("nobody_goes", "请选择变动的成员。", "Choose who is concerned.", "children")
    return relations


def check_people(
    context: OperationContext,
    kind: str,
    household: Household,
    other: Household | None,
    relations: Mapping[str, str],
) -> None:
    """Whether the choice fits the households as they are now.

    Raises:
        Invalid: `head_stays`, `nobody_stays`, `not_all_related`, `spouse_twice`,
            `not_a_member` for somebody who doesn't belong to either household any more.
    """
    mine = {one["id"] for one in _members(context, household)}
    theirs = {one["id"] for one in _members(context, other)} if other is not None else set()
    if list(relations.values()).count("spouse") > 1:
        raise _wrong("spouse_twice", "配偶只能有一人。", "Only one spouse.", "spouse")
    chosen = set(relations)
    if kind in {ChangeKind.SPLIT, ChangeKind.CUSTODY, ChangeKind.LEAVE}:
        _check_leaving(household, chosen, mine)
    elif kind == ChangeKind.HEAD:
        _check_all(chosen, mine, "new_head")
    elif kind == ChangeKind.MERGE:
        _check_all(chosen, theirs, "children")
    elif kind == ChangeKind.JOIN:
        _check_joining(other, chosen, theirs)


def check_consents(
    context: OperationContext,
    kind: str,
    household: Household,
    other: Household | None,
    consents: Sequence[str] | None,
    consent_note: str | None,
) -> None:
    """Grown-up people who are present agree, or it is said why one of them can't.

    Raises:
        Invalid: `consent_missing`.
    """
    if kind not in _CONSENTED or (consent_note or "").strip():
        return
    years = int(context.law.parameters.value(ADULT_AGE, context.today).value)
    latest = months_later(context.today, -_MONTHS * years)
    members = [*_members(context, household), *(_members(context, other) if other else ())]
    adults = {
        one["id"]
        for one in members
        if one["status"] == "present" and _born(one) is not None and _born(one) <= latest  # type: ignore[operator]
    }
    dead = set(
        context.session.scalars(
            select(Person.id).where(Person.id.in_(adults), Person.died_on.is_not(None))
        )
    )
    missing = adults - dead - set(consents or ())
    if missing:
        raise _wrong(
            "consent_missing",
            f"还有 {len(missing)} 名成年成员没有登记同意；确实不能表示意见的，写明原因。",
            f"{len(missing)} grown-up members have not agreed; say why where one of them can't.",
            "consents",
        )


def _check_leaving(household: Household, chosen: set[str], mine: set[str]) -> None:
    _check_known(chosen, mine)
    if household.head_person_id in chosen:
        raise _wrong(
            "head_stays",
            "户主留在原家庭。户主离开的，先变更户主，或者登记另一方分出。",
            "The head stays. Where the head leaves, change the head first, or let the others go.",
            "new_head",
        )
    if chosen == mine:
        raise _wrong("nobody_stays", "原家庭没有人留下。", "Nobody would stay.", "children")


def _check_joining(other: Household | None, chosen: set[str], theirs: set[str]) -> None:
    if len(chosen) != 1:
        raise _wrong("nobody_goes", "请选择与户主的关系。", "Choose the relation.", "children")
    if other is not None and other.head_person_id in chosen and theirs != chosen:
        raise _wrong(
            "head_stays",
            "加入的人是另一个家庭的户主，请先在那一户变更户主。",
            "Who joins is the head of another household; change its head first.",
            "children",
        )


def _check_all(chosen: set[str], wanted: set[str], field: str) -> None:
    _check_known(chosen, wanted)
    if chosen != wanted:
        raise _wrong(
            "not_all_related",
            f"还有 {len(wanted - chosen)} 名成员没有写明与户主的关系。",
            f"{len(wanted - chosen)} members have no relation to the head yet.",
            field,
        )


def _check_known(chosen: set[str], wanted: set[str]) -> None:
    if chosen - wanted:
        raise _wrong(
            "not_a_member",
            "所选的人已经不在这个家庭，请重新读取家庭现状。",
            "Somebody chosen doesn't belong to the household any more.",
            "children",
        )


def _members(context: OperationContext, household: Household | None) -> list[dict[str, Any]]:
    if household is None:
        return []
    facts = rule_facts(context.session, household, context.today, context.keys)
    members: list[dict[str, Any]] = facts["members"]
    return members


def _born(member: Mapping[str, Any]) -> date | None:
    born = member["birth_on"]
    return born if isinstance(born, date) else None


def _refuse_second(context: OperationContext, *household_ids: str | None) -> None:
    ids = [one for one in household_ids if one is not None]
    planned = context.session.scalar(
        select(HouseholdChange.case_id)
        .where(
            HouseholdChange.state == HouseholdChangeState.PLANNED,
            HouseholdChange.household_id.in_(ids) | HouseholdChange.other_household_id.in_(ids),
        )
        .limit(1)
    )
    if planned is not None:
        raise Conflict(
            "change_under_way",
            "这个家庭（或对方家庭）已有一件家庭变动正在办理，请先办结。",
            "A change of this household, or of the other one, is under way already.",
            details={"case_id": planned},
        )


def _planned(
    context: OperationContext, household: Household, kind: str, other_household_id: str | None
) -> HouseholdChange:
    return HouseholdChange(
        id=new_id(),
        district_id=household.district_id,
        kind=ChangeKind(kind),
        state=HouseholdChangeState.PLANNED,
        case_id=context.case.id,
        household_id=household.id,
        other_household_id=other_household_id,
        people=[],
        from_township_id=household.township_id,
        recorded_at=context.now,
        recorded_by_id=context.actor.account_id,
    )


def _newcomers(
    context: OperationContext, kind: str, other_household_id: str | None, newcomer_id: str | None
) -> list[dict[str, str]]:
    if kind == ChangeKind.MERGE and other_household_id is not None:
        other = context.session.get_one(Household, other_household_id)
        return [_choice(context, one) for one in _members(context, other)]
    if kind != ChangeKind.JOIN or newcomer_id is None:
        return []
    person = context.session.get_one(Person, newcomer_id)
    number = identity_of(person, context.keys).id_number
    born = parse_id_number(number, today=context.today).born_on if number else None
    return [{"value": newcomer_id, "label": f"加入的人{_month(born)}"}]


def _choice(context: OperationContext, member: Mapping[str, Any]) -> dict[str, str]:
    words = _relation_words(context.law.forms.get(_MEMBER_FORM))
    relation = words.get(member["relation"], member["relation"])
    return {"value": member["id"], "label": relation + _month(_born(member))}


def _month(born: date | None) -> str:
    return "" if born is None else f"（{born.year}年{born.month}月生）"


def _relation_words(form: Form | None) -> dict[str, str]:
    field = None if form is None else form.fields.get("relation")
    return {} if field is None else {str(one.value): one.label for one in field.options}


def _wrong(code: str, message: str, message_en: str, field: str) -> Invalid:
    return Invalid(findings=[Finding(code, message, message_en, field=field)])
