"""The tree of offices: read it, add to it, rename and close an office."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.accounts import RoleHolding
from models.cases import Case, CaseState
from models.offices import Office, OfficeLevel
from models.trail import SubjectKind
from models.types import new_id
from workflows.audit import Subject, TrailAction, append_entry
from workflows.errors import Actor, Conflict, Finding, Invalid, NotFound
from workflows.transaction import require_transaction

_BELOW = {
    OfficeLevel.DISTRICT: OfficeLevel.TOWNSHIP,
    OfficeLevel.TOWNSHIP: OfficeLevel.VILLAGE,
}


@dataclass(frozen=True, slots=True)
class Branch:
    """An office with the offices below it, in the order of their area codes."""

    office: Office
    below: tuple[Branch, ...]


def office_tree(session: Session, district_id: str) -> Branch:
    """The district with its townships and villages, closed ones too. Raises NotFound."""
    offices = list(
        session.scalars(
            select(Office).where(Office.district_id == district_id).order_by(Office.code)
        )
    )
    children: dict[str | None, list[Office]] = {}
    for office in offices:
        children.setdefault(office.parent_id, []).append(office)
    roots = children.get(None)
    if not roots:
        raise _unknown()
    return _branch(roots[0], children)


def _branch(office: Office, children: dict[str | None, list[Office]]) -> Branch:
    return Branch(office, tuple(_branch(child, children) for child in children.get(office.id, ())))


def office_named(session: Session, office_id: str, *, district_id: str) -> Office:
    """An office of the district. Raises NotFound."""
    office = session.get(Office, office_id)
    if office is None or office.district_id != district_id:
        raise _unknown()
    return office


def create_district(
    session: Session, *, code: str, name: str, actor: Actor, now: datetime
) -> Office:
    """A new district: the root of a tree of its own. Raises Conflict when the code is taken."""
    require_transaction(session)
    office_id = new_id()
    district = Office(
        id=office_id, district_id=office_id, level=OfficeLevel.DISTRICT, code=code, name=name
    )
    return _added(session, district, actor, now)


def create_office(
    session: Session, parent: Office, *, code: str, name: str, actor: Actor, now: datetime
) -> Office:
    """A township below the district, or a village below a township.

    Raises:
        Conflict: when the area code is taken.
        Invalid: below a village, or below a closed office.
    """
    require_transaction(session)
    level = _BELOW.get(parent.level)
    if level is None or not parent.active:
        raise Invalid(
            "office.no_place",
            "不能在该机构下新增机构。",
            "No office can be added below this one.",
        )
    office = Office(
        id=new_id(),
        district_id=parent.district_id,
        parent_id=parent.id,
        level=level,
        code=code,
        name=name,
    )
    return _added(session, office, actor, now)


def rename_office(
    session: Session, office: Office, *, name: str, actor: Actor, now: datetime
) -> None:
    """Give an office another name; past acts keep the old one in the trail."""
    require_transaction(session)
    if office.name == name:
        return
    old, office.name = office.name, name
    _note(session, office, TrailAction.OFFICE_CHANGED, actor, now, name={"old": old, "new": name})


def record_signature(
    session: Session, office: Office, *, signature: str | None, actor: Actor, now: datetime
) -> None:
    """Note the name with which an office's notices are signed; None: its own name.

    Notices that were issued keep what they were signed with.
    """
    require_transaction(session)
    old, office.signature = office.signature, signature
    change = {"old": old, "new": signature}
    _note(session, office, TrailAction.OFFICE_CHANGED, actor, now, signature=change)


def record_residents(
    session: Session, office: Office, *, residents: int | None, actor: Actor, now: datetime
) -> None:
    """Note how many people are registered at an office; None: nobody has told yet."""
    require_transaction(session)
    old, office.residents = office.residents, residents
    change = {"old": old, "new": residents}
    _note(session, office, TrailAction.OFFICE_CHANGED, actor, now, residents=change)


def close_office(session: Session, office: Office, *, actor: Actor, now: datetime) -> None:
    """Close an office; closing it twice changes nothing.

    Raises:
        Invalid: for the district itself.
        Conflict: while it has open offices below it, roles held at it, or open cases; all of it
            is named.
    """
    require_transaction(session)
    if office.level is OfficeLevel.DISTRICT:
        raise Invalid("office.district", "区级机构不能停用。", "The district can't be closed.")
    if not office.active:
        return
    findings = _still_used(session, office, now)
    if findings:
        raise Conflict("office.in_use", findings=findings)
    office.active = False
    _note(session, office, TrailAction.OFFICE_CHANGED, actor, now, active=False)


def reopen_office(session: Session, office: Office, *, actor: Actor, now: datetime) -> None:
    """Open a closed office again; opening it twice changes nothing.

    Raises:
        Invalid: `office.no_place` below a closed office.
    """
    require_transaction(session)
    if office.active:
        return
    parent = session.get(Office, office.parent_id) if office.parent_id is not None else None
    if parent is not None and not parent.active:
        raise Invalid(
            "office.no_place",
            "上级机构已停用，请先恢复上级机构。",
            "The office above is closed; reopen that one first.",
        )
    office.active = True
    _note(session, office, TrailAction.OFFICE_CHANGED, actor, now, active=True)


def _still_used(session: Session, office: Office, now: datetime) -> list[Finding]:
    below = session.scalar(select(func.count()).where(Office.parent_id == office.id, Office.active))
    held = session.scalar(
        select(func.count()).where(
            RoleHolding.office_id == office.id,
            (RoleHolding.until.is_(None)) | (RoleHolding.until > now),
        )
    )
    cases = session.scalar(
        select(func.count()).where(
            Case.district_id == office.district_id,
            Case.state == CaseState.OPEN,
            (Case.township_id == office.id) | (Case.village_id == office.id),
        )
    )
    findings = []
    if below:
        findings.append(
            Finding(
                "office.has_offices",
                f"下辖{below}个在用机构，请先停用。",
                f"It has {below} open offices below it.",
            )
        )
    if held:
        findings.append(
            Finding(
                "office.has_roles",
                f"有{held}个岗位在任，请先收回。",
                f"{held} roles are held at it.",
            )
        )
    if cases:
        findings.append(
            Finding(
                "office.has_cases",
                f"有{cases}件在办，请先办结或移交。",
                f"It has {cases} open cases.",
            )
        )
    return findings  # fmt: skip


def _added(session: Session, office: Office, actor: Actor, now: datetime) -> Office:
    require_transaction(session)
    session.add(office)
    try:
        session.flush()  # an area code that is taken has to show here, with a sentence
    except IntegrityError as error:
        finding = Finding("office.code_taken", "该区划代码已被使用。",
                          "This area code is taken.", field="code")  # fmt: skip
        raise Conflict(finding.code, findings=[finding]) from error
    _note(session, office, TrailAction.OFFICE_CREATED, actor, now, code=office.code,
          name=office.name, parent=office.parent_id)  # fmt: skip
    return office


def _note(
    session: Session,
    office: Office,
    action: TrailAction,
    actor: Actor,
    now: datetime,
    **data: object,
) -> None:
    append_entry(
        session,
        Subject(SubjectKind.OFFICE, office.id, office.district_id),
        action,
        actor=actor,
        now=now,
        data=data,
    )


def _unknown() -> NotFound:
    return NotFound("office.unknown", "找不到该机构。", "There is no such office.")
