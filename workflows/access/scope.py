"""Whether a viewer may do something here, and the SQL that leaves out what they may not see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, exists, false, or_, select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.assistance import NearRelativeFiling
from models.cases import Case, Task
from models.households import Household, HouseholdMember, Person
from models.offices import Office, OfficeLevel
from models.remedies import Recusal
from workflows.access.actions import ACTIONS_OF, RULE_OF, Action
from workflows.access.viewer import Holding, Viewer
from workflows.errors import Actor, NotAllowed, NotFound

#: a value, a bound parameter or a column
Operand = str | None | SQLColumnExpression[Any]


class Placed(Protocol):
    """What lies somewhere in the tree of offices: a case, a household."""

    @property
    def district_id(self) -> str: ...
    @property
    def township_id(self) -> str: ...
    @property
    def village_id(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the tree, where there is no row yet (an application about to be opened)."""

    district_id: str
    township_id: str
    village_id: str | None = None


def place_of(office: Office) -> Place:
    """Where a township or village office lies. Raises NotFound for a district."""
    if office.level is OfficeLevel.DISTRICT or office.parent_id is None:
        raise NotFound("access.no_township", "请选择乡镇（街道）。", "Choose a township.")
    if office.level is OfficeLevel.TOWNSHIP:
        return Place(office.district_id, office.id)
    return Place(office.district_id, office.parent_id, office.id)


def may(viewer: Viewer, action: Action, subject: Placed | None = None) -> bool:
    """Whether one of the viewer's roles allows the action, within the scope of its office.

    Without a subject: whether they may do it anywhere.
    """
    return any(
        subject is None or _covers(viewer, holding, subject)
        for holding in viewer.holdings
        if action in ACTIONS_OF[holding.role]
    )


def require(viewer: Viewer, action: Action, subject: Placed | None = None) -> None:
    """Raises NotAllowed(`access.denied`) unless `may`."""
    if not may(viewer, action, subject):
        rule = RULE_OF[action]
        raise NotAllowed(
            "access.denied",
            f"您的岗位不能进行此操作：{rule.label}。",
            f"Your role may not do this: {rule.label_en}.",
            details={"action": action.value},
        )


def acting(viewer: Viewer, action: Action, subject: Placed | None = None) -> Actor:
    """The viewer as actor, in the role that allows the action here.

    Raises:
        NotAllowed: where none of its roles does.
    """
    require(viewer, action, subject)
    for holding in viewer.holdings:
        if action in ACTIONS_OF[holding.role] and (
            subject is None or _covers(viewer, holding, subject)
        ):
            return viewer.actor(holding.role, holding.office_id)
    raise AssertionError("require() found a role")


def _covers(viewer: Viewer, holding: Holding, subject: Placed) -> bool:
    if subject.district_id != viewer.district_id:
        return False
    if holding.level is OfficeLevel.DISTRICT:
        return True
    if holding.level is OfficeLevel.TOWNSHIP:
        return subject.township_id == holding.office_id
    return subject.village_id == holding.office_id


def visible_cases(viewer: Viewer, action: Action = Action.CASE_READ) -> ColumnElement[bool]:
    """A WHERE condition on `cases`: those that the viewer may see (or do `action` with)."""
    scopes = (_case_scope(viewer, holding) for holding in _with(viewer, action))
    return and_(or_(false(), *scopes), ~is_recused(viewer.account_id, Case.id))


def is_recused(account_id: Operand, case_id: Operand) -> ColumnElement[bool]:
    """Whether the case is about the account itself, for use inside a statement (57 号 37)."""
    return exists().where(Recusal.case_id == case_id, Recusal.account_id == account_id)


def visible_households(
    viewer: Viewer, action: Action = Action.HOUSEHOLD_READ
) -> ColumnElement[bool]:
    """A WHERE condition on `households`."""
    return or_(false(), *(_household_scope(viewer, holding) for holding in _with(viewer, action)))


