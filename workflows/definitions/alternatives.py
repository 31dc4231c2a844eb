"""Other programmes that a family qualifies for, found by asking their tables with its facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from workflows.decisions.explanation import Language
from workflows.decisions.sentences import rendered
from workflows.decisions.wording import Words
from workflows.definitions.asking import ask_decision
from workflows.definitions.policy import Policy
from workflows.definitions.programmes import EACH, FOUND, Programme
from workflows.definitions.telling import basis_of
from workflows.errors import DoudiError
from workflows.feel import Value, as_value, compile_expression, from_json

#: A family has no more members worth asking about one by one.
_MOST_ITEMS = 30


@dataclass(frozen=True, slots=True)
class Alternative:
    """A programme that a family qualifies for by its table, and where to apply."""

    programme: str
    decision: str
    sentence: Words
    where: Words
    clauses: tuple[str, ...]
    basis: tuple[str, ...]
    #: the process that its application opens; empty where none does
    opens: str = ""
    #: the member that it was asked for, by id; None: the household
    person: str | None = None

    def text(self, language: Language) -> str:
        """What the family qualifies for, and where to apply."""
        if language == "zh":
            return f"{self.sentence.zh}{self.where.zh}"
        return f"{self.sentence.en} {self.where.en}"

    def to_json(self) -> dict[str, Any]:
        """For the trail and for programs."""
        return {
            "programme": self.programme,
            "decision": self.decision,
            "sentence": {"zh": self.text("zh"), "en": self.text("en")},
            "clauses": list(self.clauses),
            "basis": list(self.basis),
            "opens": self.opens,
            "person": self.person,
        }


def alternatives(
    law: Policy,
    decision_id: str,
    inputs: Mapping[str, Value],
    explanation: Mapping[str, Any],
    on: date,
    now: datetime,
) -> tuple[Alternative, ...]:
    """What else the facts of a decision qualify for; `explanation` as the trail keeps it.

    A table that cannot tell, because a fact is not known, is not an offer.
    """
    decided = {
        step["id"]: from_json(step["result"])
        for step in explanation.get("steps", ())
        if step["kind"] == "decision"
    }
    scope = {**inputs, "on": on, "decided": decided}
    return tuple(
        found
        for programme in law.programmes
        if decision_id in programme.after
        for found in _offers(law, programme, scope, on, now)
    )


def _offers(
    law: Policy, programme: Programme, scope: Mapping[str, Any], on: date, now: datetime
) -> Iterator[Alternative]:
    said: set[tuple[str, str | None]] = set()
    for inner in _scopes(programme, scope):
        try:
            inputs = {name: _value(text, inner) for name, text in programme.inputs.items()}
            result, _ = ask_decision(law, programme.decision, inputs, on, now, tells=False)
        except DoudiError:
            continue
        seen = {**inner, FOUND: result.value}
        if _value(programme.qualifies, seen) is not True:
            continue
        found = Alternative(
            programme.key,
            programme.decision,
            _words(programme.sentence, seen),
            _words(programme.where, seen),
            programme.clauses,
            basis_of(programme.clauses, law.clauses),
            programme.opens,
            _person(inner.get(EACH)),
        )
        if (found.sentence.zh, found.person) not in said:
            said.add((found.sentence.zh, found.person))
            yield found


def _person(item: Any) -> str | None:
    """The id of the member that was asked about."""
    return str(item["id"]) if isinstance(item, Mapping) and "id" in item else None


def _scopes(programme: Programme, scope: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if not programme.each:
        yield scope
        return
    items = _value(programme.each, scope)
    for item in (items if isinstance(items, list) else [])[:_MOST_ITEMS]:
        yield {**scope, EACH: item}


def _value(text: str, scope: Mapping[str, Any]) -> Value:
    given = {name: as_value(value) for name, value in scope.items()}
    return compile_expression(text, frozenset(given)).value(given)


def _words(words: Words, scope: Mapping[str, Any]) -> Words:
    return Words(rendered(words.zh, scope, "zh"), rendered(words.en, scope, "en"))
