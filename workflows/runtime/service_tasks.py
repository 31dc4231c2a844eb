"""The catalogue of operations that a diagram may call: what each takes, gives and means."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from workflows.assistance.applications import (
    ACCEPT,
    accept_application,
    close_application,
    file_near_relative,
    refuse_application,
)
from workflows.assistance.assessments import assess_household
from workflows.assistance.grants import confirm_grant, schedule_review
from workflows.assistance.money.fund_months import close_month, count_cash
from workflows.assistance.money.petty_fund import (
    SIZE_PARAMETERS,
    open_month,
    refuse_money,
    replenish,
    request_money,
)
from workflows.assistance.notices import issue_notice, serve_notice
from workflows.assistance.other_cases import open_other_case
from workflows.assistance.relief.conferring import record_conference
from workflows.assistance.relief.debts import close_debt, open_debt, schedule_debt
from workflows.assistance.relief.events import (
    DUPLICATE_DAYS,
    WINDOW,
    event_state,
    open_event,
    past_relief,
)
from workflows.assistance.relief.granting import grant_relief
from workflows.assistance.relief.staging import (
    HANDLERS,
    cancel_stage,
    check_stage,
    next_stage,
    pay_stage,
    postpone_stage,
    release_stage,
)
from workflows.assistance.remedies.back_pay import BACK_PAY
from workflows.definitions.operations import OperationSignature
from workflows.runtime.aftercare_tasks import AFTERCARE
from workflows.runtime.correction_tasks import CORRECTIONS
from workflows.runtime.dibao_tasks import DIBAO
from workflows.runtime.family_tasks import FAMILIES
from workflows.runtime.price_tasks import PRICES
from workflows.runtime.publicity_tasks import PUBLICITY
from workflows.runtime.registered import Registered, registered
from workflows.runtime.remedy_tasks import REMEDIES
from workflows.runtime.review_tasks import REVIEWS
from workflows.runtime.standard_tasks import STANDARDS
from workflows.runtime.tekun_tasks import TEKUN_TASKS

#: What is known of a relief event: its grants as [{on, amount}], amounts in yuan.
_EVENT = {
    "event_id": "string",
    "event_persons": "number",
    "event_grants": "list",
    "event_granted": "number",
}

CATALOGUE: Mapping[str, Registered] = MappingProxyType(
    dict(
        [
            registered(
                ACCEPT,
                accept_application,
                outputs={"accepted_on": "date"},
                undo="forbid",
            ),
            registered(
                "near_relative.file",
                file_near_relative,
                {"person": "string", "relation": "string", "staff": "string", "post": "string"},
                {"filed_on": "date"},
                optional=("person", "relation", "staff", "post"),
            ),
            registered(
                "household.assess",
                assess_household,
                {"on": "date"},
                {"assessment": "context"},
            ),
            registered(
                "case.open_other",
                open_other_case,
                {"process": "string", "variables": "context"},
            ),
            registered(
                "notice.issue",
                issue_notice,
                {"kind": "string", "recipient": "string"},
                {"notice_id": "string"},
                optional=("recipient",),
            ),
            registered(
                "notice.serve",
                serve_notice,
                {
                    "notice_id": "string",
                    "method": "string",
                    "served_on": "date",
                    "receipt": "list",
                },
                optional=("receipt",),
            ),
            registered(
                "grant.confirm",
                confirm_grant,
                {"amount": "number", "decided_on": "date"},
                {"start_month": "string", "next_review_on": "date", "grant_id": "string"},
                undo="forbid",
                reads=(BACK_PAY,),
            ),
            registered("review.schedule", schedule_review, {"next_review_on": "date"}),
            registered(
                "relief.open_event",
                open_event,
                {"kind": "string", "cause": "string", "occurred_on": "date", "persons": "number"},
                {**_EVENT, "duplicates": "number"},
                reads=(DUPLICATE_DAYS, WINDOW),
            ),
            registered("relief.event_state", event_state, {"event_id": "string"}, _EVENT),
            registered(
                "relief.past",
                past_relief,
                {"cause": "string"},
                {"last_on": "date", "same_cause": "boolean"},
            ),
            registered(
                "relief.grant",
                grant_relief,
                {
                    "event_id": "string",
                    "kind": "string",
                    "level": "string",
                    "amount": "number",
                    "source": "string",
                    "stages": "list",
                    "by_rule": "number",
                },
                {"grant_id": "string"},
                optional=("stages", "by_rule"),
                undo="forbid",
            ),
            registered(
                "relief.next_stage",
                next_stage,
                {"grant_id": "string"},
                {
                    "stage_id": "string",
                    "number": "number",
                    "amount": "number",
                    "due_on": "date",
                    "condition": "string",
                },
            ),
            registered(
                "relief.check_stage",
                check_stage,
                {"stage_id": "string", "method": "string"},
                {"obstacle": "string"},
            ),
            registered(
                "relief.release_stage",
                release_stage,
                {"stage_id": "string", "method": "string"},
                {"released_on": "date"},
                undo="forbid",
            ),
            registered(
                "relief.pay_stage",
                pay_stage,
                {
                    "stage_id": "string",
                    "method": "string",
                    "handlers": "list",
                    "files": "list",
                    "paid_on": "date",
                    "goods": "string",
                },
                {"payment_id": "string"},
                optional=("goods",),
                undo="forbid",
                reads=(HANDLERS,),
            ),
            registered(
                "relief.postpone_stage",
                postpone_stage,
                {"stage_id": "string", "due_on": "date", "reason": "string"},
            ),
            registered(
                "relief.cancel_stage",
                cancel_stage,
                {"stage_id": "string", "reason": "string"},
                {"freed": "number"},
                undo="forbid",
            ),
            registered(
                "debt.open",
                open_debt,
                {"missing": "list", "owner": "string"},
                {"debt_id": "string"},
                optional=("owner",),
            ),
            registered("debt.schedule", schedule_debt, {"clock": "string"}, {"due_on": "date"}),
            registered("debt.close", close_debt, {"received_on": "date"}, {"late": "boolean"}),
            registered(
                "conference.record",
                record_conference,
                {
                    "held_on": "date",
                    "grounds": "list",
                    "departments": "list",
                    "people": "number",
                    "minutes": "list",
                    "decision": "string",
                    "event_id": "string",
                    "amount": "number",
                    "by_rule": "number",
                },
                {"conference_id": "string"},
                optional=("event_id", "amount", "by_rule"),
            ),
            *CORRECTIONS,
            *STANDARDS,
            *AFTERCARE,
            *REMEDIES,
            *PUBLICITY,
            *PRICES,
            *FAMILIES,
            *DIBAO,
            *REVIEWS,
            *TEKUN_TASKS,
            registered(
                "application.refuse",
                refuse_application,
                {"reason": "string"},
                {"refused_on": "date"},
                undo="forbid",
            ),
            registered(
                "application.close",
                close_application,
                {"outcome": "string", "reason": "string"},
                {"closed_on": "date"},
                optional=("reason",),
                undo="forbid",
            ),
            registered(
                "fund.open",
                open_month,
                outputs={"month": "date", "next_month": "date", "fund_size": "number"},
                reads=SIZE_PARAMETERS,
            ),
            registered(
                "fund.request",
                request_money,
                {"amount": "number", "reason": "string"},
                {"request_id": "string", "fund_room": "number", "fund_balance": "number"},
            ),
            registered(
                "fund.replenish",
                replenish,
                {"request_id": "string", "amount": "number"},
                {"replenished_on": "date"},
                undo="forbid",
            ),
            registered(
                "fund.refuse",
                refuse_money,
                {"request_id": "string", "reason": "string"},
                {"refused_on": "date"},
            ),
            registered(
                "fund.count",
                count_cash,
                {"month": "date", "counted": "number", "explanation": "string"},
                {"book_cash": "number", "cash_difference": "number", "counted_by": "string"},
                optional=("explanation",),
            ),
            registered(
                "fund.close_month",
                close_month,
                {
                    "month": "date",
                    "difference": "number",
                    "counted_by": "string",
                    "explanation": "string",
                },
                {"closed_on": "date"},
                optional=("explanation",),
                undo="forbid",
            ),
        ]
    )
)


def signatures() -> Mapping[str, OperationSignature]:
    """What the gate checks diagrams against."""
    return {name: registered.signature for name, registered in CATALOGUE.items()}
