"""Where the money of a household's people goes: each member's account, masked."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields
from sqlalchemy.orm import Session

from models.cases import Case
from models.households import Person
from web.api.once import carry_out
from web.api.operations import Answer, ApiBlueprint, operation
from web.api.reading import read_json
from web.api.schemas import given, maybe, text
from web.auth import current_viewer
from web.config import settings
from web.database import current_moment, db_session
from web.sight import case_seen, looked_at, require_unrelated_viewer
from workflows.access import Action, acting
from workflows.assistance.money.bank_accounts import record_bank_account
from workflows.errors import NotFound
from workflows.runtime.inbox.payees import AccountView, account_of_person, accounts_of_household

blueprint = ApiBlueprint("api_bank_accounts", __name__, description="Where a family's money goes.")


class NewAccountSchema(Schema):
    """An account of a member. `other_holder`: why it isn't in that person's own name."""

    person_id = text(36)
    number = text(40)
    bank = text(60)
    holder = text(60)
    other_holder = text(100, required=False, load_default="")


class AccountSchema(Schema):
    """A member with the account of now; without one, `account` and what follows is null."""

    person_id = given()
    payee = given()
    head = fields.Boolean(required=True)
    #: whether the person has, or had, a benefit of their own
    own_grant = fields.Boolean(required=True)
    usable = fields.Boolean(required=True)
    bank = maybe()
    account = maybe()
    holder = maybe()
    other_holder = maybe()
    recorded_at = maybe()
    closed_on = maybe()


class AccountsSchema(Schema):
    """The household's people, the head first."""

    accounts = fields.List(fields.Nested(AccountSchema), required=True)


class RecordedSchema(Schema):
    """What was recorded; `shared_with` other households have the same number."""

    person_id = given()
    account = given()
    shared_with = fields.Integer(required=True)


@operation(
    blueprint, "GET", "/cases/<uuid:case_id>/accounts", Action.BANK_ACCOUNT_RECORD,
    answer=AccountsSchema(),
)  # fmt: skip
def index(case_id: str) -> dict[str, Any]:
    """The bank accounts of a household's people, masked."""
    viewer, session = current_viewer(), db_session()
    case = case_seen(session, viewer, case_id, Action.BANK_ACCOUNT_RECORD)
    known = accounts_of_household(session, _household(case), settings().keys.ring)
    document = {"accounts": [_document(one) for one in known]}
    looked_at(viewer, case, "bank account", Action.BANK_ACCOUNT_RECORD)
    return document


@operation(
    blueprint, "POST", "/cases/<uuid:case_id>/accounts", Action.BANK_ACCOUNT_RECORD,
    body=NewAccountSchema(), answer=RecordedSchema(), once=True,
)  # fmt: skip
def record(case_id: str, body: dict[str, Any]) -> Answer:
    """Record where a member's money goes from the next payment on."""
    viewer, session, now = current_viewer(), db_session(), current_moment()
    case = case_seen(session, viewer, case_id, Action.BANK_ACCOUNT_RECORD)
    household_id = _household(case)
    actor = acting(viewer, Action.BANK_ACCOUNT_RECORD, case)

    def act(session: Session) -> dict[str, Any]:
        require_unrelated_viewer(viewer, actor, case_id, household_id)
        ring = settings().keys.ring
        payee = account_of_person(
            accounts_of_household(session, household_id, ring), body["person_id"]
        )
        recorded = record_bank_account(
            session, session.get_one(Person, payee.person_id), body["number"], body["bank"],
            body["holder"], ring, other_holder=body["other_holder"], actor=actor, now=now,
        )  # fmt: skip
        return {
            "person_id": payee.person_id,
            "account": recorded.masked,
            "shared_with": len(recorded.shared_with),
        }

    return carry_out(act, content=read_json(), actor=actor, now=now)


def _household(case: Case) -> str:
    if case.household_id is None:
        raise NotFound(
            "household_not_found", "这个办件没有家庭信息。", "The case has no household."
        )
    return case.household_id


def _document(one: AccountView) -> dict[str, Any]:
    recorded = one.recorded_at is not None
    return {
        "person_id": one.person_id,
        "payee": one.payee,
        "head": one.is_head,
        "own_grant": one.own_grant,
        "usable": one.usable,
        "bank": one.bank if recorded else None,
        "account": one.masked if recorded else None,
        "holder": one.holder if recorded else None,
        "other_holder": one.other_holder or None,
        "recorded_at": one.recorded_at.isoformat() if one.recorded_at else None,
        "closed_on": one.closed_on.isoformat() if one.closed_on else None,
    }
