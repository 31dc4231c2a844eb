"""`python -m scripts.soak`: every part in turn, within a quarter of an hour."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Final

from scripts.feelin.compare import available
from scripts.feelin.run import compare
from scripts.soak import diagrams as hostile
from scripts.soak import expressions, fuzzing
from scripts.soak.api import fuzz_api
from scripts.soak.faulty import FAULTS
from scripts.soak.lives.run import live_in_towns, show
from scripts.soak.run import Outcome, Plan, soak

#: A planted fault is looked for in a shorter run.
_FAULT_KILLS: Final = 20
_FAULT_SECONDS: Final = 50
_SHOWN: Final = 10
_MUTANTS: Final = 5_000
_TEXTS: Final = 20_000
_FUZZ_SECONDS: Final = 120
_COMPARED: Final = 100_000
#: Seconds that a comparison of so many may take.
_COMPARING: Final = 600
#: Seconds after which a part that counts stops counting.
_LONGEST: Final = 75
_API_SECONDS: Final = 100
_FAMILIES: Final = 1_000
_YEARS: Final = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0 when everything holds and every planted fault is found."""
    chosen = _parser().parse_args(arguments)
    # An interrupted run stops its processes on the way out.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    parts = chosen.part or list(PARTS)
    failed = [name for name in parts if not PARTS[name](chosen)]
    print("\nAll parts hold." if not failed else f"\nFAILED: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scripts.soak", description=__doc__)
    parser.add_argument("--part", action="append", choices=list(PARTS), help="only these parts")
    parser.add_argument("--fault", action="append", choices=list(FAULTS), help="only these faults")
    parser.add_argument("--kills", type=int, default=100, help="SIGKILLs in the long run")
    parser.add_argument("--seed", type=int, default=1, help="another order of kills and acts")
    parser.add_argument("--seconds", type=int, default=_FUZZ_SECONDS, help="for guided fuzzing")
    parser.add_argument("--families", type=int, default=_FAMILIES, help="that live for years")
    parser.add_argument("--towns-at-once", type=int, help="of families; one a processor")
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    return parser


