"""Reads Doudi's own elements (``urn:doudi:bpmn:1``) and refuses what they may not say."""

from __future__ import annotations

import re
import unicodedata
from collections import abc
from dataclasses import dataclass, field, replace
from typing import Any, cast

from lxml import etree

from workflows.definitions.diagram.allowed import is_extension, local
from workflows.definitions.diagram.model import (
    BPMN,
    GATEWAYS,
    VARIABLE_TYPES,
    Assignment,
    ClockAction,
    DecisionRef,
    ElementKind,
    Mapping,
    Operation,
    Variable,
)
from workflows.definitions.findings import Report

_NOT_GATEWAYS = frozenset(ElementKind) - GATEWAYS
_WAITS = frozenset(
    {
        ElementKind.USER_TASK,
        ElementKind.RECEIVE_TASK,
        ElementKind.CATCH_EVENT,
        ElementKind.BOUNDARY_EVENT,
    }
)
#: What stands for the process in the numbers of its cases.
_CODE = re.compile(r"[A-Z]{2,6}")
_NAME = re.compile(r"[^\W\d]\w{0,63}")
#: Names that the language, the host or the engine's serialiser gives a meaning of their own.
RESERVED_NAMES = frozenset(
    {
        "and",
        "or",
        "not",
        "if",
        "then",
        "else",
        "for",
        "in",
        "return",
        "some",
        "every",
        "satisfies",
        "between",
        "instance",
        "of",
        "function",
        "external",
        "null",
        "true",
        "false",
        "case",
        "typename",
        "partial",
        "item",
    }
)
OUTCOMES = frozenset(
    {"confirmed", "granted", "aided", "refused", "withdrawn", "terminated", "completed", "missed"}
)


def is_name(text: str) -> bool:
    """Whether a variable can be called that: one word, in any script, that means nothing else."""
    return (
        _NAME.fullmatch(text) is not None
        and "__" not in text
        and unicodedata.normalize("NFKC", text) == text
        and text not in RESERVED_NAMES
    )


@dataclass(frozen=True, slots=True)
class _Rule:
    """``kinds`` None: the element belongs to a process."""

    kinds: frozenset[ElementKind] | None
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    many: bool = False


def _only(*kinds: ElementKind) -> frozenset[ElementKind]:
    return frozenset(kinds)


_RULES: dict[str, _Rule] = {
    "clause": _Rule(frozenset(ElementKind), ("ref",), many=True),
    "assignment": _Rule(_WAITS, ("role", "level"), ("separateFrom",)),
    "form": _Rule(_WAITS | {ElementKind.START_EVENT}, ("key",)),
    "returns": _Rule(_only(ElementKind.USER_TASK), ("to",)),
    "clock": _Rule(_NOT_GATEWAYS, ("key", "action"), ("at", "from", "days", "by", "to"), many=True),
    "operation": _Rule(_only(ElementKind.SERVICE_TASK), ("name",), children=("input", "output")),
    "decision": _Rule(
        _only(ElementKind.BUSINESS_RULE_TASK), ("ref",), ("on",), ("input", "output")
    ),
    "result": _Rule(_only(ElementKind.SCRIPT_TASK), ("variable",)),
    "call": _Rule(_only(ElementKind.CALL_ACTIVITY), children=("input", "output")),
    "status": _Rule(_NOT_GATEWAYS, ("value",)),
    "due": _Rule(_only(ElementKind.USER_TASK), ("clock",)),
    "end": _Rule(_only(ElementKind.END_EVENT), ("outcome",)),
}
_PROCESS_RULES: dict[str, _Rule] = {
    "clause": _Rule(None, ("ref",), many=True),
    "variable": _Rule(None, ("name", "type"), ("inherited", "default"), many=True),
    "number": _Rule(None, ("code",)),
}
_MAPPING_RULES = {
    "input": _Rule(None, ("name", "value"), many=True),
    "output": _Rule(None, ("name", "variable"), ("value",), many=True),
}
#: When a clock acts unless the diagram says otherwise.
_CLOCK_AT = {
    "start": "leave",
    "stop": "leave",
    "extend": "leave",
    "exclude": "leave",
    "pause": "enter",
    "resume": "leave",
}
#: The attributes that each action of a clock understands, besides key, action and at.
_CLOCK_VALUES: dict[str, frozenset[str]] = {
    "start": frozenset({"from"}),
    "stop": frozenset(),
    "extend": frozenset({"by", "to"}),
    "pause": frozenset(),
    "resume": frozenset(),
    "exclude": frozenset({"days"}),
}


