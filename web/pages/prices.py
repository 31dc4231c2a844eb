"""价格临时补贴: the indices of each month, who is owed how much, and how far the payment is."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal, InvalidOperation
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from models.trail import SubjectKind
from web.acts import act_on
from web.auth import current_viewer
from web.config import settings
from web.database import current_moment, db_session
from web.forms import Form, FormSchema, pattern_field, read_form, rejected
from web.guard import requires
from web.i18n import message
from web.public_words import PRICE_GROUPS, PRICE_REASONS
from web.sight import note_access
from workflows.access import Action, acting, may
from workflows.audit import AccessKind, Subject
from workflows.audit.export import BOM, safe_cell
from workflows.definitions.release import current_policy
from workflows.errors import Conflict, Finding, Invalid, NotFound
from workflows.runtime.inbox.prices import price_budget, price_month, price_months, share_rows
from workflows.runtime.inbox.queue import posts_of
from workflows.runtime.prices import PROCESS, open_price_case

blueprint = Blueprint("prices", __name__, url_prefix="/price-subsidies")
_PERCENT = r"-?\d{1,3}(\.\d{1,2})?"


class _Index(FormSchema):
    month = pattern_field(r"\d{4}-\d{2}", "required")
    published_on = pattern_field(r"\d{4}-\d{2}-\d{2}", "required")
    cpi = pattern_field(_PERCENT, "not_percent")
    food = pattern_field(_PERCENT, "not_percent")
    scpi = pattern_field(_PERCENT, "not_percent")


_INDEX = _Index()


@blueprint.get("")
@requires(Action.PRICE_READ)
def index() -> str:
    """The months with their indices and batches. Three SELECTs."""
    return _page(Form())


@blueprint.post("")
@requires(Action.PRICE_ENTER)
def enter() -> Response | tuple[str, int]:
    """Enter the published index of a month: the tables say whether it is triggered."""
    viewer, session, now = current_viewer(), db_session(), current_moment()
    try:
        values = read_form(_INDEX)
        actor = acting(viewer, Action.PRICE_ENTER)
        with act_on(session, None, actor=actor, now=now):
            case = open_price_case(
                session, viewer.district_id, settings().keys.ring,
                month=_day(f"{values['month']}-01", "month"),
                published_on=_day(values["published_on"], "published_on"),
                cpi=_number(values["cpi"]), food=_number(values["food"]),
                scpi=_number(values["scpi"]), actor=actor, now=now,
            )  # fmt: skip
            number = case.number
    except (Invalid, Conflict) as error:
        return _page(rejected(error)), 409 if isinstance(error, Conflict) else 422
    flash(message("指数已登记，办件%(number)s。", number=number), "ok")
    return redirect(url_for("prices.index"), code=303)


@blueprint.get("/<uuid:index_id>")
@requires(Action.PRICE_READ)
def show(index_id: UUID) -> str:
    """One month: the indices, who gets how much, who doesn't and why. At most seven SELECTs."""
    viewer, session = current_viewer(), db_session()
    view = price_month(session, viewer, str(index_id))
    policy = current_policy(session, viewer.district_id)
    process = policy.processes.get(PROCESS)
    posts = set(posts_of(viewer))
    return render_template(
        "prices/show.html",
        view=view,
        index=view.row.index,
        batch=view.row.batch,
        tasks=[(task, (task.role, task.office_id) in posts) for task in view.tasks],
        budget=price_budget(session, viewer.district_id),
        may_see_case=may(viewer, Action.CASE_READ),
        groups=sorted(set(PRICE_GROUPS) & set(_groups(view.row.batch))),
        clauses=[
            policy.clauses[ref]
            for ref in (process.clauses if process is not None else ())
            if ref in policy.clauses
        ],
    )


@blueprint.get("/<uuid:index_id>.csv")
@requires(Action.PRICE_READ)
def file(index_id: UUID) -> Response:
    """The whole list by family, without names; the download is recorded."""
    viewer, session = current_viewer(), db_session()
    view = price_month(session, viewer, str(index_id))
    batch = view.row.batch
    if batch is None:
        raise NotFound("price_batch_not_found", "没有启动，没有名单。", "There is no list.")
    kept = io.StringIO()
    writer = csv.writer(kept)
    heads = (
        message("镇乡街道"),
        message("类别"),
        message("家庭"),
        message("没有列入的理由"),
        message("人数"),
        message("金额（元）"),
    )
    writer.writerow(heads)
    for township, group, household_id, excluded, persons, total in share_rows(session, batch):
        writer.writerow(
            map(
                safe_cell,
                (
                    township,
                    str(PRICE_GROUPS.get(group, group)),
                    household_id,
                    "" if excluded is None else str(PRICE_REASONS.get(excluded, excluded)),
                    str(persons),
                    f"{total:.2f}",
                ),
            )
        )
    name = f"price-{batch.month:%Y-%m}-{batch.number}.csv"
    data = {"batch": batch.id, "persons": str(batch.persons)}
    subject = Subject(SubjectKind.CASE, batch.case_id, viewer.district_id)
    note_access(
        subject,
        AccessKind.DOWNLOADED,
        actor=acting(viewer, Action.PRICE_READ),
        data=data,
    )
    answer = Response(BOM + kept.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _page(form: Form) -> str:
    viewer, session = current_viewer(), db_session()
    return render_template(
        "prices/list.html",
        rows=price_months(session, viewer.district_id),
        budget=price_budget(session, viewer.district_id),
        form=form,
        may_enter=may(viewer, Action.PRICE_ENTER),
    )


def _groups(batch: object) -> list[str]:
    amounts = getattr(batch, "amounts", None) or {}
    return [key.partition("/")[0] for key in amounts]


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        finding = Finding("day_wrong", "请填写日期。", "Enter a day.", field=field)
        raise Invalid(finding.code, findings=[finding]) from error


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:  # the pattern allows numbers only
        raise Invalid("number_wrong", "请填写数字。", "Enter a number.") from error
