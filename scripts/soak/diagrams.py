"""Hostile diagrams: whatever is done to a diagram, the gate answers, and what it lets in runs."""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from scripts.benchmark.policy import measured_policy
from workflows.definitions.check import check_contents
from workflows.definitions.contents import Contents, read_contents
from workflows.definitions.diagram import DiagramFile, Element, parse_diagram
from workflows.definitions.findings import Report
from workflows.errors import DoudiError, Invalid
from workflows.runtime.engine import EngineRun, WaitKind, program_of
from workflows.runtime.service_tasks import signatures

#: The gate answers within this CPU time, in seconds.
SLOWEST: Final = 2.0
_STEPS: Final = 12
_HOSTILE: Final = (
    "", "0", "-1", "1e999", "&", "&#0;", "&lt;", "]]>", "<!--", "<![CDATA[", "<!DOCTYPE x>",
    "${x}", "{{x}}", "__import__('os').system('id')", "null", "true", "{0}", "\ud800", "￿",
    "x" * 3000, "Root", "Start", "../../etc/passwd", "for i in 1..99999999 return i", "?" * 200,
)  # fmt: skip


@dataclass(slots=True)
class Judged:
    """What became of the mutants. `wrong`: anything but an answer, with the mutant's number."""

    mutants: int = 0
    refused: int = 0
    accepted: int = 0
    steps: int = 0
    slowest: float = 0.0
    wrong: list[str] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)


class _Host:
    """Decides by chance what the engine asks of the host."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def evaluate(self, expression: str, names: Mapping[str, Any], element: Element | None) -> Any:
        return self._chance.random() < 0.5

    def moment(self, element: Element, names: Mapping[str, Any]) -> datetime:
        return datetime(2031, 1, 1, tzinfo=UTC)

    def perform(self, run: EngineRun, element: Element, scope: str) -> None:
        pass

    def entered(self, run: EngineRun, element: Element, scope: str) -> None:
        pass

    def left(self, run: EngineRun, element: Element, scope: str) -> None:
        pass


def judge_mutants(count: int, seed: int, longest: float) -> Judged:
    """Mutate the policy's diagrams and show each to the gate; run what it accepts for some steps.

    Ends after `count` mutants or `longest` seconds.
    """
    chance = random.Random(seed)
    base = read_contents(measured_policy(Path(__file__).parent, whole=True))
    paths = sorted(base.diagrams)
    judged = Judged()
    deadline = time.monotonic() + longest
    while judged.mutants < count and time.monotonic() < deadline:
        path = chance.choice(paths)
        content = mutant(base.files[path].decode(), chance)
        judged.mutants += 1
        began = time.process_time()
        try:
            _judge(base, path, content, chance, judged)
        except Exception as error:  # noqa: BLE001  # any other error is what is looked for
            judged.wrong.append(f"mutant {judged.mutants} of {path}: {error!r}"[:500])
        judged.slowest = max(judged.slowest, time.process_time() - began)
    return judged


def mutant(text: str, chance: random.Random) -> bytes:
    """A diagram with one to four changes: words, elements, attributes or bytes."""
    for _ in range(chance.randrange(1, 5)):
        text = chance.choice((_exchange, _attribute, _element, _element))(text, chance)
    content = text.encode("utf-8", "surrogatepass")
    if chance.random() < 0.1:
        place = chance.randrange(len(content))
        content = content[:place] + chance.randbytes(chance.randrange(1, 40)) + content[place:]
    return content


def _exchange(text: str, chance: random.Random) -> str:
    """A word becomes another word of the document."""
    words = [found.span() for found in re.finditer(r"[A-Za-z_][\w.:-]*", text)]
    if not words:
        return text
    (start, end), (other_start, other_end) = chance.choice(words), chance.choice(words)
    return text[:start] + text[other_start:other_end] + text[end:]


def _attribute(text: str, chance: random.Random) -> str:
    """An attribute or a text gets a hostile value, or that of another one."""
    values = [found.span(1) for found in re.finditer(r'"([^"<]*)"|>([^<]{1,80})<', text)]
    values = [span for span in values if span[0] >= 0]
    if not values:
        return text
    start, end = chance.choice(values)
    if chance.random() < 0.5:
        other_start, other_end = chance.choice(values)
        return text[:start] + text[other_start:other_end] + text[end:]
    return text[:start] + chance.choice(_HOSTILE) + text[end:]


def _element(text: str, chance: random.Random) -> str:
    """An element is deleted, doubled or moved."""
    elements = list(re.finditer(r"<([a-z]+:\w+)\b[^>]*?(/>|>[^<]*</\1>)", text))
    if not elements:
        return text
    found = chance.choice(elements)
    act = chance.choice(("delete", "double", "move"))
    if act == "double":
        return text[: found.end()] + found.group() + text[found.end() :]
    text = text[: found.start()] + text[found.end() :]
    if act == "move":
        place = chance.choice([place.start() for place in re.finditer("<", text)])
        text = text[:place] + found.group() + text[place:]
    return text


def _judge(
    base: Contents, path: str, content: bytes, chance: random.Random, judged: Judged
) -> None:
    try:
        diagram = parse_diagram(content, file=path)
    except Invalid as error:
        if not error.findings:
            judged.wrong.append(f"mutant {judged.mutants} of {path}: refused without a finding")
        judged.refused += 1
        judged.codes.update({finding.code for finding in error.findings})
        return
    errors = _errors(base, path, diagram)
    judged.codes.update(errors)
    if errors:
        judged.refused += 1
        return
    judged.accepted += 1
    for process in diagram.processes:
        judged.steps += _walk({**base.diagrams, path: diagram}, process.id, chance)


def _errors(base: Contents, path: str, diagram: DiagramFile) -> set[str]:
    """The codes of the errors of the whole policy with this one diagram exchanged."""
    diagrams = {**base.diagrams, path: diagram}
    contents = replace(
        base,
        reports={name: Report(name) for name in base.reports},
        diagrams=diagrams,
        processes={process.id: process for file in diagrams.values() for process in file.processes},
        unclear=frozenset(),
    )
    found = check_contents(contents, operations=signatures())
    return {finding.code for finding in found if finding.severity == "error"}


def _walk(diagrams: Mapping[str, DiagramFile], process_id: str, chance: random.Random) -> int:
    """Take a case of an accepted diagram some steps; how many. Refusals by name end the walk."""
    steps = 0
    try:
        program = program_of(list(diagrams.values()), process_id)
        host = _Host(chance)
        run = EngineRun.start(program, host, {})
        run.advance()
        while steps < _STEPS and (waits := list(run.waits().values())):
            wait = chance.choice(waits)
            if wait.kind is WaitKind.TASK:
                run.complete(wait.id)
            else:
                run.fire(wait.id)
            steps += 1
            run = EngineRun.resume(program, host, run.dump())
    except DoudiError:
        return steps
    return steps