@dataclass(slots=True)
class Extensions:
    """What the extension elements of one node say; field names are those of ``Element``."""

    clauses: tuple[str, ...] = ()
    variables: dict[str, Variable] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)


def read_extensions(
    node: etree._Element, owner: str, kind: ElementKind | None, report: Report
) -> Extensions:
    """Read the extension elements of a flow node of ``kind``, or of a process (None)."""
    result = Extensions()
    rules = _PROCESS_RULES if kind is None else _RULES
    seen: set[str] = set()
    for container in node.findall(f"{{{BPMN}}}extensionElements"):
        for name in container.attrib:
            report.add("ext.attribute", owner, tag="extensionElements", attribute=name)
        for child in container:
            tag = local(child)
            rule = rules.get(tag) if is_extension(child) else None
            if rule is None or (kind is not None and kind not in (rule.kinds or ())):
                shown = tag if is_extension(child) else child.tag
                report.add("ext.element", owner, node=child, tag=shown, on=local(node))
                continue
            if tag in seen and not rule.many:
                report.add("ext.repeated", owner, node=child, tag=tag)
            seen.add(tag)
            if _check_shape(child, rule, owner, report):
                _READERS[tag](child, owner, result, report)
    return result


def _check_shape(node: etree._Element, rule: _Rule, owner: str, report: Report) -> bool:
    """Whether the node has what it needs; excess is reported but does not hinder reading."""
    tag = local(node)
    complete = True
    for name in node.attrib:
        if name not in rule.required + rule.optional:
            report.add("ext.attribute", owner, node=node, tag=tag, attribute=name)
    for name in rule.required:
        if not (node.get(name) or "").strip():
            report.add("ext.missing", owner, node=node, tag=tag, attribute=name)
            complete = False
    for child in node:
        if not is_extension(child) or local(child) not in rule.children:
            report.add("ext.element", owner, node=child, tag=child.tag, on=tag)
    return complete


def _words(text: str | None) -> tuple[str, ...]:
    return tuple((text or "").split())


def _mappings(node: etree._Element, tag: str, owner: str, report: Report) -> tuple[Mapping, ...]:
    found: dict[str, Mapping] = {}
    for child in node:
        if not is_extension(child) or local(child) != tag:
            continue
        if not _check_shape(child, _MAPPING_RULES[tag], owner, report):
            continue
        mapping = Mapping(child.get("name", ""), child.get("value"), child.get("variable"))
        if mapping.name in found and tag == "input":
            report.add("ext.repeated", owner, node=child, tag=f"{tag} {mapping.name}")
        found[f"{mapping.name} {mapping.variable or ''}".strip()] = mapping
    return tuple(found.values())


def _clause(node: etree._Element, owner: str, result: Extensions, report: Report) -> None:
    ref = node.get("ref", "").strip()
    if ref in result.clauses:
        report.add("ext.repeated", owner, node=node, tag=f"clause {ref}")
    else:
        result.clauses += (ref,)


def _variable(node: etree._Element, owner: str, result: Extensions, report: Report) -> None:
    name, type_ = node.get("name", ""), node.get("type", "")
    if not is_name(name):
        report.add("variable.name", owner, node=node, name=name)
        return
    if type_ not in VARIABLE_TYPES:
        report.add("variable.type", owner, node=node, name=name, type=type_, known=VARIABLE_TYPES)
    if name in result.variables:
        report.add("variable.repeated", owner, node=node, name=name)
    inherited = _truth(node, "inherited", owner, report)
    if inherited and node.get("default") is not None:
        report.add("variable.inherited_default", owner, node=node, name=name)
    result.variables[name] = Variable(name, type_, inherited, node.get("default"))


def _truth(node: etree._Element, name: str, owner: str, report: Report) -> bool:
    value = node.get(name, "false")
    if value not in ("true", "false"):
        report.add("ext.value", owner, node=node, tag=local(node), attribute=name, value=value)
    return value == "true"


