"""The parts of a DMN model as they stand in the file (DMN 1.5, chapters 6 to 8 and 10.2)."""

from __future__ import annotations

from collections import abc
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import StrEnum
from typing import TypeAlias

from workflows.decisions.wording import NOTHING, DecisionWording, FactWording
from workflows.errors import Finding


@dataclass(frozen=True, slots=True)
class Text:
    """FEEL text with the line of the file on which it starts."""

    text: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Variable:
    """A named value with the name of its type, None when the file gives none."""

    name: str
    type_ref: str | None = None


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    """A type (7.3.2); `allowed` holds unary tests over a value, or over each item of a list."""

    name: str
    type_ref: str | None
    collection: bool = False
    allowed: Text | None = None
    constraint: Text | None = None
    components: tuple[ItemDefinition, ...] = ()
    function: tuple[tuple[Variable, ...], str | None] | None = None
    description: str = ""
    wording: FactWording | None = None


class HitPolicy(StrEnum):
    """Which of the rules that hit give the result (8.2.10)."""

    UNIQUE = "UNIQUE"
    FIRST = "FIRST"
    PRIORITY = "PRIORITY"
    ANY = "ANY"
    COLLECT = "COLLECT"
    RULE_ORDER = "RULE ORDER"
    OUTPUT_ORDER = "OUTPUT ORDER"


class Aggregation(StrEnum):
    """What COLLECT makes of the results (8.2.10)."""

    SUM = "SUM"
    COUNT = "COUNT"
    MIN = "MIN"
    MAX = "MAX"


@dataclass(frozen=True, slots=True)
class Literal:
    """A literal expression (7.3.5)."""

    text: Text
    type_ref: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class ContextEntry:
    """One entry of a boxed context; without a variable it is the result."""

    variable: Variable | None
    expression: Expression


@dataclass(frozen=True, slots=True)
class ContextExpression:
    """A boxed context (10.2.1.4)."""

    entries: tuple[ContextEntry, ...]
    type_ref: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Invocation:
    """A boxed invocation (10.2.1.3); `function` is the called expression, usually a name."""

    function: Expression
    bindings: tuple[tuple[Variable, Expression | None], ...]
    type_ref: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class ListExpression:
    """A boxed list (10.2.1.5)."""

    items: tuple[Expression, ...]
    type_ref: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """A boxed relation (10.2.1.6)."""

    columns: tuple[Variable, ...]
    rows: tuple[tuple[Expression, ...], ...]
    type_ref: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class FunctionDefinition:
    """A boxed function (10.2.1.7); `kind` is FEEL, Java or PMML, and only FEEL can be run."""

    parameters: tuple[Variable, ...]
    body: Expression | None
    kind: str = "FEEL"
    type_ref: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Conditional:
    """A boxed conditional (10.2.1.8)."""

    condition: Expression
    then: Expression
    otherwise: Expression
    type_ref: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """A boxed filter (10.2.1.9)."""

    source: Expression
    match: Expression
    type_ref: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Iterator:
    """A boxed for, every or some (10.2.1.10, 10.2.1.11)."""

    kind: str
    variable: Variable
    source: Expression
    body: Expression
    type_ref: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class InputClause:
    """An input column; `allowed` are unary tests."""

    id: str | None
    label: str
    expression: Text
    type_ref: str | None = None
    allowed: Text | None = None


@dataclass(frozen=True, slots=True)
class OutputClause:
    """An output column; `allowed` is a list of unary tests whose order is the priority."""

    id: str | None
    name: str | None
    label: str | None
    type_ref: str | None = None
    allowed: Text | None = None
    default: Text | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: tests and results in the order of the columns, annotations, number from 1."""

    id: str | None
    number: int
    tests: tuple[Text, ...]
    results: tuple[Text, ...]
    annotations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """A decision table (8.3).

    `refuses_gaps` says that inputs without a row are refused on purpose.
    """

    id: str | None
    hit_policy: HitPolicy
    aggregation: Aggregation | None
    inputs: tuple[InputClause, ...]
    outputs: tuple[OutputClause, ...]
    annotations: tuple[str, ...]
    rules: tuple[Rule, ...]
    type_ref: str | None = None
    line: int = 0
    refuses_gaps: bool = False


Expression: TypeAlias = (
    Literal
    | ContextExpression
    | Invocation
    | ListExpression
    | Relation
    | FunctionDefinition
    | Conditional
    | Filter
    | Iterator
    | DecisionTable
)


def parts_of(part: object) -> abc.Iterator[Expression]:
    """An expression with every expression inside it; tables are not looked into."""
    if isinstance(part, tuple):
        for item in part:
            yield from parts_of(item)
    elif is_dataclass(part) and not isinstance(part, type):
        if isinstance(part, Expression):
            yield part
        if not isinstance(part, DecisionTable | Literal):
            for found in fields(part):
                yield from parts_of(getattr(part, found.name))


def tables_in(expression: Expression | None) -> abc.Iterator[DecisionTable]:
    """The decision tables that an expression is or holds, however deep."""
    return (part for part in parts_of(expression) if isinstance(part, DecisionTable))


@dataclass(frozen=True, slots=True)
class InputData:
    """A value that comes from outside (6.3.11)."""

    id: str
    name: str
    variable: Variable
    wording: FactWording | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision (6.3.7); `information` and `knowledge` are hrefs of what it requires."""

    id: str
    name: str
    variable: Variable
    expression: Expression | None
    information: tuple[str, ...] = ()
    knowledge: tuple[str, ...] = ()
    question: str = ""
    description: str = ""
    line: int = 0
    wording: DecisionWording = NOTHING


@dataclass(frozen=True, slots=True)
class KnowledgeModel:
    """A business knowledge model (6.3.9): a function with a name."""

    id: str
    name: str
    variable: Variable
    logic: FunctionDefinition | None
    knowledge: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class DecisionService:
    """A decision service (6.3.10); every tuple holds hrefs."""

    id: str
    name: str
    variable: Variable
    outputs: tuple[str, ...]
    encapsulated: tuple[str, ...]
    input_decisions: tuple[str, ...]
    input_data: tuple[str, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class Import:
    """A model whose elements are used here under `name` (6.3.3)."""

    namespace: str
    name: str
    location: str | None = None
    line: int = 0


Element: TypeAlias = InputData | Decision | KnowledgeModel | DecisionService


@dataclass(frozen=True, slots=True)
class Definitions:
    """One DMN file: its elements by id, its types by name, and what else it uses."""

    file: str
    namespace: str
    name: str
    elements: Mapping[str, Element]
    types: Mapping[str, ItemDefinition]
    imports: tuple[Import, ...] = ()
    findings: tuple[Finding, ...] = field(default=(), compare=False)
