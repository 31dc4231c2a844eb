"""What a decision rests on within its model: other decisions, and every name in their texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Final

from workflows.decisions.decision_models import DecisionModel
from workflows.decisions.model import Decision, DecisionService, Text
from workflows.decisions.wording import DecisionWording

_NAME: Final = re.compile(r"[^\W\d]\w*")


def required_decisions(model: DecisionModel, decision_id: str) -> Iterator[Decision]:
    """The decisions of the model that one requires, the nearest first."""
    elements = model.linked.definitions.elements
    seen, level = {decision_id}, [decision_id]
    while level:
        following: list[str] = []
        for name in (found for key in level for found in _needed(model, key)):
            if name not in seen:
                seen.add(name)
                if isinstance(elements[name], Decision):
                    following.append(name)
        yield from (found for key in following if isinstance(found := elements[key], Decision))
        level = following


def names_in_texts(model: DecisionModel, decision_id: str) -> frozenset[str]:
    """Every word in the FEEL of a decision and of all that it requires, services too.

    A component that none of them names cannot change the result.
    """
    elements = model.linked.definitions.elements
    seen, pending, names = {decision_id}, [decision_id], set[str]()
    while pending:
        key = pending.pop()
        element = elements[key]
        for text in _texts(element):
            names.update(_NAME.findall(text))
        needed = list(_needed(model, key))
        if isinstance(element, DecisionService):
            hrefs = (*element.outputs, *element.encapsulated)
            needed += [found[2].id for found in map(model.linked.find, hrefs) if found is not None]
        for name in needed:
            if name not in seen and name in elements:
                seen.add(name)
                pending.append(name)
    return frozenset(names)


def _needed(model: DecisionModel, key: str) -> Iterator[str]:
    """The ids of the model's own elements that one requires; others are another model's."""
    for found in model.linked.requirements[key]:
        if found.linked is model.linked:
            yield found.target[1]


def _texts(part: object) -> Iterator[str]:
    if isinstance(part, Text):
        yield part.text
    elif isinstance(part, tuple):
        for item in part:
            yield from _texts(item)
    elif is_dataclass(part) and not isinstance(part, type | DecisionWording):
        for found in fields(part):
            yield from _texts(getattr(part, found.name))
