"""A run that is stored, pruned and loaded after every step behaves like one that never is."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.property.blocks import Block, blocks, drawn
from workflows.definitions.diagram import Element
from workflows.runtime.engine import ROOT, EngineRun, Program, Wait, WaitKind, program_of
from workflows.runtime.engine.budget import Budget

START = datetime(2021, 9, 8, 1, 0, tzinfo=UTC)
WIDE = Budget(steps=100_000, tasks=100_000, subprocesses=10_000, cpu_seconds=60)


class ToldHost:
    """Notes what it is told; a condition's answer depends on how often it was asked."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.told: list[str] = []
        self.asked: Counter[str] = Counter()
        #: a condition that always holds
        self.always = ""

    def evaluate(self, expression: str, names: Mapping[str, Any], element: Element | None) -> bool:
        if expression == self.always:
            return True
        self.asked[expression] += 1
        told = f"{self.seed}/{expression}/{self.asked[expression]}"
        return zlib.crc32(told.encode()) % 3 == 0

    def moment(self, element: Element, names: Mapping[str, Any]) -> datetime:
        return START + timedelta(days=7)

    def perform(self, run: EngineRun, element: Element, scope: str) -> None:
        self.told.append(f"perform {element.id}")

    def entered(self, run: EngineRun, element: Element, scope: str) -> None:
        self.told.append(f"enter {element.id}")

    def left(self, run: EngineRun, element: Element, scope: str) -> None:
        self.told.append(f"leave {element.id}")


class Walk:
    """A case that steps are taken in; `stored` says whether its state is kept between them."""

    def __init__(self, program: Program, seed: int, *, stored: bool) -> None:
        self.program = program
        self.host = ToldHost(seed)
        self.stored = stored
        self.run = EngineRun.start(program, self.host, {})
        self.run.budget = WIDE
        self.run.advance()
        self.size = 0
        self._settle()

    def _settle(self) -> None:
        if self.stored:
            state = self.run.dump()
            self.size = len(state)
            self.run = EngineRun.resume(self.program, self.host, state)
            self.run.budget = WIDE

    def waits(self) -> list[Wait]:
        return sorted(self.run.waits().values(), key=lambda wait: wait.element.id)

    def seen(self) -> list[tuple[str, str]]:
        return [(wait.element.id, wait.kind.value) for wait in self.waits()]

    def needed_scopes(self) -> set[str]:
        """The scopes of all that is waited for, and those around them; the root always."""
        parents = {name: entry[0] for name, entry in self.run.scopes.dump().items()}
        needed = {ROOT}
        for wait in self.waits():
            scope: str | None = wait.scope
            while scope is not None:
                needed.add(scope)
                scope = parents[scope]
        return needed

    def step(self, choice: int, returns: Mapping[str, Sequence[str]]) -> None:
        waits = self.waits()
        wait = waits[choice % len(waits)]
        targets = returns.get(wait.element.id, ())
        if wait.kind is not WaitKind.TASK:
            self.run.fire(wait.id)
        elif targets and choice % 5 == 0:
            self.run.move(wait.id, targets[choice % len(targets)])
        else:
            self.run.complete(wait.id)
        self._settle()


def walked_alike(block: Block, choices: Sequence[int], seed: int) -> None:
    file, returns = drawn(block)
    program = program_of([file], "p")
    reference = Walk(program, seed, stored=False)
    stored = Walk(program, seed, stored=True)
    for choice in [*choices, None]:
        assert stored.seen() == reference.seen()
        assert stored.host.told == reference.host.told
        assert stored.run.completed == reference.run.completed
        assert set(stored.run.scopes.names()) == stored.needed_scopes()
        if choice is None or reference.run.completed:
            return
        assert reference.waits(), "neither a wait nor the end"
        reference.step(choice, returns)
        stored.step(choice, returns)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    block=blocks(),
    choices=st.lists(st.integers(0, 59), min_size=5, max_size=30),
    seed=st.integers(0, 50),
)
def test_storing_and_pruning_change_nothing(block: Block, choices: list[int], seed: int) -> None:
    walked_alike(block, choices, seed)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(block=blocks(8), choices=st.randoms(use_true_random=False), seed=st.integers(0, 50))
def test_a_long_loop_does_not_grow_the_state(block: Block, choices: Random, seed: int) -> None:
    # given
    file, _ = drawn(("loop", block))
    walk = Walk(program_of([file], "p"), seed, stored=True)
    walk.host.always = "c_G4"  # the outermost loop goes round again
    largest: dict[tuple[tuple[str, str], ...], int] = {}
    # when / then: the same waits never cost more than in the first half
    for step in range(200):
        if walk.run.completed:
            return
        key = tuple(walk.seen())
        if step < 100:
            largest[key] = max(walk.size, largest.get(key, 0))
        elif key in largest:
            assert walk.size <= largest[key] + 50
        walk.step(choices.randrange(60), {})
