"""Runs the tests of the DMN Technology Compatibility Kit from a folder of its files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from lxml import etree

from workflows.decisions.decisions import (
    DecisionModel,
    evaluate_decision,
    evaluate_service,
    parse_models,
)
from workflows.decisions.document import child, child_text, children, hardened_root
from workflows.decisions.errors import DecisionError
from workflows.decisions.model import Decision
from workflows.decisions.tck_values import read_value, same_value, shown
from workflows.errors import DoudiError, Invalid
from workflows.feel import FeelError, FeelSyntaxError, Value

PASSED: Final = "passed"
FAILED: Final = "failed"
NOT_APPLICABLE: Final = "not_applicable"
_NOW: Final = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One result node of a test case: passed, failed or not_applicable, and why."""

    level: str
    folder: str
    file: str
    case: str
    node: str
    outcome: str
    reason: str = ""

    @property
    def name(self) -> str:
        """Folder, case and node."""
        return f"{self.folder}/{self.case}/{self.node}"


@dataclass(frozen=True, slots=True)
class Report:
    """The outcomes of a kit."""

    outcomes: tuple[Outcome, ...]

    def levels(self) -> dict[str, dict[str, int]]:
        """Counts of passed, failed and not_applicable by level."""
        counts: dict[str, Counter[str]] = {}
        for outcome in self.outcomes:
            counts.setdefault(outcome.level, Counter())[outcome.outcome] += 1
        return {
            level: {kind: counted[kind] for kind in (PASSED, FAILED, NOT_APPLICABLE)}
            for level, counted in sorted(counts.items())
        }

    def to_json(self) -> dict[str, Any]:
        """Counts by level and every test with its outcome."""
        return {
            "levels": self.levels(),
            "tests": [
                {
                    "level": outcome.level,
                    "test": outcome.name,
                    "outcome": outcome.outcome,
                    "reason": outcome.reason,
                }
                for outcome in self.outcomes
            ],
        }


def report_lines(report: Report) -> list[str]:
    """The counts by level, then each test that did not pass with its reason."""
    lines = [
        f"{level}: {counted[PASSED]} passed, {counted[FAILED]} failed, "
        f"{counted[NOT_APPLICABLE]} not applicable"
        for level, counted in report.levels().items()
    ]
    lines += [
        f"{outcome.outcome} {outcome.level} {outcome.name}: {outcome.reason}"
        for outcome in report.outcomes
        if outcome.outcome != PASSED
    ]
    return lines


def run_kit(folder: Path) -> Report:
    """Evaluates every test file below a folder; a level is a folder `compliance-level-N`.

    Raises:
        Invalid: the folder holds no tests.
    """
    outcomes: list[Outcome] = []
    for tests in sorted(folder.rglob("*.xml")):
        outcomes.extend(_run_file(tests))
    if not outcomes:
        raise Invalid(
            "tck.no_tests",
            f"{folder} 中没有 DMN TCK 的测试。",
            f"{folder} holds no tests of the DMN TCK.",
        )
    return Report(tuple(outcomes))


def _level(path: Path) -> str:
    return next((part for part in path.parts if part.startswith("compliance-level")), "other")


def _run_file(path: Path) -> Iterator[Outcome]:
    root = hardened_root(path.read_bytes(), file=path.name)
    problem, model = "", None
    try:
        model = _model(path, child_text(root, "modelName") or "")
    except Invalid as error:
        problem = json.dumps([finding.message_en for finding in error.findings])
    for case in children(root, "testCase"):
        identity = case.get("id", "")
        given = _inputs(case)
        for node in children(case, "resultNode"):
            name = node.get("name", "")
            if model is None:
                outcome, reason = FAILED, problem
            else:
                outcome, reason = _run_node(model, case, node, given)
            yield Outcome(
                _level(path), path.parent.name, path.name, identity, name, outcome, reason
            )


def _model(path: Path, name: str) -> DecisionModel:
    """The tested model with those that it imports from the same folder, and no other."""
    available = {found.name: found.read_bytes() for found in path.parent.glob("*.dmn")}
    content = available.get(name)
    if content is None:
        raise Invalid("tck.no_model", f"没有 {name}。", f"There is no {name}.")
    if len(available) > 1 and child(hardened_root(content, file=name), "import") is not None:
        return parse_models(available)[name]
    return parse_models({name: content})[name]


def _inputs(case: etree._Element) -> dict[str, Value]:
    inputs: dict[str, Value] = {}
    for node in children(case, "inputNode"):
        name = " ".join(node.get("name", "").split())
        namespace = node.get("namespace")
        inputs[f"{namespace}#{name}" if namespace else name] = read_value(node)
    return inputs


def _run_node(
    model: DecisionModel, case: etree._Element, node: etree._Element, inputs: Mapping[str, Value]
) -> tuple[str, str]:
    name = " ".join(node.get("name", "").split())
    expected_node = child(node, "expected")
    try:
        expected = None if expected_node is None else read_value(expected_node)
    except (FeelError, FeelSyntaxError, ValueError) as error:
        return FAILED, f"the expected value cannot be read: {error}"
    try:
        value = _evaluated(model, case, name, inputs)
    except DecisionError as error:
        return FAILED, error.message_en
    except DoudiError as error:
        return FAILED, f"{error.code}: {error.message_en}"
    if same_value(expected, value):
        return PASSED, ""
    reason = f"expected {shown(expected)}, got {shown(value)}"
    found = model.decisions.get(name)
    if found is not None and _calls_predictive_model(found):
        return NOT_APPLICABLE, f"predictive models (PMML) are not run; {reason}"
    return FAILED, reason


def _evaluated(
    model: DecisionModel, case: etree._Element, name: str, inputs: Mapping[str, Value]
) -> Value:
    kind, invocable = case.get("type", "decision"), case.get("invocableName")
    if kind == "decisionService" and invocable:
        result = evaluate_service(model, invocable, inputs, now=_NOW, strict=False)
        return result.outputs.get(name, result.value)
    return evaluate_decision(model, name, inputs, now=_NOW, strict=False).value


def _calls_predictive_model(decision: Decision) -> bool:
    return "kind='PMML'" in repr(decision.expression)
