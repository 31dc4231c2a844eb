"""The acts that the trail knows, and the ways of seeing something that the access log knows."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class TrailAction(StrEnum):
    """What was done, as `noun.verb`."""

    CASE_STARTED = "case.started"
    CASE_CLOSED = "case.closed"
    CASE_MIGRATED = "case.migrated"
    CASE_TRANSFERRED = "case.transferred"
    APPLICATION_ACCEPTED = "application.accepted"
    APPLICATION_SUPPLEMENTED = "application.supplemented"
    APPLICATION_WITHDRAWN = "application.withdrawn"
    APPLICATION_REFUSED = "application.refused"
    APPLICATION_TERMINATED = "application.terminated"
    NEAR_RELATIVE_FILED = "near_relative.filed"
    TASK_CLAIMED = "task.claimed"
    TASK_RELEASED = "task.released"
    TASK_COMPLETED = "task.completed"
    TASK_RETURNED = "task.returned"
    TASK_RECALLED = "task.recalled"
    TASK_HANDED_OVER = "task.handed_over"
    TASK_DELEGATED = "task.delegated"
    TASK_URGED = "task.urged"
    TASK_COPIED = "task.copied"
    SIGNER_ADDED = "signer.added"
    MESSAGE_RECEIVED = "message.received"
    TIMER_FIRED = "timer.fired"
    CLOCK_STARTED = "clock.started"
    CLOCK_STOPPED = "clock.stopped"
    CLOCK_EXTENDED = "clock.extended"
    CLOCK_PAUSED = "clock.paused"
    CLOCK_RESUMED = "clock.resumed"
    CLOCK_OVERDUE = "clock.overdue"
    INCIDENT_RAISED = "incident.raised"
    INCIDENT_RESOLVED = "incident.resolved"
    SURVEY_RECORDED = "survey.recorded"
    INFO_CHECK_REQUESTED = "info_check.requested"
    INFO_CHECK_RETURNED = "info_check.returned"
    HOME_VISIT_RECORDED = "home_visit.recorded"
    PUBLICITY_POSTED = "publicity.posted"
    PUBLICITY_CLOSED = "publicity.closed"
    PUBLICITY_ANNOUNCED = "publicity.announced"
    OBJECTION_RECORDED = "objection.recorded"
    NOTICE_ISSUED = "notice.issued"
    NOTICE_SERVED = "notice.served"
    DECISION_EVALUATED = "decision.evaluated"
    DECISION_OVERRIDDEN = "decision.overridden"
    HOUSEHOLD_RECORDED = "household.recorded"
    PERSON_RECORDED = "person.recorded"
    PERSON_ERASED = "person.erased"
    INCOME_RECORDED = "income.recorded"
    PROPERTY_RECORDED = "property.recorded"
    CHANGE_REPORTED = "change.reported"
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
    ALERT_RAISED = "alert.raised"
    ALERT_HANDLED = "alert.handled"
    ORDER_RECEIVED = "order.received"
    ORDER_REPLIED = "order.replied"
    CONFERENCE_HELD = "conference.held"
    REFERRAL_SENT = "referral.sent"
    INSPECTION_RECORDED = "inspection.recorded"
    ATTACHMENT_ADDED = "attachment.added"
    ATTACHMENT_REMOVED = "attachment.removed"
    RELEASE_PUBLISHED = "release.published"
    RELEASE_PROPOSED = "release.proposed"
    RELEASE_REFUSED = "release.refused"
    PARAMETER_CHANGED = "parameter.changed"
    CALENDAR_CHANGED = "calendar.changed"
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
    DELEGATION_GRANTED = "delegation.granted"
    DELEGATION_REVOKED = "delegation.revoked"
    EXPORT_MADE = "export.made"
    TRAIL_VERIFIED = "trail.verified"
    KEY_ROTATED = "key.rotated"
    BACKUP_RESTORED = "backup.restored"


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
    "application": ("申请", "Application"),
    "near_relative": ("近亲属", "Near relative"),
    "task": ("待办", "Task"),
    "signer": ("加签人", "Signer"),
    "message": ("消息", "Message"),
    "timer": ("定时", "Timer"),
    "clock": ("时限", "Clock"),
    "incident": ("故障", "Incident"),
    "survey": ("入户调查", "Survey"),
    "info_check": ("信息核对", "Information check"),
    "home_visit": ("区级入户核查", "Home visit"),
    "publicity": ("公示", "Publicity"),
    "objection": ("异议", "Objection"),
    "notice": ("告知书", "Notice"),
    "decision": ("决策", "Decision"),
    "household": ("家庭", "Household"),
    "person": ("人员", "Person"),
    "income": ("收入", "Income"),
    "property": ("财产", "Property"),
    "change": ("变化", "Change"),
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
    "order": ("工单", "Order"),
    "conference": ("个案会商", "Conference"),
    "referral": ("转介", "Referral"),
    "inspection": ("检查", "Inspection"),
    "attachment": ("附件", "Attachment"),
    "release": ("政策版本", "Release"),
    "parameter": ("参数", "Parameter"),
    "calendar": ("工作日历", "Calendar"),
    "account": ("账号", "Account"),
    "password": ("密码", "Password"),
    "role": ("角色", "Role"),
    "token": ("访问令牌", "Token"),
    "session": ("登录", "Session"),
    "office": ("机构", "Office"),
    "delegation": ("委托", "Delegation"),
    "export": ("导出", "Export"),
    "trail": ("留痕", "Trail"),
    "key": ("密钥", "Key"),
    "backup": ("备份", "Backup"),
}
_VERBS: Final = {
    "started": "开始",
    "closed": "结束",
    "migrated": "换版",
    "transferred": "移交",
    "accepted": "受理",
    "supplemented": "补正",
    "withdrawn": "撤回",
    "refused": "不予通过",
    "terminated": "终止",
    "filed": "备案",
    "claimed": "领取",
    "released": "释放",
    "completed": "办结",
    "returned": "退回",
    "recalled": "收回",
    "handed_over": "转办",
    "delegated": "委派",
    "urged": "催办",
    "copied": "抄送",
    "added": "添加",
    "received": "收到",
    "fired": "到时",
    "stopped": "停止",
    "extended": "延长",
    "paused": "中止",
    "resumed": "恢复",
    "overdue": "超期",
    "raised": "发起",
    "resolved": "排除",
    "recorded": "登记",
    "requested": "提请",
    "posted": "张贴",
    "announced": "公布",
    "issued": "出具",
    "served": "送达",
    "evaluated": "计算",
    "overridden": "改定",
    "erased": "删除",
    "reported": "报告",
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
    "replied": "回复",
    "held": "召开",
    "sent": "送出",
    "removed": "移除",
    "published": "发布",
    "proposed": "提交审批",
    "created": "新建",
    "locked": "锁定",
    "unlocked": "解锁",
    "deactivated": "停用",
    "granted": "授予",
    "revoked": "收回",
    "made": "完成",
    "verified": "核验",
    "rotated": "轮换",
    "restored": "恢复",
}


def action_name(action: str, language: str = "zh") -> str:
    """What a page or an export calls an action; an unknown one keeps its code."""
    noun, _, verb = action.partition(".")
    if noun not in _NOUNS or verb not in _VERBS:
        return action
    if language == "zh":
        return f"{_NOUNS[noun][0]}{_VERBS[verb]}"
    return f"{_NOUNS[noun][1]} {verb.replace('_', ' ')}"
