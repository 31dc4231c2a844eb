"""Accounts and the roles they hold: created, changed, closed, granted and revoked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.accounts import Account, ApiToken, Role, RoleHolding
from models.offices import Office
from models.trail import SubjectKind
from models.types import new_id
from workflows.access.actions import LEVEL_OF_ROLE, separation_between
from workflows.access.passwords import password_matches, require_good_password
from workflows.access.sign_in import normal_login, unlock_login
from workflows.audit import Subject, TrailAction, append_entry
from workflows.errors import Actor, Conflict, Finding, Invalid, NotAllowed, NotFound
from workflows.transaction import require_transaction


def account_named(session: Session, account_id: str, *, district_id: str) -> Account:
    """An account of the district. Raises NotFound."""
    account = session.get(Account, account_id)
    if account is None or account.district_id != district_id:
        raise NotFound("account.unknown", "找不到该账号。", "There is no such account.")
    return account


def create_account(
    session: Session,
    *,
    district_id: str,
    login: str,
    name: str,
    password_hash: str,
    actor: Actor,
    now: datetime,
    id_number_index: bytes | None = None,
) -> Account:
    """A new account without roles. `password_hash`: from `initial_password_with_hash`.

    Raises:
        Conflict: when the login is taken.
    """
    require_transaction(session)
    account = Account(
        id=new_id(),
        district_id=district_id,
        login=normal_login(login),
        name=name,
        password_hash=password_hash,
        id_number_index=id_number_index,
        created_at=now,
    )
    session.add(account)
    try:
        session.flush()  # a login that is taken has to show here, with a sentence
    except IntegrityError as error:
        raise Conflict(
            "account.login_taken",
            "该账号名已被使用，请换一个。",
            "This login is taken; choose another.",
            findings=[Finding("account.login_taken", "该账号名已被使用，请换一个。",
                              "This login is taken; choose another.", field="login")],
        ) from error  # fmt: skip
    _note(session, account, TrailAction.ACCOUNT_CREATED, actor, now, login=account.login, name=name)
    return account


def reset_password(
    session: Session, account: Account, password_hash: str, *, actor: Actor, now: datetime
) -> None:
    """Set an initial password; every session and token of the account ends, a lock is lifted."""
    require_transaction(session)
    account.password_hash = password_hash
    account.session_epoch += 1
    _end_tokens(session, account, now)
    unlock_login(session, account.login)
    _note(session, account, TrailAction.PASSWORD_CHANGED, actor, now, reset=True)


def require_new_password(account: Account, old: str, new: str) -> None:
    """Check an intended change before its transaction: comparing and hashing take long.

    Raises:
        Invalid: when the present password is wrong, or the new one is not good enough or the same.
    """
    findings: list[Finding] = []
    if not password_matches(account.password_hash, old):
        findings.append(
            Finding(
                "password.wrong",
                "当前密码不正确。",
                "The present password is wrong.",
                field="old_password",
            )
        )
    try:
        require_good_password(new, login=account.login, name=account.name)
    except Invalid as refused:
        findings.extend(refused.findings)
    if old == new:
        findings.append(Finding("password.same", "新密码不能与当前密码相同。",
                                "The new password must differ.", field="new_password"))  # fmt: skip
    if findings:
        raise Invalid("password.refused", findings=findings)


def change_own_password(
    session: Session, account: Account, password_hash: str, *, actor: Actor, now: datetime
) -> None:
    """Replace the own password after `require_new_password`; every session ends."""
    require_transaction(session)
    account.password_hash = password_hash
    account.session_epoch += 1
    _note(session, account, TrailAction.PASSWORD_CHANGED, actor, now, reset=False)


def end_sessions(session: Session, account_id: str, *, actor: Actor, now: datetime) -> None:
    """Sign out: every session of the account ends, on every device."""
    require_transaction(session)
    account = session.get_one(Account, account_id)
    account.session_epoch += 1
    _note(session, account, TrailAction.SESSION_ENDED, actor, now)


def choose_locale(session: Session, account_id: str, locale: str) -> None:
    """Remember the language of an account's pages."""
    require_transaction(session)
    session.execute(update(Account).where(Account.id == account_id).values(locale=locale))


def unlock_account(session: Session, account: Account, *, actor: Actor, now: datetime) -> None:
    """Let a locked account try again at once."""
    require_transaction(session)
    unlock_login(session, account.login)
    _note(session, account, TrailAction.ACCOUNT_UNLOCKED, actor, now)


def deactivate_account(session: Session, account: Account, *, actor: Actor, now: datetime) -> None:
    """Close an account: its sessions and tokens end, its roles are revoked; its acts stay.

    Raises:
        NotAllowed: for the own account.
        Conflict: when it is closed already.
    """
    require_transaction(session)
    _require_other(account, actor)
    if not account.active:
        raise Conflict("account.closed", "该账号已停用。", "The account is closed already.")
    account.active = False
    account.session_epoch += 1
    _end_tokens(session, account, now)
    for holding in current_holdings(session, account.id, now=now):
        _end_holding(session, account, holding, actor=actor, now=now)
    _note(session, account, TrailAction.ACCOUNT_DEACTIVATED, actor, now)


