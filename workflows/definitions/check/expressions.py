"""Checks every FEEL text of a process: it parses, and each name and function in it is known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workflows.decisions import HOST_FUNCTIONS, ParameterTable
from workflows.decisions.kinds import host_kinds
from workflows.definitions.check.catalogue import Catalogue
from workflows.definitions.check.types import AMBIENT_KINDS, kind_of, kinds_of
from workflows.definitions.diagram.model import Element, ProcessModel
from workflows.definitions.findings import Report
from workflows.feel import BUILT_IN_FUNCTIONS, Expression, FeelSyntaxError, compile_expression
from workflows.feel.inference.inferring import infer
from workflows.feel.inference.kinds import ANY, NULL, Kind

#: What every expression may read besides the variables of its process.
AMBIENT = frozenset(AMBIENT_KINDS)
_PARAMETER = re.compile(r'\bparameter\s*\(\s*"([^"\\]*)"')
_ISO = re.compile(
    r"""["']?(
        R\d*/.* | -?P(?=[\dT])[\dYMWDTHS.]+ | \d{4}-\d{2}-\d{2}(T.*)? | T?\d{2}:\d{2}(:\d{2})?
    )["']?""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Use:
    """A FEEL text and where it stands; ``names`` is what it may read."""

    owner: str
    what: tuple[str, str]
    text: str
    names: frozenset[str]
    #: What is known of the names; any for those that are not here.
    kinds: Mapping[str, Kind]
    #: The type of variable that its value must have, where that is known.
    expected: str | None = None
    #: The variable that its value is written to, where it is one of the process.
    target: str | None = None
    #: The functions of the host that it may call.
    functions: frozenset[str] = HOST_FUNCTIONS


@dataclass(frozen=True, slots=True)
class Compiled:
    """A use that parses."""

    use: Use
    expression: Expression


def check_expressions(
    process: ProcessModel, catalogue: Catalogue, report: Report
) -> list[Compiled]:
    """Report what is wrong with the FEEL of a process; the texts that parse are returned."""
    found = []
    for use in _uses(process, catalogue):
        compiled = check_text(use, catalogue.parameters, report)
        if compiled is not None:
            check_type(use, catalogue.parameters, report)
            found.append(Compiled(use, compiled))
    return found


def check_text(use: Use, parameters: ParameterTable | None, report: Report) -> Expression | None:
    """Report what is wrong with one FEEL text."""
    chinese, english = use.what
    if not use.text.strip():
        report.add("expression.empty", use.owner, what=chinese, what_en=english)
        return None
    try:
        compiled = compile_expression(use.text, use.names, functions=use.functions)
    except FeelSyntaxError as error:
        report.add(
            "expression.syntax",
            use.owner,
            column=error.column,
            what=chinese,
            what_en=english,
            reason=error.message_zh,
            reason_en=error.message,
        )
        return None
    functions = use.functions | BUILT_IN_FUNCTIONS
    for name in sorted(compiled.free_names - use.names - functions):
        report.add("expression.unknown_name", use.owner, what=chinese, what_en=english, name=name)
    for name in sorted(compiled.called_functions - use.names - functions):
        report.add(
            "expression.unknown_function", use.owner, what=chinese, what_en=english, name=name
        )
    if parameters is not None:
        for name in sorted(set(_PARAMETER.findall(use.text))):
            if name not in parameters:
                report.add(
                    "expression.unknown_parameter",
                    use.owner,
                    what=chinese,
                    what_en=english,
                    name=name,
                )
    return compiled


def check_type(use: Use, parameters: ParameterTable | None, report: Report) -> None:
    """Report what in a FEEL text only gives null, and a value of another type than expected."""
    functions = {
        name: kind for name, kind in host_kinds(parameters).items() if name in use.functions
    }
    kinds = {name: use.kinds.get(name, ANY) for name in use.names}
    found = infer(use.text, kinds, functions)
    chinese, english = use.what
    for warning in found.findings:
        report.add(
            "expression.mismatch",
            use.owner,
            column=warning.column,
            what=chinese,
            what_en=english,
            reason=warning.message_zh,
            reason_en=warning.message,
        )
    expected = ANY if use.expected is None else kind_of(use.expected)
    # Null stands for "not known yet", which a condition cannot be.
    never = found.kind == NULL and use.expected == "boolean"
    if never or not (found.kind.is_any or expected.is_any or found.kind.names & expected.names):
        report.add(
            "expression.type",
            use.owner,
            what=chinese,
            what_en=english,
            given=found.kind,
            type=use.expected,
        )


def is_bare_iso(text: str) -> bool:
    """Whether the text is ISO 8601 without FEEL around it, such as ``P7D`` or ``2026-01-01``."""
    return _ISO.fullmatch(text.strip()) is not None


def names_of(process: ProcessModel) -> frozenset[str]:
    """What the expressions of a process may read."""
    return AMBIENT | process.variables.keys()


def _uses(process: ProcessModel, catalogue: Catalogue) -> Iterator[Use]:
    names, kinds = names_of(process), kinds_of(process)
    for variable in process.variables.values():
        if variable.default is not None:
            what = (f"变量 {variable.name} 的默认值", f"default of {variable.name}")
            yield Use(
                process.id, what, variable.default, names - {variable.name}, kinds, variable.type
            )
    for flow in process.flows.values():
        if flow.condition:
            yield Use(flow.id, ("条件", "condition"), flow.condition, names, kinds, "boolean")
    for element in process.elements.values():
        if element.timer is not None and not is_bare_iso(element.timer.expression):
            yield Use(element.id, ("定时", "timer"), element.timer.expression, names, kinds)
        if element.script is not None:
            yield _script_use(element, process, names)
        yield from _input_uses(element, process, catalogue)
        yield from _clock_uses(element, process)
        yield from _output_uses(element, catalogue)


def _script_use(element: Element, process: ProcessModel, names: frozenset[str]) -> Use:
    target = process.variables.get(element.result_variable or "")
    return Use(
        element.id,
        ("脚本", "script"),
        element.script or "",
        names,
        kinds_of(process),
        target.type if target is not None else None,
        element.result_variable,
    )


def _input_uses(element: Element, process: ProcessModel, catalogue: Catalogue) -> Iterator[Use]:
    names, kinds = names_of(process), kinds_of(process)
    inputs = list(element.call_inputs)
    types: dict[str, str] = {}
    callee = catalogue.processes.get(element.called or "")
    if callee is not None:
        types = {variable.name: variable.type for variable in callee.variables.values()}
    if element.operation is not None:
        inputs += element.operation.inputs
        signature = catalogue.operations.get(element.operation.name)
        types = dict(signature.inputs) if signature is not None else {}
    if element.decision is not None:
        inputs += element.decision.inputs
        if element.decision.on is not None:
            what = ("决策的日期", "day of the decision")
            yield Use(element.id, what, element.decision.on, names, kinds, "date")
    for given in inputs:
        what = (f"输入 {given.name}", f"input {given.name}")
        yield Use(element.id, what, given.value or "", names, kinds, types.get(given.name))


def _clock_uses(element: Element, process: ProcessModel) -> Iterator[Use]:
    names, kinds = names_of(process), kinds_of(process)
    for action in element.clocks:
        for attribute, text in (
            ("from", action.from_),
            ("days", action.days),
            ("by", action.by),
            ("to", action.to),
        ):
            if text is not None:
                what = (f"时限 {action.key} 的 {attribute}", f"{attribute} of clock {action.key}")
                expected = None if attribute == "from" else "number"
                yield Use(element.id, what, text, names, kinds, expected)


def _output_uses(element: Element, catalogue: Catalogue) -> Iterator[Use]:
    """The value of a call's output is read in the scope of the called process."""
    callee = catalogue.processes.get(element.called or "")
    if callee is None:
        return
    for output in element.call_outputs:
        if output.value is not None:
            what = (f"输出 {output.name}", f"output {output.name}")
            yield Use(element.id, what, output.value, names_of(callee), kinds_of(callee))
