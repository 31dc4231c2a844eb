"""What the JSON interface takes and gives of months, recoveries and lists of deaths."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from models.deaths import DeathListState, DeathRowState
from models.recoveries import RecoveryState
from web.api.schemas import choice, given, maybe, text
from workflows.assistance.deaths.lists import MOST_ROWS
from workflows.runtime.inbox.recoveries import RecoveryFilter


class FamilyMonthSchema(Schema):
    """One month; sums in yuan. `stopped`: what an immediate stop would have paid instead."""

    month = given(example="2022-12")
    planned = fields.Boolean(required=True)
    standard = maybe()
    owed = given()
    kind = maybe(enum=["regular", "gradual_exit", None])
    stopped = given()
    paid = given()
    paid_on = maybe()
    underway = given()
    adjusted = given()
    difference = given()
    state = maybe()
    held = maybe()
    case_id = maybe()
    case_number = maybe()


class ExitPreviewSchema(Schema):
    """What a gradual exit decided today would pay; an immediate stop would pay nothing."""

    allowed = fields.Boolean(required=True)
    months = fields.List(fields.String(), required=True)
    amount = given()
    total = given()
    exit_from = given()


class FamilyMonthsSchema(Schema):
    """A grant of a household, month by month."""

    household_id = given()
    grant_id = given()
    programme = given()
    state = given()
    months = fields.List(fields.Nested(FamilyMonthSchema), required=True)
    preview = fields.Nested(ExitPreviewSchema, required=True, allow_none=True)


class MonthsQuery(Schema):
    """Which grant, where a household has several; `every` month or the last year."""

    grant = text(36, required=False, load_default=None)
    every = fields.Boolean(load_default=False)


class RecoverySchema(Schema):
    """A recovery (追回); sums in yuan."""

    id = given()
    household_id = given()
    grant_id = given()
    case_id = given()
    case_number = given()
    township = given()
    cause = given()
    state = given(enum=[one.value for one in RecoveryState])
    overdue = fields.Boolean(required=True)
    outcome = maybe()
    proposed = given()
    amount = given()
    received = given()
    rest = given()
    first_month = maybe()
    last_month = maybe()
    next_due_on = maybe()
    decided_on = maybe()
    settled_on = maybe()


class InstalmentSchema(Schema):
    """A part of the plan that counts."""

    number = fields.Integer(required=True)
    amount = given()
    received = given()
    due_on = given(format="date")
    settled_on = maybe()


class ReceiptSchema(Schema):
    """Money that came back; it counts once it is booked."""

    amount = given()
    method = given()
    received_on = given(format="date")
    state = given()
    entered_by = maybe()
    checked_by = maybe()


class RecoveryInFullSchema(RecoverySchema):
    """A recovery with its months, its plan and its receipts."""

    months = fields.List(fields.Dict(), required=True)
    instalments = fields.List(fields.Nested(InstalmentSchema), required=True)
    receipts = fields.List(fields.Nested(ReceiptSchema), required=True)
    repayment_case_id = maybe()


class RecoveriesQuery(Schema):
    """Which ones, and from which on."""

    state = choice([one.value for one in RecoveryFilter], required=False, load_default=None)
    after = text(36, required=False, load_default=None)


class RecoveriesSchema(Schema):
    """A page of recoveries, the newest first."""

    recoveries = fields.List(fields.Nested(RecoverySchema), required=True)
    next = maybe()


class DeathSchema(Schema):
    """Somebody on a list of deaths."""

    id_number = text(30)
    died_on = text(10)


class DeathListBody(Schema):
    """A list of deaths as it comes from the register."""

    source = text(100)
    deaths = fields.List(
        fields.Nested(DeathSchema), required=True, validate=validate.Length(1, MOST_ROWS)
    )


class DeathRowSchema(Schema):
    """A row of a list; `line` counts from 2, as in a file with a heading."""

    line = fields.Integer(required=True)
    died_on = given(format="date")
    state = given(enum=[one.value for one in DeathRowState])
    on_benefit = fields.Boolean(required=True)
    case_id = maybe()
    failure = maybe()


class DeathListSchema(Schema):
    """A list with a page of its rows; `next` is the line that the next page begins after."""

    id = given()
    source = given()
    state = given(enum=[one.value for one in DeathListState])
    rows = fields.Integer(required=True)
    counts = fields.Dict(required=True)
    on_benefit = fields.Integer(required=True)
    deaths = fields.List(fields.Nested(DeathRowSchema), required=True)
    next = fields.Integer(required=True, allow_none=True)


class DeathListQuery(Schema):
    """From which line on."""

    after = fields.Integer(load_default=0, validate=validate.Range(0, 10**6))
