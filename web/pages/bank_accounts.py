"""登记银行账户: where a family's money, or one member's own, goes; masked ever after."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response

from models.households import Person
from web.auth import current_viewer
from web.config import settings
from web.database import current_moment, db_session
from web.errors import status_of
from web.forms import Form, FormSchema, read_form, rejected, text_field
from web.guard import requires
from web.i18n import message
from web.pages.cases import seen_case
from workflows.access import Action, acting, require, require_impartial
from workflows.assistance.money.bank_accounts import record_bank_account
from workflows.errors import Conflict, Invalid, NotAllowed, NotFound
from workflows.runtime.inbox.case import CaseHeader
from workflows.runtime.inbox.payees import (
    AccountView,
    account_of_person,
    accounts_of_household,
)
from workflows.transaction import transaction

blueprint = Blueprint("bank_accounts", __name__, url_prefix="/cases/<uuid:case_id>/account")


class _Account(FormSchema):
    #: a member; the person that the case is about, or the head, where none is named
    person = text_field(36, required=False)
    number = text_field(40)
    bank = text_field(60)
    holder = text_field(60)
    other_holder = text_field(100, required=False)


_ACCOUNT: Schema = _Account()


@blueprint.get("")
@requires(Action.BANK_ACCOUNT_RECORD)
def show(case_id: UUID) -> str:
    """The accounts of the family's people, masked, and the form for another of one of them.

    `?person=` chooses whose; otherwise the person that the case is about, or the head.
    """
    header, household_id = _case(case_id)
    return _page(header, household_id, Form())


@blueprint.post("")
@requires(Action.BANK_ACCOUNT_RECORD)
def record(case_id: UUID) -> Response | tuple[str, int]:
    """Record an account of a member; a number that other households have too is pointed out."""
    header, household_id = _case(case_id)
    viewer, session = current_viewer(), db_session()
    actor = acting(viewer, Action.BANK_ACCOUNT_RECORD, header.case)
    try:
        values = read_form(_ACCOUNT)
        with transaction(session):
            require_impartial(session, actor, case_id=str(case_id), household_id=household_id)
            known = accounts_of_household(session, household_id, settings().keys.ring)
            payee = (
                account_of_person(known, values["person"])
                if values["person"]
                else _chosen(header, known, Form())
            )
            recorded = record_bank_account(
                session,
                session.get_one(Person, payee.person_id),
                values["number"],
                values["bank"],
                values["holder"],
                settings().keys.ring,
                other_holder=values["other_holder"],
                actor=actor,
                now=current_moment(),
            )
    except (Invalid, Conflict, NotAllowed) as error:
        header, household_id = _case(case_id)
        page = _page(header, household_id, rejected(error, secret=("number",)))
        return page, status_of(error)
    flash(
        message("%(name)s的银行账户%(number)s已登记。", name=payee.payee, number=recorded.masked),
        "ok",
    )
    if recorded.shared_with:
        others = len(recorded.shared_with)
        flash(message("注意：该账号在另外%(num)s个家庭也有登记，请核实。", num=others), "warn")
    return redirect(url_for("case_parts.household", case_id=case_id), code=303)


def _case(case_id: UUID) -> tuple[CaseHeader, str]:
    header = seen_case(case_id, "bank account", action=Action.BANK_ACCOUNT_RECORD)
    require(current_viewer(), Action.BANK_ACCOUNT_RECORD, header.case)
    if header.case.household_id is None:
        raise NotFound(
            "household_not_found", "这个办件没有家庭信息。", "The case has no household."
        )
    return header, header.case.household_id


def _page(header: CaseHeader, household_id: str, form: Form) -> str:
    accounts = accounts_of_household(db_session(), household_id, settings().keys.ring)
    return render_template(
        "cases/account.html",
        header=header,
        accounts=accounts,
        payee=_chosen(header, accounts, form),
        form=form,
    )


def _chosen(header: CaseHeader, accounts: list[AccountView], form: Form) -> AccountView:
    """Whom the form is for: as it was sent, as the link says, or whom the case is about."""
    wanted = form.value("person") or request.args.get("person") or header.case.person_id
    return next((one for one in accounts if one.person_id == wanted), accounts[0])
