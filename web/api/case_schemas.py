"""What the operations on cases take and give."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from models.cases import CaseState
from web.api.relief_documents import CaseReliefSchema
from web.api.schemas import choice, given, key_text, maybe, text, version
from web.api.task_schemas import ClockSchema, NamedSchema, PersonSchema


class CasesQuery(Schema):
    """Which cases; `office` is a township or village."""

    state = choice([state.value for state in CaseState], required=False, load_default=None)
    status = key_text(required=False, load_default=None)
    process = key_text(required=False, load_default=None)
    number = key_text(required=False, load_default=None)
    office = fields.UUID(load_default=None)
    after = text(400, required=False, load_default=None)


class TimelineQuery(Schema):
    """From which entry on."""

    after = fields.Integer(load_default=0, validate=validate.Range(0, 10**9))


class CaseRowSchema(Schema):
    """A case as a list shows it; `monthly` is the confirmed amount in yuan."""

    id = given()
    number = given()
    process = given()
    state = given(enum=["open", "closed"])
    status = given()
    outcome = maybe()
    channel = given()
    opened_at = given(format="date-time")
    accepted_on = maybe()
    closed_at = maybe()
    monthly = maybe()
    version = fields.Integer(required=True)
    household_id = maybe()
    applicant = fields.Nested(PersonSchema, required=True, allow_none=True)
    township = given()
    village = maybe()


class CasesSchema(Schema):
    """A page of cases, newest first."""

    cases = fields.List(fields.Nested(CaseRowSchema), required=True)
    next = maybe()


class OpenTaskSchema(Schema):
    """What a case waits for somebody to do; `yours`: one of your posts does it."""

    id = given()
    name = given()
    element = given()
    role = given()
    office_id = given()
    due_at = maybe()
    assignee_id = maybe()
    yours = fields.Boolean(required=True)


class CaseSchema(CaseRowSchema):
    """A case with its open tasks and the relief that it granted."""

    release_id = given()
    tasks = fields.List(fields.Nested(OpenTaskSchema), required=True)
    relief = fields.Nested(CaseReliefSchema, required=True)


class EntrySchema(Schema):
    """An act on a case."""

    sequence = fields.Integer(required=True)
    at = given(format="date-time")
    action = given()
    label = given()
    step = maybe()
    actor = fields.Nested(NamedSchema, required=True, allow_none=True)
    role = given()


class TimelineSchema(Schema):
    """Acts in their order; `next` is the `after` of the following page."""

    entries = fields.List(fields.Nested(EntrySchema), required=True)
    next = fields.Integer(required=True, allow_none=True)


class ClockEventSchema(Schema):
    """A recorded act on a deadline."""

    action = given()
    at = given(format="date-time")
    by_id = maybe()
    detail = fields.Dict(required=True)


class CaseClockSchema(ClockSchema):
    """A deadline of a case with the acts on it."""

    events = fields.List(fields.Nested(ClockEventSchema), required=True)


class ClocksSchema(Schema):
    """The deadlines of a case, in the order in which they started."""

    clocks = fields.List(fields.Nested(CaseClockSchema), required=True)


class AssessmentSchema(Schema):
    """A calculation with everything that led to it."""

    id = given()
    on = given(format="date")
    made_at = given(format="date-time")
    result = fields.Dict(required=True)
    explanation = fields.Dict(required=True)


class AssessmentsSchema(Schema):
    """The calculations of a case, newest first."""

    assessments = fields.List(fields.Nested(AssessmentSchema), required=True)


class WaitingSchema(Schema):
    """A message that the case waits for, with the form that it carries."""

    message = given()
    name = given()
    element = given()
    role = given()
    office_id = given()
    form = fields.Dict(required=True, allow_none=True)
    yours = fields.Boolean(required=True)


class MessagesSchema(Schema):
    """What may be sent to a case."""

    messages = fields.List(fields.Nested(WaitingSchema), required=True)
    case_version = fields.Integer(required=True)


class MessageSchema(Schema):
    """Answers by the keys of the message's form."""

    answers = fields.Dict(keys=fields.String(), load_default=dict)
    case_version = version()


class SentSchema(Schema):
    """Whether somebody waited for the message, and where the case stands."""

    delivered = fields.Boolean(required=True)
    case_version = fields.Integer(required=True)
    status = given()


class NoticeRowSchema(Schema):
    """A notice as a list shows it."""

    id = given()
    kind = given()
    number = given()
    title = given()
    issued_at = given(format="date-time")
    served_on = maybe()
    service_method = maybe()


class NoticesSchema(Schema):
    """The notices of a case."""

    notices = fields.List(fields.Nested(NoticeRowSchema), required=True)


class NoticeSchema(NoticeRowSchema):
    """A notice with its text."""

    case_id = given()
    recipient = maybe()
    paragraphs = fields.List(fields.String(), required=True)
    clauses = fields.List(fields.String(), required=True)


class AttachmentSchema(Schema):
    """What is known of a file; `size` in bytes."""

    id = given()
    name = given()
    media_type = given()
    size = fields.Integer(required=True)
    sha256 = given()
    case_id = maybe()
    uploaded_at = given(format="date-time")


class AttachmentsSchema(Schema):
    """The files of a case."""

    attachments = fields.List(fields.Nested(AttachmentSchema), required=True)


class StartedSchema(Schema):
    """A case that has just been opened."""

    id = given()
    number = given()
    status = given()
    version = fields.Integer(required=True)
    household_id = given()
