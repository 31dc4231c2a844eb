"""Decision models ready to be evaluated, made from DMN documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, TypeVar

from workflows.decisions.linking import LinkedModel
from workflows.decisions.model import (
    ContextExpression,
    Decision,
    DecisionService,
    DecisionTable,
    Definitions,
    InputData,
    KnowledgeModel,
    Variable,
)
from workflows.decisions.reading import read_definitions
from workflows.decisions.wording_checks import wording_findings
from workflows.errors import Finding, Invalid, NotFound

#: The functions that the host adds to FEEL in decisions, by name.
HOST_FUNCTIONS: Final = frozenset({"workday after", "is workday", "workdays between", "parameter"})


class DecisionModel:
    """A DMN model, compiled once; it may be evaluated any number of times, in any thread.

    `decisions`, `services` and `knowledge` are by id and by name; `findings` lists what is wrong
    with its texts, references and imports.
    """

    def __init__(self, linked: LinkedModel, findings: Iterable[Finding] = ()) -> None:
        definitions = linked.definitions
        self.linked: Final = linked
        self.file: Final = definitions.file
        self.namespace: Final = definitions.namespace
        self.name: Final = definitions.name
        elements = definitions.elements.values()
        self.all_decisions: Final = tuple(
            found for found in elements if isinstance(found, Decision)
        )
        self.decisions: Final = _by_id_and_name(self.all_decisions)
        self.services: Final = _by_id_and_name(
            [found for found in elements if isinstance(found, DecisionService)]
        )
        self.knowledge: Final = _by_id_and_name(
            [found for found in elements if isinstance(found, KnowledgeModel)]
        )
        self.input_data: Final = _by_id_and_name(
            [found for found in elements if isinstance(found, InputData)]
        )
        self.findings: Final = (*findings, *linked.findings, *wording_findings(linked))

    def decision(self, key: str) -> Decision:
        """The decision with this id or name. Raises: NotFound."""
        found = self.decisions.get(key)
        if found is None:
            raise NotFound(
                "decision.unknown",
                f"决策模型 {self.file} 中没有 {key}。",
                f"The model {self.file} has no decision {key}.",
            )
        return found

    def required_inputs(self, key: str) -> tuple[Variable, ...]:
        """The input data that a decision needs, its own and those of what it requires."""
        found: dict[str, Variable] = {}
        seen: set[tuple[str, str]] = set()
        pending = [(self.linked, self.decision(key).id)]
        while pending:
            linked, element_id = pending.pop()
            if (linked.namespace, element_id) in seen:
                continue
            seen.add((linked.namespace, element_id))
            element = linked.definitions.elements[element_id]
            if isinstance(element, InputData):
                found.setdefault(element.variable.name, element.variable)
            pending.extend(
                (requirement.linked, requirement.target[1])
                for requirement in linked.requirements[element_id]
            )
        return tuple(found.values())

    def output_names(self, key: str) -> tuple[str, ...]:
        """The names that `DecisionResult.outputs` can have, as far as the model tells."""
        expression = self.decision(key).expression
        named: list[str] = []
        if isinstance(expression, DecisionTable):
            named = [output.name for output in expression.outputs if output.name]
        elif isinstance(expression, ContextExpression):
            variables = [entry.variable for entry in expression.entries]
            # With an entry for the result, the others are its steps and not part of it.
            if None not in variables:
                named = [variable.name for variable in variables if variable is not None]
        return (*dict.fromkeys(named), "value")


_E = TypeVar("_E", Decision, DecisionService, KnowledgeModel, InputData)


def _by_id_and_name(elements: Iterable[_E]) -> Mapping[str, _E]:
    found: dict[str, _E] = {}
    for element in elements:
        found[element.id] = element
    for element in list(found.values()):
        found.setdefault(element.name, element)
    return MappingProxyType(found)


def parse_dmn(
    content: bytes,
    *,
    file: str,
    functions: Iterable[str] = HOST_FUNCTIONS,
    imports: Mapping[str, DecisionModel] | None = None,
) -> DecisionModel:
    """The model in a DMN document of version 1.1 to 1.5; `imports` are models by namespace.

    FEEL that cannot be compiled and references to nothing are the model's `findings`.

    Raises:
        Invalid: the document or its structure is refused; with all findings.
    """
    return _model(read_definitions(content, file=file), frozenset(functions), imports or {})


def _model(
    definitions: Definitions, functions: frozenset[str], imports: Mapping[str, DecisionModel]
) -> DecisionModel:
    linked: list[tuple[str, LinkedModel]] = []
    findings: list[Finding] = []
    for needed in definitions.imports:
        found = imports.get(needed.namespace)
        if found is None:
            findings.append(
                Finding(
                    "dmn.import_missing",
                    f"引入的模型 {needed.name}（{needed.namespace}）不存在。",
                    f"The imported model {needed.name} ({needed.namespace}) does not exist.",
                    file=definitions.file,
                    line=needed.line or None,
                )
            )
        else:
            linked.append((needed.name, found.linked))
    return DecisionModel(LinkedModel(definitions, linked, functions), findings)


def parse_models(
    files: Mapping[str, bytes], *, functions: Iterable[str] = HOST_FUNCTIONS
) -> Mapping[str, DecisionModel]:
    """The models of several documents, by file; they may import one another.

    Raises:
        Invalid: documents are refused, or import one another in a circle; with all findings.
    """
    findings: list[Finding] = []
    waiting: dict[str, Definitions] = {}
    for file in sorted(files):
        try:
            waiting[file] = read_definitions(files[file], file=file)
        except Invalid as error:
            findings.extend(error.findings)
    models: dict[str, DecisionModel] = {}
    known: dict[str, DecisionModel] = {}
    while waiting:
        missing = {definitions.namespace for definitions in waiting.values()}
        ready = [
            file
            for file, definitions in waiting.items()
            if not any(needed.namespace in missing for needed in definitions.imports)
        ]
        if not ready:
            findings.extend(
                Finding(
                    "dmn.import_cycle",
                    f"{file} 与其引入的模型互相引用。",
                    f"{file} and the models that it imports import one another.",
                    file=file,
                )
                for file in waiting
            )
            break
        for file in ready:
            model = _model(waiting.pop(file), frozenset(functions), known)
            models[file] = known[model.namespace] = model
    if findings:
        raise Invalid("dmn.findings", findings=findings)
    return MappingProxyType(models)
