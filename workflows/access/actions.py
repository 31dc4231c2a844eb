"""The table of access: which role may do what, within the office where the role is held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from models.accounts import Role
from models.offices import OfficeLevel


class Action(StrEnum):
    """What somebody may do or see."""

    QUEUE_READ = "queue.read"
    CASE_OPEN = "case.open"
    CASE_READ = "case.read"
    CASE_MESSAGE = "case.message"
    TASK_COMPLETE = "task.complete"
    TASK_RETURN = "task.return"
    TASK_HAND_OVER = "task.hand_over"
    CLOCK_EXTEND = "clock.extend"
    ALERT_READ = "alert.read"
    ALERT_TAKE_NOTE = "alert.take_note"
    HOUSEHOLD_REGISTER = "household.register"
    HOUSEHOLD_READ = "household.read"
    ELSEWHERE_LIST = "elsewhere.list"
    PERSON_REVEAL = "person.reveal"
    ATTACHMENT_ADD = "attachment.add"
    ATTACHMENT_READ = "attachment.read"
    NOTICE_READ = "notice.read"
    GRANT_READ = "grant.read"
    REMEDY_READ = "remedy.read"
    REMEDY_REGISTER = "remedy.register"
    PAYMENT_READ = "payment.read"
    BANK_ACCOUNT_RECORD = "bank_account.record"
    ROLL_DRAW = "roll.draw"
    ROLL_REVIEW = "roll.review"
    ROLL_AUTHORISE = "roll.authorise"
    ROLL_RELEASE = "roll.release"
    ROLL_CANCEL = "roll.cancel"
    BANK_FILE_READ = "bank_file.read"
    BANK_RESULT = "bank_result.take"
    FAILURE_HANDLE = "failure.handle"
    ROLL_LIST_POST = "roll_list.post"
    PRICE_READ = "price.read"
    PRICE_ENTER = "price.enter"
    STATISTICS_READ = "statistics.read"
    FILING_READ = "filing.read"
    FUND_READ = "fund.read"
    FUND_REQUEST = "fund.request"
    POLICY_READ = "policy.read"
    POLICY_DRAFT = "policy.draft"
    POLICY_PUBLISH = "policy.publish"
    CALENDAR_EDIT = "calendar.edit"
    RETROACTIVE_READ = "retroactive.read"
    TOUCHED_READ = "touched.read"
    TOUCHED_DECIDE = "touched.decide"
    DEATH_REPORT = "death.report"
    DEATH_LIST = "death_list.take"
    JOB_OFFER_RECORD = "job_offer.record"
    RECOVERY_READ = "recovery.read"
    RECOVERY_OPEN = "recovery.open"
    TRAIL_READ = "trail.read"
    TRAIL_VERIFY = "trail.verify"
    TRAIL_EXPORT = "trail.export"
    TRAIL_SEAL = "trail.seal"
    INCIDENT_READ = "incident.read"
    INCIDENT_RESOLVE = "incident.resolve"
    OFFICE_READ = "office.read"
    OFFICE_MANAGE = "office.manage"
    ACCOUNT_READ = "account.read"
    ACCOUNT_MANAGE = "account.manage"
    ROLE_GRANT = "role.grant"


#: where a role is held: it acts within that office and the offices below it
LEVEL_OF_ROLE: Mapping[Role, OfficeLevel] = {
    Role.ASSISTANT: OfficeLevel.VILLAGE,
    Role.CASE_OFFICER: OfficeLevel.TOWNSHIP,
    Role.TOWNSHIP_LEADER: OfficeLevel.TOWNSHIP,
    Role.REVIEWER: OfficeLevel.DISTRICT,
    Role.CONFIRMER: OfficeLevel.DISTRICT,
    Role.FINANCE: OfficeLevel.DISTRICT,
    Role.RURAL_AFFAIRS: OfficeLevel.DISTRICT,
    Role.POLICY_EDITOR: OfficeLevel.DISTRICT,
    Role.POLICY_PUBLISHER: OfficeLevel.DISTRICT,
    Role.AUDITOR: OfficeLevel.DISTRICT,
    Role.SYSTEM_ADMIN: OfficeLevel.DISTRICT,
    Role.SECURITY_ADMIN: OfficeLevel.DISTRICT,
    Role.AUDIT_ADMIN: OfficeLevel.DISTRICT,
}

_A, _O, _L = Role.ASSISTANT, Role.CASE_OFFICER, Role.TOWNSHIP_LEADER
_R, _C, _F, _V = Role.REVIEWER, Role.CONFIRMER, Role.FINANCE, Role.RURAL_AFFAIRS
_E, _P, _U = Role.POLICY_EDITOR, Role.POLICY_PUBLISHER, Role.AUDITOR
_SYS, _SEC, _AUD = Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN

_DECIDING = (_O, _L, _R, _C)
_WORKING = (_A, *_DECIDING, _F, _V)


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table. `personal`: the action shows personal data."""

    action: Action
    label: str
    label_en: str
    roles: frozenset[Role]
    personal: bool = False
    changes: bool = True


