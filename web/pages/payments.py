"""Payments: the month's rolls, their hands, the bank's files, and what lies in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields
from werkzeug.wrappers import Response

from models.money import LedgerKind, Roll, RollState
from web.auth import current_viewer
from web.config import settings
from web.database import current_moment, db_session
from web.forms import Form, FormSchema, choice_field, read_form, rejected, text_field
from web.guard import requires
from web.i18n import message
from web.sight import note_access
from web.words import HELD_REASONS
from workflows.access import Action, Viewer, acting, may
from workflows.assistance.money.bank_files import IN, MEDIA_TYPE, OUT, bank_file
from workflows.assistance.money.bank_results import take_bank_results
from workflows.assistance.money.drawing import draw_roll, roll_subject
from workflows.assistance.money.ledger import PROGRAMMES
from workflows.assistance.money.result_files import COLUMNS
from workflows.assistance.money.rolls import (
    authorise_roll,
    cancel_roll,
    hands_of,
    release_roll,
    review_roll,
)
from workflows.audit import AccessKind
from workflows.calendar import local_day
from workflows.errors import Actor, Conflict, DoudiError, Invalid, NotFound
from workflows.runtime.inbox.rolls import (
    MOST_ROWS,
    balances,
    failed_payments,
    recent_rolls,
    roll_in_district,
    roll_view,
)
from workflows.transaction import transaction

blueprint = Blueprint("payments", __name__, url_prefix="/payments")

#: The balances that the page shows, in the order in which money goes through them.
KINDS: Final[Mapping[LedgerKind, Any]] = {
    LedgerKind.BUDGET: _("可用预算"),
    LedgerKind.PETTY_FUND: _("乡镇（街道）备用金"),
    LedgerKind.COMMITTED: _("已批未发"),
    LedgerKind.PAYABLE: _("待银行发放"),
    LedgerKind.PAID: _("累计已发"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """The next act on a roll; `why_not` says why this viewer can't take it."""

    name: str
    label: Any
    explained: Any
    why_not: str


#: By state: the act that comes next, who may take it, its button, what it does.
_NEXT: Final[Mapping[RollState, tuple[str, Action, Any, Any]]] = {
    RollState.DRAWN: (
        "review", Action.ROLL_REVIEW, _("复核通过"), _("核对人数、金额和暂缓名单后复核。"),
    ),
    RollState.REVIEWED: (
        "authorise", Action.ROLL_AUTHORISE, _("审定"), _("审定后由财政人员发送银行。"),
    ),
    RollState.AUTHORISED: (
        "release", Action.ROLL_RELEASE, _("发送银行"),
        _("资金转入待发，生成银行代发文件；此后不能作废。"),
    ),
}  # fmt: skip
_ACTIONS: Final = {
    "review": Action.ROLL_REVIEW,
    "authorise": Action.ROLL_AUTHORISE,
    "release": Action.ROLL_RELEASE,
}
_DONE: Final = {
    "review": _("清册已复核。"),
    "authorise": _("清册已审定。"),
    "release": _("清册已发送银行。"),
}


class _Draw(FormSchema):
    programme = choice_field(PROGRAMMES)
    month = fields.Date(
        "%Y-%m", required=True, error_messages={"required": "required", "invalid": "not_a_choice"}
    )


class _Cancel(FormSchema):
    reason = text_field(200)


_DRAW: Schema = _Draw()
_CANCEL: Schema = _Cancel()


@blueprint.get("")
@requires(Action.PAYMENT_READ)
def index() -> str:
    """The rolls, newest first, and the ledger's balances."""
    return _index(Form())


@blueprint.post("/rolls")
@requires(Action.ROLL_DRAW)
def draw() -> Response | tuple[str, int]:
    """Draw the roll of a programme and month."""
    viewer = current_viewer()
    try:
        values = read_form(_DRAW)
        with transaction(db_session()) as session:
            roll = draw_roll(
                session,
                viewer.district_id,
                values["programme"],
                values["month"],
                actor=acting(viewer, Action.ROLL_DRAW),
                now=current_moment(),
            )
            roll_id = roll.id
    except (Invalid, Conflict) as error:
        return _index(rejected(error)), 422
    flash(message("清册已编制，请另一位同事复核。"), "ok")
    return redirect(url_for("payments.roll", roll_id=roll_id), code=303)


@blueprint.get("/rolls/<uuid:roll_id>")
@requires(Action.PAYMENT_READ)
def roll(roll_id: UUID) -> str:
    """One roll: steps and hands, families held, failures, files."""
    return _page(str(roll_id), Form())


@blueprint.post("/rolls/<uuid:roll_id>/review")
@requires(Action.ROLL_REVIEW)
def review(roll_id: UUID) -> Response | tuple[str, int]:
    """Review a drawn roll."""
    return _take_step(str(roll_id), "review")


@blueprint.post("/rolls/<uuid:roll_id>/authorise")
@requires(Action.ROLL_AUTHORISE)
def authorise(roll_id: UUID) -> Response | tuple[str, int]:
    """Authorise a reviewed roll."""
    return _take_step(str(roll_id), "authorise")


@blueprint.post("/rolls/<uuid:roll_id>/release")
@requires(Action.ROLL_RELEASE)
def release(roll_id: UUID) -> Response | tuple[str, int]:
    """Send an authorised roll to the bank."""
    return _take_step(str(roll_id), "release")


