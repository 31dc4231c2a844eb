"""Assessments: what a household may get on a day, calculated by the decision tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from models.assistance import Assessment
from models.households import Household
from models.types import new_id
from workflows.assistance.context import OperationContext
from workflows.assistance.households import rule_facts
from workflows.assistance.single_person import SINGLE, single_inputs
from workflows.decisions import DecisionResult
from workflows.definitions.alternatives import Alternative
from workflows.definitions.answering import Answer, answer
from workflows.definitions.telling import told
from workflows.errors import Fault, Invalid
from workflows.feel import from_json, to_json

DECISION = "dibao_assessment"


def decide_and_note(
    context: OperationContext, decision_id: str, inputs: Mapping[str, Any], on: date
) -> DecisionResult:
    """A decision of the law in force; the trail says why, and what would change it.

    Raises:
        DecisionError: for inputs that its tables don't know.
    """
    found = answer(context.law, decision_id, inputs, on, context.now)
    context.notes.append(found.to_json())
    return found.result


def assess_household(
    context: OperationContext, on: date, household: Household | None = None
) -> dict[str, Any]:
    """Calculate countable income, class and amount for `on`; kept with its explanation.

    Without `household` it is the case's own.
    In a case about one person that person is assessed as a single-person household (57 号 8).

    Raises:
        Fault: `no_household`, or what a decision table refuses.
    """
    session, case = context.session, context.case
    if household is None:
        household = session.get(Household, case.household_id) if case.household_id else None
    if household is None:
        raise Fault(
            "no_household", "办件没有家庭信息，无法核算。", "The case has no household to assess."
        )
    facts = rule_facts(session, household, on, context.keys)
    found = answer(context.law, DECISION, {"household": facts}, on, context.now)
    if case.person_id is None:
        return _kept(context, household, found, facts, found.alternatives)
    inputs = single_inputs(context.law, facts, found, case.person_id, on, context.now)
    single = answer(context.law, SINGLE, inputs, on, context.now)
    others = [one for one in found.alternatives if one.person != case.person_id]
    return _kept(context, household, single, inputs, others)


def newest_assessment(context: OperationContext) -> Assessment:
    """The last calculation of the case.

    Raises:
        Invalid: `not_assessed`.
    """
    found = context.session.scalar(
        select(Assessment)
        .where(Assessment.case_id == context.case.id)
        .order_by(Assessment.made_at.desc(), Assessment.id.desc())
        .limit(1)
    )
    if found is None:
        raise Invalid("not_assessed", "尚未核算。", "The household isn't assessed yet.")
    return found


def assessed_values(assessment: Assessment) -> dict[str, Any]:
    """The results of an assessment as FEEL values."""
    return {name: from_json(value) for name, value in assessment.result.items()}


def _kept(
    context: OperationContext,
    household: Household,
    found: Answer,
    inputs: Mapping[str, Any],
    others: Sequence[Alternative],
) -> dict[str, Any]:
    """Keep the answer as the newest assessment of the case, and note it for the trail."""
    case, on = context.case, found.on
    assessment = dict(found.result.value)
    explanation = found.result.explanation.to_json()
    row = Assessment(
        id=new_id(),
        district_id=case.district_id,
        case_id=case.id,
        household_id=household.id,
        decision=found.decision,
        on=on,
        made_at=context.now,
        result={name: to_json(value) for name, value in assessment.items()},
        explanation={
            "inputs": to_json(inputs),
            "decision": explanation,
            "parameters": [used.to_json() for used in found.parameters],
            "what_if": [one.to_json() for one in found.what_if],
            "alternatives": [one.to_json() for one in others],
            "release": context.law.content_hash,
            "pack": context.law.packs.newest(on),
        },
    )
    context.session.add(row)
    context.notes.append(
        {
            "assessment": row.id,
            "on": on.isoformat(),
            "pack": row.explanation["pack"],
            "result": row.result,
            "parameters": row.explanation["parameters"],
            # What is said is about the household as a whole; facts of its members stay out.
            "told": [one.to_json() for one in told(explanation, context.law.clauses)],
            "what_if": [_of_the_whole(one) for one in row.explanation["what_if"]],
            "alternatives": [one["programme"] for one in row.explanation["alternatives"]],
        }
    )
    return {"assessment": assessment}


def _of_the_whole(asked: Mapping[str, Any]) -> dict[str, Any]:
    """What would change a result, without the changes of single members and incomes."""
    return {**asked, "changes": [one for one in asked["changes"] if "[" not in one["place"]]}
