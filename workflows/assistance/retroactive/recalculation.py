"""A decision calculated again: the facts and tables of then, the parameters of now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.assistance import Assessment, GrantAmount
from models.releases import Release
from models.retroactive import TouchedKind
from workflows.assistance.assessments import DECISION
from workflows.assistance.grants import amount_of_month
from workflows.assistance.retroactive.received import Received
from workflows.assistance.single_person import SINGLE
from workflows.assistance.tekun.assessing import AMOUNT, ELIGIBLE
from workflows.decisions import DecisionResult, ParameterValue
from workflows.definitions.asking import ask_decision
from workflows.definitions.policy import Policy
from workflows.definitions.release import policy_of
from workflows.errors import Invalid
from workflows.feel import from_json, to_json

#: The decisions that a benefit, or its refusal, rests on. Of a single person the table about the
#: person is asked again, of extreme hardship the conditions and the amount.
RULES: Final = (DECISION, SINGLE, AMOUNT, ELIGIBLE)
_GRANTED: Final = ("dibao", "tekun")
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Month:
    """A paid month: what the family received, and what it should have received."""

    month: date
    received: Decimal
    due: Decimal

    @property
    def difference(self) -> Decimal:
        return self.due - self.received

    def to_json(self) -> dict[str, str]:
        """Sums as text, the month by its first day."""
        return {
            "month": self.month.isoformat(),
            "received": f"{self.received:.2f}",
            "due": f"{self.due:.2f}",
            "difference": f"{self.difference:.2f}",
        }


@dataclass(frozen=True, slots=True)
class Recalculation:
    """What the new values make of a decision. Sums in yuan; `total` is signed: below zero, owed."""

    kind: TouchedKind
    old_monthly: Decimal
    new_monthly: Decimal
    months: tuple[Month, ...]
    total: Decimal
    #: whether any value read differs from the one recorded
    touched: bool
    detail: Mapping[str, Any]
    #: as in `assessments`; None where the rule can't be run
    result: Mapping[str, Any] | None = None
    explanation: Mapping[str, Any] | None = None


def outdated_parameters(assessment: Assessment, law: Policy) -> list[str]:
    """Labels of the parameters that an assessment read and that have another value by now."""
    found = []
    for row in parameters_read(assessment):
        try:
            now = law.parameters.value(row["key"], assessment.on)
        except Invalid:
            continue
        if now.value != from_json(row["value"]):
            found.append(now.label)
    return found


def inputs_of(assessment: Assessment) -> dict[str, Any]:
    """What the decision of an assessment was asked with, as it was kept."""
    kept = _opened(assessment.explanation["inputs"])
    return {"household": kept} if assessment.decision == DECISION else kept


def parameters_read(assessment: Assessment) -> list[Mapping[str, Any]]:
    """The parameters that an assessment read; of extreme hardship those of its conditions, too."""
    explanation = assessment.explanation
    conditions = explanation.get("eligibility") or {}
    return [*explanation.get("parameters", ()), *conditions.get("parameters", ())]


def _opened(stored: Mapping[str, Any]) -> dict[str, Any]:
    if "context" in stored:
        found: dict[str, Any] = from_json(stored)
        return found
    return {name: from_json(value) for name, value in stored.items()}


@dataclass(slots=True)
class Laws:
    """Policies made of the tables that a decision was taken by, and the parameters of now."""

    session: Session
    now_in_force: Policy
    _made: dict[str, Policy] = field(default_factory=dict)

    def of(self, content_hash: str) -> Policy:
        """The policy for a decision under that release; the tables in force where it isn't here."""
        if content_hash not in self._made:
            found = self.session.scalar(
                select(Release.id).where(Release.content_hash == content_hash)
            )
            tables = self.now_in_force if found is None else policy_of(self.session, found)
            self._made[content_hash] = replace(tables, parameters=self.now_in_force.parameters)
        return self._made[content_hash]


def recalculated(
    laws: Laws,
    assessment: Assessment,
    amount: GrantAmount | None,
    received: Received,
    now: datetime,
) -> Recalculation:
    """Run the rule of an assessment again for the same day, over the facts recorded then.

    `amount` is what a grant pays by it, and for which months; without one the application was
    refused. No sum is worked out where somebody is no longer,
    or only now, eligible: that is for a person to decide.
    """
    recorded = assessment.explanation
    old_monthly = _NOTHING if amount is None else amount.monthly
    law = laws.of(recorded["release"])
    try:
        value, result, uses = _asked(law, assessment, now)
    except Invalid as problem:
        return _unclear(old_monthly, problem, laws)
    eligible = value["class"] in _GRANTED and value["monthly"] > 0
    new_monthly = _NOTHING
    if eligible:
        new_monthly = max(value["monthly"] - taken_off(assessment, amount), _NOTHING)
    months = tuple(_months(amount, received, new_monthly)) if eligible else ()
    total = sum((month.difference for month in months), _NOTHING)
    changed = _changed(parameters_read(assessment), uses)
    return Recalculation(
        kind=_kind(amount, eligible, old_monthly, new_monthly, total),
        old_monthly=old_monthly,
        new_monthly=new_monthly,
        months=months,
        total=total,
        touched=bool(changed),
        detail={
            "old_class": from_json(assessment.result["class"]),
            "new_class": value["class"],
            "parameters": changed,
            "rows": _rows(result),
            "months": [month.to_json() for month in months],
            "tables": recorded["release"],
            "parameters_of": laws.now_in_force.content_hash,
        },
        result={name: to_json(one) for name, one in value.items()},
        explanation={
            **{name: recorded[name] for name in ("person", "eligibility") if name in recorded},
            "inputs": recorded["inputs"],
            "decision": result.explanation.to_json(),
            "parameters": [used.to_json() for used in uses],
            "release": recorded["release"],
            "parameters_of": laws.now_in_force.content_hash,
        },
    )


