"""The working calendar: a year, a year's notice previewed and published, and the recounts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session

from web.api.once import carry_out
from web.api.operations import Answer, ApiBlueprint, operation
from web.api.schemas import given, maybe, text
from web.auth import current_viewer
from web.database import current_moment, db_session
from web.problems import api_language
from workflows.access import Action, acting
from workflows.definitions.arrangement_reading import MOST_HOLIDAYS, read_arrangement
from workflows.definitions.calendar_changes import ChangedDay
from workflows.definitions.release import current_policy
from workflows.definitions.year_arrangement import YearArrangement
from workflows.errors import NotFound
from workflows.runtime.calendar_years import (
    preview_year,
    publish_year,
    recounts_of,
    year_as_it_stands,
)

blueprint = ApiBlueprint("api_calendar", __name__, description="The working calendar.")

_LONGEST_DAY = 40


class HolidaySchema(Schema):
    """The days off of a holiday, both ends included, and the weekend days worked for it."""

    name = text(100)
    first_on = text(_LONGEST_DAY)
    last_on = text(_LONGEST_DAY)
    workdays = fields.List(text(_LONGEST_DAY), validate=validate.Length(max=10), load_default=list)


class YearNoticeSchema(Schema):
    """A year's notice by number or title, with its holidays."""

    source = text(200)
    holidays = fields.List(
        fields.Nested(HolidaySchema),
        required=True,
        validate=validate.Length(min=1, max=MOST_HOLIDAYS),
    )


class PublishedYearSchema(YearNoticeSchema):
    """The notice again, why, and the release that the preview named."""

    reason = text(200)
    release = text(40)


class CalendarDaySchema(Schema):
    """A day: workday, make_up_workday, weekend or holiday."""

    on = given(format="date")
    status = given()
    name = given()


class CalendarYearSchema(Schema):
    """A year; `provisional` when no notice has arranged it yet and it is computed."""

    year = fields.Integer(required=True)
    provisional = fields.Boolean(required=True)
    version = given()
    published_until = given(format="date")
    source = maybe()
    holidays = fields.List(fields.Dict(), required=True)
    days = fields.List(fields.Nested(CalendarDaySchema), required=True)


class ChangedDaySchema(Schema):
    """A day that would be worked and wasn't, or the other way round."""

    day = given(format="date")
    was = given()
    is_now = given()


class YearPreviewSchema(Schema):
    """What publishing would change; `release` is to be given back."""

    release = given()
    days = fields.List(fields.Nested(ChangedDaySchema), required=True)
    clocks = fields.Integer(required=True)
    becomes_published = fields.Boolean(required=True)


class PublishedCalendarSchema(Schema):
    """The release with the new calendar."""

    release = given()
    content_hash = given()


class RecountSchema(Schema):
    """A recount of open clocks: cases done and in all, and what moved."""

    id = given()
    source = given()
    state = given()
    created_at = given(format="date-time")
    finished_at = maybe()
    done = fields.Integer(required=True)
    total = fields.Integer(required=True, allow_none=True)
    result = fields.Dict(required=True)


class RecountsSchema(Schema):
    """The latest recounts, newest first."""

    recounts = fields.List(fields.Nested(RecountSchema), required=True)


@operation(blueprint, "GET", "/calendar/<year>", Action.POLICY_READ, answer=CalendarYearSchema())
def year(year: str) -> dict[str, Any]:
    """A year day by day."""
    policy = current_policy(db_session(), current_viewer().district_id)
    known = policy.calendar
    if not (year.isascii() and year.isdigit() and len(year) == 4) or not (
        known.known_from.year <= (number := int(year)) <= known.known_until.year
    ):
        raise NotFound("calendar.no_year", "工作日历中没有这一年。", "No such year is known.")
    first = date(number, 1, 1)
    days = [first + timedelta(days=offset) for offset in range(366)]
    names = 1 if api_language() == "en" else 0
    return {
        "year": number,
        "provisional": known.is_provisional(date(number, 12, 31)),
        "version": known.version,
        "published_until": known.published_until,
        "source": known.sources.get(number),
        "holidays": _holidays(year_as_it_stands(policy, number)),
        "days": [
            {"on": day, "status": known.status(day).value, "name": known.name(day)[names]}
            for day in days
            if day.year == number
        ],
    }


@operation(
    blueprint, "POST", "/calendar/<year>/preview", Action.CALENDAR_EDIT,
    body=YearNoticeSchema(), answer=YearPreviewSchema(),
)  # fmt: skip
def preview(year: str, body: dict[str, Any]) -> dict[str, Any]:
    """What a year's notice would change; nothing is stored."""
    found = preview_year(
        db_session(),
        read_arrangement({**body, "year": year}),
        district_id=current_viewer().district_id,
        now=current_moment(),
    )
    return {
        "release": found.release_id,
        "days": [_changed(change) for change in found.turned],
        "clocks": found.clocks,
        "becomes_published": any(change.published for change in found.changes),
    }


@operation(
    blueprint, "POST", "/calendar/<year>", Action.CALENDAR_EDIT,
    body=PublishedYearSchema(), answer=PublishedCalendarSchema(), status=201, once=True,
)  # fmt: skip
def publish(year: str, body: dict[str, Any]) -> Answer:
    """Publish a year's notice; the worker then counts the open clocks again."""
    viewer, now = current_viewer(), current_moment()
    actor = acting(viewer, Action.CALENDAR_EDIT)
    arrangement = read_arrangement({**body, "year": year})

    def act(session: Session) -> dict[str, Any]:
        release = publish_year(
            session, arrangement, reason=body["reason"], shown=body["release"],
            district_id=viewer.district_id, actor=actor, now=now,
        )  # fmt: skip
        return {"release": release.id, "content_hash": release.content_hash}

    return carry_out(act, content={**body, "year": year}, actor=actor, now=now)


@operation(blueprint, "GET", "/calendar/recounts", Action.POLICY_READ, answer=RecountsSchema())
def recounts() -> dict[str, Any]:
    """How far the recounts of open clocks are, newest first."""
    return {
        "recounts": [
            {
                "id": job.id,
                "source": job.payload["source"],
                "state": job.state.value,
                "created_at": job.created_at,
                "finished_at": job.finished_at,
                "done": job.done,
                "total": job.total,
                "result": job.result or {},
            }
            for job in recounts_of(db_session(), current_viewer().district_id)
        ]
    }


def _holidays(arrangement: YearArrangement) -> list[dict[str, Any]]:
    return [
        {
            "name": holiday.name,
            "first_on": holiday.first_on,
            "last_on": holiday.last_on,
            "workdays": list(holiday.workdays),
        }
        for holiday in arrangement.holidays
    ]


def _changed(change: ChangedDay) -> dict[str, Any]:
    return {"day": change.day, "was": change.was.value, "is_now": change.is_now.value}
