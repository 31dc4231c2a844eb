"""What the JSON interface says of rolls and payments; money is text in yuan with two decimals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from marshmallow import Schema, fields, validate

from models.money import BankFile, PaymentState, Roll, RollState
from web.api.schemas import choice, given, maybe, text
from workflows.assistance.money.ledger import PROGRAMMES
from workflows.runtime.inbox.rolls import HeldRow, PaymentRow, RollView


def _month() -> fields.String:
    return fields.String(required=True, validate=validate.Regexp(r"^20[0-9]{2}-(0[1-9]|1[0-2])$"))


class DrawSchema(Schema):
    """Which roll to draw; `month` as 2021-11."""

    programme = choice(PROGRAMMES)
    month = _month()


class ReasonSchema(Schema):
    """Why."""

    reason = text(200)


class OwnerSchema(Schema):
    """The account that a failure is handed to."""

    owner_id = text(36)


class RollSchema(Schema):
    """A roll; `held` families are not on it, `failed` payments are unsettled."""

    id = given()
    number = given()
    programme = choice(PROGRAMMES)
    month = given(format="date")
    supplement = fields.Integer(required=True)
    state = choice([state.value for state in RollState])
    payments = fields.Integer(required=True)
    persons = fields.Integer(required=True)
    total = given()
    content_hash = given()
    drawn_at = given(format="date-time")
    reviewed_at = maybe()
    authorised_at = maybe()
    released_at = maybe()
    settled_at = maybe()
    cancelled_at = maybe()
    reason = maybe()


class RollRowSchema(RollSchema):
    """A roll in a list."""

    held = fields.Integer(required=True)
    failed = fields.Integer(required=True)


class RollsSchema(Schema):
    """Rolls, newest first, at most 36."""

    rolls = fields.List(fields.Nested(RollRowSchema), required=True)


class HeldSchema(Schema):
    """A family that is due and not on the roll."""

    reason = given()
    amount = given()
    case_number = maybe()
    township = given()
    owner = maybe()
    held_at = given(format="date-time")


class PaymentSchema(Schema):
    """A payment; its account is masked."""

    id = given()
    key = given()
    programme = choice(PROGRAMMES)
    month = maybe()
    amount = given()
    state = choice([state.value for state in PaymentState])
    township = given()
    case_number = maybe()
    payee = maybe()
    account = given()
    roll = maybe()
    failure = maybe()
    failed_at = maybe()
    owner = maybe()


class FileSchema(Schema):
    """A file that went to the bank (`out`) or came from it (`in`)."""

    direction = choice(["out", "in"])
    sha256 = given()
    rows = fields.Integer(required=True)
    total = given()
    failed = fields.Integer(required=True)
    at = given(format="date-time")


class RollViewSchema(RollSchema):
    """A roll with its families held, failures and files, within your scope."""

    held = fields.List(fields.Nested(HeldSchema), required=True)
    failed = fields.List(fields.Nested(PaymentSchema), required=True)
    files = fields.List(fields.Nested(FileSchema), required=True)


class PaymentsSchema(Schema):
    """Payments."""

    payments = fields.List(fields.Nested(PaymentSchema), required=True)


class TakenSchema(Schema):
    """What a file of the bank said; `repeated`: it had been taken before."""

    rows = fields.Integer(required=True)
    paid = fields.Integer(required=True)
    failed = fields.Integer(required=True)
    paid_total = given()
    failed_total = given()
    settled = fields.Boolean(required=True)
    repeated = fields.Boolean(required=True)


class BalanceSchema(Schema):
    """The present balance of a kind of accounts."""

    programme = given()
    kind = given()
    balance = given()


class LedgerSchema(Schema):
    """The district's balances."""

    balances = fields.List(fields.Nested(BalanceSchema), required=True)


def roll_document(roll: Roll) -> dict[str, Any]:
    """A roll as plain JSON."""
    return _plain({name: getattr(roll, name) for name in RollSchema().fields})


def view_document(view: RollView) -> dict[str, Any]:
    """The page of a roll as plain JSON."""
    return {
        **roll_document(view.roll),
        "held": [_held(row) for row in view.held],
        "failed": [payment_document(row) for row in view.failed],
        "files": [_file(file) for file in view.files],
    }


def payment_document(row: PaymentRow) -> dict[str, Any]:
    """A payment as plain JSON."""
    payment = row.payment
    return _plain(
        {
            "id": payment.id,
            "key": payment.key,
            "programme": payment.programme,
            "month": payment.month,
            "amount": payment.amount,
            "state": payment.state,
            "township": row.township,
            "case_number": row.case_number,
            "payee": row.payee.name if row.payee else None,
            "account": row.account,
            "roll": row.roll_number,
            "failure": payment.failure,
            "failed_at": payment.failed_at,
            "owner": row.owner,
        }
    )


def _held(row: HeldRow) -> dict[str, Any]:
    return _plain({name: getattr(row, name) for name in HeldSchema().fields})


def _file(file: BankFile) -> dict[str, Any]:
    return _plain({name: getattr(file, name) for name in FileSchema().fields})


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in values.items()}


def _value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value.value if isinstance(value, RollState | PaymentState) else value
