"""The facts of a question that somebody could change or prove, each with its name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from workflows.decisions.catalogue import Entry, Fact
from workflows.decisions.decision_models import DecisionModel
from workflows.decisions.model import Decision, ItemDefinition
from workflows.decisions.sentences import rendered
from workflows.decisions.wording import FactWording, Words
from workflows.feel import Value, type_name

#: Names of components and, from 0, places in lists.
Path: TypeAlias = tuple[str | int, ...]
_PLAIN: Final = FactWording()
_KINDS: Final = frozenset({"number", "boolean", "string", "date"})
_DEEPEST: Final = 12


@dataclass(frozen=True, slots=True)
class Changeable:
    """A single value that could be another; None is a proof that is missing.

    `path` leads to it from the inputs; with `decision` it is the result of that decision instead,
    taken for given. `codes` are the texts that it may be.
    """

    path: Path
    kind: str
    value: Value
    name: Words
    wording: FactWording
    codes: tuple[str, ...] = ()
    decision: str | None = None

    @property
    def place(self) -> str:
        """The path as FEEL writes it, places counted from 1."""
        if self.decision is not None:
            return self.decision
        text = ""
        for part in self.path:
            text += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
        return text.removeprefix(".")

    @property
    def last_name(self) -> str:
        """The name of the component, or of the input itself."""
        return next(part for part in reversed(self.path) if isinstance(part, str))


def changeable_facts(
    model: DecisionModel, entry: Entry, inputs: Mapping[str, Value]
) -> Iterator[Changeable]:
    """Every leaf of the inputs that is not fixed, in the order of the model.

    A type without wording is called by its description and its name.
    """
    for fact in entry.inputs:
        data = model.input_data[fact.name]
        reference = data.variable.type_ref
        wording = data.wording or _wording_of(model, reference)
        yield from _leaves(
            _Walk(model), fact, reference, wording, inputs.get(fact.name), (fact.name,), None
        )


def assumable_results(
    model: DecisionModel, decisions: Iterator[Decision], results: Mapping[str, Value]
) -> Iterator[Changeable]:
    """The results of `decisions` that the model allows to take for given, with their values."""
    for decision in decisions:
        wording, value = decision.wording.fact, results.get(decision.id)
        kind = type_name(value)
        if wording is None or wording.fixed or kind not in _KINDS:
            continue
        codes = tuple(code for code, _ in decision.wording.values)
        name = wording.name or Words(decision.name, decision.id)
        yield Changeable((), kind, value, name, wording, codes, decision.id)


def replaced(inputs: Mapping[str, Value], path: Path, value: Value) -> dict[str, Value]:
    """The inputs with another value at a path; nothing given is changed."""
    found: dict[str, Value] = _replaced(inputs, path, value)
    return found


def _replaced(whole: Value, path: Path, value: Value) -> Value:
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(first, int):
        items = list(whole)
        items[first] = _replaced(items[first], rest, value)
        return items
    return {**whole, first: _replaced(whole.get(first), rest, value)}


def _wording_of(model: DecisionModel, reference: str | None) -> FactWording:
    item = model.linked.definitions.types.get(reference or "")
    return _PLAIN if item is None or item.wording is None else item.wording


@dataclass(frozen=True, slots=True)
class _Walk:
    """What a walk over one set of inputs needs at every step."""

    model: DecisionModel

    def components(self, reference: str | None) -> Mapping[str, ItemDefinition]:
        item = self.model.linked.definitions.types.get(reference or "")
        for _ in range(_DEEPEST):
            if item is None or item.components:
                break
            item = self.model.linked.definitions.types.get(item.type_ref or "")
        return {} if item is None else {part.name: part for part in item.components}


def _leaves(
    walk: _Walk,
    fact: Fact,
    reference: str | None,
    wording: FactWording,
    value: Value,
    path: Path,
    owner: Words | None,
) -> Iterator[Changeable]:
    if wording.fixed or len(path) > _DEEPEST:
        return
    if fact.many:
        for at, item in enumerate(value if isinstance(value, list | tuple) else ()):
            yield from _inner(
                walk, fact, reference, item, (*path, at), _item_name(fact, wording, item, at)
            )
    elif fact.parts:
        yield from _inner(walk, fact, reference, value, path, owner)
    elif fact.type in _KINDS or (fact.type == "Any" and type_name(value) in _KINDS):
        kind = fact.type if fact.type in _KINDS else type_name(value)
        codes = tuple(code for code, _ in wording.values) or tuple(map(str, fact.values))
        yield Changeable(path, kind, value, _name(fact, wording, owner), wording, codes)


def _inner(
    walk: _Walk, fact: Fact, reference: str | None, value: Value, path: Path, owner: Words | None
) -> Iterator[Changeable]:
    if not isinstance(value, Mapping):
        return
    items = walk.components(reference)
    for part in fact.parts:
        item = items.get(part.name)
        wording = _PLAIN if item is None or item.wording is None else item.wording
        inner = None if item is None else item.type_ref
        yield from _leaves(
            walk, part, inner, wording, value.get(part.name), (*path, part.name), owner
        )


def _name(fact: Fact, wording: FactWording, owner: Words | None) -> Words:
    name = wording.name or Words(fact.description or fact.name, fact.name.replace("_", " "))
    if owner is None:
        return name
    joint = "：" if fact.type == "boolean" else "的"
    return Words(f"{owner.zh}{joint}{name.zh}", f"{name.en} of {owner.en}")


def _item_name(fact: Fact, wording: FactWording, item: Value, at: int) -> Words:
    if wording.item is not None and isinstance(item, Mapping):
        scope = {**item, "at": at + 1}
        return Words(rendered(wording.item.zh, scope, "zh"), rendered(wording.item.en, scope, "en"))
    name = wording.name or Words(fact.description or fact.name, fact.name.replace("_", " "))
    return Words(f"第{at + 1}项{name.zh}", f"item {at + 1} of {name.en}")
