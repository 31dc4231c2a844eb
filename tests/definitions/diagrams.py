"""Builds small policies for tests: a part of a diagram is given, the rest is made right."""

from __future__ import annotations

import json
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from workflows.definitions.check import check_policy
from workflows.definitions.files import PolicyFiles
from workflows.definitions.operations import OperationSignature
from workflows.errors import Finding

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"'
    ' xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
    ' xmlns:di="http://www.omg.org/spec/DD/20100524/DI"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:doudi="urn:doudi:bpmn:1" id="Definitions_1" targetNamespace="http://example.org">'
)
TAIL = "</bpmn:definitions>"
ASSIGNED = '<doudi:assignment role="case_officer" level="township"/>'
CLAUSE = '<doudi:clause ref="c1"/>'

OPERATIONS = {
    "notice.issue": OperationSignature(
        "notice.issue",
        {"kind": "string", "recipient": "string"},
        {"notice_id": "string"},
        frozenset({"recipient"}),
    ),
    "money.pay": OperationSignature("money.pay", {"amount": "number"}, {}, undo="forbid"),
}


def node(
    tag: str,
    id: str,
    *,
    extra: str | None = None,
    inner: str = "",
    name: str | None = "名称",
    documentation: str | None = "说明",
    clause: str = CLAUSE,
    **attributes: str,
) -> str:
    """A flow node with name, documentation, clause, and what its kind needs."""
    if extra is None:
        extra = {
            "userTask": f'{ASSIGNED}<doudi:form key="f"/>',
            "serviceTask": '<doudi:operation name="notice.issue">'
            '<doudi:input name="kind" value="&quot;refusal&quot;"/></doudi:operation>',
            "receiveTask": ASSIGNED,
            "scriptTask": '<doudi:result variable="x"/>',
        }.get(tag, "")
    if tag == "scriptTask" and not inner:
        attributes.setdefault("scriptFormat", "feel")
        inner = "<bpmn:script>1 + 1</bpmn:script>"
    text = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    named = "" if name is None else f" name={quoteattr(name)}"
    documented = (
        ""
        if documentation is None
        else (f"<bpmn:documentation>{escape(documentation)}</bpmn:documentation>")
    )
    return (
        f'<bpmn:{tag} id="{id}"{named}{text}>{documented}'
        f"<bpmn:extensionElements>{clause}{extra}</bpmn:extensionElements>{inner}</bpmn:{tag}>"
    )


def end(id: str = "End_1", outcome: str | None = "completed", inner: str = "") -> str:
    """An end event that decides the outcome of the case."""
    extra = "" if outcome is None else f'<doudi:end outcome="{outcome}"/>'
    return node("endEvent", id, extra=extra, inner=inner)


def start(id: str = "Start_1") -> str:
    """A start event."""
    return node("startEvent", id)


def timer(expression: str, kind: str = "timeDuration") -> str:
    """A timer event definition."""
    return (
        f'<bpmn:timerEventDefinition><bpmn:{kind} xsi:type="bpmn:tFormalExpression">'
        f"{escape(expression)}</bpmn:{kind}></bpmn:timerEventDefinition>"
    )


def message(id: str = "Message_1") -> str:
    """A message event definition."""
    return f'<bpmn:messageEventDefinition messageRef="{id}"/>'


def flow(id: str, source: str, target: str, condition: str | None = None, extra: str = "") -> str:
    """A sequence flow."""
    inner = (
        ""
        if condition is None
        else (
            '<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">'
            f"{escape(condition)}</bpmn:conditionExpression>"
        )
    )
    return (
        f'<bpmn:sequenceFlow id="{id}" sourceRef="{source}" targetRef="{target}"{extra}>'
        f"{inner}</bpmn:sequenceFlow>"
    )


def flows(*paths: str) -> str:
    """Flows along paths: ``"A B C"`` makes ``F_A_B`` and ``F_B_C``."""
    pairs = [pair for path in paths for pair in zip(path.split(), path.split()[1:], strict=False)]
    return "".join(flow(f"F_{source}_{target}", source, target) for source, target in pairs)


def variable(name: str, type: str = "string", **attributes: str) -> str:
    """A declared variable."""
    text = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f'<doudi:variable name="{name}" type="{type}"{text}/>'


