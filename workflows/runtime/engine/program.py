"""From checked diagrams to the engine's specifications, made once per release and process."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser, full_tag
from SpiffWorkflow.bpmn.parser.event_parsers import (
    BoundaryEventParser,
    EndEventParser,
    EventBasedGatewayParser,
    IntermediateCatchEventParser,
    ReceiveTaskParser,
)
from SpiffWorkflow.bpmn.parser.task_parsers import (
    CallActivityParser,
    ConditionalGatewayParser,
    SubWorkflowParser,
)
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException

from workflows.definitions.diagram import DiagramFile, ProcessModel
from workflows.errors import Finding, Invalid
from workflows.runtime.engine.specs import (
    AutomaticTask,
    BoundaryEvent,
    EndEvent,
    HostCallActivity,
    HostError,
    HostEventGateway,
    HostExclusiveGateway,
    HostMessage,
    HostSubProcess,
    HostTimer,
    IntermediateCatchEvent,
    ReceiveTask,
)

# SpiffWorkflow gathers the data of its log lines before it knows whether anybody listens; at its
# own level of WARNING it doesn't walk the task tree for them.
for _name in ("spiff", "spiff.task", "spiff.workflow"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class _HostEvents:
    """Timers, messages and errors become events that only the host fires."""

    node: Any

    def parse_timer_event(self, event: Any) -> HostTimer:
        return HostTimer(self.node.get("id"))

    def parse_message_event(self, event: Any) -> HostMessage:
        return HostMessage(self.node.get("id"))

    def parse_error_event(self, event: Any) -> HostError:
        return HostError(self.node.get("id"))


class _CatchParser(_HostEvents, IntermediateCatchEventParser):
    pass


class _BoundaryParser(_HostEvents, BoundaryEventParser):
    pass


class _ReceiveParser(_HostEvents, ReceiveTaskParser):
    pass


class _EndParser(_HostEvents, EndEventParser):
    pass


class _EventGatewayParser(EventBasedGatewayParser):
    """The gateway gathers the events of the elements that follow it."""

    def create_task(self) -> HostEventGateway:
        return HostEventGateway(self.spec, self.bpmn_id, **self.bpmn_attributes)


class _HostParser(BpmnParser):
    OVERRIDE_PARSER_CLASSES: ClassVar = {
        full_tag("serviceTask"): (TaskParser, AutomaticTask),
        full_tag("businessRuleTask"): (TaskParser, AutomaticTask),
        full_tag("scriptTask"): (TaskParser, AutomaticTask),
        full_tag("exclusiveGateway"): (ConditionalGatewayParser, HostExclusiveGateway),
        full_tag("eventBasedGateway"): (_EventGatewayParser, HostEventGateway),
        full_tag("callActivity"): (CallActivityParser, HostCallActivity),
        full_tag("subProcess"): (SubWorkflowParser, HostSubProcess),
        full_tag("intermediateCatchEvent"): (_CatchParser, IntermediateCatchEvent),
        full_tag("boundaryEvent"): (_BoundaryParser, BoundaryEvent),
        full_tag("endEvent"): (_EndParser, EndEvent),
        full_tag("receiveTask"): (_ReceiveParser, ReceiveTask),
    }


@dataclass(frozen=True, slots=True)
class Program:
    """What the engine needs to run one process: its specifications and the diagrams' model."""

    process_id: str
    spec: Any
    subprocess_specs: Mapping[str, Any]
    #: every process that may be called, by id
    processes: Mapping[str, ProcessModel]
    #: the process that an embedded subprocess (by its element id) belongs to
    owners: Mapping[str, str]

    def model(self, spec_name: str) -> ProcessModel:
        """The process that a specification (a process or an embedded subprocess) belongs to."""
        return self.processes[self.owners.get(spec_name, spec_name)]


def program_of(files: Iterable[DiagramFile], process_id: str) -> Program:
    """Parse the diagrams with SpiffWorkflow for running `process_id`.

    Raises:
        Invalid: `engine_refused`, with SpiffWorkflow's reason.
    """
    files = tuple(files)
    parser = _HostParser()
    try:
        for file in files:
            # the parser keeps and walks the tree; the published one must stay untouched
            parser.add_bpmn_xml(etree.fromstring(etree.tostring(file.tree)), file.file)
        spec = parser.get_spec(process_id)
        subprocess_specs = parser.get_subprocess_specs(process_id)
    except (ValidationException, ValueError) as error:  # it reads coordinates as numbers
        raise Invalid(
            findings=[
                Finding(
                    "engine_refused",
                    f"流程引擎无法读取该流程图：{error}",
                    f"The engine can't read this diagram: {error}",
                    file=getattr(error, "file_name", None),
                )
            ]
        ) from error
    processes = {process.id: process for file in files for process in file.processes}
    owners = {
        element.id: process.id
        for process in processes.values()
        for element in process.elements.values()
        if element.kind == "subProcess"
    }
    return Program(process_id, spec, subprocess_specs, processes, owners)
