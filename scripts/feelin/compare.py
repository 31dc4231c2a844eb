"""Both implementations asked the same, with answers that can be compared."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TypeAlias

from workflows.feel import (
    FeelLimitExceeded,
    FeelSyntaxError,
    FeelTime,
    FunctionValue,
    Range,
    Value,
    YearMonthDuration,
    compile_expression,
)
from workflows.feel.dates import (
    day_of,
    is_day,
    is_duration,
    is_moment,
    moment_offset,
    nanoseconds_of,
    time_of,
    time_offset,
)

#: A value as JSON that both sides can be brought to; `failed` says that there is none.
Plain: TypeAlias = Any
FEELIN: Final = (
    Path(__file__).parents[2] / "web/frontend/node_modules/@bpmn-io/feelin/dist/index.js"
)
_ANSWERS: Final = Path(__file__).with_name("answers.mjs")
#: What stands for an answer that did not come.
NO_ANSWER: Final = "no answer"
#: Seconds until feelin is given up on.
_PATIENCE: Final = 5.0
#: How far a double may be from a decimal of 34 digits, as a part of it.
_TOLERANCE: Final = Decimal("1e-9")


@dataclass(frozen=True, slots=True)
class Pair:
    """A text with the answers of both."""

    text: str
    ours: Plain
    theirs: Plain


def available() -> bool:
    """Whether node and feelin are on this machine."""
    return FEELIN.is_file() and shutil.which("node") is not None


@contextmanager
def asking() -> Iterator[Feelin]:
    """Node at work for any number of texts."""
    feelin = Feelin()
    try:
        yield feelin
    finally:
        feelin.stop()


class Feelin:
    """The other implementation: one process of node, begun again after a text that it can't end."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def stop(self) -> None:
        """End the process of node."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def answer(self, text: str) -> Plain:
        """What feelin makes of a text."""
        process = self._process = self._process or _node()
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None and stdout is not None
        stdin.write(json.dumps({"text": text}).encode() + b"\n")
        stdin.flush()
        line = b""
        deadline = time.monotonic() + _PATIENCE
        while not line.endswith(b"\n"):
            left = deadline - time.monotonic()
            ready = left > 0 and select.select([stdout], [], [], left)[0]
            more = os.read(stdout.fileno(), 65_536) if ready else b""
            if not more:
                self.stop()
                return {"failed": NO_ANSWER}
            line += more
        return json.loads(line)

    def pair(self, text: str) -> Pair:
        """A text with the answers of both."""
        return Pair(text, our_answer(text), self.answer(text))


def _node() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ["node", "--max-old-space-size=512", str(_ANSWERS), str(FEELIN)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"TZ": "UTC", "PATH": os.environ.get("PATH", os.defpath)},
    )


def our_answer(text: str) -> Plain:
    """What Doudi makes of a text."""
    try:
        return {"value": _plain(compile_expression(text).value({}))}
    except (FeelSyntaxError, FeelLimitExceeded) as error:
        return {"failed": error.code}


def _plain(value: Value) -> Plain:
    if value is None or value.__class__ is bool:
        return value
    if isinstance(value, Decimal):
        return {"number": str(value)}
    if isinstance(value, str):
        return {"string": value}
    if isinstance(value, (list, tuple)):
        return {"list": [_plain(item) for item in value]}
    if isinstance(value, Mapping):
        return {"context": [[key, _plain(part)] for key, part in value.items()]}
    if isinstance(value, Range):
        ends = [value.start_included, value.end_included]
        return {"range": [_plain(value.start), _plain(value.end), *ends]}
    return {"function": True} if isinstance(value, FunctionValue) else _temporal(value)


def _temporal(value: Value) -> Plain:
    if is_day(value):
        return {"date": [value.year, value.month, value.day]}
    if isinstance(value, FeelTime):
        return {"time": _clock(value, time_offset(value))}
    if is_moment(value):
        day = day_of(value)
        return {
            "moment": [day.year, day.month, day.day, *_clock(time_of(value), moment_offset(value))]
        }
    if isinstance(value, YearMonthDuration):
        return {"months": value.months}
    assert is_duration(value)
    return {"milliseconds": nanoseconds_of(value) / 1_000_000}


def _clock(clock: FeelTime, offset: Any) -> list[int | None]:
    minutes = None if offset is None else int(offset.total_seconds()) // 60
    return [clock.hour, clock.minute, clock.second, clock.nanosecond // 1_000_000, minutes]


def same(ours: Plain, theirs: Plain) -> bool:
    """Whether two answers are equal, numbers within what a double can hold."""
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        if ours.keys() != theirs.keys():
            return _is_zero_duration(ours) and _is_zero_duration(theirs)
        kind = next(iter(ours))
        if kind == "number":
            return _near(Decimal(ours[kind]), Decimal(theirs[kind]))
        if kind == "context":
            return same_contexts(ours[kind], theirs[kind])
        return kind == "failed" or same(ours[kind], theirs[kind])
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    return bool(ours == theirs) and (ours is None) == (theirs is None)


def _is_zero_duration(value: Mapping[str, Plain]) -> bool:
    return value.get("months") == 0 or value.get("milliseconds") == 0


def same_contexts(ours: Sequence[Plain], theirs: Sequence[Plain]) -> bool:
    """Whether two contexts have the same entries, in any order."""
    one, other = dict(ours), dict(theirs)
    return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)


def _near(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= max(abs(one), abs(other), Decimal(1)) * _TOLERANCE
