"""From definitions to code: requirements resolved, every text compiled once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from workflows.decisions.boxed import compile_boxed, compile_function
from workflows.decisions.evaluation import Evaluation, Key
from workflows.decisions.expressions import FeelCompiler
from workflows.decisions.functions import CALL_WEIGHT, acceptor, type_node
from workflows.decisions.model import (
    Decision,
    DecisionService,
    DecisionTable,
    Definitions,
    Element,
    InputData,
    ItemDefinition,
    KnowledgeModel,
    Text,
)
from workflows.decisions.sentences import compile_teller
from workflows.decisions.types import ANY, Check, DmnType, TypeTable
from workflows.errors import Finding
from workflows.feel import (
    FeelSyntaxError,
    FunctionValue,
    Parameter,
    Run,
    Value,
    compile_unary_tests,
)
from workflows.feel.size import check_size

#: The value of an element while it is being computed; meeting it again is a cycle.
_IN_PROGRESS: Final = object()


@dataclass(frozen=True, slots=True)
class Requirement:
    """Something an element sees: `name` in its scope, under `prefix` when it is imported."""

    prefix: str
    name: str
    target: Key
    linked: LinkedModel


class LinkedModel:
    """The code of one model; `imports` pairs the name of each import, maybe empty, with a model."""

    def __init__(
        self,
        definitions: Definitions,
        imports: Sequence[tuple[str, LinkedModel]],
        functions: frozenset[str],
    ) -> None:
        self.definitions = definitions
        self.namespace = definitions.namespace
        self.imports = imports
        self.types: TypeTable = TypeTable(
            definitions.types,
            [(name, linked.types) for name, linked in imports],
            self._compile_allowed,
        )
        # `instance of` asks for the structure alone, never for allowed values (10.3.2.9.3).
        self.structures: TypeTable = TypeTable(
            definitions.types,
            [(name, linked.structures) for name, linked in imports],
            lambda text, name: None,
        )
        self.feel = FeelCompiler(
            definitions.file, functions, frozenset(self._properties()), self.types
        )
        self.predicates = self.structures.predicates()
        self.requirements = {
            key: tuple(self._requirements(element)) for key, element in definitions.elements.items()
        }
        self._check_cycles()
        self._check_types()
        self._values: dict[str, Callable[[Evaluation], Value]] = {
            key: self._compile(element) for key, element in definitions.elements.items()
        }

    @property
    def findings(self) -> Sequence[Finding]:
        """What is wrong with the model's texts and references."""
        return self.feel.findings

    def value(self, evaluation: Evaluation, key: str) -> Value:
        """The value of an element, computed once in an evaluation."""
        memo = evaluation.memo
        at = (self.namespace, key)
        value = memo.get(at, memo)
        if value is memo:
            memo[at] = _IN_PROGRESS
            value = memo[at] = self._values[key](evaluation)
        elif value is _IN_PROGRESS:
            evaluation.problem("cycle", f"{key} 直接或间接地依赖自身。", f"{key} requires itself.")
            return None
        return value

    def _properties(self) -> Iterator[str]:
        def components(items: Sequence[ItemDefinition]) -> Iterator[str]:
            for item in items:
                yield from (part.name for part in item.components)
                yield from components(item.components)

        yield from components(tuple(self.definitions.types.values()))
        for _, linked in self.imports:
            yield from linked._properties()
            yield from (element.variable.name for element in linked.definitions.elements.values())

    def _compile_allowed(self, text: Text, name: str) -> Check | None:
        try:
            tests = compile_unary_tests(text.text)
        except FeelSyntaxError as error:
            self.feel.report(
                f"feel.{error.code}",
                f"{name}：{error.message_zh}",
                f"{name}: {error.message}",
                name,
                text.line,
            )
            return None
        return lambda value: tests.matches(value, {}) is True

    def _check_types(self) -> None:
        for item in self.definitions.types.values():
            self.types.find(item.name)
            self._check_parts(item, item.name)

    def _check_parts(self, item: ItemDefinition, owner: str) -> None:
        self.feel.type_of(item.type_ref, owner)
        for part in item.components:
            self._check_parts(part, owner)

    def _requirements(self, element: Element) -> Iterator[Requirement]:
        hrefs: tuple[str, ...] = ()
        if isinstance(element, Decision):
            hrefs = element.information + element.knowledge
        elif isinstance(element, KnowledgeModel):
            hrefs = element.knowledge
        for href in hrefs:
            found = self.find(href)
            if found is None:
                self.feel.report(
                    "dmn.unknown_reference",
                    f"{element.name} 引用的 {href} 不存在。",
                    f"{element.name} requires {href}, which does not exist.",
                    element.id,
                )
                continue
            prefix, linked, target = found
            yield Requirement(prefix, target.variable.name, (linked.namespace, target.id), linked)

    def find(self, href: str) -> tuple[str, LinkedModel, Element] | None:
        """The element at a reference, with the prefix and the model it is in."""
        namespace, _, key = href.rpartition("#")
        if not namespace or namespace == self.namespace:
            element = self.definitions.elements.get(key)
            return None if element is None else ("", self, element)
        for prefix, linked in self.imports:
            if linked.namespace == namespace and key in linked.definitions.elements:
                return prefix, linked, linked.definitions.elements[key]
        return None

    def _check_cycles(self) -> None:
        own = {
            key: [
                requirement.target[1]
                for requirement in found
                if requirement.target[0] == self.namespace
            ]
            for key, found in self.requirements.items()
        }
        free: set[str] = set()
        changed = True
        while changed:
            ready = {
                key for key, needs in own.items() if key not in free and free.issuperset(needs)
            }
            free |= ready
            changed = bool(ready)
        for key in own.keys() - free:
            self.feel.report(
                "dmn.cycle",
                f"{self.definitions.elements[key].name} 处在循环依赖之中。",
                f"{self.definitions.elements[key].name} is part of a cycle of requirements.",
                key,
            )

    def names(self, key: str) -> frozenset[str]:
        """The names that an element's expression sees."""
        return frozenset(found.prefix or found.name for found in self.requirements[key])

    def scope(self, evaluation: Evaluation, key: str) -> dict[str, Value]:
        """The values that an element's expression sees."""
        scope: dict[str, Value] = {}
        for found in self.requirements[key]:
            value = found.linked.value(evaluation, found.target[1])
            if found.prefix:
                scope.setdefault(found.prefix, {})[found.name] = value
            else:
                scope[found.name] = value
        return scope

    def _compile(self, element: Element) -> Callable[[Evaluation], Value]:
        if isinstance(element, InputData):
            return self._input(element)
        if isinstance(element, Decision):
            return self._decision(element)
        if isinstance(element, KnowledgeModel):
            return self._knowledge(element)
        return self._service(element)

    def _input(self, element: InputData) -> Callable[[Evaluation], Value]:
        kind = self.feel.type_of(element.variable.type_ref, element.id)
        name, qualified = element.variable.name, f"{self.namespace}#{element.variable.name}"

        def value(evaluation: Evaluation) -> Value:
            given = evaluation.inputs
            if qualified in given:
                found = given[qualified]
            elif name in given:
                found = given[name]
            else:
                evaluation.problem(
                    "missing_input", f"缺少输入 {name}。", f"The input {name} is missing."
                )
                return None
            return found if found is None or kind.is_any else evaluation.coerced(kind, found, name)

        return value

    def _decision(self, element: Decision) -> Callable[[Evaluation], Value]:
        key = element.id
        code = compile_boxed(self.feel, element.expression, self.names(key), key)
        kind = self.feel.type_of(element.variable.type_ref, key)
        teller = compile_teller(self.feel, element, self.names(key))
        shows_requirements = not isinstance(element.expression, DecisionTable)

        def value(evaluation: Evaluation) -> Value:
            scope = self.scope(evaluation, key)
            outer = evaluation.begin(key, element.name, "decision")
            record = evaluation.current
            if shows_requirements and record is not None:
                record.inputs.extend(
                    (name, found)
                    for name, found in scope.items()
                    if not isinstance(found, FunctionValue)
                )
            outer_run = evaluation.run
            if outer_run.types is not self.predicates:
                evaluation.run = outer_run.within({})
                evaluation.run.types = self.predicates
            result = code(evaluation, scope)
            if result is not None and not kind.is_any:
                result = evaluation.coerced(kind, result, element.name)
            if result.__class__ in (list, dict):
                check_size(evaluation.run, result)
            if evaluation.tells and teller is not None and record is not None:
                record.sentence = teller(evaluation, scope, record.rules, result)
            evaluation.run = outer_run
            evaluation.finish(outer, result)
            return result

        return value

    def _knowledge(self, element: KnowledgeModel) -> Callable[[Evaluation], Value]:
        key, name = element.id, element.variable.name
        if element.logic is None:
            self.feel.report(
                "dmn.no_expression",
                f"{element.name}：没有表达式。",
                f"{element.name}: there is no expression.",
                key,
            )
            return lambda evaluation: None
        make = compile_function(
            self.feel,
            element.logic,
            self.names(key) | {name},
            key,
            name,
            self._result_type(element.variable.type_ref),
        )

        def value(evaluation: Evaluation) -> Value:
            scope = self.scope(evaluation, key)
            # A knowledge model may call itself.
            scope[name] = function = make(evaluation, scope, key)
            return function

        return value

    def _result_type(self, reference: str | None) -> str | None:
        """What calls give: the type itself, or the result of the function type that it is."""
        item = self.definitions.types.get(reference or "")
        return reference if item is None or item.function is None else item.function[1]

    def _service(self, element: DecisionService) -> Callable[[Evaluation], Value]:
        parameters = [self.find(href) for href in element.input_data + element.input_decisions]
        outputs = [self.find(href) for href in element.outputs]
        for href, found in zip(
            (*element.input_data, *element.input_decisions, *element.outputs),
            (*parameters, *outputs),
            strict=True,
        ):
            if found is None:
                self.feel.report(
                    "dmn.unknown_reference",
                    f"{element.name} 引用的 {href} 不存在。",
                    f"{element.name} requires {href}, which does not exist.",
                    element.id,
                )
        service = _Service(
            element,
            [found for found in parameters if found is not None],
            [found for found in outputs if found is not None],
            self.feel.type_of(self._result_type(element.variable.type_ref), element.id),
        )
        return service.function


