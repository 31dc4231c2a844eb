"""The working calendar: a year month by month, and a year's notice entered by the administrator."""

from __future__ import annotations

import calendar as months
import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web.auth import current_viewer
from web.database import current_moment, db_session
from web.forms import Form, rejected
from web.guard import requires
from web.i18n import message
from workflows.access import Action, acting, may
from workflows.calendar import DayStatus, WorkingCalendar, local_day
from workflows.definitions.arrangement_reading import MOST_HOLIDAYS, read_arrangement
from workflows.definitions.policy import Policy
from workflows.definitions.release import current_policy
from workflows.definitions.year_arrangement import YearArrangement
from workflows.errors import Conflict, Finding, Invalid, NotFound
from workflows.runtime.calendar_years import (
    YearPreview,
    preview_year,
    publish_year,
    recounts_of,
    year_as_it_stands,
)
from workflows.transaction import transaction

blueprint = Blueprint("calendar", __name__, url_prefix="/calendar")

#: Empty rows of the form beside those that are filled.
_SPARE_ROWS = 2
_PARTS = ("name", "first_on", "last_on", "workdays")


@dataclass(frozen=True, slots=True)
class ShownDay:
    """A cell of a month: `on` is None outside of the month."""

    on: date | None
    status: DayStatus | None = None
    name: tuple[str, str] = ("", "")


@blueprint.get("")
@requires(Action.POLICY_READ)
def index() -> Response:
    """To this year."""
    return redirect(url_for("calendar.year", year=local_day(current_moment()).year))


@blueprint.get("/<year>")
@requires(Action.POLICY_READ)
def year(year: str) -> str:
    """A year with its days of rest and of work, and how far the recounts are."""
    shown, policy = _known(year)
    known = policy.calendar
    return render_template(
        "calendar/year.html",
        year=shown,
        calendar=known,
        years=_neighbours(known, shown),
        provisional=known.is_provisional(date(shown, 12, 31)),
        months=[_month(known, shown, number) for number in range(1, 13)],
        arrangement=year_as_it_stands(policy, shown),
        counts=_counts(known, shown),
        may_edit=may(current_viewer(), Action.CALENDAR_EDIT) and _editable(known, shown),
        next_year=known.published_until.year + 1,
        recounts=recounts_of(db_session(), current_viewer().district_id),
    )


@blueprint.get("/<year>/edit")
@requires(Action.CALENDAR_EDIT)
def edit(year: str) -> str:
    """The form of a year's notice, filled with what is known of it."""
    shown, policy = _known(year)
    return _form(shown, policy, Form(_typed(year_as_it_stands(policy, shown))), None)


@blueprint.post("/<year>/preview")
@requires(Action.CALENDAR_EDIT)
def preview(year: str) -> str | tuple[str, int]:
    """What publishing would change; nothing is stored yet."""
    shown, policy = _known(year)
    try:
        found = preview_year(
            db_session(),
            _entered(shown),
            district_id=current_viewer().district_id,
            now=current_moment(),
        )
    except Invalid as error:
        return _form(shown, policy, rejected(error), None), 422
    return _form(shown, policy, Form(dict(request.form)), found)


@blueprint.post("/<year>/publish")
@requires(Action.CALENDAR_EDIT)
def publish(year: str) -> Response | tuple[str, int]:
    """Publish the year as previewed; the worker then counts the open clocks again."""
    viewer = current_viewer()
    shown, policy = _known(year)
    found = None
    try:
        entered = _entered(shown)
        if request.form.get("previewed") != _digest(entered):
            raise Invalid(
                "arrangement.not_previewed",
                "内容在预览以后有改动，本次没有发布。请重新预览，核对变化后再发布。",
                "The entries changed after the preview; nothing was published. Preview again.",
            )
        found = preview_year(
            db_session(), entered, district_id=viewer.district_id, now=current_moment()
        )
        with transaction(db_session()) as session:
            publish_year(
                session,
                entered,
                reason=_reason(),
                shown=request.form.get("shown", ""),
                district_id=viewer.district_id,
                actor=acting(viewer, Action.CALENDAR_EDIT),
                now=current_moment(),
            )
    except Invalid as error:
        return _form(shown, policy, rejected(error), found), 422
    except Conflict as error:
        return _form(shown, policy, rejected(error), None), 409
    flash(message("已发布%(year)s年放假安排；正在重新计算受影响的时限。", year=shown), "ok")
    return redirect(url_for("calendar.year", year=shown), code=303)


