"""What pages call the fields of postings, and the codes of the price subsidy."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

#: The fields that a posting may show.
PUBLIC_FIELDS: dict[str, Any] = {
    "members": _("家庭成员数量"),
    "monthly": _("每月金额（元）"),
    "amount": _("金额（元）"),
    "month": _("月份"),
    "persons": _("人数"),
    "total": _("合计（元）"),
    "reason": _("说明"),
}
#: Why somebody on the list of a subsidy gets nothing.
PRICE_REASONS: dict[str, Any] = {
    "died": _("已经去世"),
    "not_counted": _("没有计入家庭人口"),
    "given_before": _("本月已经发过"),
    "given_more": _("本月已经多发"),
    "not_received": _("没有收到，取消发放"),
}
PRICE_GROUPS: dict[str, Any] = {
    "dibao": _("低保家庭成员"),
    "tekun": _("特困人员"),
    "edge": _("低保边缘人口"),
}
BATCH_STATES: dict[str, Any] = {
    "previewed": _("待审核"),
    "approved": _("正在下达"),
    "ordered": _("已下达"),
    "paid": _("已发放"),
    "refused": _("不同意"),
    "closed": _("没有应发"),
}
