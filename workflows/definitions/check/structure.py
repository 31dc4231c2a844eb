"""Checks how the elements of a process are joined: starts, ends, gateways, boundary events."""

from __future__ import annotations

from workflows.definitions.check.graph import Scope, reachable, scopes
from workflows.definitions.diagram.model import (
    GATEWAYS,
    Element,
    ElementKind,
    ProcessModel,
)
from workflows.definitions.findings import Report

_MESSAGE_HOSTS = frozenset(
    {
        ElementKind.USER_TASK,
        ElementKind.RECEIVE_TASK,
        ElementKind.SUB_PROCESS,
        ElementKind.CALL_ACTIVITY,
    }
)
_ERROR_HOSTS = frozenset(
    {
        ElementKind.SERVICE_TASK,
        ElementKind.BUSINESS_RULE_TASK,
        ElementKind.SUB_PROCESS,
        ElementKind.CALL_ACTIVITY,
    }
)


def check_structure(process: ProcessModel, report: Report) -> None:
    """Report what is wrong with the shape of one process."""
    for scope in scopes(process):
        _check_starts_and_ends(scope, report)
        for element in scope.nodes.values():
            _check_connections(element, report)
            if element.kind is ElementKind.BOUNDARY_EVENT:
                _check_boundary(element, scope, report)
            if element.kind in GATEWAYS:
                _check_gateway(element, process, report)
        _check_reach(scope, report)
    _check_conditions(process, report)


def _check_starts_and_ends(scope: Scope, report: Report) -> None:
    starts = scope.of_kind(ElementKind.START_EVENT)
    if not starts:
        report.add("start.none", scope.owner)
    for extra in starts[1:]:
        report.add("start.several", extra.id, scope=scope.owner)
    if not scope.of_kind(ElementKind.END_EVENT):
        report.add("end.none", scope.owner)


def _check_connections(element: Element, report: Report) -> None:
    kind = element.kind
    if kind is ElementKind.START_EVENT and element.incoming:
        report.add("start.incoming", element.id)
    if kind is ElementKind.BOUNDARY_EVENT and element.incoming:
        report.add("boundary.incoming", element.id)
    if kind is ElementKind.END_EVENT:
        if element.outgoing:
            report.add("end.outgoing", element.id)
    elif not element.outgoing:
        report.add("node.dead_end", element.id)
    if len(element.outgoing) > 1 and kind not in GATEWAYS:
        report.add("node.implicit_split", element.id)


def _check_boundary(element: Element, scope: Scope, report: Report) -> None:
    host = scope.nodes.get(element.attached_to or "")
    if host is None:
        report.add("boundary.host", element.id, host=element.attached_to or "")
        return
    is_error = element.timer is None and element.message is None
    if host.kind not in (_ERROR_HOSTS if is_error else _MESSAGE_HOSTS):
        report.add("boundary.host_kind", element.id, host=host.id, kind=host.kind.value)
    if is_error and not element.interrupting:
        report.add("boundary.error_interrupting", element.id)


def _check_gateway(gateway: Element, process: ProcessModel, report: Report) -> None:
    if gateway.kind is ElementKind.EVENT_GATEWAY:
        if len(gateway.outgoing) < 2:
            report.add("event_gateway.single", gateway.id)
        for flow_id in gateway.outgoing:
            target = process.elements[process.flows[flow_id].target]
            if target.kind is not ElementKind.CATCH_EVENT:
                report.add("event_gateway.target", gateway.id, target=target.id)
            elif len(target.incoming) > 1:
                report.add("event_gateway.shared", gateway.id, target=target.id)
    elif len(gateway.outgoing) == 1 and len(gateway.incoming) == 1:
        report.add("gateway.idle", gateway.id)
    if gateway.kind is not ElementKind.EXCLUSIVE_GATEWAY:
        return
    default = gateway.default_flow
    if default is not None and default not in gateway.outgoing:
        report.add("gateway.default_unknown", gateway.id, flow=default)
    if len(gateway.outgoing) > 1 and default is None:
        report.add("gateway.no_default", gateway.id)


def _check_conditions(process: ProcessModel, report: Report) -> None:
    for flow in process.flows.values():
        source = process.elements[flow.source]
        splits = source.kind is ElementKind.EXCLUSIVE_GATEWAY and len(source.outgoing) > 1
        if not splits:
            if flow.condition is not None:
                report.add("flow.condition_place", flow.id, source=source.id)
        elif source.default_flow == flow.id:
            if flow.condition is not None:
                report.add("flow.default_condition", flow.id, source=source.id)
        elif not flow.condition:
            report.add("flow.no_condition", flow.id, source=source.id)


def _check_reach(scope: Scope, report: Report) -> None:
    starts = [start.id for start in scope.of_kind(ElementKind.START_EVENT)]
    if starts:
        for node in scope.nodes.keys() - reachable(starts, scope.after):
            report.add("node.unreachable", node)
    ends = [end.id for end in scope.of_kind(ElementKind.END_EVENT)]
    if ends:
        ending = reachable(ends, scope.before)
        for element in scope.nodes.values():
            if element.id not in ending and element.outgoing:
                report.add("node.no_way_out", element.id)