def _form(year: int, policy: Policy, form: Form, preview: YearPreview | None) -> str:
    filled = [
        int(name.split(".")[1])
        for name, value in form.values.items()
        if name.startswith("holidays.") and value and name.split(".")[1].isdigit()
    ]
    rows = min(max(filled, default=-1) + 1 + _SPARE_ROWS, MOST_HOLIDAYS)
    known = policy.calendar
    return render_template(
        "calendar/edit.html",
        year=year,
        form=form,
        rows=range(rows),
        parts=_PARTS,
        published=not known.is_provisional(date(year, 12, 31)),
        preview=preview,
        previewed="" if preview is None else _digest(_entered(year)),
    )


def _entered(year: int) -> YearArrangement:
    """The form's arrangement. Raises: as `read_arrangement`."""
    return read_arrangement(
        {
            "year": year,
            "source": request.form.get("source", ""),
            "holidays": [
                {part: request.form.get(f"holidays.{row}.{part}", "") for part in _PARTS}
                for row in range(MOST_HOLIDAYS)
            ],
        }
    )


def _typed(arrangement: YearArrangement) -> dict[str, str]:
    """An arrangement as the values of the form."""
    values = {"source": arrangement.source}
    for row, holiday in enumerate(arrangement.holidays):
        values |= {
            f"holidays.{row}.name": holiday.name,
            f"holidays.{row}.first_on": holiday.first_on.isoformat(),
            f"holidays.{row}.last_on": holiday.last_on.isoformat(),
            f"holidays.{row}.workdays": "、".join(day.isoformat() for day in holiday.workdays),
        }
    return values


def _reason() -> str:
    reason = request.form.get("reason", "").strip()
    if len(reason) > 200 or not reason.isprintable():
        raise Invalid(
            findings=[
                Finding(
                    "arrangement.bad_reason",
                    "原因请用一行文字写明，不超过200个字。",
                    "Give the reason in one line of at most 200 characters.",
                    field="reason",
                )
            ]
        )
    return reason


def _digest(arrangement: YearArrangement) -> str:
    """Names what was previewed, so that nothing else is published."""
    return hashlib.sha256(repr(arrangement).encode()).hexdigest()


def _known(year: str) -> tuple[int, Policy]:
    """The year of an address and the policy in force; NotFound outside of its calendar."""
    policy = current_policy(db_session(), current_viewer().district_id)
    known = policy.calendar
    if year.isascii() and year.isdigit() and len(year) == 4:
        number = int(year)
        if known.known_from.year <= number <= known.known_until.year:
            return number, policy
    raise NotFound("calendar.no_year", "工作日历中没有这一年。", "No such year is known.")


def _editable(known: WorkingCalendar, year: int) -> bool:
    return local_day(current_moment()).year - 1 <= year <= known.published_until.year + 1


def _neighbours(known: WorkingCalendar, year: int) -> list[tuple[int, bool]]:
    """The years to go to from here, and whether each is provisional."""
    first, last = known.known_from.year, known.known_until.year
    start = max(first, min(year - 3, last - 6))
    return [
        (one, known.is_provisional(date(one, 12, 31)))
        for one in range(start, min(start + 7, last + 1))
    ]


def _month(known: WorkingCalendar, year: int, number: int) -> tuple[int, list[list[ShownDay]]]:
    weeks = months.Calendar().monthdatescalendar(year, number)
    return number, [
        [
            ShownDay(day, known.status(day), known.name(day))
            if day.month == number
            else ShownDay(None)
            for day in week
        ]
        for week in weeks
    ]


def _counts(known: WorkingCalendar, year: int) -> dict[str, Any]:
    """How many days of the year are worked, and how many of those make up for a holiday."""
    days = [date.fromordinal(date(year, 1, 1).toordinal() + number) for number in range(366)]
    statuses = [known.status(day) for day in days if day.year == year]
    return {
        "workdays": sum(
            status in (DayStatus.WORKDAY, DayStatus.MAKE_UP_WORKDAY) for status in statuses
        ),
        "make_up": statuses.count(DayStatus.MAKE_UP_WORKDAY),
    }
