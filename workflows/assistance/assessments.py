"""Assessments: what a household may get on a day, calculated by the decision tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from models.assistance import Assessment
from models.households import Household
from models.types import new_id
from workflows.assistance.context import OperationContext
from workflows.assistance.households import rule_facts
from workflows.calendar import LOCAL_ZONE
from workflows.decisions import DecisionResult, ParameterRecorder, evaluate_decision
from workflows.decisions.working_days import calendar_functions
from workflows.definitions.policy import Policy
from workflows.errors import Fault
from workflows.feel import to_json

DECISION = "dibao_assessment"


def decided_under(
    law: Policy, decision_id: str, inputs: Mapping[str, Any], on: date, now: datetime
) -> tuple[DecisionResult, ParameterRecorder]:
    """A decision of a policy for the parameters of a day, with those that it read.

    Raises:
        DecisionError: for inputs that its tables don't know.
    """
    recorder = ParameterRecorder()
    result = evaluate_decision(
        law.decisions[decision_id],
        decision_id,
        inputs,
        functions={
            **calendar_functions(law.calendar),
            "parameter": law.parameters.host_function(on, recorder),
        },
        now=now.astimezone(LOCAL_ZONE),
        recorder=recorder,
    )
    return result, recorder


def decide(
    context: OperationContext, decision_id: str, inputs: Mapping[str, Any], on: date
) -> tuple[DecisionResult, ParameterRecorder]:
    """A decision of the law in force, with the parameters that it read."""
    return decided_under(context.law, decision_id, inputs, on, context.now)


def decide_and_note(
    context: OperationContext, decision_id: str, inputs: Mapping[str, Any], on: date
) -> DecisionResult:
    """As `decide`; the trail entry of the act says by which rows and parameters."""
    result, recorder = decide(context, decision_id, inputs, on)
    context.notes.append(
        {
            "decision": decision_id,
            "on": on.isoformat(),
            "pack": context.law.packs.newest(on),
            "explanation": result.explanation.to_json(),
            "parameters": [used.to_json() for used in recorder.uses],
        }
    )
    return result


def assess_household(context: OperationContext, on: date) -> dict[str, Any]:
    """Calculate countable income, class and amount for `on`; kept with its explanation.

    Raises:
        Fault: `no_household`, or what a decision table refuses.
    """
    session, case = context.session, context.case
    household = session.get(Household, case.household_id) if case.household_id else None
    if household is None:
        raise Fault(
            "no_household", "办件没有家庭信息,无法核算。", "The case has no household to assess."
        )
    facts = rule_facts(session, household, on, context.keys)
    result, recorder = decide(context, DECISION, {"household": facts}, on)
    assessment = dict(result.value)
    row = Assessment(
        id=new_id(),
        district_id=case.district_id,
        case_id=case.id,
        household_id=household.id,
        on=on,
        made_at=context.now,
        result={name: to_json(value) for name, value in assessment.items()},
        explanation={
            "inputs": to_json(facts),
            "decision": result.explanation.to_json(),
            "parameters": [used.to_json() for used in recorder.uses],
            "release": context.law.content_hash,
            "pack": context.law.packs.newest(on),
        },
    )
    session.add(row)
    context.notes.append(
        {
            "assessment": row.id,
            "on": on.isoformat(),
            "pack": row.explanation["pack"],
            "result": row.result,
            "parameters": row.explanation["parameters"],
        }
    )
    return {"assessment": assessment}
