"""What the JSON interface says of relief: grants with stages and payments, papers owed."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from models.money import PaymentMethod, PaymentState
from models.relief import ReliefSource, StageState
from web.api.schemas import given, maybe
from web.api.task_schemas import NamedSchema
from workflows.runtime.inbox.relief import DebtRow, GrantRow, StageRow


class StagePaymentSchema(Schema):
    """The payment of a stage; of one that was repeated the last."""

    id = given()
    method = given(enum=[method.value for method in PaymentMethod])
    state = given(enum=[state.value for state in PaymentState])
    paid_on = maybe()


class StageSchema(Schema):
    """A part of a grant that is released on its day, after a check."""

    id = given()
    number = fields.Integer(required=True)
    amount = given()
    due_on = given(format="date")
    condition = given()
    state = given(enum=[state.value for state in StageState])
    settled_on = maybe()
    payment = fields.Nested(StagePaymentSchema, required=True, allow_none=True)


class GrantSchema(Schema):
    """One approval of relief: who decided (`level`), from which money, in which stages."""

    id = given()
    decided_on = given(format="date")
    kind = given()
    level = given()
    source = given(enum=[source.value for source in ReliefSource])
    total = given()
    stages = fields.List(fields.Nested(StageSchema), required=True)


class DebtSchema(Schema):
    """Papers owed after aid was given first; `due_on` is known once the emergency has eased."""

    id = given()
    missing = fields.List(fields.String(), required=True)
    owner = fields.Nested(NamedSchema, required=True, allow_none=True)
    opened_on = given(format="date")
    due_on = maybe()
    closed_on = maybe()
    overdue = fields.Boolean(required=True)


class CaseReliefSchema(Schema):
    """The relief that a case has granted, and the papers that it owes or has brought."""

    grants = fields.List(fields.Nested(GrantSchema), required=True)
    debt = fields.Nested(DebtSchema, required=True, allow_none=True)


class DebtRowSchema(DebtSchema):
    """A debt in a list; `age_days` since it was opened."""

    case_id = given()
    case_number = given()
    township = given()
    age_days = fields.Integer(required=True)


class DebtsSchema(Schema):
    """A page of the papers owed, the oldest first; `next` is the `after` of the following page."""

    debts = fields.List(fields.Nested(DebtRowSchema), required=True)
    next = maybe()


def grant_document(grant: GrantRow) -> dict[str, Any]:
    """A grant with its stages."""
    return {
        "id": grant.id,
        "decided_on": grant.on,
        "kind": grant.kind,
        "level": grant.level,
        "source": grant.source,
        "total": f"{grant.total:.2f}",
        "stages": [_stage(stage) for stage in grant.stages],
    }


def debt_document(debt: DebtRow) -> dict[str, Any]:
    """The debt of a case."""
    owner = None if debt.owner_id is None else {"id": debt.owner_id, "name": debt.owner or ""}
    return {
        "id": debt.id,
        "missing": list(debt.missing),
        "owner": owner,
        "opened_on": debt.opened_on,
        "due_on": debt.due_on,
        "closed_on": debt.closed_on,
        "overdue": debt.overdue,
    }


def debt_row_document(debt: DebtRow) -> dict[str, Any]:
    """A debt as a list shows it."""
    return {
        **debt_document(debt),
        "case_id": debt.case_id,
        "case_number": debt.case_number,
        "township": debt.township,
        "age_days": debt.age_days,
    }


def _stage(stage: StageRow) -> dict[str, Any]:
    payment = None
    if stage.payment_id is not None:
        payment = {
            "id": stage.payment_id,
            "method": stage.method,
            "state": stage.payment_state,
            "paid_on": stage.paid_on,
        }
    return {
        "id": stage.id,
        "number": stage.number,
        "amount": f"{stage.amount:.2f}",
        "due_on": stage.due_on,
        "condition": stage.condition,
        "state": stage.state,
        "settled_on": stage.settled_on,
        "payment": payment,
    }
