"""What a change makes of the households: facts as they would be, amounts by the tables of today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select

from models.assistance import Grant, GrantState
from models.household_changes import ChangeKind
from models.households import Household
from workflows.assistance.assessments import DECISION
from workflows.assistance.context import OperationContext
from workflows.assistance.households import UNKNOWN_FACTS
from workflows.assistance.households.facts import rule_facts
from workflows.assistance.households.moving import SELF
from workflows.calendar import months_later
from workflows.definitions.asking import ask_decision

DIBAO: Final = "dibao"
#: How many months after the month of the decision money changes.
MONTHS_AFTER: Final = "household.change.months_after"
OWN, OTHER, NEW = "own", "other", "new"
#: What becomes of a benefit: nothing, another amount, its end, a procedure of its own.
KEEP, CHANGE, END, REVIEW = "keep", "change", "end", "review"


@dataclass(frozen=True, slots=True)
class Part:
    """One household after the change; sums in yuan a month, None where there is no benefit."""

    part: str
    household: Household | None
    facts: Mapping[str, Any] | None
    members_before: int
    grant: Grant | None
    result: Mapping[str, Any] | None

    @property
    def members(self) -> int:
        """How many belong to it afterwards."""
        return 0 if self.facts is None else len(self.facts["members"])

    @property
    def route(self) -> str:
        """What becomes of its benefit."""
        if self.grant is None or (self.result is None and self.facts is not None):
            return KEEP
        if self.result is None:
            return END
        if self.result["class"] != DIBAO or self.result["monthly"] <= 0:
            return REVIEW
        return KEEP if self.result["monthly"] == self.grant.monthly else CHANGE

    @property
    def monthly(self) -> Decimal | None:
        """What its benefit comes to afterwards, where this change decides on that."""
        if self.grant is None or self.route == REVIEW:
            return None
        if self.route == END or self.result is None:
            return Decimal(0) if self.route == END else self.grant.monthly
        return Decimal(self.result["monthly"])

    @property
    def falls(self) -> bool:
        """Whether the family gets less; what is decided elsewhere is heard there."""
        return (
            self.grant is not None
            and self.monthly is not None
            and self.monthly < self.grant.monthly
        )

    def to_json(self) -> dict[str, Any]:
        """For the variables of the process: ids, numbers and sums, nobody's facts."""
        return {
            "part": self.part,
            "household": None if self.household is None else self.household.id,
            "grant": None if self.grant is None else self.grant.id,
            "before": Decimal(self.members_before),
            "after": Decimal(self.members),
            "old": None if self.grant is None else self.grant.monthly,
            "new": self.monthly,
            "route": self.route,
        }


def parts_after(
    context: OperationContext,
    kind: str,
    own: Household,
    other: Household | None,
    relations: Mapping[str, str],
    newcomer: Mapping[str, Any] | None,
) -> list[Part]:
    """Every household that the change touches, with what the tables give for it today.

    Raises:
        DecisionError: for facts that the tables don't know.
    """
    on = context.today
    mine = rule_facts(context.session, own, on, context.keys)
    theirs = None if other is None else rule_facts(context.session, other, on, context.keys)
    after = _facts_after(kind, mine, theirs, relations, newcomer)
    parts = []
    for name, household, before in ((OWN, own, mine), (OTHER, other, theirs), (NEW, None, None)):
        if name not in after:
            continue
        facts = after[name]
        grant = None if household is None else household_grant(context, household.id)
        wanted = grant is not None or name == NEW
        result = _assessed(context, facts) if wanted and facts is not None else None
        count = 0 if before is None else len(before["members"])
        parts.append(Part(name, household, facts, count, grant, result))
    return parts


def household_grant(context: OperationContext, household_id: str) -> Grant | None:
    """The benefit that the household as a whole receives."""
    return context.session.scalar(
        select(Grant)
        .where(
            Grant.household_id == household_id,
            Grant.programme == DIBAO,
            Grant.person_id.is_(None),
            Grant.state == GrantState.ACTIVE,
        )
        .order_by(Grant.id)
        .limit(1)
    )


def first_month(context: OperationContext) -> date:
    """The first day of the first month whose money a decision of today changes, for every part."""
    months = int(context.law.parameters.value(MONTHS_AFTER, context.today).value)
    return months_later(context.today.replace(day=1), months)


def _assessed(context: OperationContext, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    if facts["property_ok"] is None:
        return {"class": "none", "monthly": Decimal(0)}  # nobody has judged the property yet
    result, _ = ask_decision(
        context.law, DECISION, {"household": facts}, context.today, context.now, tells=False
    )
    found: Mapping[str, Any] = result.value
    return found


def _facts_after(
    kind: str,
    mine: Mapping[str, Any],
    theirs: Mapping[str, Any] | None,
    relations: Mapping[str, str],
    newcomer: Mapping[str, Any] | None,
) -> dict[str, Mapping[str, Any] | None]:
    going = relations.keys()
    if kind == ChangeKind.HEAD:
        return {OWN: _related(mine, relations)}
    if kind == ChangeKind.SPLIT:
        return {OWN: _without(mine, going), NEW: _only(mine, relations)}
    if kind == ChangeKind.LEAVE:
        return {OWN: _without(mine, going)}
    if kind == ChangeKind.CUSTODY:
        assert theirs is not None
        joined = _joined(theirs, _only(mine, relations))
        return {OWN: _without(mine, going), OTHER: joined}
    if kind == ChangeKind.MERGE:
        assert theirs is not None
        return {OWN: _joined(mine, _related(theirs, relations)), OTHER: None}
    if kind == ChangeKind.JOIN:
        if theirs is not None:
            left = _without(theirs, going)
            if not left["members"]:  # what they had together comes along
                return {OWN: _joined(mine, _related(theirs, relations)), OTHER: None}
            return {OWN: _joined(mine, _only(theirs, relations)), OTHER: left}
        assert newcomer is not None
        return {OWN: _joined(mine, newcomer)}
    return {OWN: mine}


def newcomer_facts(
    person_id: str,
    relation: str,
    born_on: date,
    facts: Mapping[str, Any],
    incomes: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """The part of a household's facts that somebody brings who belonged to none."""
    member = {"id": person_id, "relation": relation, "birth_on": born_on, "age": None}
    return {
        "members": [{**member, **UNKNOWN_FACTS, **facts}],
        "incomes": [{**one, "member": person_id} for one in incomes],
    }


def _without(facts: Mapping[str, Any], going: Iterable[str]) -> dict[str, Any]:
    gone = set(going)
    return {
        **facts,
        "members": [one for one in facts["members"] if one["id"] not in gone],
        "incomes": [one for one in facts["incomes"] if one["member"] not in gone],
    }


def _only(facts: Mapping[str, Any], relations: Mapping[str, str]) -> dict[str, Any]:
    found = {
        **facts,
        "members": [one for one in facts["members"] if one["id"] in relations],
        "incomes": [one for one in facts["incomes"] if one["member"] in relations],
    }
    return _related(found, relations)


def _related(facts: Mapping[str, Any], relations: Mapping[str, str]) -> dict[str, Any]:
    members = [
        {**one, "relation": relations.get(one["id"], one["relation"])} for one in facts["members"]
    ]
    return {**facts, "members": sorted(members, key=lambda one: one["relation"] != SELF)}


def _joined(facts: Mapping[str, Any], coming: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **facts,
        "members": [*facts["members"], *coming["members"]],
        "incomes": [*facts["incomes"], *coming["incomes"]],
    }
