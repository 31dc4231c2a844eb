"""Typed FEEL expressions, drawn from a seed."""

from __future__ import annotations

import random
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


class Texts:
    """Expressions of a wanted kind; one in `mistakes` parts is of any other kind."""

    def __init__(self, seed: int, *, mistakes: int = 25) -> None:
        self.chance = random.Random(seed)
        self.mistakes = mistakes
        self.names = 0
        self.makers: dict[str, tuple[Callable[[int], str], ...]] = _makers(self)

    def draw(self, depth: int = 3) -> str:
        """An expression of any kind."""
        return self.of(self.chance.choice(KINDS), depth)

    def of(self, kind: str, depth: int) -> str:
        """An expression of a kind, at most `depth` forms deep."""
        chance = self.chance
        if chance.randrange(self.mistakes) == 0:
            kind = chance.choice((*KINDS, "null"))
        if kind == "null":
            return "null"
        if depth <= 0 or chance.random() < 0.15:
            return self.literal(kind, depth)
        return chance.choice(self.makers[kind])(depth - 1)

    def literal(self, kind: str, depth: int) -> str:
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
        ends = (low, low + chance.randrange(0, 8))
        return f"{pick('[(')}{ends[0]}..{ends[1]}{pick('])')}"

    def variable(self) -> str:
        """A name that no outer expression has."""
        self.names += 1
        return f"v{self.names}"