def visible_tasks(viewer: Viewer) -> ColumnElement[bool]:
    """A WHERE condition on `tasks`: those of the roles and offices that the viewer holds."""
    return and_(
        Task.district_id == viewer.district_id,
        or_(
            false(),
            *(
                and_(Task.role == holding.role.value, Task.office_id == holding.office_id)
                for holding in _with(viewer, Action.TASK_COMPLETE)
            ),
        ),
        ~is_recused(viewer.account_id, Task.case_id),
    )


def _with(viewer: Viewer, action: Action) -> list[Holding]:
    return [holding for holding in viewer.holdings if action in ACTIONS_OF[holding.role]]


def _case_scope(viewer: Viewer, holding: Holding) -> ColumnElement[bool]:
    district = Case.district_id == viewer.district_id
    if holding.level is OfficeLevel.DISTRICT:
        return district
    open_to_all = and_(district, Case.confined.is_(False))
    if holding.level is OfficeLevel.TOWNSHIP:
        return and_(open_to_all, Case.township_id == holding.office_id)
    return and_(
        open_to_all, Case.township_id == holding.township_id, Case.village_id == holding.office_id
    )


def _household_scope(viewer: Viewer, holding: Holding) -> ColumnElement[bool]:
    district = Household.district_id == viewer.district_id
    if holding.level is OfficeLevel.DISTRICT:
        return district
    if holding.level is OfficeLevel.TOWNSHIP:
        return and_(district, Household.township_id == holding.office_id)
    return and_(
        district,
        Household.township_id == holding.township_id,
        Household.village_id == holding.office_id,
    )


def require_post(actor: Actor, role: str, office_id: str) -> None:
    """Raises NotAllowed(`access.not_your_task`) unless the actor acts in that role there."""
    if actor.role != role or actor.office_id != office_id:
        raise NotAllowed(
            "access.not_your_task",
            "此待办由其他岗位或其他机构办理。",
            "This task belongs to another role or office.",
            details={"role": role, "office_id": office_id},
        )


def require_separate(actor: Actor, earlier_actor_ids: Iterable[str | None]) -> None:
    """Raises NotAllowed(`access.same_person`) when the actor did one of the earlier steps."""
    if actor.account_id is not None and actor.account_id in set(earlier_actor_ids):
        raise NotAllowed(
            "access.same_person",
            "您已办理过本办件的前序环节，此环节须由其他人员办理。",
            "You did an earlier step of this case; somebody else has to do this one.",
        )


def is_near_relative(account_id: Operand, case_id: Operand) -> ColumnElement[bool]:
    """Whether the account is filed as a near relative in the case, for use inside a statement."""
    return exists().where(
        NearRelativeFiling.case_id == case_id, NearRelativeFiling.account_id == account_id
    )


def is_of_household(account_id: Operand, household_id: Operand) -> ColumnElement[bool]:
    """Whether the account's id-card number is that of a present member, for use as above."""
    return exists(
        select(HouseholdMember.id)
        .join(Person, Person.id == HouseholdMember.person_id)
        .join(Account, Account.id_number_index == Person.id_number_index)
        .where(
            Account.id == account_id,
            Account.district_id == Person.district_id,
            HouseholdMember.household_id == household_id,
            HouseholdMember.superseded_at.is_(None),
        )
    )


def require_impartial(
    session: Session, actor: Actor, *, case_id: str, household_id: str | None
) -> None:
    """Nobody acts on the case of their own household or of a filed near relative. One SELECT.

    最低生活保障审核确认办法 11; 行政机关的回避.

    Raises:
        NotAllowed: `access.near_relative` or `access.own_household`.
    """
    if actor.account_id is None:
        return
    relative = is_near_relative(actor.account_id, case_id)
    member = is_of_household(actor.account_id, household_id)
    is_relative, is_member = session.execute(select(relative, member)).one()
    if is_member:
        raise NotAllowed(
            "access.own_household",
            "这是您本人家庭的办件，您须回避，请转由其他人员办理。",
            "This is a case of your own household; somebody else has to handle it.",
        )
    if is_relative:
        raise NotAllowed(
            "access.near_relative",
            "申请人是您已备案的近亲属，您须回避，请转由其他人员办理。",
            "The applicant is your near relative; somebody else has to handle this case.",
        )