def kills(chosen: argparse.Namespace) -> bool:
    """Kill processes under load; every invariant has to hold."""
    count = max(1, chosen.kills // (10 if chosen.quick else 1))
    print(f"\n== {count} kills under load", flush=True)
    outcome = soak(Plan(count, seed=chosen.seed))
    _show(outcome)
    if outcome.kills < count:
        print(f"  only {outcome.kills} kills: the machine was too slow for more")
    return not outcome.violations and outcome.kills > 0 and outcome.counts["acknowledged"] > 0


def faults(chosen: argparse.Namespace) -> bool:
    """Plant each fault; the same look has to find something."""
    missed = []
    for name in chosen.fault or list(FAULTS):
        print(f"\n== planted: {name}", flush=True)
        outcome = soak(Plan(_FAULT_KILLS, seed=chosen.seed, fault=name, longest=_FAULT_SECONDS))
        _show(outcome)
        print("found" if outcome.violations else "NOT FOUND: the harness is blind to it")
        if not outcome.violations:
            missed.append(name)
    return not missed


def diagrams(chosen: argparse.Namespace) -> bool:
    """Show mutants of the policy's diagrams to the gate, and run what it accepts."""
    count = _MUTANTS // (10 if chosen.quick else 1)
    print(f"\n== {count} mutated diagrams", flush=True)
    judged = hostile.judge_mutants(count, chosen.seed, _LONGEST)
    print(
        f"{judged.mutants} mutants: {judged.refused} refused with {len(judged.codes)} kinds of "
        f"findings, {judged.accepted} accepted and taken {judged.steps} steps; slowest "
        f"{judged.slowest:.2f} s"
    )
    return _nothing_wrong(judged.wrong, judged.slowest, hostile.SLOWEST, judged.refused)


def feel(chosen: argparse.Namespace) -> bool:
    """Compile and evaluate random FEEL texts."""
    count = _TEXTS // (10 if chosen.quick else 1)
    print(f"\n== {count} random FEEL texts", flush=True)
    tried = expressions.try_texts(count, chosen.seed, _LONGEST)
    print(
        f"{tried.texts} texts: {tried.refused} refused, {tried.valued} evaluated, "
        f"{tried.bounded} stopped at a bound; slowest {tried.slowest:.2f} s: "
        f"{tried.slowest_text[:200]!r}"
    )
    return _nothing_wrong(tried.wrong, tried.slowest, expressions.SLOWEST, tried.valued)


def feelin(chosen: argparse.Namespace) -> bool:
    """Compare drawn expressions with the browser's implementation of FEEL."""
    count = _COMPARED // (10 if chosen.quick else 1)
    print(f"\n== {count} expressions compared with @bpmn-io/feelin", flush=True)
    if not available():
        print("  not compared: node or feelin is missing here (make frontend)")
        return True
    compared = compare(count, chosen.seed, longest=_COMPARING)
    print(
        f"{compared.texts} expressions: {compared.same} alike, "
        f"{compared.explained.total()} in {len(compared.explained)} explained ways not, "
        f"{len(compared.unexplained)} unexplained"
    )
    for sentence in compared.unexplained[:_SHOWN]:
        print(f"  unexplained: {sentence}")
    return not compared.unexplained and compared.same > 0


def fuzz(chosen: argparse.Namespace) -> bool:
    """Let coverage guide the fuzzing of expressions, cells and documents."""
    seconds = chosen.seconds // (10 if chosen.quick else 1)
    print(f"\n== fuzzing guided by coverage for {seconds} s", flush=True)
    if not fuzzing.is_available():
        print("  not fuzzed: atheris is missing; there may be none for this machine's Python")
        return True
    held = True
    for fuzzed in fuzzing.fuzz(seconds, chosen.seed):
        print(
            f"{fuzzed.target}: {fuzzed.runs} runs from {fuzzed.seeds} seeds, "
            f"{fuzzed.coverage} places reached, {len(fuzzed.findings)} findings",
            flush=True,
        )
        for path in fuzzed.findings:
            held = False
            print(f"  finding: {path} (again: python -m scripts.fuzz {path})")
        if fuzzed.said:
            print(fuzzed.said)
        held = held and fuzzed.runs > 0
    return held


def _nothing_wrong(wrong: Sequence[str], slowest: float, limit: float, seen: int) -> bool:
    for sentence in wrong[:_SHOWN]:
        print(f"  wrong: {sentence}")
    if slowest > limit:
        print(f"  wrong: slower than {limit} s")
    return not wrong and slowest <= limit and seen > 0


def api(chosen: argparse.Namespace) -> bool:
    """Send generated requests to the JSON interface."""
    seconds = _API_SECONDS // (10 if chosen.quick else 1)
    print(f"\n== generated requests for {seconds} s", flush=True)
    fuzzed = fuzz_api(seconds, chosen.seed)
    print(fuzzed.said)
    return fuzzed.held


def _show(outcome: Outcome) -> None:
    counts = ", ".join(f"{count} {name}" for name, count in outcome.counts.items())
    print(f"{outcome.seconds:.0f} s: {counts}")
    by_rule: dict[str, int] = {}
    for violation in outcome.violations:
        by_rule[violation.rule] = by_rule.get(violation.rule, 0) + 1
    for rule, count in by_rule.items():
        print(f"  broken {count} times: {rule}")
    for violation in outcome.violations[:_SHOWN]:
        print(f"    {violation}")
    for line in outcome.said:
        print(f"    said: {line}")
    if not outcome.violations:
        print("  every invariant holds")


def lives(chosen: argparse.Namespace) -> bool:
    """Families over years of a moved clock, standards and laws changing under them."""
    families = max(10, chosen.families // (10 if chosen.quick else 1))
    print(f"\n== {families} families over {_YEARS} years", flush=True)
    lived = live_in_towns(families, _YEARS, chosen.seed, chosen.towns_at_once)
    show(lived)
    return not lived.violations and not lived.stuck and bool(lived.tasks)


PARTS: Final[Mapping[str, Callable[[argparse.Namespace], bool]]] = {
    "kills": kills,
    "faults": faults,
    "diagrams": diagrams,
    "feel": feel,
    "feelin": feelin,
    "fuzz": fuzz,
    "api": api,
    "lives": lives,
}


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