def _makers(texts: Texts) -> dict[str, tuple[Callable[[int], str], ...]]:
    of, pick = texts.of, texts.chance.choice

    def made(template: str, *kinds: str) -> Callable[[int], str]:
        return lambda depth: template.format(*(of(kind, depth) for kind in kinds))

    def chosen(kind: str) -> Callable[[int], str]:
        return made("(if {} then {} else {})", "boolean", kind, kind)

    def compared(depth: int) -> str:
        kind = pick(
            (*_ORDERED, *_ORDERED, "boolean", "moment", "time", "months", "list", "context")
        )
        return f"({of(kind, depth)} {pick(_COMPARISONS)} {of(kind, depth)})"

    def within(depth: int) -> str:
        kind = pick(_ORDERED)
        value, low, high = (of(kind, depth) for _ in range(3))
        forms = (
            f"({value} between {low} and {high})",
            f"({value} in ({low}, {high}))",
            f"({value} in (< {low}, >= {high}))",
            f"({value} in [{low}..{high}])",
            f"list contains([{low}, {high}], {value})",
        )
        return pick(forms)

    def quantified(depth: int) -> str:
        name = texts.variable()
        word, test = pick(("some", "every")), pick((">", "<", "=", "!="))
        return f"({word} {name} in {of('list', depth)} satisfies {name} {test} {of('number', 0)})"

    def looped(depth: int) -> str:
        name = texts.variable()
        start, length = texts.chance.randrange(-3, 4), texts.chance.randrange(-4, 5)
        domain = pick((of("list", depth), f"{start}..{start + length}"))
        body = pick((name, f"{name} = {of('number', 0)}", f"[{name}]", of("string", 0)))
        return f"(for {name} in {domain} return {body})"

    def filtered(depth: int) -> str:
        test = pick(("item > 1", "item != 2", "true", 'item = "a"', "1", "-1", "9", "item < 10"))
        return f"{of('list', depth)}[{test}]"

    def listed(depth: int) -> str:
        kind = pick(("number", "number", "string", "date", "boolean", "list", "context"))
        return f"[{', '.join(of(kind, depth) for _ in range(texts.chance.randrange(4)))}]"

    def checked(depth: int) -> str:
        kind = pick(("number", "string", "boolean", "date", "time"))
        name = pick(("number", "string", "boolean", "date", "time", "date and time"))
        return f"({of(kind, depth)} instance of {name})"

    def related(depth: int) -> str:
        name = pick(("before", "after", "overlaps", "includes", "meets", "met by", "coincides"))
        left = (
            "range"
            if name in ("overlaps", "includes", "meets", "met by")
            else pick(("number", "range"))
        )
        right = "range" if name in ("overlaps", "meets", "met by") else pick(("number", "range"))
        return f"{name}({of(left, depth)}, {of(right, depth)})"

    numbers = (
        *(made("({} %s {})" % sign, "number", "number") for sign in ("+", "-", "*", "/")),
        made("-{}", "number"), made("({} ** 2)", "number"), chosen("number"),
        *(made(f"{name}({{}})", "number") for name in ("abs", "floor", "ceiling", "sqrt")),
        made("modulo({}, {})", "number", "number"), made("decimal({}, 1)", "number"),
        *(made(f"round {way}({{}}, 0)", "number") for way in ("up", "down", "half up", "half down")),
        *(made(f"{name}({{}})", "list") for name in ("count", "min", "max", "sum", "mean", "median")),
        made("string length({})", "string"), made("number({})", "string"), made("{}.p", "context"),
        made("{}.year", "date"), made("{}.month", "moment"), made("{}.hour", "time"),
        made("{}.days", "days"), made("{}.months", "months"), made("day of year({})", "date"),
        made("week of year({})", "date"), made("({} / {})", "days", "days"),
        made("{}[1]", "list"), made("{}.start", "range"),
    )  # fmt: skip
    strings = (
        made("({} + {})", "string", "string"), chosen("string"), made("string({})", "number"),
        made("string({})", "date"), made("string({})", "days"), made("string({})", "boolean"),
        *(made(f"{name}({{}})", "string") for name in ("upper case", "lower case")),
        made("substring({}, 1, 1)", "string"), made("substring({}, -1)", "string"),
        *(made(f"substring {way}({{}}, {{}})", "string", "string") for way in ("before", "after")),
        made('replace({}, "[ab]", "x")', "string"), made('string join(["a", {}], "-")', "string"),
        made("{}.q", "context"), made("day of week({})", "date"), made("month of year({})", "date"),
    )  # fmt: skip
    booleans = (
        compared, compared, compared, within, within, quantified, checked, related,
        made("({} and {})", "boolean", "boolean"), made("({} or {})", "boolean", "boolean"),
        made("not({})", "boolean"), made("odd({})", "number"), made("even({})", "number"),
        *(
            made(f"{name}({{}}, {{}})", "string", "string")
            for name in ("contains", "starts with", "ends with")
        ),
        made('matches({}, "^[a-z]+$")', "string"), made("all([{}, {}])", "boolean", "boolean"),
        made("any([{}, {}])", "boolean", "boolean"), made("is({}, {})", "number", "number"),
        made("{}.start included", "range"), made("({} in {})", "number", "range"),
    )  # fmt: skip
    dates = (
        chosen("date"), made("({} + {})", "date", "months"), made("({} - {})", "date", "months"),
        made("({} + {})", "date", "days"), made("date({})", "moment"), made("max([{}, {}])", "date", "date"),
    )  # fmt: skip
    times = (
        chosen("time"), made("({} + {})", "time", "days"), made("({} - {})", "time", "days"),
        made("time({})", "moment"),
    )  # fmt: skip
    moments = (
        chosen("moment"), made("({} + {})", "moment", "days"), made("({} - {})", "moment", "months"),
        made("date and time({}, {})", "date", "time"),
    )  # fmt: skip
    days = (
        chosen("days"), made("({} + {})", "days", "days"), made("({} - {})", "days", "days"),
        made("({} - {})", "date", "date"), made("({} - {})", "moment", "moment"),
        made("({} * {})", "days", "number"), made("abs({})", "days"), made("-{}", "days"),
    )  # fmt: skip
    months = (
        chosen("months"), made("({} + {})", "months", "months"), made("({} * 2)", "months"),
        made("years and months duration({}, {})", "date", "date"), made("-{}", "months"),
    )  # fmt: skip
    lists = (
        listed, listed, looped, looped, filtered, filtered, chosen("list"),
        made("append({}, {})", "list", "number"), made("concatenate({}, {})", "list", "list"),
        *(made(f"{name}({{}})", "list") for name in ("reverse", "distinct values", "flatten", "mode")),
        made("sublist({}, 1)", "list"), made("union({}, {})", "list", "list"),
        made("index of({}, {})", "list", "number"), made("remove({}, 1)", "list"),
        made("insert before({}, 1, {})", "list", "number"), made("get entries({})", "context"),
        made("sort({}, function(x, y) x < y)", "list"), made('split({}, ";")', "string"),
        made("[{}, {}].p", "context", "context"),
    )  # fmt: skip
    contexts = (
        made("{{p: {}, q: {}}}", "number", "string"), made("{{p: {}, q: p}}", "number"),
        made("{{p: {}, r: {}}}", "list", "date"), chosen("context"),
        made('context put({}, "q", {})', "context", "number"),
        made("context merge([{}, {}])", "context", "context"),
        made('context([{{key: "p", value: {}}}])', "number"),
    )  # fmt: skip
    ranges = (
        made("[{}..{}]", "number", "number"),
        made("({}..{})", "date", "date"),
        chosen("range"),
    )
    return {
        "number": numbers, "string": strings, "boolean": booleans, "date": dates, "time": times,
        "moment": moments, "days": days, "months": months, "list": lists, "context": contexts,
        "range": ranges,
    }  # fmt: skip
