"""Every way in which feelin answers differently, and which side the standard is on.

`docs/reference/feel.md` shows this list; a test sees to it that the two agree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from scripts.feelin.compare import NO_ANSWER, Plain
from scripts.feelin.smallest import Difference


@dataclass(frozen=True, slots=True)
class Explanation:
    """A class of differences; in all of them Doudi follows the clause."""

    code: str
    clause: str
    says: str
    covers: Callable[[Difference], bool]


_TEMPORAL: Final = frozenset(("date", "time", "date and time", "days", "months"))
_DURATIONS: Final = frozenset(("days", "months"))
_ORDERED: Final = _TEMPORAL | {"number", "string"}
_COMPARISONS: Final = frozenset(("=", "!=", "<", "<=", ">", ">=", "between", "in"))
_IN_LOGIC: Final = re.compile(r" in .* (?:or|and) ")
_RANGE_FUNCTIONS: Final = frozenset(
    ("before", "after", "meets", "met by", "overlaps", "includes", "coincides")
)
_ROUNDINGS: Final = frozenset(
    ("exp", "modulo", "floor", "ceiling", "decimal", "round up", "round down", "round half up",
     "round half down", "odd", "even")
)  # fmt: skip
_LOOPS: Final = frozenset(("quantified", "filter", "for"))


def _ours(found: Difference) -> Plain:
    return found.pair.ours.get("value")


def _theirs(found: Difference) -> Plain:
    return found.pair.theirs.get("value")


def _gives_nothing(found: Difference) -> bool:
    """Feelin gives null, no number, or an exception."""
    theirs = _theirs(found)
    return theirs is None or (isinstance(theirs, Mapping) and "odd" in theirs)


def _elements(kinds: tuple[str, ...]) -> frozenset[str]:
    """The kinds of values that meet: of a list its items."""
    return frozenset(
        kind[5:-1] if kind.startswith("list<") and kind != "list<>" else kind for kind in kinds
    )


def _cannot_be_compared(found: Difference) -> bool:
    kinds = frozenset(found.kinds) if found.form in _COMPARISONS else _elements(found.kinds)
    return len(kinds) > 1 or not kinds <= _ORDERED


def _whole_part_is_ours(found: Difference) -> bool:
    ours, theirs = _ours(found), _theirs(found)
    both = isinstance(ours, Mapping) and isinstance(theirs, Mapping)
    return both and ours["months"] == int(theirs["months"])


def _one_month_apart(found: Difference) -> bool:
    ours, theirs = _ours(found), _theirs(found)
    both = isinstance(ours, Mapping) and isinstance(theirs, Mapping)
    return both and abs(ours["months"] - int(theirs["months"])) == 1


def _form_is(*forms: str) -> Callable[[Difference], bool]:
    return lambda found: found.form in forms


def _all(*tests: Callable[[Difference], bool]) -> Callable[[Difference], bool]:
    return lambda found: all(test(found) for test in tests)


def _has(kinds: frozenset[str]) -> Callable[[Difference], bool]:
    return lambda found: bool(kinds & _elements(found.kinds))


def _arithmetic(found: Difference) -> bool:
    return bool(found.form) and set(found.form.split()) <= {"+", "-", "*", "/", "**"}


EXPLANATIONS: Final = (
    Explanation(
        "endless",
        "clause 10.3.2.14",
        "A loop goes over whole numbers or days, and every evaluation is bounded; feelin counts on "
        "until the memory is full.",
        lambda found: found.pair.theirs.get("failed") == NO_ANSWER,
    ),
    Explanation(
        "negative-durations",
        "table 62",
        "`-d` of a duration is `d * -1`; feelin gives null.",
        _all(_form_is("negation"), _has(_DURATIONS), _gives_nothing),
    ),
    Explanation(
        "scaled-durations",
        "table 59",
        "Durations are multiplied and divided by numbers and by one another; feelin gives null, "
        "or infinity where the divisor is zero.",
        _all(_arithmetic, _has(_DURATIONS), _gives_nothing),
    ),
    Explanation(
        "absolute-durations",
        "table 76",
        "`abs` takes durations; feelin gives null.",
        _all(_form_is("abs"), _has(_DURATIONS), _gives_nothing),
    ),
    Explanation(
        "extremes",
        "table 75",
        "`min` and `max` take any items that have an order; feelin takes numbers only.",
        _all(_form_is("min", "max"), lambda found: not _elements(found.kinds) <= {"number"}),
    ),
    Explanation(
        "dates-stay-dates",
        "table 57",
        "A date plus or minus a days and time duration is a date; feelin gives a date and time.",
        _all(_arithmetic, _has(frozenset(("date",))), lambda found: "days" in found.kinds),
    ),
    Explanation(
        "unlisted-arithmetic",
        "table 57",
        "Pairs of types that the tables do not list give null, and so does a difference of which "
        "one side has a zone and the other has none; feelin takes the zone of the machine.",
        _all(_arithmetic, _has(_TEMPORAL), lambda found: _ours(found) is None),
    ),
    Explanation(
        "conditions",
        "table 49",
        "`if` takes `then` for true only; feelin for anything that JavaScript holds for true.",
        _all(_form_is("if"), lambda found: found.kinds[0] not in ("boolean", "null")),
    ),
    Explanation(
        "incomparable",
        "tables 52 to 54",
        "Values of different types, and of types without an order, compare to null; feelin gives "
        "a truth value or throws.",
        _all(
            _form_is(
                *_COMPARISONS,
                *_RANGE_FUNCTIONS,
                *_LOOPS,
                "sort",
                "distinct values",
                "index of",
                "list contains",
            ),
            _cannot_be_compared,
        ),
    ),
    Explanation(
        "reversed-ranges",
        "table 55",
        "Nothing lies in a range whose start comes after its end; feelin turns the range around.",
        _all(
            _form_is("in", "between"),
            lambda found: _ours(found) is False,
            lambda found: _theirs(found) is True,
        ),
    ),
    Explanation(
        "range-ends",
        "clause 10.3.2.7",
        "The ends of a range are of one type, and brackets alone say whether they are included; "
        "feelin throws, or drops a bracket beside null.",
        _form_is("rangenode"),
    ),
    Explanation(
        "substring-domain",
        "table 74, note 1",
        "A position or a length outside of the string gives null; feelin gives what is there.",
        _all(_form_is("substring"), lambda found: _ours(found) is None),
    ),
    Explanation(
        "position-domain",
        "table 75, note 1",
        "A position outside of the list gives null; feelin gives the list.",
        _all(_form_is("insert before", "remove", "sublist"), lambda found: _ours(found) is None),
    ),
    Explanation(
        "texts-of-values",
        "clause 10.3.4.1",
        "`string` writes what the constructor reads: canonical durations, ranges, 34 digits; "
        "feelin has doubles, other durations and no ranges.",
        _form_is("string"),
    ),
    Explanation(
        "properties",
        "tables 65 and 66",
        "Components of durations are normalized, and types have the listed properties only; "
        "feelin gives the parts of its own representation.",
        _all(lambda found: found.form.startswith("."), _has(_TEMPORAL)),
    ),
    Explanation(
        "numbers-of-text",
        "table 72, note 1",
        "`number` reads a numeric literal; feelin makes 0 of white space and of nothing.",
        _all(_form_is("number"), lambda found: _ours(found) is None),
    ),
    Explanation(
        "loops-to-zero",
        "clause 10.3.2.14",
        "A loop from or to 0 has turns; feelin gives null.",
        _all(_form_is("for"), lambda found: found.kinds[:2] == ("number", "number")),
    ),
    Explanation(
        "loops-over-one",
        "clause 10.3.2.9.4",
        "A single value is gone through as a list of one, as in a filter; feelin gives null.",
        _all(_form_is("for", "quantified"), lambda found: not found.kinds[0].startswith("list")),
    ),
    Explanation(
        "numeric-order",
        "table 75",
        "`mode` and `median` order numbers as numbers; feelin as texts.",
        _form_is("mode", "median"),
    ),
    Explanation(
        "sums-of-numbers",
        "table 75",
        "`sum`, `mean` and `product` take numbers; feelin counts with whatever JavaScript takes.",
        _all(_form_is("sum", "mean", "product"), lambda found: _ours(found) is None),
    ),
    Explanation(
        "single-items-as-lists",
        "clause 10.3.2.9.4",
        "A single argument becomes a list of one where a list is wanted; feelin throws.",
        _all(
            _form_is("union", "concatenate", "append", "flatten", "reverse", "distinct values"),
            lambda found: "failed" in found.pair.theirs,
        ),
    ),
    Explanation(
        "null-is-no-list",
        "table 75",
        "`concatenate` and `union` take lists, and null is none; feelin adds null as an item.",
        _all(_form_is("concatenate", "union", "append"), lambda found: "null" in found.kinds),
    ),
    Explanation(
        "identity",
        "clause 10.3.2.2",
        "`is` is never null; feelin gives null for different types.",
        _all(_form_is("is"), lambda found: _ours(found) is False),
    ),
    Explanation(
        "coincides",
        "table 78",
        "`coincides` compares points and ranges; feelin has it not.",
        _all(_form_is("coincides"), _gives_nothing),
    ),
    Explanation(
        "type-checks",
        "table 61",
        "`instance of` knows every type; feelin knows some, and some only behind a bracket.",
        lambda found: found.form.startswith("instance of"),
    ),
    Explanation(
        "equal-items",
        "table 75",
        "List functions compare items by `=`; feelin compares dates and durations by identity.",
        _form_is("list contains", "index of", "distinct values", "union"),
    ),
    Explanation(
        "temporal-domain",
        "tables 72 and 79",
        "Calendar functions take a date or a date and time, of which the local day counts; feelin "
        "takes times too, and shifts a date with an offset to another day.",
        _all(
            _form_is(
                "date",
                "time",
                "day of week",
                "day of year",
                "month of year",
                "week of year",
                "date and time",
            ),
            _has(_TEMPORAL),
        ),
    ),
    Explanation(
        "precedence-of-in",
        "grammar rules 2 and 49",
        "`a in b or c` is `(a in b) or c`; feelin reads `a in (b or c)`.",
        _all(
            _form_is("or", "and", "if", "not"),
            lambda found: bool(_IN_LOGIC.search(found.pair.text)),
        ),
    ),
    Explanation(
        "lists-of-one",
        "table 53",
        "A list of one item equals no single value and no empty list equals null; feelin takes "
        "short lists for their items.",
        _all(
            _form_is("=", "!="), lambda found: any(kind.startswith("list") for kind in found.kinds)
        ),
    ),
    Explanation(
        "zones-of-clocks",
        "table 54",
        "A time without an offset takes that of the other; feelin takes the zone of the machine.",
        _all(
            _form_is(*_COMPARISONS - {"in"}),
            lambda found: _elements(found.kinds) <= {"time", "date and time"},
        ),
    ),
    Explanation(
        "months-between",
        "table 72",
        "`years and months duration` counts whole months; feelin leaves a fraction.",
        _all(_form_is("years and months duration"), _whole_part_is_ours),
    ),
    Explanation(
        "months-at-the-end-of-a-month",
        "table 72",
        "From the 31st to the 30th, or from 29 to 28 February, the last month is not yet whole; "
        "for feelin it is.",
        _all(
            _form_is("years and months duration"),
            lambda found: found.kinds == ("date", "date"),
            _one_month_apart,
        ),
    ),
    Explanation(
        "months-between-days-only",
        "table 72",
        "`years and months duration` takes days, not times of day.",
        _all(_form_is("years and months duration"), lambda found: _ours(found) is None),
    ),
    Explanation(
        "nested-lists-in-paths",
        "clause 10.3.1.5",
        "A path goes into nested lists, which are preserved; feelin gives null for them.",
        _all(
            lambda found: found.form.startswith("."),
            lambda found: found.kinds[0].startswith("list"),
        ),
    ),
    Explanation(
        "number-of-a-number",
        "table 72",
        "An extension of Doudi: `number` of a number is that number; in the standard it is null.",
        _all(_form_is("number"), lambda found: found.kinds == ("number",)),
    ),
    Explanation(
        "doubles",
        "clause 10.3.2.3.1",
        "Numbers are decimals of 34 digits up to 10^6144; feelin has doubles, so that remainders, "
        "roundings and very large numbers differ.",
        _all(
            lambda found: found.form in _ROUNDINGS,
            lambda found: set(found.kinds) == {"number"},
        ),
    ),
)


def explanation(found: Difference) -> Explanation | None:
    """The first class that covers a difference; None for one that nobody has explained."""
    return next((known for known in EXPLANATIONS if known.covers(found)), None)