VARIABLES = variable("x", "number") + variable("opinion")


def process(
    *parts: str, id: str = "p", variables: str = VARIABLES, head: str = "", **attributes: str
) -> str:
    """An executable process."""
    attributes = {"isExecutable": "true", "name": "流程", **attributes}
    text = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return (
        f'<bpmn:process id="{id}"{text}><bpmn:documentation>说明</bpmn:documentation>'
        f"<bpmn:extensionElements>{CLAUSE}{variables}</bpmn:extensionElements>"
        f"{head}{''.join(parts)}</bpmn:process>"
    )


def document(*processes: str, rest: str = "") -> bytes:
    """A BPMN file with one message and one error."""
    return (
        HEAD + '<bpmn:message id="Message_1" name="application.withdrawn"/>'
        '<bpmn:error id="Error_1" errorCode="failed"/>' + "".join(processes) + rest + TAIL
    ).encode()


def line(*nodes: str, id: str = "p", variables: str = VARIABLES, more: str = "") -> bytes:
    """A file with start, the given nodes one after the other, and end."""
    ids = [part.split('id="', 1)[1].split('"', 1)[0] for part in nodes]
    return document(
        process(
            start(),
            *nodes,
            end(),
            flows(" ".join(["Start_1", *ids, "End_1"])),
            more,
            id=id,
            variables=variables,
        )
    )


FORM = {
    "type": "default",
    "schemaVersion": 17,
    "id": "f",
    "components": [{"type": "textfield", "key": "opinion", "label": "意见"}],
}
CLAUSES_YAML = "- {id: c1, text: 某办法, article: 第一条, source: 原文}\n"
CLOCKS_YAML = (
    "- {key: A.k, name: 时限, length: k.length, unit: workdays, roll: false,"
    " clause: [c1], warn: 1, severity: red}\n"
)
CALENDAR_YAML = (
    "version: '1'\nknown_from: 2026-01-01\nknown_until: 2026-12-31\n"
    "holidays:\n- {on: 2026-01-01, name: 元旦}\nworkdays: []\n"
)
HOLIDAYS_YAML = (
    "- from: 2014-01-01\n  clause: [c1]\n  holidays:\n"
    "  - {name: 元旦, name_en: New Year, solar: 01-01, days: 1}\n"
)
PARAMETERS_YAML = (
    "k.length:\n  label: 长度\n  unit: 工作日\n  type: number\n  values:\n"
    "  - {from: 2021-01-01, value: 3, source: [c1], certainty: found}\n"
)
NOTICES_YAML = (
    "refusal:\n  title: 告知书\n  clauses: [c1]\n  paragraphs: ['\"编号 \" + case.number']\n"
)


def policy(diagram: bytes | None = None, **others: bytes | str | None) -> PolicyFiles:
    """A policy that is right, with a diagram.

    ``policy(d, **{"forms/g.form": b"…"})`` adds or replaces a file, None removes it.
    """
    contents: dict[str, bytes | str | None] = {
        "clauses.yaml": CLAUSES_YAML,
        "clocks.yaml": CLOCKS_YAML,
        "calendar.yaml": CALENDAR_YAML,
        "statutory-holidays.yaml": HOLIDAYS_YAML,
        "parameters/k.yaml": PARAMETERS_YAML,
        "notices/n.yaml": NOTICES_YAML,
        "forms/f.form": json.dumps(FORM, ensure_ascii=False),
        **others,
    }
    if diagram is not None:
        contents["processes/p.bpmn"] = diagram
    return PolicyFiles(
        {
            path: content.encode() if isinstance(content, str) else content
            for path, content in contents.items()
            if content is not None
        }
    )


def findings(
    files: PolicyFiles | bytes, operations: Mapping[str, OperationSignature] = OPERATIONS
) -> list[Finding]:
    """What the gate says, without the drawing (tests of it ask for it) and idle warnings."""
    if isinstance(files, bytes):
        files = policy(files)
    return [
        finding
        for finding in check_policy(files, operations=operations)
        if not finding.code.startswith("layout.")
    ]


def codes(files: PolicyFiles | bytes) -> set[tuple[str, str | None]]:
    """Code and element of each finding."""
    return {(finding.code, finding.element) for finding in findings(files)}
