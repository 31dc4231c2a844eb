"""The acts that the trail knows, and the ways of seeing something that the access log knows."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class TrailAction(StrEnum):
    """What was done, as `noun.verb`."""

    CASE_STARTED = "case.started"
    CASE_CLOSED = "case.closed"
    TASK_CLAIMED = "task.claimed"
    TASK_RELEASED = "task.released"
    TASK_COMPLETED = "task.completed"
    TASK_RETURNED = "task.returned"
    MESSAGE_RECEIVED = "message.received"
    TIMER_FIRED = "timer.fired"
    CLOCK_OVERDUE = "clock.overdue"
    CLOCK_RECOUNTED = "clock.recounted"
    ALERT_RAISED = "alert.raised"
    INCIDENT_RAISED = "incident.raised"
    INCIDENT_RESOLVED = "incident.resolved"
    PUBLICITY_POSTED = "publicity.posted"
    PUBLICITY_CLOSED = "publicity.closed"
    PUBLICITY_ANNOUNCED = "publicity.announced"
    HOUSEHOLD_RECORDED = "household.recorded"
    HOUSEHOLD_CHANGED = "household.changed"
    HOUSEHOLD_CLOSED = "household.closed"
    ELSEWHERE_LISTED = "elsewhere.listed"
    DUPLICATE_CLEARED = "duplicate.cleared"
    GRANT_CONFIRMED = "grant.confirmed"
    GRANT_CHANGED = "grant.changed"
    GRANT_STOPPED = "grant.stopped"
    GRADUAL_EXIT_STARTED = "gradual_exit.started"
    GRADUAL_EXIT_ENDED = "gradual_exit.ended"
    REVIEW_SCHEDULED = "review.scheduled"
    REVIEW_COMPLETED = "review.completed"
    PAYMENT_ORDERED = "payment.ordered"
    PAYMENT_CONFIRMED = "payment.confirmed"
    PAYMENT_FAILED = "payment.failed"
    PAYMENT_RECOVERED = "payment.recovered"
    PAYMENT_CANCELLED = "payment.cancelled"
    PAYMENT_HANDED_OVER = "payment.handed_over"
    BANK_ACCOUNT_RECORDED = "bank_account.recorded"
    BANK_ACCOUNT_CLOSED = "bank_account.closed"
    BANK_RESULT_RECEIVED = "bank_result.received"
    ROLL_DRAWN = "roll.drawn"
    ROLL_REVIEWED = "roll.reviewed"
    ROLL_AUTHORISED = "roll.authorised"
    ROLL_SENT = "roll.sent"
    ROLL_CANCELLED = "roll.cancelled"
    STAGE_PLANNED = "stage.planned"
    STAGE_RELEASED = "stage.released"
    STAGE_POSTPONED = "stage.postponed"
    STAGE_CANCELLED = "stage.cancelled"
    FUND_OPENED = "fund.opened"
    FUND_TOPPED_UP = "fund.topped_up"
    FUND_SPENT = "fund.spent"
    FUND_RETURNED = "fund.returned"
    FUND_COUNTED = "fund.counted"
    FIRST_AID_GIVEN = "first_aid.given"
    RELIEF_GIVEN = "relief.given"
    ALERT_HANDLED = "alert.handled"
    CONFERENCE_HELD = "conference.held"
    REFERRAL_SENT = "referral.sent"
    RELEASE_PUBLISHED = "release.published"
    PARAMETER_REACHED_BACK = "parameter.reached_back"
    CORRECTION_LISTED = "correction.listed"
    CORRECTION_OPENED = "correction.opened"
    ACCOUNT_CREATED = "account.created"
    ACCOUNT_CHANGED = "account.changed"
    ACCOUNT_LOCKED = "account.locked"
    ACCOUNT_UNLOCKED = "account.unlocked"
    ACCOUNT_DEACTIVATED = "account.deactivated"
    PASSWORD_CHANGED = "password.changed"
    ROLE_GRANTED = "role.granted"
    ROLE_REVOKED = "role.revoked"
    TOKEN_CREATED = "token.created"
    TOKEN_REVOKED = "token.revoked"
    SESSION_STARTED = "session.started"
    SESSION_REFUSED = "session.refused"
    SESSION_ENDED = "session.ended"
    OFFICE_CREATED = "office.created"
    OFFICE_CHANGED = "office.changed"
    DEATH_RECORDED = "death.recorded"
    DEATH_UNDONE = "death.undone"
    DEATH_LIST_TAKEN = "death_list.taken"
    JOB_OFFER_RECORDED = "job_offer.recorded"
    EXPORT_MADE = "export.made"
    TRAIL_VERIFIED = "trail.verified"


class AccessKind(StrEnum):
    """How somebody came to see something."""

    VIEWED = "viewed"
    REVEALED = "revealed"
    SEARCHED = "searched"
    DOWNLOADED = "downloaded"
    PRINTED = "printed"


#: Chinese and English, first the noun, then the verb of an action.
_NOUNS: Final = {
    "case": ("办件", "Case"),
    "task": ("待办", "Task"),
    "message": ("消息", "Message"),
    "timer": ("定时", "Timer"),
    "clock": ("时限", "Clock"),
    "incident": ("故障", "Incident"),
    "publicity": ("公示", "Publicity"),
    "household": ("家庭", "Household"),
    "elsewhere": ("外区名单", "List of another district"),
    "duplicate": ("重复申请", "Duplicate"),
    "grant": ("救助决定", "Grant"),
    "gradual_exit": ("渐退期", "Gradual exit"),
    "review": ("复核", "Review"),
    "payment": ("发放", "Payment"),
    "bank_account": ("银行账户", "Bank account"),
    "bank_result": ("银行回盘", "Bank result"),
    "roll": ("发放清册", "Roll"),
    "stage": ("分阶段救助", "Stage"),
    "fund": ("备用金", "Petty fund"),
    "first_aid": ("先行救助", "First aid"),
    "relief": ("临时救助", "Relief"),
    "alert": ("预警", "Alert"),
    "conference": ("个案会商", "Conference"),
    "referral": ("转介", "Referral"),
    "release": ("政策版本", "Release"),
    "parameter": ("参数", "Parameter"),
    "correction": ("更正", "Correction"),
    "account": ("账号", "Account"),
    "password": ("密码", "Password"),
    "role": ("角色", "Role"),
    "token": ("访问令牌", "Token"),
    "session": ("登录", "Session"),
    "office": ("机构", "Office"),
    "death": ("死亡登记", "Death"),
    "death_list": ("死亡名单", "List of deaths"),
    "job_offer": ("介绍工作", "Introduced work"),
    "export": ("导出", "Export"),
    "trail": ("留痕", "Trail"),
}
_VERBS: Final = {
    "started": "开始",
    "closed": "结束",
    "cleared": "核实",
    "refused": "不予通过",
    "claimed": "领取",
    "released": "释放",
    "completed": "办结",
    "returned": "退回",
    "handed_over": "转办",
    "received": "收到",
    "fired": "到时",
    "stopped": "停止",
    "overdue": "超期",
    "recounted": "重新计算",
    "raised": "发起",
    "resolved": "排除",
    "recorded": "登记",
    "posted": "张贴",
    "announced": "公布",
    "confirmed": "确认",
    "changed": "变更",
    "ended": "结束",
    "scheduled": "安排",
    "ordered": "下达",
    "failed": "失败",
    "recovered": "追回",
    "drawn": "编制",
    "reviewed": "复核",
    "authorised": "审定",
    "planned": "计划",
    "postponed": "推迟",
    "cancelled": "取消",
    "opened": "设立",
    "topped_up": "补足",
    "spent": "支出",
    "counted": "盘点",
    "given": "实施",
    "handled": "处置",
    "held": "召开",
    "sent": "送出",
    "published": "发布",
    "reached_back": "追溯",
    "listed": "列出清单",
    "created": "新建",
    "locked": "锁定",
    "unlocked": "解锁",
    "deactivated": "停用",
    "granted": "授予",
    "revoked": "收回",
    "undone": "撤销",
    "taken": "接收",
    "made": "完成",
    "verified": "核验",
}


def action_name(action: str, language: str = "zh") -> str:
    """What a page or an export calls an action; an unknown one keeps its code."""
    noun, _, verb = action.partition(".")
    if noun not in _NOUNS or verb not in _VERBS:
        return action
    if language == "zh":
        return f"{_NOUNS[noun][0]}{_VERBS[verb]}"
    return f"{_NOUNS[noun][1]} {verb.replace('_', ' ')}"
