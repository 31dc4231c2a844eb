"""Typed FEEL expressions, drawn from a seed."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Final

#: The kinds of values that an expression can be asked for.
KINDS: Final = (
    "number", "string", "boolean", "date", "time", "moment", "days", "months", "list", "context",
    "range",
)  # fmt: skip
_ORDERED: Final = ("number", "string", "date", "days")
_COMPARISONS: Final = ("=", "!=", "<", "<=", ">", ">=")
_STRINGS: Final = ("", "a", "b", "foobar", "低保标准", "a b", "Zz", "ab", "1", "x;y;z")
_DATES: Final = (
    "2026-01-31", "2024-02-29", "2025-12-31", "1999-03-01", "2026-07-15", "2030-10-01",
)  # fmt: skip
_TIMES: Final = ("10:30:00", "00:00:01", "23:59:59", "08:00:00Z", "12:15:30+08:00")
_MOMENTS: Final = (
    "2026-01-31T10:30:00", "2024-02-29T23:59:59", "2026-07-15T08:00:00Z",
    "2025-12-31T12:15:30+08:00",
)  # fmt: skip
_DAYS: Final = ("P1D", "PT12H", "-P2D", "PT90M", "P10DT1H", "PT1S", "PT0S")
_MONTHS: Final = ("P1M", "P1Y", "-P2M", "P1Y6M", "P0M")


_PLACE: Final = re.compile("<([a-z]+)>")
#: Forms by what they give; a word in angle brackets is a place for an expression of that kind.
_FORMS: Final[dict[str, tuple[str, ...]]] = {
    "number": (
        *(f"(<number> {sign} <number>)" for sign in "+-*/"), "-<number>", "(<number> ** 2)",
        *(f"{name}(<number>)" for name in ("abs", "floor", "ceiling", "sqrt", "exp")),
        "modulo(<number>, <number>)", "decimal(<number>, 1)",
        *(f"round {way}(<number>, 0)" for way in ("up", "down", "half up", "half down")),
        *(f"{name}(<list>)" for name in ("count", "min", "max", "sum", "mean", "median")),
        "product(<list>)",
        "string length(<string>)", "number(<string>)", "<context>.p", "<date>.year",
        "<moment>.month", "<time>.hour", "<days>.days", "<months>.months", "day of year(<date>)",
        "week of year(<date>)", "(<days> / <days>)", "<list>[1]", "<range>.start",
    ),
    "string": (
        "(<string> + <string>)", "string(<number>)", "string(<date>)", "string(<days>)",
        "string(<boolean>)", "upper case(<string>)", "lower case(<string>)",
        "substring(<string>, 1, 1)", "substring(<string>, -1)",
        "substring before(<string>, <string>)", "substring after(<string>, <string>)",
        'replace(<string>, "[ab]", "x")', 'string join(["a", <string>], "-")', "<context>.q",
        "day of week(<date>)", "month of year(<date>)",
    ),
    "boolean": (
        "<compared>", "<compared>", "<compared>", "<within>", "<within>", "<quantified>",
        "<checked>", "<related>", "(<boolean> and <boolean>)", "(<boolean> or <boolean>)",
        "not(<boolean>)", "odd(<number>)", "even(<number>)", "contains(<string>, <string>)",
        "starts with(<string>, <string>)", "ends with(<string>, <string>)",
        'matches(<string>, "^[a-z]+$")', "all([<boolean>, <boolean>])",
        "any([<boolean>, <boolean>])", "is(<number>, <number>)", "<range>.start included",
        "(<number> in <range>)",
    ),
    "date": (
        "(<date> + <months>)", "(<date> - <months>)", "(<date> + <days>)", "date(<moment>)",
        "max([<date>, <date>])",
    ),
    "time": ("(<time> + <days>)", "(<time> - <days>)", "time(<moment>)"),
    "moment": ("(<moment> + <days>)", "(<moment> - <months>)", "date and time(<date>, <time>)"),
    "days": (
        "(<days> + <days>)", "(<days> - <days>)", "(<date> - <date>)", "(<moment> - <moment>)",
        "(<days> * <number>)", "abs(<days>)", "-<days>",
    ),
    "months": (
        "(<months> + <months>)", "(<months> * 2)", "-<months>",
        "years and months duration(<date>, <date>)",
    ),
    "list": (
        "<listed>", "<listed>", "<looped>", "<looped>", "<filtered>", "<filtered>",
        "append(<list>, <number>)", "concatenate(<list>, <list>)", "reverse(<list>)",
        "distinct values(<list>)", "flatten(<list>)", "mode(<list>)", "sublist(<list>, 1)",
        "union(<list>, <list>)", "index of(<list>, <number>)", "remove(<list>, 1)",
        "insert before(<list>, 1, <number>)", "get entries(<context>)",
        "sort(<list>, function(x, y) x < y)", 'split(<string>, ";")', "[<context>, <context>].p",
    ),
    "context": (
        "{p: <number>, q: <string>}", "{p: <number>, q: p}", "{p: <list>, r: <date>}",
        'context put(<context>, "q", <number>)', "context merge([<context>, <context>])",
        'context([{key: "p", value: <number>}])',
    ),
    "range": ("[<number>..<number>]", "(<date>..<date>)"),
}  # fmt: skip


class Texts:
    """Expressions of a wanted kind; one in `mistakes` parts is of any other kind."""

    def __init__(self, seed: int, *, mistakes: int = 25) -> None:
        self.chance = random.Random(seed)
        self.mistakes = mistakes
        self.names = 0
        self.special: dict[str, Callable[[int], str]] = {
            "compared": self.compared,
            "within": self.within,
            "quantified": self.quantified,
            "checked": self.checked,
            "related": self.related,
            "listed": self.listed,
            "looped": self.looped,
            "filtered": self.filtered,
        }

    def draw(self, depth: int = 3) -> str:
        """An expression of any kind."""
        return self.of(self.chance.choice(KINDS), depth)

    def of(self, kind: str, depth: int) -> str:
        """An expression of a kind, at most `depth` forms deep."""
        if kind in self.special:
            return self.special[kind](depth)
        chance = self.chance
        if chance.randrange(self.mistakes) == 0:
            kind = chance.choice((*KINDS, "null"))
        if kind == "null":
            return "null"
        if depth <= 0 or chance.random() < 0.15:
            return self.literal(kind)
        conditional = f"(if <boolean> then <{kind}> else <{kind}>)"
        form = chance.choice((*_FORMS[kind], conditional))
        return _PLACE.sub(lambda place: self.of(place[1], depth - 1), form)

    def literal(self, kind: str) -> str:
        """A literal of a kind."""
        chance = self.chance
        pick = chance.choice
        if kind == "number":
            whole = chance.randrange(-12, 40)
            return pick((str(whole), str(whole), f"{whole}.5", "0", "1", "0.25", "100"))
        if kind == "string":
            return f'"{pick(_STRINGS)}"'
        if kind == "boolean":
            return pick(("true", "false", "null"))
        if kind in ("date", "time", "moment", "days", "months"):
            texts = {"date": _DATES, "time": _TIMES, "moment": _MOMENTS, "days": _DAYS}
            return f'@"{pick(texts.get(kind, _MONTHS))}"'
        if kind == "list":
            inner = pick(_ORDERED)
            return f"[{', '.join(self.of(inner, 0) for _ in range(chance.randrange(4)))}]"
        if kind == "context":
            return f"{{p: {self.of('number', 0)}, q: {self.of('string', 0)}}}"
        low = chance.randrange(-5, 10)
        return f"{pick('[(')}{low}..{low + chance.randrange(0, 8)}{pick('])')}"

    def variable(self) -> str:
        """A name that no outer expression has."""
        self.names += 1
        return f"v{self.names}"

    def compared(self, depth: int) -> str:
        """A comparison of two values of one kind."""
        others = ("boolean", "moment", "time", "months", "list", "context")
        kind = self.chance.choice((*_ORDERED, *_ORDERED, *others))
        operator = self.chance.choice(_COMPARISONS)
        return f"({self.of(kind, depth)} {operator} {self.of(kind, depth)})"

    def within(self, depth: int) -> str:
        """A test of membership."""
        kind = self.chance.choice(_ORDERED)
        value, low, high = (self.of(kind, depth) for _ in range(3))
        forms = (
            f"({value} between {low} and {high})",
            f"({value} in ({low}, {high}))",
            f"({value} in (< {low}, >= {high}))",
            f"({value} in [{low}..{high}])",
            f"list contains([{low}, {high}], {value})",
        )
        return self.chance.choice(forms)

    def quantified(self, depth: int) -> str:
        """`some` or `every`."""
        name, pick = self.variable(), self.chance.choice
        test = f"{name} {pick(('>', '<', '=', '!='))} {self.of('number', 0)}"
        return f"({pick(('some', 'every'))} {name} in {self.of('list', depth)} satisfies {test})"

    def checked(self, depth: int) -> str:
        """A check of a type."""
        pick = self.chance.choice
        kind = pick(("number", "string", "boolean", "date", "time"))
        name = pick(("number", "string", "boolean", "date", "time", "date and time"))
        return f"({self.of(kind, depth)} instance of {name})"

    def related(self, depth: int) -> str:
        """A function about ranges and points."""
        pick = self.chance.choice
        name = pick(("before", "after", "overlaps", "includes", "meets", "met by", "coincides"))
        both = name in ("overlaps", "meets", "met by")
        left = "range" if both or name == "includes" else pick(("number", "range"))
        right = "range" if both else pick(("number", "range"))
        return f"{name}({self.of(left, depth)}, {self.of(right, depth)})"

    def listed(self, depth: int) -> str:
        """A list of values of one kind."""
        kinds = ("number", "number", "string", "date", "boolean", "list", "context")
        kind = self.chance.choice(kinds)
        items = (self.of(kind, depth) for _ in range(self.chance.randrange(4)))
        return f"[{', '.join(items)}]"

    def looped(self, depth: int) -> str:
        """A loop over a list or over numbers."""
        name, chance = self.variable(), self.chance
        start = chance.randrange(-3, 4)
        domain = chance.choice(
            (self.of("list", depth), f"{start}..{start + chance.randrange(-4, 5)}")
        )
        compared = f"{name} = {self.of('number', 0)}"
        body = chance.choice((name, compared, f"[{name}]", self.of("string", 0)))
        return f"(for {name} in {domain} return {body})"

    def filtered(self, depth: int) -> str:
        """Items of a list by number or by condition."""
        tests = ("item > 1", "item != 2", "true", 'item = "a"', "1", "-1", "9", "item < 10")
        return f"{self.of('list', depth)}[{self.chance.choice(tests)}]"
