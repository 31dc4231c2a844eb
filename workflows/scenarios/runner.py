"""Runs a scenario of a policy through the real engine, on a real database, clock moved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from models.cases import Task, TaskState
from models.households import Household
from workflows.assistance.attachments import add_attachment
from workflows.assistance.households import register_household, replace_facts
from workflows.calendar import LOCAL_ZONE
from workflows.errors import Actor, DoudiError
from workflows.runtime.cases import send_message
from workflows.runtime.starting import start_case
from workflows.runtime.tasks import complete_task, return_task
from workflows.runtime.worker import fire_due, raise_alarms
from workflows.scenarios.given import ScenarioFailed, demand
from workflows.scenarios.then import Then
from workflows.transaction import reading, transaction


def local(text: str) -> datetime:
    """A moment of the scenario, such as 2021-09-08 09:00, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL_ZONE).astimezone(UTC)


class Runner(Then):
    """One scenario under way."""

    def run(self) -> None:
        """Found the district, do every step, and assert what should follow."""
        self._found()
        self.facts = dict(self.scenario["given"]["household"])
        for position, step in enumerate(self.scenario["when"]):
            where = f"{self.scenario['id']} step {position + 1} ({step['do']} at {step['at']})"
            self._step(step, where)
        self._expect(self.scenario.get("then", {}), f"{self.scenario['id']} at the end")

    def _step(self, step: Mapping[str, Any], where: str) -> None:
        self.moment = now = local(step["at"])
        self._pass_time(now)
        if step["do"] != "time passes":
            self._act(step, now, where)
            self._pass_time(now)
        self._expect(step.get("then") or {}, where)

    def _pass_time(self, until: datetime) -> None:
        while fire_due(self.session, self.keys, until):
            pass
        raise_alarms(self.session, until)

    def _act(self, step: Mapping[str, Any], now: datetime, where: str) -> None:
        with reading(self.session):
            actor = self._actor(step["by"])
        answers = self._answers(step.get("answers") or {}, actor, now)
        before = self._version()
        expected = step.get("refused")
        try:
            kept = self._do(step, answers, actor, now)
        except DoudiError as error:
            codes = {error.code, *(found.code for found in error.findings)}
            demand(expected in codes, f"{where}: refused with {codes}: {error.findings}")
            demand(self._version() == before, f"{where}: a refused act changed the case")
            return
        demand(expected is None, f"{where}: should have been refused with {expected}")
        demand(bool(step.get("kept")) == kept, f"{where}: kept is {kept}")

    def _do(
        self, step: Mapping[str, Any], answers: Mapping[str, Any], actor: Actor, now: datetime
    ) -> bool:
        """Carry out a step; whether a message was kept because nobody waited for it."""
        verb, _, rest = step["do"].partition(" ")
        if verb == "start":
            self._start(actor, now)
        elif verb == "complete":
            task_id = self._open_task(rest)
            with transaction(self.session):
                complete_task(self.session, task_id, answers, self.keys, actor=actor, now=now)
        elif verb == "return":
            source, _, target = rest.partition(" to ")
            task_id = self._open_task(source)
            with transaction(self.session):
                return_task(
                    self.session, task_id, target, answers["reason"], self.keys, actor=actor,
                    now=now,
                )  # fmt: skip
        elif verb == "message":
            with transaction(self.session):
                return not send_message(
                    self.session, self.case_id, rest, answers, self.keys, actor=actor, now=now
                )
        elif verb == "change":
            self._change(step["household"], actor, now)
        else:
            raise ScenarioFailed(f"unknown step {step['do']}")
        return False

    def _start(self, actor: Actor, now: datetime) -> None:
        village = self._village()
        with transaction(self.session):
            household = register_household(
                self.session, self._household_data(), self.keys, actor=actor, now=now
            )
            variables = {
                **self.scenario["given"].get("variables", {}),
                "household_id": household.id,
            }
            case = start_case(
                self.session, self.scenario["process"], self.keys,
                township_id=village.parent_id or "", village_id=village.id,
                household_id=household.id, channel=variables.get("channel", "window"),
                variables=variables, actor=actor, now=now,
            )  # fmt: skip
            self.case_id = case.id

    def _change(self, changes: Mapping[str, Any], actor: Actor, now: datetime) -> None:
        self.facts.update(changes)
        with reading(self.session):
            household_id = self._case().household_id
        with transaction(self.session):
            household = self.session.get_one(Household, household_id)
            replace_facts(
                self.session, household, self._household_data(), self.keys, actor=actor, now=now
            )

    def _open_task(self, element_id: str) -> str:
        with reading(self.session):
            found = self.session.scalars(
                select(Task.id)
                .where(
                    Task.case_id == self.case_id,
                    Task.element_id == element_id,
                    Task.state == TaskState.OPEN,
                )
                .order_by(Task.id.desc())
            ).first()
            still_open = sorted(self._open())
        if found is None:
            raise ScenarioFailed(f"{element_id} is not open but {still_open}")
        return found

    def _answers(self, answers: Mapping[str, Any], actor: Actor, now: datetime) -> dict[str, Any]:
        return {key: self._answer(value, actor, now) for key, value in answers.items()}

    def _answer(self, value: Any, actor: Actor, now: datetime) -> Any:
        if isinstance(value, dict) and "files" in value:
            return [self._upload(name, actor, now) for name in value["files"]]
        if isinstance(value, dict) and "staff" in value:
            return [self.accounts[login].id for login in value["staff"]]
        if isinstance(value, dict) and "text" in value:
            return value["text"]
        if isinstance(value, Decimal):
            return str(value)
        return value.isoformat() if isinstance(value, date) else value

    def _upload(self, name: str, actor: Actor, now: datetime) -> str:
        with transaction(self.session):
            return add_attachment(
                self.session, district_id=self._village().district_id, sha256="0" * 64, size=1,
                media_type="image/jpeg", name=name, actor=actor, now=now,
            ).id  # fmt: skip
