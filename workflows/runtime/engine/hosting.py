"""What the engine asks of whoever runs it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from workflows.definitions.diagram import Element

if TYPE_CHECKING:
    from workflows.runtime.engine.run import EngineRun


class EngineHost(Protocol):
    """What the engine asks of the host."""

    def evaluate(self, expression: str, names: Mapping[str, Any], element: Element | None) -> Any:
        """The value of a FEEL expression."""

    def moment(self, element: Element, names: Mapping[str, Any]) -> datetime:
        """When the timer of `element`, reached now, is due."""

    def perform(self, run: EngineRun, element: Element, scope: str) -> None:
        """Do the work of a service, business rule or script task."""

    def entered(self, run: EngineRun, element: Element, scope: str) -> None:
        """A token arrived at `element`."""

    def left(self, run: EngineRun, element: Element, scope: str) -> None:
        """A token is about to leave `element`."""