def reactivate_account(
    session: Session, account: Account, password_hash: str, *, actor: Actor, now: datetime
) -> None:
    """Open a closed account again, without roles, with an initial password.

    Raises:
        Conflict: when it is open.
    """
    require_transaction(session)
    if account.active:
        raise Conflict("account.open", "该账号未停用。", "The account is not closed.")
    account.active = True
    _note(session, account, TrailAction.ACCOUNT_CHANGED, actor, now, active=True)
    reset_password(session, account, password_hash, actor=actor, now=now)


def current_holdings(session: Session, account_id: str, *, now: datetime) -> list[RoleHolding]:
    """The roles that an account holds at the moment, oldest first."""
    return list(
        session.scalars(
            select(RoleHolding)
            .where(
                RoleHolding.account_id == account_id,
                RoleHolding.since <= now,
                (RoleHolding.until.is_(None)) | (RoleHolding.until > now),
            )
            .order_by(RoleHolding.since, RoleHolding.id)
        )
    )


def grant_role(
    session: Session, account: Account, office: Office, role: Role, *, actor: Actor, now: datetime
) -> RoleHolding:
    """Let an account act in a role at an office from now on.

    Raises:
        NotAllowed: to oneself, or against the separation of roles.
        Invalid: when the role isn't held at that level of office, or the office or account is
            closed or of another district.
        Conflict: when it holds the role there already.
    """
    require_transaction(session)
    _require_other(account, actor)
    # Two grants at once to one account would each see the roles before the other's.
    session.refresh(account, with_for_update=True)
    _require_fit(account, office, role)
    held = current_holdings(session, account.id, now=now)
    if any(holding.role is role and holding.office_id == office.id for holding in held):
        raise Conflict("role.held", "该账号已担任此岗位。", "The account holds this role already.")
    for holding in held:
        rule = separation_between(holding.role, role)
        if rule is not None:
            roles = {"held": holding.role.value, "wanted": role.value}
            raise NotAllowed("role.separated", rule.reason, rule.reason_en, details=roles)
    granted = RoleHolding(
        id=new_id(), account_id=account.id, office_id=office.id, role=role, since=now
    )
    session.add(granted)
    _note(session, account, TrailAction.ROLE_GRANTED, actor, now, role=role, office=office.id,
          office_name=office.name)  # fmt: skip
    return granted


def revoke_role(
    session: Session, account: Account, holding_id: str, *, actor: Actor, now: datetime
) -> None:
    """End a role from now on.

    Raises:
        NotFound: when the account doesn't hold it.
        NotAllowed: for an own role.
    """
    require_transaction(session)
    _require_other(account, actor)
    for holding in current_holdings(session, account.id, now=now):
        if holding.id == holding_id:
            _end_holding(session, account, holding, actor=actor, now=now)
            return
    raise NotFound("role.unknown", "该账号已不担任此岗位。", "The account doesn't hold this role.")


def _end_tokens(session: Session, account: Account, now: datetime) -> None:
    session.execute(
        update(ApiToken)
        .where(ApiToken.account_id == account.id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def _end_holding(
    session: Session, account: Account, holding: RoleHolding, *, actor: Actor, now: datetime
) -> None:
    holding.until = now
    _note(session, account, TrailAction.ROLE_REVOKED, actor, now, role=holding.role,
          office=holding.office_id)  # fmt: skip


def _require_other(account: Account, actor: Actor) -> None:
    if actor.account_id == account.id:
        raise NotAllowed(
            "account.own",
            "不能对自己的账号进行此操作，请由另一名安全管理员办理。",
            "You can't do this to your own account; another security administrator has to.",
        )


def _require_fit(account: Account, office: Office, role: Role) -> None:
    findings = []
    if office.level is not LEVEL_OF_ROLE[role]:
        findings.append(
            Finding(
                "role.wrong_level",
                "该岗位不设在这一级机构，请选择对应的机构。",
                "This role isn't held at that level of office.",
                field="office",
            )
        )
    if not office.active or office.district_id != account.district_id:
        findings.append(
            Finding(
                "role.office_closed",
                "该机构已停用或不属于本区。",
                "The office is closed or of another district.",
                field="office",
            )
        )
    if not account.active:
        findings.append(Finding("account.closed", "该账号已停用。", "The account is closed."))
    if findings:
        raise Invalid("role.refused", findings=findings)  # fmt: skip


def _note(
    session: Session,
    account: Account,
    action: TrailAction,
    actor: Actor,
    now: datetime,
    **data: object,
) -> None:
    append_entry(
        session,
        Subject(SubjectKind.ACCOUNT, account.id, account.district_id),
        action,
        actor=actor,
        now=now,
        data=data,
    )
