"""The nearest value of one fact with which a rule gives another result, found by asking it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from workflows.decisions.changeable import Changeable
from workflows.feel import Value

#: Whether the rule gives the result that is wanted, with another value of one fact.
Flips = Callable[[Value], bool]
_ONE: Final = Decimal(1)
#: How far a number or a day may move, in steps.
_FARTHEST: Final = {"number": 10**9, "date": 36_525}
#: Each probe of the search goes this many times as far as the one before.
_STRIDE: Final = 16
#: A missing number with no more values than this is tried value by value.
_FEW: Final = 24
_NEAREST: Final = 6
_SAFE: Final = Decimal(10) ** 15


@dataclass(frozen=True, slots=True)
class Found:
    """A value that flips the result, and how many steps it is away; 0 where there are none.

    `nearer` is the value one step nearer, which does not flip it; None where there is no such.
    """

    value: Value
    steps: int = 0
    nearer: Value = None


def nearest(fact: Changeable, flips: Flips, landmarks: Iterable[Value]) -> Iterator[Found]:
    """The values of a fact that flip the result, the nearest in each direction.

    Every one has been asked for; of a number or a day the value one step nearer has been asked for
    too and does not flip it, so that no claim needs the rule to be monotone. `landmarks` are
    values that the rule compares with: they are tried where wide probes find nothing.
    """
    if fact.kind == "boolean":
        yield from (Found(one) for one in (True, False) if one != fact.value and flips(one))
    elif fact.kind == "string":
        first = next((one for one in fact.codes if one != fact.value and flips(one)), None)
        if first is not None:
            yield Found(first)
    elif fact.value is None:
        if fact.kind == "number":
            yield from _missing_number(fact, flips)
    else:
        axes = [axis for axis in (_Axis(fact, -1), _Axis(fact, 1)) if axis.length > 0]
        found = [one for axis in axes if (one := _boundary(axis, flips)) is not None]
        # One item of a list reaches the rule through a sum; no line is drawn at its own value.
        alone = not any(isinstance(part, int) for part in fact.path)
        yield from found or (_beside(axes, flips, landmarks) if alone else ())


class _Axis:
    """The values of a number or a day on one side of the value that it has: 1, 2, … steps away.

    A number is moved to whole steps: what has no smallest unit is first rounded away from itself.
    """

    def __init__(self, fact: Changeable, sign: int) -> None:
        self.fact, self.sign = fact, sign
        wording = fact.wording
        self.step: Decimal = wording.step or _ONE
        self.length = _FARTHEST[fact.kind]
        if fact.kind == "date":
            base: date = fact.value
            end = date.max if sign > 0 else date.min
            self.length = min(self.length, abs((end - base).days))
            return
        value: Decimal = fact.value
        if abs(value) > _SAFE:
            self.length = 0
            return
        rounding = ROUND_FLOOR if sign > 0 else ROUND_CEILING
        self.start = (value / self.step).to_integral_value(rounding)
        least = Decimal(0) if wording.least is None else wording.least
        end_at = wording.most if sign > 0 else least
        if end_at is not None:
            room = (end_at / self.step - self.start) * sign
            self.length = max(0, min(self.length, int(room.to_integral_value(ROUND_FLOOR))))

    def at(self, steps: int) -> Value:
        if self.fact.kind == "date":
            moved: date = self.fact.value + timedelta(days=self.sign * steps)
            return moved
        return (self.start + self.sign * steps) * self.step

    def steps_to(self, value: Value) -> int | None:
        """How many steps away a value of the same kind lies; None when not on this side."""
        if self.fact.kind == "date":
            if type(value) is not date:
                return None
            away = (value - self.fact.value).days * self.sign
        else:
            if not isinstance(value, Decimal) or abs(value) > _SAFE:
                return None
            away = int((value / self.step).to_integral_value(ROUND_FLOOR) - self.start) * self.sign
        return away if 0 < away <= self.length else None


def _boundary(axis: _Axis, flips: Flips) -> Found | None:
    low, high = 0, 1
    while not flips(axis.at(high)):
        if high == axis.length:
            return None
        low, high = high, min(high * _STRIDE, axis.length)
    return _bisected(axis, flips, low, high)


def _bisected(axis: _Axis, flips: Flips, low: int, high: int) -> Found:
    """Between a value that does not flip the result and one that does."""
    while high - low > 1:
        middle = (low + high) // 2
        if flips(axis.at(middle)):
            high = middle
        else:
            low = middle
    return Found(axis.at(high), high, axis.at(high - 1) if high > 1 else axis.fact.value)


def _beside(axes: Iterable[_Axis], flips: Flips, landmarks: Iterable[Value]) -> Iterator[Found]:
    """Probes at and beside the values that the rule compares with, the nearest first."""
    known = list(landmarks)
    for axis in axes:
        near = sorted({away for one in known if (away := axis.steps_to(one)) is not None})
        for away in near[:_NEAREST]:
            hit = next(
                (at for at in (away - 1, away, away + 1) if 0 < at <= axis.length
                 and flips(axis.at(at))),
                None,
            )  # fmt: skip
            if hit is not None:
                yield _bisected(axis, flips, 0, hit)
                break


def _missing_number(fact: Changeable, flips: Flips) -> Iterator[Found]:
    """What a proof of a number could say: the mildest that is enough.

    Of few values the first, in the order of the model; otherwise the last one, counted from the
    smallest, up to which it is enough, or the first from which it is.
    """
    step, least = fact.wording.step or _ONE, fact.wording.least or Decimal(0)
    most = fact.wording.most
    count = None if most is None else int((most - least) / step)
    if count is not None and count <= _FEW:
        order = range(count, -1, -1) if fact.wording.from_most else range(count + 1)
        hit = next((one for at in order if flips(one := least + at * step)), None)
        if hit is not None:
            yield Found(hit)
        return
    smallest = Changeable(
        fact.path, fact.kind, least, fact.name, fact.wording, fact.codes, fact.decision
    )
    axis = _Axis(smallest, 1)
    if not flips(least):
        found = _boundary(axis, flips)
        if found is not None:
            yield Found(found.value, nearer=found.nearer)
        return
    beyond = _boundary(axis, lambda value: not flips(value))
    if beyond is not None:
        yield Found(axis.at(beyond.steps - 1), nearer=beyond.value)
    else:
        yield Found(least)
