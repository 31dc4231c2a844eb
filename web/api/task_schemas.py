"""What the operations on tasks take and give."""

from __future__ import annotations

from marshmallow import Schema, fields

from web.api.schemas import choice, given, key_text, maybe, text, version
from workflows.runtime.inbox.queue import Show
from workflows.runtime.tasks import LONGEST_REASON


class QueueQuery(Schema):
    """Which part of the queue; `office` is a township or village of the cases."""

    show = choice([show.value for show in Show], required=False, load_default="all")
    element = key_text(required=False, load_default=None)
    office = fields.UUID(load_default=None)
    case_number = key_text(required=False, load_default="")
    after = text(400, required=False, load_default=None)


class PersonSchema(Schema):
    """Somebody whom a case is about; the id-card number is masked."""

    id = given()
    name = given()
    id_number = given()


class NamedSchema(Schema):
    """A member of staff."""

    id = given()
    name = given()


class CaseLinkSchema(Schema):
    """The case that a task belongs to."""

    id = given()
    number = given()
    status = given()


class TaskRowSchema(Schema):
    """An open task as the queue shows it."""

    id = given()
    name = given()
    process = given()
    role = given()
    office_id = given()
    created_at = given(format="date-time")
    due_at = maybe(description="The end of its legal period (a moment), if it has one.")
    warn_at = maybe()
    urgency = given(enum=["none", "green", "yellow", "red"])
    assignee = fields.Nested(NamedSchema, required=True, allow_none=True)
    case = fields.Nested(CaseLinkSchema, required=True)
    applicant = fields.Nested(PersonSchema, required=True, allow_none=True)
    township = given()
    village = maybe()


class QueueSchema(Schema):
    """A page of the queue; `next` is the `after` of the following page."""

    tasks = fields.List(fields.Nested(TaskRowSchema), required=True)
    next = maybe()


class ClauseSchema(Schema):
    """A clause of the law that something rests on."""

    id = given()
    text = given()
    article = given()
    summary = given()
    source = given()


class LineSchema(Schema):
    """A line of a deadline's derivation."""

    first_on = maybe(format="date")
    last_on = maybe(format="date")
    counted = fields.Boolean(required=True)
    text = given()


class ClockSchema(Schema):
    """A legal deadline and where it comes from."""

    key = given()
    name = given()
    state = given(enum=["running", "paused", "stopped"])
    severity = given()
    started_on = given(format="date")
    due_on = given(format="date")
    due_at = given(format="date-time")
    warn_at = given(format="date-time")
    stopped_at = maybe()
    alarmed_at = maybe()
    provisional = fields.Boolean(required=True)
    rests_on_defaults = fields.Boolean(required=True)
    length = given()
    unit = given()
    lines = fields.List(fields.Nested(LineSchema), required=True)


class TargetSchema(Schema):
    """A step that a case may be returned to."""

    to = given()
    name = given()


class RefusalSchema(Schema):
    """Why this person may not do a task."""

    code = given()
    detail = given()


class TaskSchema(TaskRowSchema):
    """One open task: `form` is the form-js document, `values` what its fields hold already."""

    element = given()
    documentation = given()
    case_version = fields.Integer(required=True)
    form = fields.Dict(required=True, allow_none=True)
    values = fields.Dict(required=True)
    returns = fields.List(fields.Nested(TargetSchema), required=True)
    clauses = fields.List(fields.Nested(ClauseSchema), required=True)
    deadline = fields.Nested(ClockSchema, required=True, allow_none=True)
    refusal = fields.Nested(RefusalSchema, required=True, allow_none=True)
    staff = fields.List(fields.Nested(NamedSchema), required=True)


class CompletionSchema(Schema):
    """Answers by the keys of the form's fields."""

    answers = fields.Dict(keys=fields.String(), required=True)
    case_version = version()


class ReturnSchema(Schema):
    """Back to an earlier step, with the reason."""

    to = key_text()
    reason = text(LONGEST_REASON)
    case_version = version()


class CompletedSchema(Schema):
    """Where the case stands now."""

    case_id = given()
    case_number = given()
    case_version = fields.Integer(required=True)
    status = given()
    closed = fields.Boolean(required=True)


class ClaimedSchema(Schema):
    """Whose the task is now."""

    id = given()
    assignee_id = maybe()


QUEUE_QUERY = QueueQuery()
QUEUE = QueueSchema()
TASK = TaskSchema()
COMPLETION = CompletionSchema()
RETURN = ReturnSchema()
COMPLETED = CompletedSchema()
CLAIMED = ClaimedSchema()
