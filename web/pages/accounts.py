"""Administration of accounts: list, create, close, grant and revoke roles."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response

from models.accounts import Account, Role
from models.offices import OfficeLevel
from web.auth import current_viewer
from web.config import settings
from web.database import current_moment, db_session
from web.forms import Form, FormSchema, choice_field, pattern_field, read_form, rejected, text_field
from web.guard import requires
from web.i18n import message
from workflows.access import LEVEL_OF_ROLE, Action, acting, may
from workflows.access.accounts import (
    account_named,
    create_account,
    deactivate_account,
    grant_role,
    reactivate_account,
    reset_password,
    revoke_role,
    unlock_account,
)
from workflows.access.directory import colleagues, posts_of
from workflows.access.offices import Branch, office_named, office_tree
from workflows.access.passwords import initial_password_with_hash
from workflows.access.sign_in import locked_logins
from workflows.calendar import local_day
from workflows.errors import Actor, Conflict, Invalid, NotAllowed
from workflows.privacy import blind_index, id_number_findings, normalise_id_number
from workflows.transaction import transaction

blueprint = Blueprint("accounts", __name__, url_prefix="/admin/accounts")


class _NewAccount(FormSchema):
    login = pattern_field(r"^[a-z][a-z0-9.\-]{2,39}\Z", "bad_login")
    name = text_field(40)
    id_number = text_field(30, required=False)


class _Grant(FormSchema):
    role = choice_field(role.value for role in Role)
    office = text_field(36)


_NEW_ACCOUNT: Schema = _NewAccount()
_GRANT: Schema = _Grant()


@blueprint.get("")
@requires(Action.ACCOUNT_READ)
def index() -> str:
    """Accounts of the district, found by name, login or role."""
    viewer = current_viewer()
    now = current_moment()
    text = request.args.get("q", "").strip()[:40]
    role = request.args.get("role", "")
    found = colleagues(
        db_session(),
        viewer.district_id,
        now=now,
        text=text,
        role=Role(role) if role in set(Role) else None,
    )
    return render_template(
        "accounts.html",
        accounts=found,
        locked=locked_logins(db_session(), now=now),
        text=text,
        role=role,
        roles=list(Role),
        may_manage=may(viewer, Action.ACCOUNT_MANAGE),
    )


@blueprint.get("/new")
@requires(Action.ACCOUNT_MANAGE)
def new() -> str:
    """The form for a new account."""
    return render_template("account_new.html", form=Form())


@blueprint.post("/new")
@requires(Action.ACCOUNT_MANAGE)
def create() -> tuple[str, int]:
    """Create an account; its initial password is shown this once."""
    try:
        values = read_form(_NEW_ACCOUNT)
        id_number_index = _index_of(values["id_number"])
        password, password_hash = initial_password_with_hash()
        with transaction(db_session()) as session:
            account = create_account(
                session,
                district_id=current_viewer().district_id,
                login=values["login"],
                name=values["name"],
                password_hash=password_hash,
                id_number_index=id_number_index,
                actor=_actor(),
                now=current_moment(),
            )
            shown = (account.id, account.login, account.name)
    except (Invalid, Conflict) as error:
        return render_template("account_new.html", form=rejected(error)), 422
    return _show_password(*shown, password), 201


@blueprint.get("/<uuid:account_id>")
@requires(Action.ACCOUNT_READ)
def show(account_id: UUID) -> str:
    """One account with its roles."""
    return _page(account_id, Form())


@blueprint.post("/<uuid:account_id>/roles")
@requires(Action.ROLE_GRANT)
def grant(account_id: UUID) -> Response | tuple[str, int]:
    """Grant a role at an office."""
    district_id = current_viewer().district_id
    try:
        values = read_form(_GRANT)
        with transaction(db_session()) as session:
            grant_role(
                session,
                account_named(session, str(account_id), district_id=district_id),
                office_named(session, values["office"], district_id=district_id),
                Role(values["role"]),
                actor=_actor(Action.ROLE_GRANT),
                now=current_moment(),
            )
    except (Invalid, Conflict, NotAllowed) as error:
        return _page(account_id, rejected(error)), 422
    return _done(account_id, message("岗位已授予。"))


@blueprint.post("/<uuid:account_id>/roles/<uuid:holding_id>/revoke")
@requires(Action.ROLE_GRANT)
def revoke(account_id: UUID, holding_id: UUID) -> Response:
    """Revoke a role."""
    with transaction(db_session()) as session:
        revoke_role(
            session,
            _account(account_id),
            str(holding_id),
            actor=_actor(Action.ROLE_GRANT),
            now=current_moment(),
        )
    return _done(account_id, message("岗位已收回。"))


@blueprint.post("/<uuid:account_id>/deactivate")
@requires(Action.ACCOUNT_MANAGE)
def deactivate(account_id: UUID) -> Response:
    """Close an account."""
    with transaction(db_session()) as session:
        deactivate_account(session, _account(account_id), actor=_actor(), now=current_moment())
    return _done(account_id, message("账号已停用，其岗位、登录和访问令牌均已终止。"))


@blueprint.post("/<uuid:account_id>/unlock")
@requires(Action.ACCOUNT_MANAGE)
def unlock(account_id: UUID) -> Response:
    """Lift a lock after failed sign-ins."""
    with transaction(db_session()) as session:
        unlock_account(session, _account(account_id), actor=_actor(), now=current_moment())
    return _done(account_id, message("账号已解锁。"))


@blueprint.post("/<uuid:account_id>/reactivate")
@requires(Action.ACCOUNT_MANAGE)
def reactivate(account_id: UUID) -> str:
    """Open a closed account again; its initial password is shown this once."""
    password, password_hash = initial_password_with_hash()
    with transaction(db_session()) as session:
        account = _account(account_id)
        reactivate_account(session, account, password_hash, actor=_actor(), now=current_moment())
        shown = (account.id, account.login, account.name)
    return _show_password(*shown, password)


@blueprint.post("/<uuid:account_id>/password")
@requires(Action.ACCOUNT_MANAGE)
def reset(account_id: UUID) -> str:
    """Give an account a fresh initial password, shown this once."""
    password, password_hash = initial_password_with_hash()
    with transaction(db_session()) as session:
        account = _account(account_id)
        reset_password(session, account, password_hash, actor=_actor(), now=current_moment())
        shown = (account.id, account.login, account.name)
    return _show_password(*shown, password)


def _actor(action: Action = Action.ACCOUNT_MANAGE) -> Actor:
    return acting(current_viewer(), action)


def _account(account_id: UUID) -> Account:
    return account_named(db_session(), str(account_id), district_id=current_viewer().district_id)


def _done(account_id: UUID, sentence: str) -> Response:
    flash(sentence, "ok")
    return redirect(url_for("accounts.show", account_id=account_id), code=303)


def _show_password(account_id: str, login: str, name: str, password: str) -> str:
    return render_template(
        "account_password.html", account_id=account_id, login=login, name=name, password=password
    )


def _index_of(id_number: str) -> bytes | None:
    if not id_number:
        return None
    today = local_day(current_moment())
    findings = id_number_findings(id_number, today=today, field="id_number")
    if findings:
        raise Invalid("form.invalid", findings=findings)
    return blind_index(settings().keys.ring, "id_number", normalise_id_number(id_number))


def _page(account_id: UUID, form: Form) -> str:
    viewer = current_viewer()
    now = current_moment()
    session = db_session()
    account = _account(account_id)
    return render_template(
        "account_admin.html",
        account=account,
        posts=posts_of(session, [account.id], now=now)[account.id],
        locked=account.login in locked_logins(session, now=now),
        form=form,
        roles=LEVEL_OF_ROLE,
        offices=_choices(office_tree(session, viewer.district_id)),
        may_manage=may(viewer, Action.ACCOUNT_MANAGE) and account.id != viewer.account_id,
        may_grant=may(viewer, Action.ROLE_GRANT) and account.id != viewer.account_id,
    )


def _choices(branch: Branch) -> list[tuple[str, str, OfficeLevel]]:
    """Open offices as (id, name with the township before a village, level)."""
    found = [(branch.office.id, branch.office.name, branch.office.level)]
    for township in branch.below:
        if township.office.active:
            found.append((township.office.id, township.office.name, township.office.level))
            found.extend(
                (village.office.id, f"{township.office.name} {village.office.name}",
                 village.office.level)
                for village in township.below
                if village.office.active
            )  # fmt: skip
    return found
