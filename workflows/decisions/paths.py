"""Whether the paths in a model's texts follow the types that it declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from workflows.decisions.linking import LinkedModel
from workflows.decisions.model import (
    ContextExpression,
    Decision,
    Expression,
    Filter,
    FunctionDefinition,
    ItemDefinition,
    KnowledgeModel,
    parts_of,
)
from workflows.decisions.model import Iterator as BoxedIterator
from workflows.errors import Finding


def path_findings(linked: LinkedModel) -> Iterator[Finding]:
    """A finding for each path that names a component which its type does not have.

    Only types with components are followed; a name that an expression declares itself is left to
    the evaluation.
    """
    for element, path, line in sorted(linked.feel.paths):
        owner = linked.definitions.elements.get(element)
        if not isinstance(owner, Decision | KnowledgeModel):
            continue
        expression = owner.expression if isinstance(owner, Decision) else owner.logic
        if path[0] in _declared(expression):
            continue
        wrong = _wrong_step(linked, element, path)
        if wrong is not None:
            name, kind = wrong
            yield Finding(
                "feel.unknown_property",
                f"{element}：类型 {kind} 没有“{name}”（{'.'.join(path)}）。",
                f"{element}: the type {kind} has no “{name}” ({'.'.join(path)}).",
                file=linked.definitions.file,
                element=element,
                line=line or None,
            )


def _wrong_step(linked: LinkedModel, element: str, path: Sequence[str]) -> tuple[str, str] | None:
    for found in linked.requirements[element]:
        start = (found.prefix, found.name) if found.prefix else (found.name,)
        if tuple(path[: len(start)]) != start:
            continue
        target = found.linked.definitions.elements[found.target[1]]
        return _walk(found.linked, target.variable.type_ref, path[len(start) :])
    return None


def _walk(
    linked: LinkedModel, reference: str | None, steps: Sequence[str]
) -> tuple[str, str] | None:
    types: Mapping[str, ItemDefinition] = linked.definitions.types
    item = types.get(reference or "")
    for step in steps:
        while item is not None and not item.components and item.type_ref in types:
            item = types.get(item.type_ref or "")
        if item is None or not item.components:
            return None
        part = next((found for found in item.components if found.name == step), None)
        if part is None:
            return step, item.name
        item = part
    return None


def _declared(expression: Expression | None) -> frozenset[str]:
    """The names that an expression declares itself, at any depth."""
    found: set[str] = set()
    for part in parts_of(expression):
        if isinstance(part, ContextExpression):
            found.update(entry.variable.name for entry in part.entries if entry.variable)
        elif isinstance(part, FunctionDefinition):
            found.update(parameter.name for parameter in part.parameters)
        elif isinstance(part, BoxedIterator):
            found.add(part.variable.name)
        elif isinstance(part, Filter):
            found.add("item")
    return frozenset(found)
