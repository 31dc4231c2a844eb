"""Runs the tests of the DMN Technology Compatibility Kit from a folder of its files."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from lxml import etree

from workflows.decisions.decision_models import DecisionModel, parse_models
from workflows.decisions.decisions import (
    evaluate_decision,
    evaluate_knowledge,
    evaluate_service,
)
from workflows.decisions.document import child, child_text, children, hardened_root, local_name
from workflows.decisions.errors import DecisionError
from workflows.decisions.tck_values import read_value, same_value, shown
from workflows.errors import DoudiError, Invalid
from workflows.feel import FeelError, FeelLimitExceeded, FeelSyntaxError, Value

PASSED: Final = "passed"
FAILED: Final = "failed"
NOT_APPLICABLE: Final = "not_applicable"
#: How the names of folders begin that are levels.
_LEVELS: Final = ("compliance-level", "non-compliant")
#: What a file of the kit may break beside the errors that have names.
_FAULTS: Final = (ValueError, ArithmeticError, LookupError, TypeError, RecursionError)
_JAVA: Final = re.compile(r"\bexternal\s*\{\W*java\b")
_PMML: Final = re.compile(r"\bexternal\s*\{\W*pmml\b")
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
        """`passed`, `failed` and `not_applicable` in all and by level, and every test by name."""
        counted = Counter(outcome.outcome for outcome in self.outcomes)
        return {
            **{kind: counted[kind] for kind in (PASSED, FAILED, NOT_APPLICABLE)},
            "levels": self.levels(),
            "tests": [
                {
                    "name": outcome.name,
                    "level": outcome.level,
                    "file": outcome.file,
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
    """Evaluates every test file below a folder: the whole kit, a level, or a single test.

    A level is the name of a folder `compliance-level-N` or `non-compliant` on the way. What cannot
    be read or evaluated is a failed test with its reason.

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
    folders = path.resolve().parts[:-1]
    levels = (part for part in reversed(folders) if part.startswith(_LEVELS))
    return next(levels, "other")


def _run_file(path: Path) -> Iterator[Outcome]:
    def outcome(case: str, node: str, found: tuple[str, str]) -> Outcome:
        folder = path.resolve().parent.name
        return Outcome(_level(path), folder, path.name, case, node, *found)

    try:
        root = hardened_root(path.read_bytes(), file=path.name)
    except Invalid as error:
        yield outcome("", "", (FAILED, _sentences(error)))
        return
    if local_name(root) != "testCases":
        return
    problem, model = "", None
    try:
        model = _model(path, child_text(root, "modelName") or "")
    except Invalid as error:
        problem = _sentences(error)
    except _FAULTS as error:
        problem = f"the model cannot be read: {error!r}"
    for case in children(root, "testCase"):
        identity = case.get("id", "")
        for node in children(case, "resultNode"):
            found = (FAILED, problem) if model is None else _run_node(model, case, node)
            yield outcome(identity, node.get("name", ""), found)


def _sentences(error: Invalid) -> str:
    return json.dumps([finding.message_en for finding in error.findings] or [error.message_en])


def _model(path: Path, name: str) -> DecisionModel:
    """The tested model with those that it imports from the same folder, and no other."""
    tested = path.parent / name
    if not name or not tested.is_file():
        raise Invalid("tck.no_model", f"没有 {name}。", f"There is no model {name!r}.")
    files: dict[str, bytes] = {tested.name: tested.read_bytes()}
    needed = _imported(hardened_root(files[tested.name], file=tested.name))
    waiting = sorted(found for found in path.parent.glob("*.dmn") if found != tested)
    while needed and waiting:
        others = {found: _root_of(found) for found in waiting}
        found = [other for other, root in others.items() if _namespace(root) in needed]
        waiting = [other for other in waiting if other not in found]
        needed = set()
        for other in found:
            files[other.name] = other.read_bytes()
            needed |= _imported(others[other])
    return parse_models(files)[tested.name]


def _root_of(path: Path) -> etree._Element | None:
    try:
        return hardened_root(path.read_bytes(), file=path.name)
    except Invalid:
        return None


def _namespace(root: etree._Element | None) -> str | None:
    return None if root is None else root.get("namespace")


def _imported(root: etree._Element | None) -> set[str]:
    """The namespaces that a model imports."""
    parts = () if root is None else children(root, "import")
    return {part.get("namespace", "") for part in parts}


def _inputs(case: etree._Element) -> dict[str, Value]:
    inputs: dict[str, Value] = {}
    for node in children(case, "inputNode"):
        name = " ".join(node.get("name", "").split())
        namespace = node.get("namespace")
        inputs[f"{namespace}#{name}" if namespace else name] = read_value(node)
    return inputs


def _run_node(model: DecisionModel, case: etree._Element, node: etree._Element) -> tuple[str, str]:
    name = " ".join(node.get("name", "").split())
    expected_node = child(node, "expected")
    try:
        inputs = _inputs(case)
        expected = None if expected_node is None else read_value(expected_node)
    except (FeelError, FeelSyntaxError, *_FAULTS) as error:
        return FAILED, f"an input or the expected value cannot be read: {error}"
    try:
        value = _evaluated(model, case, name, inputs)
        if same_value(expected, value):
            return PASSED, ""
        reason = f"expected {shown(expected)}, got {shown(value)}"
    except DecisionError as error:
        reason = error.message_en
    except DoudiError as error:
        reason = f"{error.code}: {error.message_en}"
    except (FeelError, FeelLimitExceeded, *_FAULTS) as error:
        reason = f"the evaluation failed: {error!r}"
    foreign = _foreign_functions(model, name)
    if foreign:
        return NOT_APPLICABLE, f"functions of {foreign} are not run; {reason}"
    return FAILED, reason


def _evaluated(
    model: DecisionModel, case: etree._Element, name: str, inputs: Mapping[str, Value]
) -> Value:
    kind, invocable = case.get("type", "decision"), case.get("invocableName")
    if kind == "decisionService" and invocable:
        result = evaluate_service(model, invocable, inputs, now=_NOW, strict=False)
        return result.outputs.get(name, result.value)
    if kind == "bkm" or (name in model.knowledge and name not in model.decisions):
        return evaluate_knowledge(model, invocable or name, inputs, now=_NOW, strict=False)
    return evaluate_decision(model, name, inputs, now=_NOW, strict=False).value


def _foreign_functions(model: DecisionModel, name: str) -> str:
    """`Java` or `PMML` when what a result needs calls such a function; empty otherwise."""
    named = (model.decisions.get(name), model.services.get(name), model.knowledge.get(name))
    pending = [found.id for found in named if found is not None]
    seen: set[str] = set()
    texts = []
    while pending:
        key = pending.pop()
        element = model.linked.definitions.elements.get(key)
        if element is None or key in seen:
            continue
        seen.add(key)
        texts.append(repr(element))
        pending.extend(found.target[1] for found in model.linked.requirements[key])
    text = "".join(texts)
    if "kind='PMML'" in text or _PMML.search(text):
        return "PMML"
    return "Java" if "kind='Java'" in text or _JAVA.search(text) else ""
