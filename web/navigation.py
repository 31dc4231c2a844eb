"""The entries of the top bar, by what the viewer may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request, url_for
from flask_babel import lazy_gettext as _

from web.auth import viewer_or_none
from workflows.access import Action, Viewer, may


@dataclass(frozen=True, slots=True)
class Entry:
    """A link of the bar; it is left out for who may not do `action`, and where no such page is."""

    endpoint: str
    label: Any
    action: Action
    #: another blueprint whose pages belong here, too
    also: str = ""
    #: whether it is a register, kept in the menu of registers instead of the bar
    register: bool = False


ENTRIES: tuple[Entry, ...] = (
    Entry("work.queue", _("待办"), Action.QUEUE_READ),
    Entry("intake.start", _("新申请"), Action.CASE_OPEN),
    Entry("cases.search", _("办件"), Action.CASE_READ),
    Entry("fund.index", _("备用金"), Action.FUND_READ),
    Entry("edge.index", _("边缘家庭"), Action.HOUSEHOLD_READ, register=True),
    Entry("relief.debts", _("待补手续"), Action.CASE_READ),
    Entry("remedies.index", _("复议信访"), Action.REMEDY_READ, also="remedy_forms", register=True),
    Entry("payments.index", _("资金发放"), Action.PAYMENT_READ, also="failures"),
    Entry("recoveries.index", _("追回"), Action.RECOVERY_READ, register=True),
    Entry("deaths.index", _("死亡名单"), Action.DEATH_LIST, register=True),
    Entry("roll_lists.index", _("长期公示"), Action.GRANT_READ, register=True),
    Entry("prices.index", _("价格补贴"), Action.PRICE_READ, register=True),
    Entry("work.alerts", _("预警"), Action.ALERT_READ),
    Entry("policy.releases", _("政策"), Action.POLICY_READ, also="retroactive"),
    Entry("elsewhere.index", _("外区名单"), Action.ELSEWHERE_LIST, register=True),
    Entry("calendar.index", _("工作日历"), Action.CALENDAR_EDIT),
    Entry("audit.trail", _("审批留痕"), Action.TRAIL_VERIFY),
    Entry("accounts.index", _("账号"), Action.ACCOUNT_READ),
    Entry("offices.index", _("机构"), Action.OFFICE_READ),
    Entry("incidents.index", _("运行故障"), Action.INCIDENT_READ),
)


#: Cases of the whole district, and the page on which their lists and sums stand.
REGISTERS: Mapping[str, tuple[str, Action]] = {
    "price_subsidy": ("prices.index", Action.PRICE_READ),
    "standard_adjustment": ("adjustments.index", Action.RETROACTIVE_READ),
}


def install(app: Flask) -> None:
    """Give templates `navigation()`."""
    app.jinja_env.globals["navigation"] = navigation


#: (address, label, whether it is the present page)
Link = tuple[str, Any, bool]


def navigation() -> tuple[list[Link], list[Link]]:
    """What the viewer may open: in the bar, and in the menu of registers."""
    viewer = viewer_or_none()
    if viewer is None:
        return [], []
    here = (request.endpoint or "").partition(".")[0]
    shown = [
        entry
        for entry in ENTRIES
        if entry.endpoint in current_app.view_functions and may(viewer, entry.action)
    ]
    same = [entry for entry in shown if entry.endpoint == request.endpoint]
    blueprint = [entry for entry in shown if here in (entry.endpoint.partition(".")[0], entry.also)]
    current = next(iter(same or blueprint), None)
    links = [(entry, (url_for(entry.endpoint), entry.label, entry is current)) for entry in shown]
    return (
        [link for entry, link in links if not entry.register],
        [link for entry, link in links if entry.register],
    )


def register_of(viewer: Viewer, process_key: str) -> str | None:
    """The page that shows what a case of the district is about, for whoever may open it."""
    found = REGISTERS.get(process_key)
    return url_for(found[0]) if found is not None and may(viewer, found[1]) else None
