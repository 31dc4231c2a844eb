"""What the operations on the published policy take and give."""

from __future__ import annotations

from marshmallow import INCLUDE, Schema, fields

from web.api.schemas import given, maybe, text
from web.api.task_schemas import ClauseSchema, LineSchema


class ReleaseRowSchema(Schema):
    """A published policy; `current`: new cases begin under it."""

    id = given()
    content_hash = given()
    published_at = given(format="date-time")
    note = given()
    current = fields.Boolean(required=True)


class ReleasesSchema(Schema):
    """The releases of your district, newest first."""

    releases = fields.List(fields.Nested(ReleaseRowSchema), required=True)


class ReleaseSchema(ReleaseRowSchema):
    """A release with what it holds, by keys and names."""

    calendar = given()
    processes = fields.Dict(required=True)
    startable = fields.List(fields.String(), required=True)
    forms = fields.Dict(required=True)
    decisions = fields.List(fields.Dict(), required=True)
    clocks = fields.List(fields.Dict(), required=True)


class ElementSchema(Schema):
    """A step of a process."""

    id = given()
    kind = given()
    name = given()
    documentation = given()
    role = maybe()
    level = maybe()
    form = maybe()
    clauses = fields.List(fields.String(), required=True)


class ProcessSchema(Schema):
    """A process as its steps; `/diagram` has the file."""

    id = given()
    name = given()
    documentation = given()
    clauses = fields.List(fields.String(), required=True)
    variables = fields.Dict(required=True)
    elements = fields.List(fields.Nested(ElementSchema), required=True)


class FormSchema(Schema):
    """A form-js document."""

    class Meta:
        unknown = INCLUDE

    id = given()
    type = given()
    schemaVersion = fields.Integer(required=True)
    components = fields.List(fields.Dict(), required=True)


class ParameterEntrySchema(Schema):
    """A value from a day on, with its source."""

    valid_from = given(format="date")
    valid_until = maybe()
    value = fields.Raw(required=True, allow_none=True)
    source = fields.List(fields.String(), required=True)
    certainty = given(enum=["found", "derived", "default"])
    settle = maybe()
    note = maybe()


class UseSchema(Schema):
    """A place that names a clause or reads a parameter."""

    kind = given()
    key = given()
    name = given()
    process = maybe()
    idle = fields.Boolean(required=True)


class RegisteredClauseSchema(ClauseSchema):
    """A clause with its days, how well it is known and what rests on it."""

    kind = given()
    certainty = given()
    valid_from = maybe(format="date")
    valid_until = maybe(format="date")
    part_of = maybe()
    waits = maybe()
    used_by = fields.List(fields.Nested(UseSchema), required=True)


class ParameterSchema(Schema):
    """A number of the law by date."""

    key = given()
    label = given()
    unit = given()
    type = given()
    question = maybe()
    note = maybe()
    alternatives = fields.List(fields.String(), required=True)
    waits = maybe()
    used_by = fields.List(fields.Nested(UseSchema), required=True)
    values = fields.List(fields.Nested(ParameterEntrySchema), required=True)


class ParametersSchema(Schema):
    """Every parameter of a release."""

    parameters = fields.List(fields.Nested(ParameterSchema), required=True)


class ClausesSchema(Schema):
    """The register of clauses."""

    clauses = fields.List(fields.Nested(RegisteredClauseSchema), required=True)


class VocabularySchema(Schema):
    """By fact of an application, such as `member.status`: the texts that the tables know."""

    facts = fields.Dict(required=True)


class CatalogueSchema(Schema):
    """Every decision that can be asked, with its facts and outputs."""

    decisions = fields.List(fields.Dict(), required=True)


class QuestionSchema(Schema):
    """Inputs by name: JSON values; a day as `"2026-01-31"` and an amount as `"515.50"` where the
    fact is declared as one, or typed: `{"date": "2026-01-31"}`, `{"number": "515.50"}`.
    `parameters` supposes other values of parameters by key."""

    on = fields.Date(load_default=None, allow_none=True)
    inputs = fields.Dict(keys=fields.String(), load_default=dict)
    what_if = fields.Boolean(load_default=False)
    parameters = fields.Dict(keys=fields.String(), load_default=dict)


class AnswerSchema(Schema):
    """A decision's value on a day, and why.

    `told` says it in sentences; `what_if`, where it was asked for, names for each favourable
    result that was not given the single changes that would give it.
    """

    decision = given()
    name = given()
    on = given(format="date")
    release = given()
    packs = fields.List(fields.String(), required=True)
    picked_by = maybe()
    value = fields.Raw(required=True, allow_none=True)
    outputs = fields.Dict(required=True)
    rests_on_defaults = fields.Boolean(required=True)
    rows = fields.List(fields.Dict(), required=True)
    clauses = fields.List(fields.Dict(), required=True)
    lines = fields.List(fields.String(), required=True)
    told = fields.List(fields.Dict(), required=True)
    what_if = fields.List(fields.Dict(), required=True, allow_none=True)
    explanation = fields.Raw(required=True)
    parameters = fields.List(fields.Dict(), required=True)


class StartSchema(Schema):
    """A day (`2026-01-31`), or a moment with its offset for a period in hours."""

    start = text(40, data_key="from")
    extended = fields.Boolean(load_default=False)
    without = fields.List(fields.String(), load_default=list)
    parameters = fields.Dict(keys=fields.String(), load_default=dict)


class DeadlineListSchema(Schema):
    """Every legal deadline that can be asked."""

    deadlines = fields.List(fields.Dict(), required=True)


class DeadlineSchema(Schema):
    """Where a legal deadline falls, line by line."""

    clock = given()
    name = given()
    length = given()
    unit = given()
    due_on = given(format="date")
    due_at = given(format="date-time")
    provisional = fields.Boolean(required=True)
    calendar = given()
    rests_on_defaults = fields.Boolean(required=True)
    clauses = fields.List(fields.Dict(), required=True)
    lines = fields.List(fields.Nested(LineSchema), required=True)
    parameters = fields.List(fields.Dict(), required=True)
