"""What would change a result: the smallest change of one fact, or a proof, that flips it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, Final, TypeAlias

from workflows.decisions.catalogue import catalogue_entry
from workflows.decisions.changeable import (
    Changeable,
    assumable_results,
    changeable_facts,
    replaced,
)
from workflows.decisions.completion import completed
from workflows.decisions.decision_models import DecisionModel
from workflows.decisions.decisions import DecisionResult
from workflows.decisions.explanation import Language, storable
from workflows.decisions.model import Decision
from workflows.decisions.requirements import names_in_texts, required_decisions
from workflows.decisions.sentences import rendered, shown
from workflows.decisions.what_if_search import Found, nearest
from workflows.decisions.wording import Goal, Words
from workflows.errors import DoudiError
from workflows.feel import FeelLimitExceeded, Value, compile_expression

#: Asks a decision: its id, the inputs, and results taken for given by the id of their decision.
Ask: TypeAlias = Callable[[str, Mapping[str, Value], Mapping[str, Value]], DecisionResult]
#: Evaluations for one goal; more would make a refusal wait.
BUDGET: Final = 200
#: More ways than this help nobody.
_MOST_CHANGES: Final = 8


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one fact that flips the result; it was asked for and is true.

    `place` is the path of the fact, or the id of a decision whose result is `assumed`. `proof`
    says that the fact was not known. `steps` counts the fact's smallest units; `nearer`, one unit
    before the change, was asked for too and is not enough.
    """

    place: str
    name: Words
    old: Value
    new: Value
    sentence: Words
    steps: int = 0
    nearer: Value = None
    proof: bool = False
    assumed: bool = False

    def to_json(self) -> dict[str, Any]:
        """For the trail and for programs."""
        return {
            "place": self.place,
            "name": {"zh": self.name.zh, "en": self.name.en},
            "old": storable(self.old),
            "new": storable(self.new),
            "sentence": {"zh": self.sentence.zh, "en": self.sentence.en},
            "steps": self.steps,
            "nearer": storable(self.nearer),
            "proof": self.proof,
            "assumed": self.assumed,
        }


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The ways to one favourable result that was not given; plainest first.

    Without changes no single one was found; `complete` says that every fact was tried within the
    budget of evaluations.
    """

    decision: str
    goal: Words
    changes: tuple[Change, ...]
    evaluations: int
    complete: bool

    def to_json(self) -> dict[str, Any]:
        """For the trail and for programs."""
        return {
            "decision": self.decision,
            "goal": {"zh": self.goal.zh, "en": self.goal.en},
            "changes": [change.to_json() for change in self.changes],
            "none": None if self.changes else {"zh": self.none("zh"), "en": self.none("en")},
            "evaluations": self.evaluations,
            "complete": self.complete,
        }

    def none(self, language: Language) -> str:
        """The sentence that stands where there is no change."""
        if language == "zh":
            return f"没有找到只改变一项情况就{self.goal.zh}的办法。"
        return f"No change of a single fact was found with which {self.goal.en}."

    def sentences(self, language: Language) -> list[str]:
        """One sentence for each change, or the one that says that there is none."""
        found = [
            change.sentence.zh if language == "zh" else change.sentence.en
            for change in self.changes
        ]
        return found or [self.none(language)]


def what_would_change(
    model: DecisionModel,
    decision_id: str,
    inputs: Mapping[str, Value],
    ask: Ask,
    *,
    budget: int = BUDGET,
) -> tuple[WhatIf, ...]:
    """For each favourable result that these facts do not give: what would give it.

    Which results are favourable, which facts are fixed and how they are counted is data of the
    model. The goals are those of the decision; without any, those of the nearest decisions that
    it requires. A question that the rule refuses to answer counts as not favourable.
    """
    found = []
    for decision in _with_goals(model, decision_id):
        entry = catalogue_entry({decision.id: model}, decision.id)
        given = {
            data.name: completed(
                inputs.get(data.name),
                model.input_data[data.name].variable.type_ref,
                model.linked.definitions.types,
            )
            for data in entry.inputs
        }
        for goal in decision.wording.goals:
            search = _Search(model, decision, goal, given, ask, budget)
            if search.is_open:
                named = names_in_texts(model, decision.id)
                facts = changeable_facts(model, entry, given)
                found.append(search.result([fact for fact in facts if fact.last_name in named]))
    return tuple(found)


def _with_goals(model: DecisionModel, decision_id: str) -> list[Decision]:
    asked = model.decision(decision_id)
    if asked.wording.goals:
        return [asked]
    return [decision for decision in required_decisions(model, asked.id) if decision.wording.goals]


class _Spent(Exception):
    """The budget of evaluations is used up."""


class _Search:
    """The search for one goal of one decision."""

    def __init__(
        self,
        model: DecisionModel,
        decision: Decision,
        goal: Goal,
        given: Mapping[str, Value],
        ask: Ask,
        budget: int,
    ) -> None:
        self.model, self.decision, self.goal = model, decision, goal
        self.given, self.ask, self.budget = given, ask, max(1, budget)
        self.evaluations = 0
        self.base: DecisionResult | None = None
        with suppress(DoudiError):
            self.base = self._asked(given, {})
        self.is_open = self.base is None or not self._favourable(self.base)

    def _asked(self, inputs: Mapping[str, Value], assumed: Mapping[str, Value]) -> DecisionResult:
        if self.evaluations >= self.budget:
            raise _Spent
        self.evaluations += 1
        return self.ask(self.decision.id, inputs, assumed)

    def _favourable(self, result: DecisionResult) -> bool:
        names = dict(result.outputs)
        test = compile_expression(self.goal.test, frozenset(names) | {"value"})
        return test.value({**dict.fromkeys(test.free_names), **names}) is True

    def _flips(self, fact: Changeable, value: Value) -> bool:
        try:
            if fact.decision is not None:
                return self._favourable(self._asked(self.given, {fact.decision: value}))
            return self._favourable(self._asked(replaced(self.given, fact.path, value), {}))
        except (DoudiError, FeelLimitExceeded):
            return False

    def result(self, facts: list[Changeable]) -> WhatIf:
        """Try one fact after the other: results that may be assumed first, codes last."""
        changes: list[tuple[Changeable, Found]] = []
        complete = True
        try:
            for fact in sorted([*self._assumable(), *facts], key=_cost):
                hits = nearest(fact, partial(self._flips, fact), self._landmarks())
                changes += [(fact, found) for found in hits]
        except _Spent:
            complete = False
        changes.sort(key=lambda one: _plainness(*one))
        return WhatIf(
            self.decision.id,
            self.goal.name,
            tuple(_change(fact, found, self.goal) for fact, found in changes[:_MOST_CHANGES]),
            self.evaluations,
            complete,
        )

    def _assumable(self) -> Iterator[Changeable]:
        if self.base is None:
            return
        results: dict[str, Value] = {}
        for step in self.base.explanation.steps:
            results[step.id] = step.result
        yield from assumable_results(
            self.model, required_decisions(self.model, self.decision.id), results
        )

    def _landmarks(self) -> Iterator[Value]:
        """What the rule looked at when it was asked first."""
        for step in () if self.base is None else self.base.explanation.steps:
            yield step.result
            yield from (value for _, value in step.inputs)
            yield from (used.value for used in step.parameters)


def _cost(fact: Changeable) -> tuple[bool, int]:
    """The order of the search: what a budget that runs out should have been spent on first."""
    return (fact.decision is None, {"boolean": 0, "string": 2}.get(fact.kind, 1))


def _plainness(fact: Changeable, found: Found) -> tuple[int, int]:
    """Results and proofs before facts, yes and no before amounts, small steps before large."""
    if fact.decision is not None:
        return (0, found.steps)
    if fact.value is None:
        return (1, 0)
    return (2 if fact.kind in {"boolean", "string"} else 3, found.steps)


def _change(fact: Changeable, found: Found, goal: Goal) -> Change:
    return Change(
        fact.place,
        fact.name,
        fact.value,
        found.value,
        Words(
            f"{_clause(fact, found, 'zh')}，就{goal.name.zh}。",
            f"{_clause(fact, found, 'en')}, {goal.name.en}.",
        ),
        found.steps,
        found.nearer,
        proof=fact.value is None,
        assumed=fact.decision is not None,
    )


def _clause(fact: Changeable, found: Found, language: Language) -> str:
    """The condition, in one language."""
    zh, wording, new = language == "zh", fact.wording, found.value
    names = dict(wording.values)
    name = fact.name.zh if zh else fact.name.en
    form = "money" if wording.step is not None and wording.step == Decimal("0.01") else ""
    told = shown(new, language, form, names)
    if wording.change is not None:
        scope = {"old": fact.value, "new": new, "name": name, "told": told}
        return rendered(wording.change.zh if zh else wording.change.en, scope, language, names)
    unit = "" if wording.unit is None else (wording.unit.zh if zh else wording.unit.en)
    gap = " " if unit else ""
    told = f"{told}{gap}{unit}"
    if fact.value is None and isinstance(new, bool):
        if zh:
            return f"提交{'' if new else '不属于'}“{name}”的证明"
        return f'With a proof of "{name}"' if new else f'With a proof that "{name}" does not apply'
    if fact.value is None:
        return f"提交证明，{name}为 {told}" if zh else f"With a proof that {name} is {told}"
    if isinstance(new, Decimal) and isinstance(fact.value, Decimal):
        by = shown(abs(new - fact.value), language, form)
        if zh:
            way = "降低" if new < fact.value else "提高"
            return f"{name}{way} {by}{gap}{unit}，为 {told}"
        way = "lower" if new < fact.value else "higher"
        return f"With {name} {way} by {by}{gap}{unit}, at {told}"
    old = shown(fact.value, language, form, names)
    if isinstance(new, bool):
        return f"“{name}”由“{old}”变为“{told}”" if zh else f'With "{name}" {told} instead of {old}'
    return f"{name}由{old}变为{told}" if zh else f"With {name} {told} instead of {old}"