def _rule(
    action: Action,
    label: str,
    label_en: str,
    *roles: Role,
    personal: bool = False,
    changes: bool = True,
) -> Rule:
    return Rule(action, label, label_en, frozenset(roles), personal, changes)


def _reading(
    action: Action, label: str, label_en: str, *roles: Role, personal: bool = False
) -> Rule:
    return _rule(action, label, label_en, *roles, personal=personal, changes=False)


RULES: tuple[Rule, ...] = (
    _reading(Action.QUEUE_READ, "查看待办", "See the queue", *_WORKING, personal=True),
    _rule(Action.CASE_OPEN, "发起申请", "Open a case", _A, _O, personal=True),
    _reading(Action.CASE_READ, "查看办件", "Read a case", _A, *_DECIDING, _U, personal=True),
    _rule(Action.CASE_MESSAGE, "登记办件事项（撤回、终止等）", "Record an event of a case",
          *_DECIDING, personal=True),
    _rule(Action.TASK_COMPLETE, "办理待办", "Complete a task", *_WORKING, personal=True),
    _rule(Action.TASK_RETURN, "退回", "Return a task", *_DECIDING, personal=True),
    _rule(Action.TASK_HAND_OVER, "转办", "Hand a task over", *_DECIDING, personal=True),
    _rule(Action.CLOCK_EXTEND, "延长时限", "Extend a legal deadline", _R, _C, personal=True),
    _reading(Action.ALERT_READ, "查看预警", "See alerts", *_WORKING, _U, personal=True),
    _rule(Action.ALERT_TAKE_NOTE, "处理预警", "Take note of an alert", *_WORKING, personal=True),
    _rule(Action.HOUSEHOLD_REGISTER, "登记家庭信息", "Register a household", _A, _O, personal=True),
    _reading(Action.HOUSEHOLD_READ, "查看家庭信息", "Read a household", _A, *_DECIDING, _U,
             personal=True),
    _rule(Action.ELSEWHERE_LIST, "登记外区县名单", "Record another district's list", _R),
    _reading(Action.PERSON_REVEAL, "查看完整证件号码", "Reveal an id-card number", *_DECIDING, _U,
             personal=True),
    _rule(Action.ATTACHMENT_ADD, "上传材料", "Add an attachment", _A, *_DECIDING, personal=True),
    _reading(Action.ATTACHMENT_READ, "查看材料", "Read an attachment", _A, *_DECIDING, _U,
             personal=True),
    _reading(Action.NOTICE_READ, "查看告知书", "Read a notice", _A, *_DECIDING, _U, personal=True),
    _reading(Action.GRANT_READ, "查看救助待遇", "See grants", _A, *_DECIDING, _F, _V, _U,
             personal=True),
    _reading(Action.REMEDY_READ, "查看复议诉讼信访台账", "See reviews, lawsuits and petitions",
             *_DECIDING, _U, personal=True),
    _rule(Action.REMEDY_REGISTER, "登记复议、诉讼、信访和投诉举报",
          "Register reviews, lawsuits, petitions and complaints", _O, _R, personal=True),
    _reading(Action.PAYMENT_READ, "查看资金发放", "See payments and rolls", _O, _L, _R, _C, _F, _U,
             personal=True),
    _rule(Action.BANK_ACCOUNT_RECORD, "登记银行账户", "Record a bank account", _A, _O,
          personal=True),
    _rule(Action.ROLL_DRAW, "编制发放清册", "Draw a roll", _R),
    _rule(Action.ROLL_REVIEW, "复核发放清册", "Review a roll", _R, _C),
    _rule(Action.ROLL_AUTHORISE, "审定发放清册", "Authorise a roll", _C),
    _rule(Action.ROLL_RELEASE, "发送银行", "Release a roll to the bank", _F),
    _rule(Action.ROLL_CANCEL, "作废发放清册", "Cancel a roll", _R, _C),
    _reading(Action.BANK_FILE_READ, "下载银行代发文件", "Download a bank file", _F, personal=True),
    _rule(Action.BANK_RESULT, "登记银行回盘", "Take the bank's results", _F),
    _rule(Action.FAILURE_HANDLE, "处理退票", "Handle a failed payment", _O, _R, personal=True),
    _rule(Action.ROLL_LIST_POST, "编制、登记长期公示", "Make and post the list of the roll", _A, _O,
          personal=True),
    _reading(Action.PRICE_READ, "查看价格补贴", "See the price subsidy", _R, _C, _F, _U),
    _rule(Action.PRICE_ENTER, "登记价格指数", "Enter the price indices of a month", _R),
    _reading(Action.STATISTICS_READ, "查看统计", "See statistics", _L, _R, _C, _F, _V, _U),
    _reading(Action.FILING_READ, "查看临时救助备案", "See relief filed with the district",
             *_DECIDING, _U, personal=True),
    _reading(Action.FUND_READ, "查看备用金", "See petty funds", *_DECIDING, _F, _V, _U),
    _rule(Action.FUND_REQUEST, "开立备用金月度办件", "Open a petty fund's month", _O),
    _reading(Action.POLICY_READ, "查看政策与流程", "Read the policy", *_WORKING, _E, _P, _U, _SYS,
             _AUD),
    _rule(Action.POLICY_DRAFT, "编辑政策草案", "Draft policy", _E),
    _rule(Action.POLICY_PUBLISH, "发布政策版本", "Publish a release", _P),
    _rule(Action.CALENDAR_EDIT, "录入放假安排", "Enter a year's holidays", _SYS),
    _reading(Action.RETROACTIVE_READ, "查看追溯更正", "See changes that reach back", _O, _R, _C, _F,
             _E, _P, _U),
    _reading(Action.TOUCHED_READ, "查看追溯更正涉及的办件", "See the cases that a change touches",
             _O, _R, _C, _F, _U, personal=True),
    _rule(Action.TOUCHED_DECIDE, "一并办理追溯更正", "Take a step in many corrections at once",
          _O, _C, personal=True),
    _rule(Action.DEATH_REPORT, "登记死亡", "Report a death", _A, _O, personal=True),
    _rule(Action.DEATH_LIST, "比对死亡名单", "Compare a list of deaths", _R, _C, personal=True),
    _rule(Action.JOB_OFFER_RECORD, "登记介绍工作", "Record introduced work", _O, personal=True),
    _reading(Action.RECOVERY_READ, "查看追回", "See recoveries", _O, _L, _R, _C, _F, _U,
             personal=True),
    _rule(Action.RECOVERY_OPEN, "提出追回、安排退款", "Ask money back, arrange its repayment", _O,
          personal=True),
    _reading(Action.TRAIL_READ, "查看审批留痕", "Read the trail", _U, personal=True),
    _reading(Action.TRAIL_VERIFY, "校验审批留痕", "Verify the trail", _U, _AUD),
    _reading(Action.TRAIL_EXPORT, "导出审批留痕", "Export the trail", _U, _AUD),
    _rule(Action.TRAIL_SEAL, "管理留痕封存", "Seal the trail", _AUD),
    _reading(Action.INCIDENT_READ, "查看运行故障", "See incidents", _SYS, _U),
    _rule(Action.INCIDENT_RESOLVE, "处理运行故障", "Resolve an incident", _SYS),
    _reading(Action.OFFICE_READ, "查看机构", "See offices", _SYS, _SEC, _U, _AUD),
    _rule(Action.OFFICE_MANAGE, "管理机构", "Manage offices", _SYS),
    _reading(Action.ACCOUNT_READ, "查看账号", "See accounts", _SEC, _U),
    _rule(Action.ACCOUNT_MANAGE, "管理账号", "Manage accounts", _SEC),
    _rule(Action.ROLE_GRANT, "授予和收回岗位", "Grant and revoke roles", _SEC),
)  # fmt: skip

