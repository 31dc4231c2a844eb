"""What pages call the codes that data carries: statuses, outcomes, channels, areas."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _

from web.case_words import MESSAGES, PROCESSES, STATUSES
from web.deadlines import until
from web.forms_html.known import plain_text
from web.i18n import language, text_of
from web.public_words import BATCH_STATES, PRICE_GROUPS, PRICE_REASONS, PUBLIC_FIELDS
from workflows.assistance.money.result_files import REASONS
from workflows.audit import action_name
from workflows.feel import from_json

REMEDIES: dict[str, Any] = {
    "review": _("行政复议"),
    "lawsuit": _("行政诉讼"),
    "petition": _("信访"),
    "complaint": _("投诉举报"),
}
REMEDY_RESULTS: dict[str, Any] = {
    "kept": _("维持"),
    "changed": _("变更"),
    "revoked": _("撤销"),
    "anew": _("责令重新处理"),
    "withdrawn": _("撤回"),
    "settled": _("调解、和解或者另行解决"),
    "not_accepted": _("没有受理"),
    "founded": _("属实"),
    "partly": _("部分属实"),
    "unfounded": _("不属实"),
    "unchecked": _("没有查清"),
}
REMEDY_MEASURES: dict[str, Any] = {
    "reopen": _("重新办理申请"),
    "restore": _("恢复待遇"),
    "change": _("重新核定金额"),
    "waive": _("不再追回"),
    "arrange": _("由人安排"),
    "none": _("不用落实"),
    "benefit_change": _("打开待遇核查"),
    "discipline": _("移送处理"),
    "improve": _("整改"),
}
EXECUTIONS: dict[str, Any] = {"continues": _("不停止执行"), "stopped": _("停止执行")}
#: Why money moved in a petty fund.
PURPOSES: dict[str, Any] = {
    "advance": _("区级划入"),
    "commit": _("承诺支付"),
    "pay": _("付出"),
    "cancel": _("取消承诺"),
    "return": _("退回"),
    "correct": _("更正"),
}
CHANNELS: dict[str, Any] = {
    "window": _("窗口"),
    "online": _("网上"),
    "agent": _("代办"),
}
#: The process of calls that can't wait; the front page leads there at once.
URGENT = "relief_urgent"
#: How a call for relief comes in: any channel will do.
RELIEF_CHANNELS: dict[str, Any] = {
    "window": _("窗口"),
    "agent": _("村社区协助"),
    "hotline": _("热线"),
    "hospital": _("医院、公安通知"),
    "discovery": _("走访发现"),
    "online": _("网上"),
}
AREAS: dict[str, Any] = {"rural": _("农村"), "urban": _("城市")}
CLASSES: dict[str, Any] = {
    "dibao": _("符合最低生活保障"),
    "edge": _("低保边缘家庭"),
    "none": _("不符合条件"),
}
#: What happens to a household, whether it is decided, how another district stands to a person.
CHANGE_KINDS: dict[str, Any] = {
    "split": _("分户"),
    "merge": _("合户"),
    "head": _("变更户主"),
    "custody": _("子女改随另一方生活"),
    "join": _("成员加入"),
    "leave": _("成员离开"),
    "township": _("迁到本区另一镇乡街道"),
    "district": _("迁往别的区县"),
}
HOUSEHOLD_STATES: dict[str, Any] = {
    "planned": _("正在办理"),
    "done": _("已经办结"),
    "dropped": _("没有变动"),
    "merged": _("并入另一家庭"),
    "moved_away": _("迁往别的区县"),
    "emptied": _("没有成员"),
}
DUPLICATE_WORDS: dict[str, Any] = {
    "applied": _("已经申请"),
    "receiving": _("正在领取"),
    "not_the_same": _("不是同一人"),
    "ended_there": _("那边已经结束"),
    "stays_there": _("那边继续，本件不受理"),
}
RELIEF_KINDS: dict[str, Any] = {
    "first_aid": _("先行救助"),
    "ordinary": _("分级审批"),
    "follow_up": _("跟进救助"),
    "expense": _("支出型救助"),
}
LEVELS: dict[str, Any] = {
    "township": _("镇乡街道"),
    "district": _("区民政局"),
    "conference": _("个案会商"),
}
GROUNDS: dict[str, Any] = {
    "amount": _("金额特别大"),
    "departments": _("涉及多个部门"),
    "no_rule": _("没有规定可循"),
    "public_risk": _("有舆情风险"),
}
CAUSES: dict[str, Any] = {
    "fire": _("火灾"),
    "traffic": _("交通事故"),
    "accident": _("其他意外伤害"),
    "illness": _("疾病、医疗支出"),
    "disaster": _("自然灾害"),
    "violence": _("人身侵害"),
    "stranded": _("生活无着、走失"),
    "education": _("教育支出"),
    "disability": _("残疾康复支出"),
    "living": _("基本生活必需支出"),
    "other": _("其他"),
}
#: A stage by its own state, a released one by its payment's.
STAGES: dict[str, Any] = {
    "planned": _("未到期"),
    "cancelled": _("已取消"),
    "released": _("待交付"),
    "released/ordered": _("等待银行发放"),
    "released/sent": _("已报银行"),
    "released/paid": _("已发放"),
    "released/failed": _("银行退回"),
    "released/cancelled": _("付款已取消"),
}
_STAGE_BADGES = {
    "cancelled": "",
    "released/paid": "badge-ok",
    "released/failed": "badge-error",
}
PROGRAMMES: dict[str, Any] = {
    "dibao": _("最低生活保障"),
    "tekun": _("特困人员救助供养"),
    "price": _("价格临时补贴"),
    "relief": _("临时救助"),
}
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
    "account_changed": _("银行账户已更换"),
    "ended": _("待遇已停发"),
    "amount_changed": _("金额已更正，下次清册按新的金额列入"),
}
#: Why money was paid too much, how it stands, and what was decided.
OVERPAID_CAUSES: dict[str, Any] = {
    "unreported": _("变化没有告知"),
    "review": _("定期核查"),
    "reported": _("家庭告知变化"),
    "death": _("死亡以后发放"),
    "household": _("家庭成员变化"),
    "job_refusal": _("拒绝就业"),
    "remedy": _("复议、诉讼"),
    "alert": _("预警"),
    "correction": _("标准更正"),
}
RECOVERY_STATES: dict[str, Any] = {
    "proposed": _("待决定"),
    "open": _("在退"),
    "overdue": _("逾期"),
    "waived": _("不追回、免除"),
    "settled": _("已退清"),
}
RECOVERY_OUTCOMES: dict[str, Any] = {
    "educate": _("批评教育"),
    "all": _("全部追回"),
    "part": _("部分追回"),
    "waive": _("不追回"),
}
RECOVERY_BADGES = {"open": "badge-info", "overdue": "badge-error", "settled": "badge-ok"}
RECEIPT_METHODS: dict[str, Any] = {"cash": _("现金"), "bank": _("银行转账")}
RECEIPT_STATES: dict[str, Any] = {
    "entered": _("待核对"),
    "booked": _("已记账"),
    "refused": _("不符，已退回"),
}
DEATH_STATES: dict[str, Any] = {
    "unknown": _("不在本区的家庭中"),
    "found": _("将登记"),
    "already": _("已登记"),
    "differs": _("已登记的日期不同"),
    "recorded": _("登记完成"),
    "failed": _("没有登记成"),
    "previewed": _("待确认"),
    "taking": _("正在登记"),
    "done": _("完成"),
    "dropped": _("已放弃"),
}
AMOUNT_KINDS: dict[str, Any] = {"regular": _("正常发放"), "gradual_exit": _("渐退")}
#: What a change that reaches back makes of a case, and what became of it.
TOUCHED_KINDS: dict[str, Any] = {
    "arrears": _("补发"),
    "recovery": _("追回"),
    "eligibility": _("资格变化"),
    "unclear": _("无法重新核算"),
    "relief": _("临时救助，按原来的数额批准"),
    "unchanged": _("没有变化"),
}
TOUCHED_STATES: dict[str, Any] = {
    "listed": _("已列出"),
    "open": _("等待决定"),
    "joined": _("并入前一次更正"),
    "corrected": _("已更正"),
    "kept": _("维持原决定"),
    "failed": _("未能开办"),
}
TOUCHED_BADGES = {
    "listed": "badge-info",
    "open": "badge-warn",
    "corrected": "badge-ok",
    "failed": "badge-error",
}
VERDICT_WORDS: dict[str, Any] = {
    "correct": _("更正金额，少发的补发，多发的追回"),
    "waive": _("更正金额，多发的不追回"),
    "keep": _("维持原决定"),
}
JOB_STATES: dict[str, Any] = {
    "queued": _("等待开始"),
    "running": _("正在办理"),
    "done": _("办理完毕"),
    "failed": _("没有办完"),
    "cancelled": _("已取消"),
}
ADJUSTMENT_STATES: dict[str, Any] = {
    "counting": _("正在测算"),
    "counted": _("等待确认"),
    "approved": _("正在执行"),
    "applied": _("执行完毕"),
    "kept": _("不调整"),
}
ADJUSTED_KINDS: dict[str, Any] = {
    "more": _("提高"),
    "check": _("减少或者不再符合"),
    "unclear": _("无法测算"),
}
ADJUSTED_STATES: dict[str, Any] = {
    "listed": _("等待执行"),
    "applied": _("已经执行"),
    "sent_to_check": _("提前核查"),
    "outdated": _("情况已变，未执行"),
}
CHANGE_STATES: dict[str, Any] = {
    "listing": _("正在列清单"),
    "opening": _("正在开办"),
    "done": _("清单已列完"),
}
OUTCOME_BADGES = {
    "confirmed": "badge-ok",
    "granted": "badge-ok",
    "aided": "badge-ok",
    "missed": "badge-warn",
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
        process_name=lambda key: _named(PROCESSES, key),
        purpose_name=lambda code: _named(PURPOSES, code),
        channel_name=lambda code: _named({**CHANNELS, **RELIEF_CHANNELS}, code),
        area_name=lambda code: _named(AREAS, code),
        class_name=lambda code: _named(CLASSES, code),
        change_kind=lambda code: _named(CHANGE_KINDS, code),
        household_state=lambda code: _named(HOUSEHOLD_STATES, code),
        duplicate_word=lambda code: _named(DUPLICATE_WORDS, code),
        relief_kind=lambda code: _named(RELIEF_KINDS, code),
        approval_level=lambda code: _named(LEVELS, code),
        until=until,
        ground_name=lambda code: _named(GROUNDS, code),
        cause_name=lambda code: _named(CAUSES, code),
        stage_name=lambda stage: _named(STAGES, _stage_code(stage)),
        stage_badge=lambda stage: _STAGE_BADGES.get(_stage_code(stage), "badge-info"),
        overpaid_cause=lambda code: _named(OVERPAID_CAUSES, code),
        recovery_state=lambda code: _named(RECOVERY_STATES, code),
        recovery_outcome=lambda code: _named(RECOVERY_OUTCOMES, code),
        recovery_badge=lambda code: RECOVERY_BADGES.get(code, ""),
        receipt_method=lambda code: _named(RECEIPT_METHODS, code),
        receipt_state=lambda code: _named(RECEIPT_STATES, code),
        death_state=lambda code: _named(DEATH_STATES, code),
        amount_kind=lambda code: _named(AMOUNT_KINDS, code),
        held_reason=lambda code: _named(HELD_REASONS, code),
        touched_kind=lambda code: _named(TOUCHED_KINDS, code),
        touched_state=lambda code: _named(TOUCHED_STATES, code),
        touched_badge=lambda code: TOUCHED_BADGES.get(code, ""),
        job_state=lambda code: _named(JOB_STATES, code),
        adjustment_state=lambda code: _named(ADJUSTMENT_STATES, code),
        adjusted_kind=lambda code: _named(ADJUSTED_KINDS, code),
        adjusted_state=lambda code: _named(ADJUSTED_STATES, code),
        change_state=lambda code: _named(CHANGE_STATES, code),
        remedy_name=lambda code: _named(REMEDIES, code),
        remedy_result=lambda code: _named(REMEDY_RESULTS, code),
        remedy_measure=lambda code: _named(REMEDY_MEASURES, code),
        execution_name=lambda code: _named(EXECUTIONS, code),
        programme_name=lambda code: _named(PROGRAMMES, code),
        roll_state=lambda code: _named(ROLL_STATES, code),
        roll_badge=lambda code: ROLL_BADGES.get(code, ""),
        payment_state=lambda code: _named(PAYMENT_STATES, code),
        failure_name=failure_name,
        outcome_badge=lambda code: OUTCOME_BADGES.get(code, ""),
        feel_text=lambda value: plain_text(from_json(value)),
        public_field_name=lambda code: _named(PUBLIC_FIELDS, code),
        price_reason=lambda code: _named(PRICE_REASONS, code),
        price_group=lambda code: _named(PRICE_GROUPS, code),
        batch_state=lambda code: _named(BATCH_STATES, code),
        trail_name=lambda action: action_name(action, language()),
    )


def _stage_code(stage: Any) -> str:
    """A stage's state, with its payment's once it has one."""
    return f"{stage.state}/{stage.payment_state}" if stage.payment_state else str(stage.state)


def status_name(code: str | None) -> str:
    """A case's status or outcome in words."""
    return _named(STATUSES, code)


def failure_name(code: str | None) -> str:
    """Why the bank refused a payment, in words."""
    chinese, english = REASONS.get(code or "", (code or "—", code))
    return text_of(chinese, english)


def _named(names: dict[str, Any], code: str | None) -> str:
    return str(names.get(code or "", code or "—"))