@blueprint.post("/rolls/<uuid:roll_id>/cancel")
@requires(Action.ROLL_CANCEL)
def cancel(roll_id: UUID) -> Response | tuple[str, int]:
    """Cancel a roll that hasn't gone out."""
    viewer = current_viewer()
    try:
        values = read_form(_CANCEL)
        with transaction(db_session()) as session:
            cancel_roll(
                session,
                str(roll_id),
                values["reason"],
                district_id=viewer.district_id,
                actor=acting(viewer, Action.ROLL_CANCEL),
                now=current_moment(),
            )
    except (Invalid, Conflict) as error:
        return _page(str(roll_id), rejected(error)), _status(error)
    return _back(str(roll_id), message("清册已作废。"))


@blueprint.get("/rolls/<uuid:roll_id>/bank-file")
@requires(Action.BANK_FILE_READ)
def file_for_bank(roll_id: UUID) -> Response:
    """The file for the bank, made again from sealed accounts; the look is recorded."""
    viewer, session = current_viewer(), db_session()
    found = roll_in_district(session, viewer.district_id, str(roll_id))
    if found.released_at is None:
        raise NotFound("bank_file_unknown", "清册还没有发送银行。", "The roll hasn't gone out.")
    made = bank_file(session, found.id, settings().keys.ring)
    number = found.number
    note_access(
        roll_subject(session.get_one(Roll, str(roll_id))),
        AccessKind.DOWNLOADED,
        actor=acting(viewer, Action.BANK_FILE_READ),
        data={"file": number, "sha256": made.sha256, "rows": made.rows},
    )
    answer = Response(made.content, content_type=MEDIA_TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="{number}.csv"'
    return answer


@blueprint.post("/rolls/<uuid:roll_id>/results")
@requires(Action.BANK_RESULT)
def results(roll_id: UUID) -> Response | tuple[str, int]:
    """Take the bank's answers from an uploaded file."""
    viewer = current_viewer()
    try:
        with transaction(db_session()) as session:
            taken = take_bank_results(
                session,
                str(roll_id),
                _uploaded(),
                district_id=viewer.district_id,
                actor=acting(viewer, Action.BANK_RESULT),
                now=current_moment(),
            )
    except (Invalid, Conflict) as error:
        return _page(str(roll_id), rejected(error)), _status(error)
    if taken.repeated:
        return _back(str(roll_id), message("这个文件此前已经登记，没有重复处理。"))
    return _back(
        str(roll_id),
        message("回盘已登记：到账%(paid)s笔，退票%(failed)s笔。", paid=taken.paid,
                failed=taken.failed),
    )  # fmt: skip


def _uploaded() -> bytes:
    file = request.files.get("file")
    content = file.stream.read() if file is not None else b""
    if not content:
        raise Invalid("result_missing", "请选择银行回盘文件。", "Choose the bank's file.")
    return content


def _take_step(roll_id: str, name: str) -> Response | tuple[str, int]:
    viewer = current_viewer()
    actor = acting(viewer, _ACTIONS[name])
    try:
        with transaction(db_session()):
            _carry_out(roll_id, name, viewer.district_id, actor)
    except Conflict as error:
        return _page(roll_id, rejected(error)), 409
    return _back(roll_id, str(_DONE[name]))


def _carry_out(roll_id: str, name: str, district_id: str, actor: Actor) -> None:
    session, now = db_session(), current_moment()
    if name == "release":
        release_roll(
            session, roll_id, settings().keys.ring, district_id=district_id, actor=actor, now=now
        )
    else:
        step = review_roll if name == "review" else authorise_roll
        step(session, roll_id, district_id=district_id, actor=actor, now=now)


def _status(error: DoudiError) -> int:
    return 409 if isinstance(error, Conflict) else 422


def _back(roll_id: str, sentence: str) -> Response:
    flash(sentence, "ok")
    return redirect(url_for("payments.roll", roll_id=roll_id), code=303)


def _index(form: Form) -> str:
    viewer, session = current_viewer(), db_session()
    today = local_day(current_moment())
    return render_template(
        "payments/rolls.html",
        rolls=recent_rolls(session, viewer.district_id),
        balances=balances(session, viewer.district_id),
        kinds=KINDS,
        programmes=PROGRAMMES,
        failed=len(failed_payments(session, viewer, settings().keys.ring)),
        form=form,
        this_month=f"{today:%Y-%m}",
        may_draw=may(viewer, Action.ROLL_DRAW),
    )


def _page(roll_id: str, form: Form) -> str:
    viewer, session = current_viewer(), db_session()
    view = roll_view(session, viewer, roll_id, settings().keys.ring)
    found = view.roll
    open_now = found.state in _NEXT
    html = render_template(
        "payments/roll.html",
        view=view,
        roll=found,
        form=form,
        step=_next_step(viewer, found),
        reasons=HELD_REASONS,
        columns=",".join(COLUMNS),
        most=MOST_ROWS,
        may_open=may(viewer, Action.CASE_READ),
        may_cancel=open_now and may(viewer, Action.ROLL_CANCEL),
        may_download=found.released_at is not None and may(viewer, Action.BANK_FILE_READ),
        may_answer=found.state is RollState.RELEASED and may(viewer, Action.BANK_RESULT),
        out=OUT,
        into=IN,
    )
    if view.held or view.failed:
        _note_look(viewer, found)
    return html


def _next_step(viewer: Viewer, found: Roll) -> Step | None:
    if found.state not in _NEXT:
        return None
    name, action, label, explained = _NEXT[found.state]
    why_not = ""
    if not may(viewer, action):
        why_not = message("这一步由其他岗位办理。")
    elif viewer.account_id in hands_of(found):
        why_not = message("您已经办理过本清册，这一步须由另一位同事办理。")
    return Step(name, label, explained, why_not)


def _note_look(viewer: Viewer, found: Roll) -> None:
    subject = roll_subject(found)
    note_access(
        subject,
        AccessKind.VIEWED,
        actor=acting(viewer, Action.PAYMENT_READ),
        data={"page": "roll"},
    )