_Found = tuple[str, LinkedModel, Element]


class _Service:
    """A decision service as a function: its decisions computed apart from all others."""

    def __init__(
        self,
        element: DecisionService,
        parameters: Sequence[_Found],
        outputs: Sequence[_Found],
        kind: DmnType,
    ) -> None:
        self.element = element
        self.parameters = parameters
        self.outputs = outputs
        self.kind = kind
        # What is imported has its qualified name (10.4).
        self.names = [
            f"{prefix}.{target.variable.name}" if prefix else target.variable.name
            for prefix, _, target in parameters
        ]
        self.kinds = [
            linked.types.find(target.variable.type_ref) or ANY for _, linked, target in parameters
        ]

    def function(self, evaluation: Evaluation) -> FunctionValue:
        def call(run: Run, arguments: Sequence[Value]) -> Value:
            run.enter(CALL_WEIGHT)
            result = self._result(evaluation, run, arguments)
            run.depth -= CALL_WEIGHT
            return result

        name = self.element.variable.name
        return FunctionValue(
            name,
            tuple(
                Parameter(parameter, acceptor(evaluation, kind, name, parameter))
                for parameter, kind in zip(self.names, self.kinds, strict=True)
            ),
            call,
            tuple(type_node(target.variable.type_ref) for _, _, target in self.parameters),
            type_node(self.element.variable.type_ref),
        )

    def _result(self, evaluation: Evaluation, run: Run, arguments: Sequence[Value]) -> Value:
        outer_memo, outer_inputs, outer_run = evaluation.memo, evaluation.inputs, evaluation.run
        evaluation.memo = {
            (linked.namespace, target.id): value
            for (_, linked, target), value in zip(self.parameters, arguments, strict=True)
        }
        evaluation.inputs, evaluation.run = {}, run
        outer = evaluation.begin(self.element.id, self.element.name, "service")
        record = evaluation.current
        if record is not None:
            record.inputs.extend(
                (target.variable.name, value)
                for (_, _, target), value in zip(self.parameters, arguments, strict=True)
            )
        values = {
            target.variable.name: linked.value(evaluation, target.id)
            for _, linked, target in self.outputs
        }
        result: Value = values
        if len(values) == 1:
            result = next(iter(values.values()))
        result = evaluation.coerced(self.kind, result, self.element.name)
        evaluation.finish(outer, result)
        evaluation.memo, evaluation.inputs, evaluation.run = outer_memo, outer_inputs, outer_run
        return result
