"""The findings about a table's rows: overlaps, gaps, rows that never hit or say nothing new."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal

from workflows.decisions.cell_shapes import Symbol
from workflows.decisions.columns import TypedTable, Unclear, columns_of
from workflows.decisions.coverage import (
    MAX_SHOWN,
    Coverage,
    different_results,
    table_coverage,
)
from workflows.decisions.decision_models import DecisionModel
from workflows.decisions.model import DecisionTable, HitPolicy
from workflows.decisions.parameters import FUNCTION_NAME, ParameterTable
from workflows.decisions.segments import Column
from workflows.errors import Finding
from workflows.feel import Value

#: A call of the parameter function, and nothing more, with the key written out.
_PARAMETER: Final = re.compile(rf'{FUNCTION_NAME}\("([^"]*)"[^()]*\)$')
_Said = tuple[Literal["error", "warning", "note"], str, str, str]
"""Severity, code, Chinese and English."""


def coverage_findings(
    model: DecisionModel, typed: TypedTable, parameters: ParameterTable | None = None
) -> Iterator[Finding]:
    """What is wrong with the rows of one table, or why that was not looked at.

    A bound that is a parameter has the values that the parameter ever has.
    """
    table = typed.table
    if not table.rules or not table.inputs:
        return
    for severity, code, chinese, english in _said(model, typed, parameters):
        yield Finding(
            code,
            f"{typed.element}：{chinese}。",
            f"{typed.element}: {english}.",
            file=model.file,
            element=typed.element,
            line=table.line or None,
            severity=severity,
        )


def _said(
    model: DecisionModel, typed: TypedTable, parameters: ParameterTable | None
) -> Iterator[_Said]:
    types = model.linked.definitions.types.values()
    domains = {item.name: item.allowed for item in types if item.allowed is not None}
    columns = columns_of(typed, domains, parameters)
    if isinstance(columns, Unclear):
        yield _unclear(columns)
        return
    found = table_coverage(typed.table, columns, _known(columns, parameters))
    if found is None:
        yield (
            "note",
            "dmn.not_checked",
            "各行是否重叠、遗漏未检查：表过大，或界限的先后无法确定",
            "whether rows overlap or leave gaps was not checked: the table is too large, or the "
            "order of its bounds can't be told",
        )
        return
    yield from _rows(typed.table, found)
    if not found.complete:
        yield (
            "warning",
            "dmn.not_all_checked",
            "组合过多，未能全部检查是否有遗漏",
            "there are too many combinations to look for all gaps",
        )
    yield from _gaps(typed.table, found)


def _known(
    columns: Sequence[Column], parameters: ParameterTable | None
) -> dict[Symbol, list[Value]]:
    """The values of the bounds that are parameters."""
    found: dict[Symbol, list[Value]] = {}
    for column in columns:
        for symbol in column.symbols:
            key = _PARAMETER.match(symbol.text)
            parameter = None if parameters is None or key is None else parameters.find(key[1])
            values = [] if parameter is None else [entry.value for entry in parameter.entries]
            if values and all(type(value) is column.kind for value in values):
                found[symbol] = list(dict.fromkeys(values))
    return found


def _unclear(found: Unclear) -> _Said:
    if found.row is None:
        chinese, english = f"列“{found.label}”", f"the column “{found.label}”"
    else:
        chinese = f"第 {found.row} 行“{found.label}”的条件"
        english = f"the cell of row {found.row} in “{found.label}”"
    return (
        "note",
        "dmn.not_checked",
        f"各行是否重叠、遗漏未检查：{chinese}不是简单的值、比较或区间",
        f"whether rows overlap or leave gaps was not checked: {english} is no plain value, "
        "comparison or range",
    )


def _rows(table: DecisionTable, found: Coverage) -> Iterator[_Said]:
    for row, label in found.impossible.items():
        yield (
            "error",
            "dmn.row_impossible",
            f"第 {row} 行永远不会命中：“{label}”没有一个允许的值符合该行的条件",
            f"row {row} never hits: no allowed value of “{label}” passes its cell",
        )
    for row in found.hidden:
        yield (
            "error",
            "dmn.row_hidden",
            f"第 {row} 行永远不会命中：前面的行已包含其全部情形",
            f"row {row} never hits: the rows before it cover all that it covers",
        )
    for row, other in found.redundant.items():
        yield (
            "warning",
            "dmn.row_redundant",
            f"第 {row} 行多余：第 {other} 行对相同的情形给出相同的结果",
            f"row {row} adds nothing: row {other} gives the same result for the same inputs",
        )
    shown = 0
    for (first, second), place in found.overlaps.items():
        if table.hit_policy is HitPolicy.ANY and not different_results(table, first, second):
            continue
        shown += 1
        if shown > MAX_SHOWN:
            return
        chinese, english = place.sentence("zh"), place.sentence("en")
        if table.hit_policy is HitPolicy.ANY:
            yield (
                "error",
                "dmn.different_results",
                f"第 {first} 行与第 {second} 行同时命中，结果却不同：{chinese}",
                f"the rows {first} and {second} hit together with different results: {english}",
            )
        else:
            yield (
                "error",
                "dmn.overlap",
                f"第 {first} 行与第 {second} 行重叠，而该表只允许一行命中：{chinese}",
                f"the rows {first} and {second} overlap, but only one may hit: {english}",
            )


def _gaps(table: DecisionTable, found: Coverage) -> Iterator[_Said]:
    optional = table.hit_policy is HitPolicy.COLLECT and table.aggregation is None
    if optional or any(output.default is not None for output in table.outputs):
        return
    for place in found.gaps:
        chinese, english = place.sentence("zh"), place.sentence("en")
        if table.refuses_gaps:
            yield (
                "note",
                "dmn.gap_refused",
                f"没有一行适用于 {chinese}，此时不得出结论（表中如此声明）",
                f"no row covers {english}; the table declares that there is no result then",
            )
        else:
            yield (
                "warning",
                "dmn.gap",
                f"没有一行适用于 {chinese}",
                f"no row covers {english}",
            )
