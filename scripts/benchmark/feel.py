"""How many evaluations of FEEL and of decision tables one core makes in a second."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from itertools import cycle, islice
from typing import Any, Final

from workflows.decisions import DecisionModel, evaluate_decision, parse_dmn
from workflows.feel import compile_expression

#: What the goal is stated for.
CONDITION: Final = "household.income <= 1.5 * standard"
_SUM: Final = "sum(for one in members return one.wage * 0.7) / count(members) < standard"
_NAMESPACE: Final = "https://www.omg.org/spec/DMN/20230324/MODEL/"
_INPUTS: Final = {"kind": "string", "income": "number", "alone": "boolean"}
_STEP: Final = 100
#: A round does as many evaluations as fit into this many seconds.
_ROUND: Final = 0.4

_Act = Callable[[Mapping[str, Any]], object]


@dataclass(frozen=True, slots=True)
class Rate:
    """Evaluations per second of several rounds, by the clock, and per second of CPU time."""

    median: float
    lowest: float
    highest: float
    of_cpu: float

    def to_json(self) -> dict[str, int]:
        """Whole evaluations per second."""
        return {
            "per_second": round(self.median),
            "lowest": round(self.lowest),
            "highest": round(self.highest),
            "per_cpu_second": round(self.of_cpu),
        }


def feel_rates(*, rounds: int = 9, seconds: float = _ROUND) -> dict[str, dict[str, int]]:
    """Each measurement by its name, through the functions that the host calls.

    Texts and tables are compiled once, before the first round. Compiling is measured apart.
    """
    condition = compile_expression(CONDITION, {"household", "standard"})
    total = compile_expression(_SUM, {"members", "standard"})
    standard = Decimal(735)
    households = [
        {"household": {"income": Decimal(income)}, "standard": standard}
        for income in ("812.50", "1102.5", "1102.51", "0")
    ]
    families = [
        {"members": [{"wage": Decimal(wage)} for wage in (1800, 0, 260, 2100)], "standard": at}
        for at in (standard, Decimal(581))
    ]
    found = {
        f"`{CONDITION}`, value": _rate(condition.value, households, rounds, seconds),
        "the same with its warnings": _rate(condition.evaluate, households, rounds, seconds),
        "a sum over four members": _rate(total.value, families, rounds, seconds),
    }
    for rows in (10, 200):
        model = table_model(rows)
        name = f"a UNIQUE table of {rows} rows, explained"
        found[name] = _rate(_decider(model), table_inputs(rows), rounds, seconds)
    texts = [{"text": f"{CONDITION}{' ' * spaces}"} for spaces in range(15_000)]
    found["compiling the condition"] = _rate(_compile, texts, rounds, seconds)
    return {name: rate.to_json() for name, rate in found.items()}


def table_model(rows: int) -> DecisionModel:
    """A model of one UNIQUE table over a text, a number and a truth value; rows is even."""
    half = rows // 2
    body = ""
    for kind in ("urban", "rural"):
        for at in range(half):
            low, high = at * _STEP, (at + 1) * _STEP
            test = f"]{low}..{high}]"
            if at == 0:
                test = f"<= {high}"
            elif at == half - 1:
                test = f"> {low}"
            body += _rule([f'"{kind}"', test, "-"], f'"{kind} {at}"')
    columns = "".join(
        f'<input><inputExpression typeRef="{kind}"><text>{name}</text></inputExpression></input>'
        for name, kind in _INPUTS.items()
    )
    data = "".join(
        f'<inputData id="{name}" name="{name}"><variable name="{name}" typeRef="{kind}"/>'
        "</inputData>"
        for name, kind in _INPUTS.items()
    )
    required = "".join(
        f'<informationRequirement><requiredInput href="#{name}"/></informationRequirement>'
        for name in _INPUTS
    )
    document = (
        f'<definitions xmlns="{_NAMESPACE}" namespace="urn:bench" name="bench">{data}'
        f'<decision id="level" name="level"><variable name="level" typeRef="string"/>{required}'
        f'<decisionTable id="levels" hitPolicy="UNIQUE">{columns}'
        f'<output name="level" typeRef="string"/><annotation name="clause"/>{body}'
        "</decisionTable></decision></definitions>"
    )
    return parse_dmn(document.encode(), file="bench.dmn")


def _rule(tests: Sequence[str], result: str) -> str:
    cells = "".join(f"<inputEntry><text>{escape(test)}</text></inputEntry>" for test in tests)
    return (
        f"<rule>{cells}<outputEntry><text>{result}</text></outputEntry>"
        "<annotationEntry><text>bench</text></annotationEntry></rule>"
    )


def table_inputs(rows: int) -> list[dict[str, Any]]:
    """Inputs that reach each row of `table_model(rows)` once."""
    return [
        {"kind": kind, "income": Decimal(at * _STEP + _STEP // 2), "alone": at % 2 == 0}
        for kind in ("urban", "rural")
        for at in range(rows // 2)
    ]


def _decider(model: DecisionModel) -> _Act:
    return lambda inputs: evaluate_decision(model, "level", inputs)


def _compile(given: Mapping[str, Any]) -> object:
    return compile_expression(given["text"], {"household", "standard"})


def _rate(act: _Act, inputs: Sequence[Mapping[str, Any]], rounds: int, seconds: float) -> Rate:
    """Rounds of so many evaluations as take about so many seconds, over the inputs in turn."""
    turns = cycle(inputs)
    count = 1
    while (taken := _timed(act, list(islice(turns, count)))[0]) < seconds / 4:
        count *= 2
    count = max(1, round(count * seconds / taken))
    by_clock, of_cpu = [], []
    for _ in range(rounds):
        clock, cpu = _timed(act, list(islice(turns, count)))
        by_clock.append(count / clock)
        of_cpu.append(count / cpu)
    return Rate(
        statistics.median(by_clock), min(by_clock), max(by_clock), statistics.median(of_cpu)
    )


def _timed(act: _Act, inputs: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    clock, cpu = time.perf_counter(), time.process_time()
    for given in inputs:
        act(given)
    # The clock of CPU time may tick coarsely; a round is long against it.
    return time.perf_counter() - clock, max(time.process_time() - cpu, 1e-9)
