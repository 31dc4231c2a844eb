"""Matching, replacing and splitting with the instructions of a pattern."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeAlias

from workflows.feel.errors import FeelError
from workflows.feel.regex.classes import variants
from workflows.feel.regex.program import (
    CHAR,
    JUMP,
    LINE_END,
    LINE_START,
    MARK,
    MATCH,
    PROGRESS,
    REFERENCE,
    SAVE,
    SPLIT,
    Program,
    invalid,
    read_program,
)
from workflows.feel.run import Run

#: Start and end of each group, -1 for one that did not take part.
Found: TypeAlias = tuple[int, ...]
#: Matcher steps that count as one step of the evaluation.
_STEPS = 16


@lru_cache(maxsize=512)
def compile_pattern(pattern: str, flags: str) -> Program:
    """The program of a pattern. Raises: FeelError when it is none."""
    return read_program(pattern, flags)


def search(run: Run, program: Program, text: str, start: int) -> Found | None:
    """The first match from `start` on. Raises: FeelLimitExceeded."""
    visited: set[int] | None = None if program.references else set()
    spent = [0]
    for at in range(start, len(text) + 1):
        found = _match_at(run, program, text, at, visited, spent)
        if found is not None:
            return found
    return None


def _match_at(
    run: Run,
    program: Program,
    text: str,
    start: int,
    visited: set[int] | None,
    spent: list[int],
) -> Found | None:
    """A match that begins at `start`. A place tried before, in this search, fails again.

    `spent` carries the steps that were not yet counted from one start to the next.
    """
    code: tuple[Any, ...] = program.code
    width = len(text) + 1
    stack: list[tuple[int, int, Found]] = [(0, start, (-1,) * program.slots)]
    steps = spent[0]
    while stack:
        at, place, saved = stack.pop()
        while True:
            steps += 1
            if steps % _STEPS == 0:
                run.tick(program.effort)
            if visited is not None:
                state = at * width + place
                if state in visited:
                    break
                visited.add(state)
            operation, first, second = code[at]
            if operation == CHAR:
                if place >= len(text) or not first(text[place]):
                    break
                place += 1
                at += 1
            elif operation == SPLIT:
                stack.append((at + second, place, saved))
                at += first
            elif operation == JUMP:
                at += first
            elif operation in (SAVE, MARK):
                saved = (*saved[:first], place, *saved[first + 1 :])
                at += 1
            elif operation == MATCH:
                run.tick(program.effort)
                return saved
            else:
                length = _assertion(program, operation, first, text, place, saved)
                if length < 0:
                    break
                place += length
                at += 1
    spent[0] = steps % _STEPS
    return None


def _assertion(
    program: Program, operation: int, argument: int, text: str, place: int, saved: Found
) -> int:
    """How many characters an instruction takes; -1 when it doesn't hold."""
    if operation == LINE_START:
        line = program.multiline and 0 < place < len(text) and text[place - 1] == "\n"
        return 0 if place == 0 or line else -1
    if operation == LINE_END:
        line = program.multiline and place < len(text) and text[place] == "\n"
        return 0 if place == len(text) or line else -1
    if operation == PROGRESS:
        moved = not program.references or saved[argument] != place
        return 0 if moved else -1
    assert operation == REFERENCE
    captured = text[saved[2 * argument] : saved[2 * argument + 1]]
    if saved[2 * argument + 1] < 0:
        return 0
    other = text[place : place + len(captured)]
    same = captured == other or (program.fold and _same_folded(captured, other))
    return len(captured) if same else -1


def _same_folded(left: str, right: str) -> bool:
    return len(left) == len(right) and all(
        one in variants(other) for one, other in zip(left, right, strict=True)
    )


def _refuse_empty(run: Run, program: Program) -> None:
    if search(run, program, "", 0) is not None:
        raise invalid("it matches the empty string")


def _replacement_parts(replacement: str, groups: int) -> list[str | int]:
    parts: list[str | int] = []
    at = 0
    while at < len(replacement):
        character = replacement[at]
        if character == "\\":
            if replacement[at + 1 : at + 2] not in ("\\", "$"):
                raise FeelError(
                    "invalid_argument", name="replace", reason="a single \\ in the replacement"
                )
            parts.append(replacement[at + 1])
            at += 2
        elif character == "$":
            digit = replacement[at + 1 : at + 2]
            if not (digit.isascii() and digit.isdigit()):
                raise FeelError(
                    "invalid_argument", name="replace", reason="a single $ in the replacement"
                )
            number = int(digit)
            at += 2
            while replacement[at : at + 1].isascii() and replacement[at : at + 1].isdigit():
                longer = number * 10 + int(replacement[at])
                if longer >= groups:
                    break
                number, at = longer, at + 1
            parts.append(number)
        else:
            parts.append(character)
            at += 1
    return parts


def replace_all(run: Run, program: Program, text: str, replacement: str) -> str:
    """A text with every match replaced. Raises: FeelError, FeelLimitExceeded."""
    _refuse_empty(run, program)
    parts = _replacement_parts(replacement, program.groups)
    pieces: list[str] = []
    length = 0
    last = 0
    while True:
        found = search(run, program, text, last)
        if found is None or found[1] == found[0]:
            break
        run.tick()
        pieces.append(text[last : found[0]])
        for part in parts:
            pieces.append(part if isinstance(part, str) else _group(text, found, part, program))
            length += len(pieces[-1])
        last = found[1]
        run.check_string(length)
    result = "".join(pieces) + text[last:]
    run.check_string(len(result))
    return result


def _group(text: str, found: Found, number: int, program: Program) -> str:
    if number >= program.groups or found[2 * number + 1] < 0:
        return ""
    return text[found[2 * number] : found[2 * number + 1]]


def split_all(run: Run, program: Program, text: str) -> list[str]:
    """The parts of a text between matches. Raises: FeelError, FeelLimitExceeded."""
    _refuse_empty(run, program)
    parts: list[str] = []
    last = 0
    while True:
        found = search(run, program, text, last)
        if found is None or found[1] == found[0]:
            break
        parts.append(text[last : found[0]])
        run.check_items(1)
        last = found[1]
    parts.append(text[last:])
    if len(parts) > run.items:
        run.check_items(len(parts))
    return parts