def _asked(
    law: Policy, assessment: Assessment, now: datetime
) -> tuple[Mapping[str, Any], DecisionResult, list[ParameterValue]]:
    """The result, in the names of an assessment, and what was read for it.

    Raises:
        DecisionError: what the tables refuse.
    """
    on, decision = assessment.on, assessment.decision
    result, recorder = ask_decision(law, decision, inputs_of(assessment), on, now)
    value: Mapping[str, Any] = result.value
    uses = list(recorder.uses)
    if decision not in (AMOUNT, ELIGIBLE):
        return value, result, uses
    before = {name: from_json(one) for name, one in assessment.result.items()}
    conditions = assessment.explanation.get("eligibility")
    met: Mapping[str, Any] = {"eligible": True, "failed": ""}
    if decision == ELIGIBLE:
        # what would be paid depends on the self-care, which nobody has assessed
        met, value = value, {"monthly": before["base"]}
    else:
        value = {**value, "base": value["basic"], "topup": value["care"]}
        if conditions:
            again, more = ask_decision(law, ELIGIBLE, _opened(conditions["inputs"]), on, now)
            met, uses = again.value, [*uses, *more.uses]
    found = {name: one for name, one in value.items() if name in before}
    eligible = bool(met["eligible"])
    return (
        {
            **before,
            **found,
            "class": "tekun" if eligible else "none",
            "eligible": eligible,
            "failed": met["failed"],
            "monthly": found["monthly"] if eligible else _NOTHING,
        },
        result,
        uses,
    )


def taken_off(assessment: Assessment, amount: GrantAmount | None) -> Decimal:
    """What a decision has taken off the calculated amount, such as a share that is cut."""
    if amount is None:
        return _NOTHING
    calculated: Decimal = from_json(assessment.result["monthly"])
    return max(calculated - amount.monthly, _NOTHING)


def _unclear(old_monthly: Decimal, problem: Invalid, laws: Laws) -> Recalculation:
    detail = {
        "problem": problem.code,
        "parameters": [],
        "rows": [],
        "months": [],
        "parameters_of": laws.now_in_force.content_hash,
    }
    return Recalculation(
        TouchedKind.UNCLEAR, old_monthly, old_monthly, (), _NOTHING, touched=True, detail=detail
    )


def _kind(
    amount: GrantAmount | None, eligible: bool, old: Decimal, new: Decimal, total: Decimal
) -> TouchedKind:
    if eligible != (amount is not None):
        return TouchedKind.ELIGIBILITY
    if old == new and total == 0:
        return TouchedKind.UNCHANGED
    if total != 0:
        return TouchedKind.ARREARS if total > 0 else TouchedKind.RECOVERY
    return TouchedKind.ARREARS if new > old else TouchedKind.RECOVERY


def _months(amount: GrantAmount | None, received: Received, due: Decimal) -> Iterator[Month]:
    """The months that the amount is paid for and that were paid, in their order."""
    if amount is None:
        return
    for month in sorted(received.months):
        if amount_of_month((amount,), month) is not None:
            yield Month(month, received.months[month], due)


def _changed(
    recorded: Sequence[Mapping[str, Any]], uses: Sequence[ParameterValue]
) -> list[dict[str, Any]]:
    """The parameters whose values were others then; values as FEEL JSON."""
    before = {(row["key"], row["valid_from"]): row for row in recorded}
    by_key = {row["key"]: row for row in recorded}
    changed = []
    for used in uses:
        now = used.to_json()
        old = before.get((used.key, now["valid_from"])) or by_key.get(used.key)
        if old is not None and from_json(old["value"]) != used.value:
            changed.append(
                {
                    "key": used.key,
                    "label": used.label,
                    "unit": used.unit,
                    "old": old["value"],
                    "new": now["value"],
                    "valid_from": now["valid_from"],
                    "source": now["source"],
                    "certainty": now["certainty"],
                }
            )
    return changed


def _rows(result: DecisionResult) -> list[dict[str, Any]]:
    """The rows that hit, with their clauses, without the values put in."""
    return [
        {
            "decision": step.name,
            "rows": [{"number": rule.number, "clauses": list(rule.clauses)} for rule in step.rules],
        }
        for step in result.explanation.steps
        if step.rules
    ]
