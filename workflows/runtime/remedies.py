"""Opening a review, lawsuit, petition or complaint: the decision found, the party kept sealed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.assistance import Notice
from models.cases import Case
from models.offices import Office
from models.remedies import Recusal
from models.types import new_id
from workflows.access import Viewer, is_of_household, visible_cases
from workflows.assistance.households.data import MemberData
from workflows.assistance.households.people import keep_persons
from workflows.assistance.remedies.registering import REGISTER
from workflows.definitions.diagram import ProcessModel
from workflows.definitions.policy import Policy
from workflows.errors import Actor, Finding, Invalid, NotAllowed, NotFound
from workflows.privacy import KeyRing
from workflows.runtime.starting import start_case
from workflows.transaction import require_transaction

COMPLAINT: Final = "complaint"
#: The answer of a complaint's form that names the staff it is about.
CONCERNED: Final = "concerned_staff"
_ANONYMOUS: Final = "（匿名）"


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision that somebody goes against: its case and, where it has one, its notice."""

    case: Case
    notice: Notice | None

    @property
    def learnt_on(self) -> date | None:
        """The day on which it was served, from which the periods are counted."""
        return None if self.notice is None else self.notice.served_on


@dataclass(frozen=True, slots=True)
class Filing:
    """Who files what, where: `decision` where it is against one; no name is an anonymous one."""

    process: str
    township_id: str
    village_id: str | None = None
    decision: Decision | None = None
    name: str = ""
    id_number: str = ""
    phone: str = ""
    channel: str = "window"


def remedy_processes(policy: Policy) -> tuple[ProcessModel, ...]:
    """The processes that register a remedy, in the order of the policy's files."""
    return tuple(process for process in policy.startable() if registers_remedy(process))


def registers_remedy(process: ProcessModel) -> bool:
    """Whether a process is one of reviews, lawsuits, petitions, complaints."""
    return any(
        element.operation is not None and element.operation.name == REGISTER
        for element in process.elements.values()
    )


def find_decision(session: Session, viewer: Viewer, number: str) -> Decision:
    """A decision that the viewer may see, by the number of its notice or its case. Two SELECTs.

    Of a case the newest notice is taken.

    Raises:
        NotFound: `decision_not_found`.
    """
    wanted = number.strip().upper()
    row = session.execute(
        select(Case, Notice)
        .outerjoin(Notice, Notice.case_id == Case.id)
        .where(
            visible_cases(viewer),
            or_(
                Case.number == wanted,
                Case.id == select(Notice.case_id).where(
                    Notice.district_id == viewer.district_id, Notice.number == wanted
                ).scalar_subquery(),
            ),
        )
        .order_by((Notice.number == wanted).desc(), Notice.issued_at.desc(), Notice.id.desc())
        .limit(1)
    ).first()  # fmt: skip
    if row is None or not wanted:
        raise NotFound(
            "decision_not_found",
            f"找不到编号为“{number}”的告知书或者办件。",
            f"There is no notice or case with the number “{number}”.",
        )
    return Decision(row.Case, row.Notice)


def open_remedy(
    session: Session,
    filing: Filing,
    answers: Mapping[str, Any],
    keys: KeyRing,
    *,
    actor: Actor,
    now: datetime,
) -> Case:
    """Register a remedy and open the case in which it is handled.

    Who filed it is kept as a person of its own, sealed. A complaint's case belongs to no household,
    so that nothing of it shows with the family; staff that it is about are recused from it.

    Raises:
        Invalid: `party_missing`, and every finding of the form. NotAllowed: `remedy_own`.
        Others as `start_case`.
    """
    require_transaction(session)
    complaint = filing.process == COMPLAINT
    if not filing.name.strip() and not complaint:
        raise Invalid(
            findings=[Finding("party_missing", "请填写姓名。", "Enter a name.", field="h-name")]
        )
    party = MemberData(
        filing.name.strip() or _ANONYMOUS, filing.id_number, "self", filing.phone.strip()
    )
    decision = filing.decision
    household_id = None if decision is None else decision.case.household_id
    notice_id = None if decision is None or decision.notice is None else decision.notice.id
    district_id = session.get_one(Office, filing.township_id).district_id
    (person,) = keep_persons(session, district_id, [party], keys, now=now)
    case = start_case(
        session,
        filing.process,
        keys,
        township_id=filing.township_id,
        village_id=filing.village_id,
        household_id=None if complaint else household_id,
        channel=filing.channel,
        variables={
            "against_case_id": None if decision is None else decision.case.id,
            "against_notice_id": notice_id,
            "about_household_id": household_id,
            "party_id": person.id,
            "named": bool(filing.name.strip()),
        },
        answers=answers,
        actor=actor,
        now=now,
    )
    if complaint:
        _recuse(session, case, str(answers.get(CONCERNED) or ""), household_id, actor)
    return case


def _recuse(
    session: Session, case: Case, names: str, household_id: str | None, actor: Actor
) -> None:
    """Keep away whoever the complaint names, and staff who belong to the family it is about.

    Namesakes are kept away too, which errs on the safe side.
    """
    named = [name for name in names.replace("、", " ").replace("，", " ").split() if name]
    about: ColumnElement[bool] = Account.name.in_(named)
    if household_id is not None:
        about = or_(about, is_of_household(Account.id, household_id))
    found = session.scalars(
        select(Account.id).where(Account.district_id == case.district_id, about)
    ).all()
    if actor.account_id in found:
        raise NotAllowed(
            "remedy_own",
            "这件投诉举报反映的是您或者您的家庭，须由其他人员登记。",
            "The complaint is about you or your family; somebody else has to register it.",
        )
    session.add_all(
        Recusal(
            id=new_id(),
            district_id=case.district_id,
            case_id=case.id,
            account_id=account_id,
            reason="complaint",
        )
        for account_id in found
    )
