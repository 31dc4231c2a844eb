"""What pages call the codes that data carries: statuses, outcomes, channels, areas."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _

from web.forms_html.known import plain_text
from web.i18n import language, text_of
from workflows.assistance.money.result_files import REASONS
from workflows.audit import action_name
from workflows.feel import from_json

STATUSES: dict[str, Any] = {
    "opened": _("已登记"),
    "acceptance": _("受理"),
    "supplement": _("补正材料"),
    "investigation": _("调查核对"),
    "survey": _("入户调查"),
    "recheck": _("复查"),
    "appraisal": _("民主评议"),
    "opinion": _("初审"),
    "publicity": _("公示"),
    "objection": _("处理异议"),
    "submission": _("报送"),
    "confirmation": _("区级确认"),
    "home_visit": _("区级入户核查"),
    "grant": _("确定待遇"),
    "notice": _("送达"),
    "refusal": _("不予确认"),
    "termination": _("终止办理"),
    "confirmed": _("已确认"),
    "refused": _("不予确认"),
    "withdrawn": _("已撤回"),
    "terminated": _("已终止"),
    "completed": _("已办结"),
}
MESSAGES: dict[str, Any] = {
    "application.withdrawn": _("申请人撤回"),
    "application.terminated": _("终止办理"),
    "period.extended": _("申请延长"),
    "publicity.objection": _("公示异议"),
    "complaint.received": _("投诉举报"),
}
CHANNELS: dict[str, Any] = {
    "window": _("窗口"),
    "online": _("网上"),
    "agent": _("代办"),
}
AREAS: dict[str, Any] = {"rural": _("农村"), "urban": _("城市")}
CLASSES: dict[str, Any] = {
    "dibao": _("符合最低生活保障"),
    "edge": _("低保边缘家庭"),
    "none": _("不符合条件"),
}
PROGRAMMES: dict[str, Any] = {"dibao": _("最低生活保障"), "relief": _("临时救助")}
ROLL_STATES: dict[str, Any] = {
    "drawn": _("待复核"),
    "reviewed": _("待审定"),
    "authorised": _("待发送银行"),
    "released": _("待银行回盘"),
    "settled": _("已办结"),
    "cancelled": _("已作废"),
}
ROLL_BADGES = {
    "drawn": "badge-info",
    "reviewed": "badge-info",
    "authorised": "badge-info",
    "released": "badge-warn",
    "settled": "badge-ok",
    "cancelled": "",
}
PAYMENT_STATES: dict[str, Any] = {
    "ordered": _("待发放"),
    "sent": _("已发送银行"),
    "paid": _("已到账"),
    "failed": _("退票"),
    "cancelled": _("已取消"),
}
HELD_REASONS: dict[str, Any] = {
    "died": _("领取人或家庭成员死亡，待核实"),
    "two_grants": _("同一家庭有两份在发待遇，待核实"),
    "account_missing": _("没有登记银行账户"),
    "account_closed": _("银行账户已销户"),
    "ended": _("待遇已停发"),
}
OUTCOME_BADGES = {
    "confirmed": "badge-ok",
    "refused": "badge-error",
    "withdrawn": "",
    "terminated": "badge-warn",
    "completed": "badge-ok",
}


def install(app: Flask) -> None:
    """Give templates the filters that put codes into words."""
    app.jinja_env.filters.update(
        message_name=lambda name: _named(MESSAGES, name),
        status_name=status_name,
        channel_name=lambda code: _named(CHANNELS, code),
        area_name=lambda code: _named(AREAS, code),
        class_name=lambda code: _named(CLASSES, code),
        programme_name=lambda code: _named(PROGRAMMES, code),
        roll_state=lambda code: _named(ROLL_STATES, code),
        roll_badge=lambda code: ROLL_BADGES.get(code, ""),
        payment_state=lambda code: _named(PAYMENT_STATES, code),
        failure_name=failure_name,
        outcome_badge=lambda code: OUTCOME_BADGES.get(code, ""),
        feel_text=lambda value: plain_text(from_json(value)),
        trail_name=lambda action: action_name(action, language()),
    )


def status_name(code: str | None) -> str:
    """A case's status or outcome in words."""
    return _named(STATUSES, code)


def failure_name(code: str | None) -> str:
    """Why the bank refused a payment, in words."""
    chinese, english = REASONS.get(code or "", (code or "—", code))
    return text_of(chinese, english)


def _named(names: dict[str, Any], code: str | None) -> str:
    return str(names.get(code or "", code or "—"))
