"""Pattern text to the instructions of a small machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from workflows.feel.errors import FeelError
from workflows.feel.regex.classes import (
    SHORTHANDS,
    SINGLES,
    Predicate,
    any_of,
    category,
    interval,
    negated,
    variants,
)

CHAR, SPLIT, JUMP, SAVE, LINE_START, LINE_END, REFERENCE, MARK, PROGRESS, MATCH = range(10)
#: An operation with one or two arguments: a predicate, places in the program, or slots.
Instruction: TypeAlias = tuple[int, object, object]

_MAX_LENGTH: Final = 2_000
_MAX_SIZE: Final = 3_000
_MAX_NESTING: Final = 40
_MAX_REPEAT: Final = 1_000


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled pattern; `groups` counts group 0."""

    code: tuple[Instruction, ...]
    groups: int
    slots: int
    references: bool
    fold: bool
    multiline: bool
    #: How much one step costs at most: one, and one more for every two ranges of a class.
    effort: int


def invalid(reason: str) -> FeelError:
    """The error of a pattern that is none."""
    return FeelError("invalid_pattern", reason=reason)


def read_program(pattern: str, flags: str) -> Program:
    """The program of a pattern with flags `smixq`. Raises: FeelError."""
    if len(pattern) > _MAX_LENGTH:
        raise invalid(f"it has more than {_MAX_LENGTH} characters")
    unknown = set(flags) - set("smixq")
    if unknown:
        raise invalid(f"flag {sorted(unknown)[0]!r}")
    if "q" in flags:
        pattern = "".join(f"\\{c}" if c in SINGLES and c not in "nrt" else c for c in pattern)
    elif "x" in flags:
        pattern = _without_space(pattern)
    reader = _Reader(pattern, flags)
    body = reader.alternatives()
    if reader.at < len(pattern):
        raise invalid("“)” without “(”")
    slots = 2 * reader.groups
    code: list[Instruction] = [(SAVE, 0, None), *body, (SAVE, 1, None), (MATCH, None, None)]
    code = [
        (operation, slots + int(str(first)) if operation in (MARK, PROGRESS) else first, second)
        for operation, first, second in code
    ]
    return Program(
        tuple(code),
        reader.groups,
        slots + reader.marks,
        reader.references,
        "i" in flags,
        "m" in flags,
        1 + reader.largest_class // 2,
    )


def _without_space(pattern: str) -> str:
    kept: list[str] = []
    depth = 0
    at = 0
    while at < len(pattern):
        character = pattern[at]
        if character == "\\" and at + 1 < len(pattern) and pattern[at + 1] in "[]\\":
            kept.append(pattern[at : at + 2])
            at += 2
            continue
        depth += (character == "[") - (character == "]" and depth > 0)
        if depth or character not in " \t\n\r":
            kept.append(character)
        at += 1
    return "".join(kept)


