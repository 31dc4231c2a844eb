"""Range functions after Allen (DMN 1.5, 10.3.4.8, table 78)."""

from __future__ import annotations

from workflows.feel.builtins.registry import builtin
from workflows.feel.comparison import compare, contains
from workflows.feel.errors import FeelError
from workflows.feel.run import Run
from workflows.feel.values import Range, Value, type_name

_POINT = "number|string|date|time|date and time|days and time duration|years and months duration"


def _order(left: Value, right: Value) -> int:
    sign = compare(left, right)
    if sign is None:
        raise FeelError("operand_types", operator="<", left=type_name(left), right=type_name(right))
    return sign


@builtin("before", f"point1: {_POINT}, point2: {_POINT}")
def point_before_point(run: Run, one: Value, two: Value) -> Value:
    """Whether a point comes before another."""
    return _order(one, two) < 0


@builtin("before", f"point: {_POINT}, range: range")
def point_before_range(run: Run, point: Value, interval: Range) -> Value:
    """Whether a point comes before a range."""
    sign = _order(point, interval.start)
    return sign < 0 or (sign == 0 and not interval.start_included)


@builtin("before", f"range: range, point: {_POINT}")
def range_before_point(run: Run, interval: Range, point: Value) -> Value:
    """Whether a range ends before a point."""
    sign = _order(interval.end, point)
    return sign < 0 or (sign == 0 and not interval.end_included)


@builtin("before", "range1: range, range2: range")
def range_before_range(run: Run, one: Range, two: Range) -> Value:
    """Whether a range ends before another starts."""
    return _ends_before_start(one, two)


@builtin("after", f"point1: {_POINT}, point2: {_POINT}")
def point_after_point(run: Run, one: Value, two: Value) -> Value:
    """Whether a point comes after another."""
    return _order(one, two) > 0


@builtin("after", f"point: {_POINT}, range: range")
def point_after_range(run: Run, point: Value, interval: Range) -> Value:
    """Whether a point comes after a range."""
    return range_before_point(run, interval, point)


@builtin("after", f"range: range, point: {_POINT}")
def range_after_point(run: Run, interval: Range, point: Value) -> Value:
    """Whether a range starts after a point."""
    return point_before_range(run, point, interval)


@builtin("after", "range1: range, range2: range")
def range_after_range(run: Run, one: Range, two: Range) -> Value:
    """Whether a range starts after another ends."""
    return range_before_range(run, two, one)


@builtin("meets", "range1: range, range2: range")
def meets(run: Run, one: Range, two: Range) -> Value:
    """Whether a range ends where another starts, both included."""
    return one.end_included and two.start_included and _order(one.end, two.start) == 0


@builtin("met by", "range1: range, range2: range")
def met_by(run: Run, one: Range, two: Range) -> Value:
    """Whether a range starts where another ends, both included."""
    return meets(run, two, one)


def _ends_before_start(one: Range, two: Range) -> bool:
    sign = _order(one.end, two.start)
    return sign < 0 or (sign == 0 and not (one.end_included and two.start_included))


@builtin("overlaps", "range1: range, range2: range")
def overlaps(run: Run, one: Range, two: Range) -> Value:
    """Whether two ranges share a point."""
    return not (_ends_before_start(one, two) or _ends_before_start(two, one))


def _start_order(one: Range, two: Range) -> int:
    """Which range starts first; an included start comes before one that is not."""
    sign = _order(one.start, two.start)
    return sign if sign else int(two.start_included) - int(one.start_included)


def _end_order(one: Range, two: Range) -> int:
    """Which range ends first; an end that is not included comes before one that is."""
    sign = _order(one.end, two.end)
    return sign if sign else int(one.end_included) - int(two.end_included)


@builtin("overlaps before", "range1: range, range2: range")
def overlaps_before(run: Run, one: Range, two: Range) -> Value:
    """Whether a range starts before another and ends inside it, or with it."""
    return (
        _start_order(one, two) < 0
        and _end_order(one, two) <= 0
        and not _ends_before_start(one, two)
    )


@builtin("overlaps after", "range1: range, range2: range")
def overlaps_after(run: Run, one: Range, two: Range) -> Value:
    """Whether a range starts inside another and ends no earlier."""
    return overlaps_before(run, two, one)


@builtin("finishes", f"point: {_POINT}, range: range")
def point_finishes(run: Run, point: Value, interval: Range) -> Value:
    """Whether a point is the included end of a range."""
    return interval.end_included and _order(point, interval.end) == 0


@builtin("finishes", "range1: range, range2: range")
def range_finishes(run: Run, one: Range, two: Range) -> Value:
    """Whether a range ends with another and starts no earlier."""
    return _end_order(one, two) == 0 and _start_order(one, two) >= 0


@builtin("finished by", f"range: range, point: {_POINT}")
def finished_by_point(run: Run, interval: Range, point: Value) -> Value:
    """Whether a point is the included end of a range."""
    return point_finishes(run, point, interval)


@builtin("finished by", "range1: range, range2: range")
def finished_by_range(run: Run, one: Range, two: Range) -> Value:
    """Whether another range ends with this one and starts no earlier."""
    return range_finishes(run, two, one)


@builtin("includes", f"range: range, point: {_POINT}")
def includes_point(run: Run, interval: Range, point: Value) -> Value:
    """Whether a point lies in a range."""
    _order(interval.start if interval.start is not None else interval.end, point)
    return contains(run, interval, point)


@builtin("includes", "range1: range, range2: range")
def includes_range(run: Run, one: Range, two: Range) -> Value:
    """Whether a range lies wholly in this one."""
    return _start_order(one, two) <= 0 and _end_order(one, two) >= 0


@builtin("during", f"point: {_POINT}, range: range")
def point_during(run: Run, point: Value, interval: Range) -> Value:
    """Whether a point lies in a range."""
    return includes_point(run, interval, point)


@builtin("during", "range1: range, range2: range")
def range_during(run: Run, one: Range, two: Range) -> Value:
    """Whether this range lies wholly in another."""
    return includes_range(run, two, one)


@builtin("starts", f"point: {_POINT}, range: range")
def point_starts(run: Run, point: Value, interval: Range) -> Value:
    """Whether a point is the included start of a range."""
    return interval.start_included and _order(point, interval.start) == 0


@builtin("starts", "range1: range, range2: range")
def range_starts(run: Run, one: Range, two: Range) -> Value:
    """Whether a range starts with another and ends no later."""
    return _start_order(one, two) == 0 and _end_order(one, two) <= 0


@builtin("started by", f"range: range, point: {_POINT}")
def started_by_point(run: Run, interval: Range, point: Value) -> Value:
    """Whether a point is the included start of a range."""
    return point_starts(run, point, interval)


@builtin("started by", "range1: range, range2: range")
def started_by_range(run: Run, one: Range, two: Range) -> Value:
    """Whether another range starts with this one and ends no later."""
    return range_starts(run, two, one)


@builtin("coincides", f"point1: {_POINT}, point2: {_POINT}")
def points_coincide(run: Run, one: Value, two: Value) -> Value:
    """Whether two points are the same."""
    return _order(one, two) == 0


@builtin("coincides", "range1: range, range2: range")
def ranges_coincide(run: Run, one: Range, two: Range) -> Value:
    """Whether two ranges are the same."""
    return _start_order(one, two) == 0 and _end_order(one, two) == 0
