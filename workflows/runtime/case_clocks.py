"""The legal clocks of one case during one act, moved by the elements that a token passes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from models.cases import Case
from models.clocks import Clock
from workflows.calendar import local_day
from workflows.clocks.running import (
    ClockTerms,
    extend_clock,
    pause_clock,
    resume_clock,
    running_clocks,
    start_clock,
    stop_clock,
)
from workflows.decisions import ParameterRecorder
from workflows.definitions.diagram import ClockAction, Element
from workflows.definitions.policy import Policy
from workflows.errors import Actor, Invalid
from workflows.runtime.clock_terms import clock_terms
from workflows.runtime.faults import fault_of
from workflows.runtime.values import checked


class LawAndExpressions(Protocol):
    """What clocks ask of the host."""

    @property
    def law(self) -> Policy: ...
    @property
    def pinned(self) -> Policy: ...
    def evaluate(
        self, expression: str, names: Mapping[str, Any], element: Element | None
    ) -> Any: ...


class CaseClocks:
    """The clocks of a case that have not stopped, read once and only when needed."""

    def __init__(
        self,
        session: Session,
        case: Case,
        host: LawAndExpressions,
        *,
        actor: Actor,
        now: datetime,
    ) -> None:
        self.session = session
        self.case = case
        self.host = host
        self.actor = actor
        self.now = now
        self.today = local_day(now)
        #: keys of clocks whose due day this act moved
        self.moved: set[str] = set()
        self._running: dict[str, Clock] | None = None

    def running(self) -> dict[str, Clock]:
        """By key."""
        if self._running is None:
            self._running = running_clocks(self.session, self.case.id)
        return self._running

    def move(self, element: Element, names: Mapping[str, Any], at: str) -> None:
        """Do what the element says of clocks when a token enters or leaves it.

        Raises:
            Fault: when the law in force lacks the clock or its parameters, or an expression fails.
        """
        for action in element.clocks:
            if action.at == at:
                try:
                    self._move(action, names, element)
                except Invalid as error:
                    raise fault_of(error, element) from error

    def _move(self, action: ClockAction, names: Mapping[str, Any], element: Element) -> None:
        clock = self.running().get(action.key)
        if action.action == "start":
            self._start(action, names, element)
        elif clock is None:
            return
        elif action.action == "stop":
            stop_clock(self.session, clock, actor=self.actor, now=self.now)
            del self.running()[action.key]
        elif action.action == "pause":
            pause_clock(self.session, clock, label=element.name, actor=self.actor, now=self.now)
        elif action.action == "resume":
            calendar = self.host.law.calendar
            resume_clock(self.session, clock, calendar=calendar, actor=self.actor, now=self.now)
            self.moved.add(clock.key)
        else:
            self._lengthen(clock, action, names, element)

    def _start(self, action: ClockAction, names: Mapping[str, Any], element: Element) -> None:
        on = self.today
        if action.from_ is not None:
            value = self.host.evaluate(action.from_, names, element)
            on = checked(value, "date", action.key) or on
        self.running()[action.key] = start_clock(
            self.session, self.case, self.terms(action.key), on,
            calendar=self.host.law.calendar, actor=self.actor, now=self.now,
        )  # fmt: skip

    def _lengthen(
        self, clock: Clock, action: ClockAction, names: Mapping[str, Any], element: Element
    ) -> None:
        to_length = by = None
        if action.to is not None:
            to_length = self._whole(action.to, names, element)
        else:
            by = self._whole(action.days or action.by or "0", names, element)
            if by == 0:
                return
        extend_clock(
            self.session, clock, label=element.name, label_en=element.id, to_length=to_length,
            by=by, calendar=self.host.law.calendar, actor=self.actor, now=self.now,
            action=action.action,
        )  # fmt: skip
        self.moved.add(clock.key)

    def _whole(self, expression: str, names: Mapping[str, Any], element: Element) -> int:
        value = checked(self.host.evaluate(expression, names, element), "number", element.name)
        if value is None or value != int(value):
            raise Invalid(
                "clock_length",
                f"“{element.name}”的时限长度“{expression}”不是整数。",
                f"The length “{expression}” at “{element.name}” is not a whole number.",
            )
        return int(value)

    def stop_all(self) -> None:
        """Nothing of a closed case can become late any more."""
        for clock in self.running().values():
            stop_clock(self.session, clock, actor=self.actor, now=self.now)
        self.running().clear()

    def terms(self, key: str) -> ClockTerms:
        """A clock's rule in force, with its parameters looked up for today."""
        law = self.host.law
        rule = law.clocks.get(key) or self.host.pinned.clocks[key]
        return clock_terms(law, rule, self.today, ParameterRecorder())