RULE_OF: Mapping[Action, Rule] = {rule.action: rule for rule in RULES}

ACTIONS_OF: Mapping[Role, frozenset[Action]] = {
    role: frozenset(rule.action for rule in RULES if role in rule.roles) for role in Role
}


@dataclass(frozen=True, slots=True)
class Separation:
    """Two groups of roles that one person never holds together, and why."""

    these: frozenset[Role]
    those: frozenset[Role]
    reason: str
    reason_en: str


_ADMINS = frozenset({_SYS, _SEC, _AUD})
_EVERY = frozenset(Role)

SEPARATIONS: tuple[Separation, ...] = (
    Separation(_ADMINS, _EVERY,
               "系统管理员、安全管理员、审计管理员须由不同人员担任，且不得兼任其他岗位"
               "（GB/T 22239-2019 8.1.4）。",
               "The system, security and audit administrators are three persons without any other "
               "role (GB/T 22239-2019 8.1.4)."),
    Separation(frozenset({_U}), _EVERY,
               "审计人员不得兼任其他岗位。",
               "An auditor holds no other role."),
    Separation(frozenset({_E}), frozenset({_O, _L, _R, _C, _F}),
               "政策编辑不得兼任办件审批岗位。",
               "Who drafts policy decides on no case."),
    Separation(frozenset({_F}), frozenset({_A, _O, _L, _R, _C}),
               "财政岗位不得兼任办件审批岗位。",
               "Who pays decides on no case."),
    Separation(frozenset({_C}), frozenset({_A, _O, _L}),
               "区级确认不得由乡镇（街道）、村（社区）经办人员兼任。",
               "Who confirms for the district doesn't handle cases for a township or village."),
)  # fmt: skip


def separation_between(held: Role, wanted: Role) -> Separation | None:
    """The rule that forbids one person both roles, None where they go together.

    The same role at a second office is allowed, except for roles that exclude all others.
    """
    if held == wanted:
        return None
    for rule in SEPARATIONS:
        if (held in rule.these and wanted in rule.those) or (
            wanted in rule.these and held in rule.those
        ):
            return rule
    return None