def _number(node: etree._Element, owner: str, result: Extensions, report: Report) -> None:
    code = node.get("code", "").strip()
    if _CODE.fullmatch(code) is None:
        report.add("ext.value", owner, node=node, tag="number", attribute="code", value=code)
    result.fields["number_code"] = code


def _assignment(node: etree._Element, owner: str, result: Extensions, report: Report) -> None:
    result.fields["assignment"] = Assignment(
        node.get("role", ""), node.get("level", ""), _words(node.get("separateFrom"))
    )


def _clock(node: etree._Element, owner: str, result: Extensions, report: Report) -> None:
    action = node.get("action", "")
    if action not in _CLOCK_AT:
        report.add("ext.value", owner, node=node, tag="clock", attribute="action", value=action)
        return
    at = node.get("at", _CLOCK_AT[action])
    if at not in ("enter", "leave"):
        report.add("ext.value", owner, node=node, tag="clock", attribute="at", value=at)
        return
    given = {name for name in ("from", "days", "by", "to") if node.get(name) is not None}
    for name in sorted(given - _CLOCK_VALUES[action]):
        report.add("clock.attribute", owner, node=node, action=action, attribute=name)
    if action == "extend" and len(given & {"by", "to"}) != 1:
        report.add("clock.extend", owner, node=node, key=node.get("key", ""))
    if action == "exclude" and "days" not in given:
        report.add("ext.missing", owner, node=node, tag="clock", attribute="days")
    values = {name: node.get(name) for name in ("days", "by", "to")}
    clock = ClockAction(
        node.get("key", ""),
        cast(Any, action),
        cast(Any, at),
        from_=node.get("from"),
        **values,
    )
    result.fields["clocks"] = (*result.fields.get("clocks", ()), clock)


def _operation(node: etree._Element, owner: str, result: Extensions, report: Report) -> None:
    result.fields["operation"] = Operation(
        node.get("name", ""),
        _mappings(node, "input", owner, report),
        _without_values(_mappings(node, "output", owner, report), owner, report),
    )


def _decision(node: etree._Element, owner: str, result: Extensions, report: Report) -> None:
    result.fields["decision"] = DecisionRef(
        node.get("ref", ""),
        node.get("on"),
        _mappings(node, "input", owner, report),
        _without_values(_mappings(node, "output", owner, report), owner, report),
    )


def _without_values(
    outputs: tuple[Mapping, ...], owner: str, report: Report
) -> tuple[Mapping, ...]:
    """Only a call may compute an output: the others name what comes back."""
    for output in outputs:
        if output.value is not None:
            report.add("ext.attribute", owner, tag="output", attribute="value")
    return tuple(replace(output, value=None) for output in outputs)


def _call(node: etree._Element, owner: str, result: Extensions, report: Report) -> None:
    result.fields["call_inputs"] = _mappings(node, "input", owner, report)
    result.fields["call_outputs"] = _mappings(node, "output", owner, report)


def _end(node: etree._Element, owner: str, result: Extensions, report: Report) -> None:
    outcome = node.get("outcome", "")
    if outcome not in OUTCOMES:
        report.add("ext.value", owner, node=node, tag="end", attribute="outcome", value=outcome)
    result.fields["outcome"] = outcome


_Reader = abc.Callable[[etree._Element, str, Extensions, Report], None]


def _text(attribute: str, field_name: str) -> _Reader:
    def read(node: etree._Element, owner: str, result: Extensions, report: Report) -> None:
        result.fields[field_name] = node.get(attribute, "").strip()

    return read


def _returns(node: etree._Element, owner: str, result: Extensions, report: Report) -> None:
    result.fields["returns"] = _words(node.get("to"))


def _due(node: etree._Element, owner: str, result: Extensions, report: Report) -> None:
    result.fields["due_clocks"] = _words(node.get("clock"))


_READERS: dict[str, _Reader] = {
    "clause": _clause,
    "variable": _variable,
    "number": _number,
    "assignment": _assignment,
    "form": _text("key", "form"),
    "returns": _returns,
    "clock": _clock,
    "operation": _operation,
    "decision": _decision,
    "result": _text("variable", "result_variable"),
    "call": _call,
    "status": _text("value", "status"),
    "due": _due,
    "end": _end,
}
