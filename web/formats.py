"""How pages write days, moments, money and the names of roles and levels."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

from flask import Flask
from flask_babel import lazy_gettext as _

from models.accounts import Role
from models.offices import OfficeLevel
from web.i18n import language
from workflows.calendar import LOCAL_ZONE

ROLE_NAMES = {
    Role.ASSISTANT: _("协理员"),
    Role.CASE_OFFICER: _("经办人"),
    Role.TOWNSHIP_LEADER: _("分管领导"),
    Role.REVIEWER: _("区级审核"),
    Role.CONFIRMER: _("区级确认"),
    Role.FINANCE: _("财政"),
    Role.RURAL_AFFAIRS: _("乡村振兴"),
    Role.POLICY_EDITOR: _("政策编辑"),
    Role.POLICY_PUBLISHER: _("政策发布"),
    Role.AUDITOR: _("审计"),
    Role.SYSTEM_ADMIN: _("系统管理员"),
    Role.SECURITY_ADMIN: _("安全管理员"),
    Role.AUDIT_ADMIN: _("审计管理员"),
}
LEVEL_NAMES = {
    OfficeLevel.DISTRICT: _("区级"),
    OfficeLevel.TOWNSHIP: _("乡镇（街道）"),
    OfficeLevel.VILLAGE: _("村（社区）"),
}


def install(app: Flask) -> None:
    """Give templates the filters `moment`, `day`, `known_value`, `money` and those of names."""
    app.jinja_env.filters.update(
        moment=moment, day=day, known_value=known_value, money=money, role_name=role_name,
        level_name=level_name,
    )  # fmt: skip


def moment(value: datetime | None) -> str:
    """Local date and time to the minute, e.g. 2026-11-23 14:05."""
    return value.astimezone(LOCAL_ZONE).strftime("%Y-%m-%d %H:%M") if value else "—"


def day(value: date | datetime | None) -> str:
    """A local day in words: 2026年11月23日, or 23 Nov 2026 in English."""
    if value is None:
        return "—"
    local = value.astimezone(LOCAL_ZONE).date() if isinstance(value, datetime) else value
    if language() == "en":
        return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"
    return f"{local.year}年{local.month}月{local.day}日"


def known_value(text: str) -> str:
    """What a form only shows; a day as `day` writes it, everything else as it is."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return text
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def money(value: Decimal | None) -> str:
    """Yuan with two decimals and thousands, e.g. 1,234.50; no currency sign."""
    return f"{value:,.2f}" if value is not None else "—"


def role_name(role: str) -> str:
    """The name of a role by its code."""
    return str(ROLE_NAMES[Role(role)]) if role in set(Role) else role


def level_name(level: str) -> str:
    """The name of an office's level by its code."""
    return str(LEVEL_NAMES[OfficeLevel(level)])
