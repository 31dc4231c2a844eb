"""What the scenarios of a policy reached: flow nodes, sequence flows, rows of decision tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.assistance import Assessment
from models.trail import SubjectKind, TrailEntry
from workflows.decisions.explanation import clause_ids, is_clause_column
from workflows.decisions.model import DecisionTable, Rule
from workflows.definitions.diagram import Element, ElementKind, Flow, ProcessModel
from workflows.definitions.policy import Policy
from workflows.runtime.inbox.place import taken_flows

#: A token that arrives here only waits for something to happen.
_WAITING = frozenset({ElementKind.BOUNDARY_EVENT, ElementKind.CATCH_EVENT})


@dataclass(slots=True)
class Reached:
    """What was reached: ids of elements and flows, and rows as a table's key with the number."""

    elements: set[str] = field(default_factory=set)
    flows: set[str] = field(default_factory=set)
    rows: set[tuple[str, int]] = field(default_factory=set)

    def add(self, other: Reached) -> None:
        """Take over what another scenario reached."""
        self.elements |= other.elements
        self.flows |= other.flows
        self.rows |= other.rows


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many."""

    reached: int
    all: int

    @property
    def percent(self) -> float:
        """From 0 to 100, rounded down to a tenth; 100 where there is nothing to reach."""
        return 1000 * self.reached // self.all / 10 if self.all else 100.0

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {"reached": self.reached, "all": self.all, "percent": self.percent}


@dataclass(frozen=True, slots=True)
class ProcessCoverage:
    """A process, with what no scenario reached of it."""

    process: ProcessModel
    missing_nodes: tuple[Element, ...]
    missing_flows: tuple[Flow, ...]

    @property
    def nodes(self) -> Share:
        """Flow nodes that were entered."""
        count = len(self.process.elements)
        return Share(count - len(self.missing_nodes), count)

    @property
    def flows(self) -> Share:
        """Sequence flows that were taken."""
        count = len(self.process.flows)
        return Share(count - len(self.missing_flows), count)


@dataclass(frozen=True, slots=True)
class TableCoverage:
    """A decision table of the element `owner`, with the rows that never hit."""

    file: str
    owner: str
    name: str
    table: DecisionTable
    missing_rows: tuple[Rule, ...]

    @property
    def rows(self) -> Share:
        """Rows that hit."""
        count = len(self.table.rules)
        return Share(count - len(self.missing_rows), count)


@dataclass(frozen=True, slots=True)
class PolicyCoverage:
    """Every process and every decision table of a policy."""

    processes: tuple[ProcessCoverage, ...]
    tables: tuple[TableCoverage, ...]

    @property
    def nodes(self) -> Share:
        """Flow nodes of all processes."""
        return _sum(one.nodes for one in self.processes)

    @property
    def flows(self) -> Share:
        """Sequence flows of all processes."""
        return _sum(one.flows for one in self.processes)

    @property
    def rows(self) -> Share:
        """Rows of all tables."""
        return _sum(one.rows for one in self.tables)


def reached_in(session: Session, policy: Policy) -> Reached:
    """What the cases of a database reached, as their trails and assessments tell."""
    found = Reached()
    steps: dict[str, list[tuple[str, str]]] = {}
    entries = session.execute(
        select(TrailEntry.subject_id, TrailEntry.body)
        .where(TrailEntry.subject_kind == SubjectKind.CASE)
        .order_by(TrailEntry.subject_id, TrailEntry.sequence)
    )
    for case_id, body in entries:
        data = orjson.loads(body)["data"]
        steps.setdefault(case_id, []).extend(
            (step["step"], step["element"]) for step in data.get("steps", ())
        )
        found.rows |= set(rows_in(data.get("reasons")))
    for explanation in session.scalars(select(Assessment.explanation)):
        found.rows |= set(rows_in(explanation))
    for taken in steps.values():
        found.flows |= set(taken_flows(policy, taken))
        found.elements |= {
            element_id for step, element_id in taken if _happened(policy, step, element_id)
        }
    return found


def coverage_of(policy: Policy, reached: Reached) -> PolicyCoverage:
    """A policy beside what was reached of it."""
    return PolicyCoverage(
        tuple(
            ProcessCoverage(
                process,
                tuple(e for e in process.elements.values() if e.id not in reached.elements),
                tuple(f for f in process.flows.values() if f.id not in reached.flows),
            )
            for process in policy.processes.values()
        ),
        tuple(_tables(policy, reached.rows)),
    )


def row_text(rule: Rule) -> str:
    """A row as a line: its tests and its results."""
    tests = " | ".join(_one_line(test.text) or "-" for test in rule.tests)
    return f"{tests} → {' | '.join(_one_line(result.text) for result in rule.results)}"


def row_clauses(table: DecisionTable, rule: Rule) -> tuple[str, ...]:
    """The ids in a row's annotations."""
    named = zip(table.annotations, rule.annotations, strict=False)
    return tuple(
        clause for name, text in named if is_clause_column(name) for clause in clause_ids(text)
    )


def rows_in(document: Any) -> Iterator[tuple[str, int]]:
    """The rows that hit in all explanations within a document."""
    if isinstance(document, list):
        for part in document:
            yield from rows_in(part)
    elif isinstance(document, Mapping):
        for step in document.get("steps", ()) if "format" in document else ():
            for rule in step["rules"]:
                # the trail keeps numbers as texts
                yield rule["table"] or step["id"], int(rule["row"])
        for part in document.values():
            yield from rows_in(part)


def _happened(policy: Policy, step: str, element_id: str) -> bool:
    if step == "leave":
        return True
    return step == "enter" and policy.element(element_id).kind not in _WAITING


def _tables(policy: Policy, rows: set[tuple[str, int]]) -> Iterator[TableCoverage]:
    models = {id(model): model for model in policy.decisions.values()}.values()
    for model in sorted(models, key=lambda one: one.file):
        for element in model.linked.definitions.elements.values():
            for table in _tables_below(element):
                key = table.id or element.id
                missing = tuple(rule for rule in table.rules if (key, rule.number) not in rows)
                yield TableCoverage(model.file, element.id, element.name, table, missing)


def _tables_below(part: object) -> Iterator[DecisionTable]:
    """The tables of an element, also inside of boxed expressions."""
    if isinstance(part, DecisionTable):
        yield part
    elif isinstance(part, tuple):
        for one in part:
            yield from _tables_below(one)
    elif is_dataclass(part):
        for one in fields(part):
            yield from _tables_below(getattr(part, one.name))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _sum(shares: Iterable[Share]) -> Share:
    found = list(shares)
    return Share(sum(one.reached for one in found), sum(one.all for one in found))