class _Reader:
    """A recursive-descent reader of patterns; its parts are code with relative jumps."""

    def __init__(self, pattern: str, flags: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.fold = "i" in flags
        self.dot_all = "s" in flags
        self.groups = 1
        self.closed: set[int] = set()
        self.marks = 0
        self.references = False
        self.largest_class = 0
        self.depth = 0

    def peek(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def take(self) -> str:
        character = self.peek()
        if not character:
            raise invalid("it ends too early")
        self.at += 1
        return character

    def sized(self, code: list[Instruction]) -> list[Instruction]:
        if len(code) > _MAX_SIZE:
            raise invalid("it is too large")
        return code

    def alternatives(self) -> list[Instruction]:
        self.depth += 1
        if self.depth > _MAX_NESTING:
            raise invalid("it is nested too deeply")
        branches = [self.branch()]
        while self.peek() == "|":
            self.at += 1
            branches.append(self.branch())
        self.depth -= 1
        code = branches.pop()
        while branches:
            first = branches.pop()
            jump = len(code) + 1
            code = [(SPLIT, 1, len(first) + 2), *first, (JUMP, jump, None), *code]
            self.sized(code)
        return code

    def branch(self) -> list[Instruction]:
        code: list[Instruction] = []
        while self.peek() not in ("", "|", ")"):
            code.extend(self.quantified())
            self.sized(code)
        return code

    def quantified(self) -> list[Instruction]:
        marks = self.marks
        atom = self.atom()
        low, high = self.quantifier()
        if (low, high) == (1, 1):
            return atom
        lazy = self.peek() == "?" and (low, high) != (1, 1)
        if lazy:
            self.at += 1
        if len(atom) * max(low, high or 0, 1) > _MAX_SIZE:
            raise invalid("it is too large")
        code = atom * low
        if high is None:
            code = code + self.star(atom, lazy=lazy, marks=marks)
        else:
            optional: list[Instruction] = []
            for _ in range(high - low):
                optional = [self.split(len(atom) + len(optional) + 1, lazy), *atom, *optional]
            code = code + optional
        return self.sized(code)

    def star(self, atom: list[Instruction], *, lazy: bool, marks: int) -> list[Instruction]:
        slot = self.marks
        self.marks += 1
        size = len(atom)
        return [
            self.split(size + 4, lazy),
            (MARK, slot, None),
            *atom,
            (PROGRESS, slot, None),
            (JUMP, -(size + 3), None),
        ]

    @staticmethod
    def split(past: int, lazy: bool) -> Instruction:
        return (SPLIT, past, 1) if lazy else (SPLIT, 1, past)

    def quantifier(self) -> tuple[int, int | None]:
        character = self.peek()
        if character not in ("?", "*", "+", "{") or not character:
            return 1, 1
        self.at += 1
        if character == "?":
            return 0, 1
        if character == "*":
            return 0, None
        if character == "+":
            return 1, None
        end = self.pattern.find("}", self.at)
        low, comma, high = self.pattern[self.at : end].partition(",") if end > 0 else ("", "", "")
        if not low.isascii() or not low.isdigit() or (high and not high.isdigit()):
            raise invalid("a quantifier {n,m} is wrong")
        if len(low) > 4 or len(high) > 4:
            raise invalid("a quantifier is too large")
        self.at = end + 1
        least = int(low)
        most = least if not comma else (int(high) if high else None)
        if least > _MAX_REPEAT or (most or 0) > _MAX_REPEAT or (most is not None and most < least):
            raise invalid("a quantifier {n,m} is wrong")
        if (least, most) == (1, 1) and self.peek() == "?":
            self.at += 1
        return least, most

    def atom(self) -> list[Instruction]:
        character = self.take()
        if character == "(":
            return self.group()
        if character == "[":
            return [(CHAR, self.char_class(), None)]
        if character == ".":
            dot_all = self.dot_all
            return [(CHAR, (lambda c: True) if dot_all else (lambda c: c not in "\n\r"), None)]
        if character == "^":
            return [(LINE_START, None, None)]
        if character == "$":
            return [(LINE_END, None, None)]
        if character == "\\":
            return self.escape()
        if character in "?*+{}])":
            raise invalid(f"“{character}” stands alone")
        return [(CHAR, interval(character, character, fold=self.fold), None)]

    def group(self) -> list[Instruction]:
        number = None
        if self.pattern.startswith("?:", self.at):
            self.at += 2
        elif self.peek() == "?":
            raise invalid("“(?” is not supported")
        else:
            number = self.groups
            self.groups += 1
        body = self.alternatives()
        if self.peek() != ")":
            raise invalid("“(” without “)”")
        self.at += 1
        if number is None:
            return body
        self.closed.add(number)
        return [(SAVE, 2 * number, None), *body, (SAVE, 2 * number + 1, None)]

    def escape(self) -> list[Instruction]:
        character = self.peek()
        if character.isascii() and character.isdigit():
            return self.reference()
        predicate = self.class_escape()
        if predicate is not None:
            return [(CHAR, predicate, None)]
        single = self.single_escape()
        return [(CHAR, interval(single, single, fold=self.fold), None)]

    def reference(self) -> list[Instruction]:
        digits = self.take()
        while self.peek().isascii() and self.peek().isdigit():
            if int(digits + self.peek()) >= self.groups:
                break
            digits += self.take()
        number = int(digits)
        if number not in self.closed:
            raise invalid(f"there is no group {number} before \\{number}")
        self.references = True
        return [(REFERENCE, number, None)]

    def single_escape(self) -> str:
        character = self.take()
        if character not in SINGLES:
            raise invalid(f"\\{character} has no meaning")
        return SINGLES[character]

    def class_escape(self) -> Predicate | None:
        character = self.peek()
        if character in SHORTHANDS and character:
            self.at += 1
            return SHORTHANDS[character]
        if character not in ("p", "P"):
            return None
        self.at += 1
        end = self.pattern.find("}", self.at)
        if self.peek() != "{" or end < 0:
            raise invalid(f"\\{character} needs {{…}}")
        found = category(self.pattern[self.at + 1 : end])
        if found is None:
            raise invalid(f"there is no class {self.pattern[self.at + 1 : end]!r}")
        self.at = end + 1
        return negated(found) if character == "P" else found

    def char_class(self) -> Predicate:
        self.depth += 1
        if self.depth > _MAX_NESTING:
            raise invalid("it is nested too deeply")
        inverted = self.peek() == "^"
        if inverted:
            self.at += 1
        parts: list[Predicate] = []
        singles: set[str] = set()
        subtracted: Predicate | None = None
        while self.peek() != "]" or not (parts or singles):
            if self.pattern.startswith("-[", self.at) and (parts or singles):
                self.at += 2
                subtracted = self.char_class()
                if self.peek() != "]":
                    raise invalid("a subtraction must end its class")
                break
            part = self.class_part()
            if isinstance(part, str):
                singles.update(variants(part) if self.fold else (part,))
            else:
                parts.append(part)
        self.take()
        self.depth -= 1
        self.largest_class = max(self.largest_class, len(parts))
        if singles:
            parts.append(frozenset(singles).__contains__)
        whole = negated(any_of(parts)) if inverted else any_of(parts)
        if subtracted is None:
            return whole
        removed = subtracted
        return lambda character: whole(character) and not removed(character)

    def class_part(self) -> Predicate | str:
        """A single character, or the test of a range or shorthand."""
        if self.peek() == "\\":
            self.at += 1
            predicate = self.class_escape()
            if predicate is not None:
                return predicate
            low = self.single_escape()
        else:
            low = self.take()
            if low in "[]":
                raise invalid(f"“{low}” stands alone in a class")
        following = self.pattern[self.at + 1 : self.at + 2]
        if self.peek() != "-" or following in ("]", "[", ""):
            return low
        self.at += 1
        high = self.take()
        if high == "\\":
            high = self.single_escape()
        if high < low:
            raise invalid(f"the range {low}-{high} is empty")
        return interval(low, high, fold=self.fold)
