"""Runs a scenario of a policy through the real engine, on a real database, clock moved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from models.cases import Case, Task, TaskState
from models.households import Household, Person
from workflows.assistance.attachments import add_attachment
from workflows.assistance.households import identity_of, register_household, replace_facts
from workflows.assistance.money.bank_accounts import (
    close_bank_account,
    record_bank_account,
    usable_account,
)
from workflows.assistance.money.ledger import DIBAO
from workflows.calendar import LOCAL_ZONE, local_day
from workflows.definitions.release import current_policy
from workflows.errors import SYSTEM, Actor, DoudiError
from workflows.runtime.cases import send_message
from workflows.runtime.publishing import publish_policy
from workflows.runtime.starting import start_case
from workflows.runtime.tasks import complete_task, return_task
from workflows.runtime.worker import fire_due, raise_alarms
from workflows.scenarios.aftercare import AFTER_GRANT, Aftercare
from workflows.scenarios.benefits import newest_grant, pay_roll
from workflows.scenarios.corrections import decide_now, newest_correction, pay_month, work_all
from workflows.scenarios.families import Families
from workflows.scenarios.funds import do_fund_duties, spend
from workflows.scenarios.given import ScenarioFailed, demand, with_parameters
from workflows.scenarios.opening import Openings
from workflows.transaction import reading, transaction

#: Who draws, reviews, authorises and releases a roll.
ROLL_HANDS = ("reviewer/sunyan", "reviewer/zhoujie", "confirmer/wugang", "finance/zhengmin")


def local(text: str) -> datetime:
    """A moment of the scenario, such as 2021-09-08 09:00, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL_ZONE).astimezone(UTC)


class Runner(Families, Aftercare, Openings):
    """One scenario under way."""

    def run(self) -> None:
        """Found the district, do every step, and assert what should follow."""
        self._found()
        self.facts = dict(self.scenario["given"].get("household") or {})
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
        do_fund_duties(self.session, self.keys, until)
        work_all(self.session, self.keys, until)

    def _act(self, step: Mapping[str, Any], now: datetime, where: str) -> None:
        with reading(self.session):
            actor = self._actor(step["by"])
        answers = self._answers(step.get("answers") or {}, actor, now)
        before = self._version()
        expected = step.get("refused")
        try:
            verb, _, rest = step["do"].partition(" ")
            if verb in AFTER_GRANT:
                kept = self._after_grant(verb, rest, step, actor, now)
            else:
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
            self._start(actor, now, step, rest)
        elif verb in {"complete", "repeat"}:
            find = self._open_task if verb == "complete" else self._completed_task
            task_id = find(rest)
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
        elif verb == "file":
            self._file(rest, step, answers, actor, now)
        else:
            self._happen(step, actor, now)
        return False

    def _happen(self, step: Mapping[str, Any], actor: Actor, now: datetime) -> None:
        """What happens beside the case: money, facts, other cases, the worker's duties."""
        verb, _, rest = step["do"].partition(" ")
        if verb in {"promise", "pay"}:
            with transaction(self.session):
                spend(self.session, self._township(), verb, Decimal(rest), actor, now)
        elif verb == "decided":
            self._decided(rest, step, actor, now)
        elif verb in {"sent", "paid"}:
            with transaction(self.session):
                month = date.fromisoformat(f"{rest}-01")
                pay_month(self.session, self._household_id(), verb, month, now)
        elif verb == "roll":
            self._roll(date.fromisoformat(f"{rest}-01"), now)
        elif verb == "checks":
            self._open_checks(now)
        elif verb == "turn":
            self._turn_to(rest.removeprefix("to "))
        elif verb == "publish":
            self._publish(step.get("parameters") or {}, now)
        elif verb == "standards":
            self._standards(now)
        elif verb == "change":
            self._change(step["household"], actor, now)
        elif verb == "dies":
            self._note(now, died=True)
        elif verb == "account":
            self._account(rest, actor, now)
        elif verb == "lists":
            self._lists(rest, actor, now)
        elif verb == "follow":
            self._follow()
        elif verb in {"index", "price", "family"}:
            self._price(verb, rest, step, actor, now)
        elif verb == "back":
            self.case_id = self.case_ids[int(rest) - 1]
        else:
            raise ScenarioFailed(f"unknown step {step['do']}")

    def _decided(self, whose: str, step: Mapping[str, Any], actor: Actor, now: datetime) -> None:
        """`decided`, and `decided other` for the scenario's other household."""
        with transaction(self.session):
            if whose == "other":
                household = self._register_other(actor, now)
            else:
                household = self.session.get_one(Household, self._registered(actor, now))
            case = decide_now(
                self.session, household, self.keys, actor=actor, now=now,
                programme=step.get("programme", DIBAO), months=int(step.get("months", 6)),
            )  # fmt: skip
            if whose != "other":
                self.case_id = case.id
                self.case_ids.append(case.id)

    def _start(self, actor: Actor, now: datetime, step: Mapping[str, Any], process: str) -> None:
        """Open the scenario's case; `start PROCESS` opens another for the same household.

        `office` of the step is another township, where the household asks for relief.
        """
        village = self._village(step.get("office"))
        with transaction(self.session):
            household_id = self._registered(actor, now) if self.facts else None
            told = self._family_variables(step.get("variables") or {}, now)
            given = {**self._given_variables(process), **told}
            variables = self._with_ids(given, household_id)
            if household_id is not None and self._declares(process, "household_id"):
                variables["household_id"] = household_id
            person = step.get("person")
            case = start_case(
                self.session, process or self.scenario["process"], self.keys,
                township_id=village.parent_id or "",
                village_id=None if household_id is None else village.id,
                household_id=household_id,
                person_id=None if person is None else self._person(household_id, person),
                channel=variables.get("channel", "window"),
                variables=variables, actor=actor, now=now,
            )  # fmt: skip
            self.case_id = case.id
            self.case_ids.append(case.id)

    def _declares(self, process: str, name: str) -> bool:
        """Whether the process that is started, by default the scenario's own, knows a variable."""
        policy = current_policy(self.session, self._township().district_id)
        found = policy.processes.get(process or self.scenario["process"])
        return found is None or name in found.variables

    def _given_variables(self, process: str) -> Mapping[str, Any]:
        """Those of the scenario; for another process only what that one declares."""
        given: Mapping[str, Any] = self.scenario["given"].get("variables", {})
        if not process:
            return given
        policy = current_policy(self.session, self._township().district_id)
        declared = policy.process(process).variables
        return {name: value for name, value in given.items() if name in declared}

    def _registered(self, actor: Actor, now: datetime) -> str:
        if self.case_ids:
            known = self.session.get_one(Case, self.case_ids[0]).household_id
            assert known is not None
            return known
        household = register_household(
            self.session, self._household_data(), self.keys, actor=actor, now=now
        )
        return household.id

    def _household_id(self) -> str:
        found = self._case().household_id
        assert found is not None
        return found

    def _roll(self, month: date, now: datetime) -> None:
        """The month's roll of the household's programme, paid by the bank."""
        with transaction(self.session):
            hands = [self._actor(by) for by in ROLL_HANDS]
            grant = newest_grant(self.session, self._household_id())
            pay_roll(self.session, self.keys, grant, month, hands, now)

    def _publish(self, changes: Mapping[str, Any], now: datetime) -> None:
        """Publish the policy with other parameters; the story goes on in the correction's case."""
        given = self.scenario["given"].get("parameters") or {}
        with transaction(self.session):
            files = with_parameters(self.files, {**given, **changes})
            publish_policy(self.session, files, actor=SYSTEM, now=now, trial=None)
        work_all(self.session, self.keys, now)
        with reading(self.session):
            opened = newest_correction(self.session, self._household_id())
        if opened is not None and opened not in self.case_ids:
            self.case_id = opened
            self.case_ids.append(opened)

    def _head(self) -> Person:
        household = self.session.get_one(Household, self._case().household_id)
        return self.session.get_one(Person, household.head_person_id)

    def _note(self, now: datetime, *, died: bool) -> None:
        with transaction(self.session):
            self._head().died_on = local_day(now) if died else None

    def _account(self, rest: str, actor: Actor, now: datetime) -> None:
        """`account recorded m2`, `account closed m2`: a member's at the bank, or the head's."""
        verb, _, member = rest.partition(" ")
        with transaction(self.session):
            person = self._head()
            if member:
                found = self._person(self._household_id(), member)
                person = self.session.get_one(Person, found)
            if verb == "recorded":
                record_bank_account(
                    self.session, person, "6228480000000000017", "农业银行开州支行",
                    identity_of(person, self.keys).name, self.keys, actor=actor, now=now,
                )  # fmt: skip
            else:
                account = usable_account(self.session, person.id)
                close_bank_account(
                    self.session, account, closed_on=local_day(now), actor=actor, now=now
                )

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
        found = self._task(element_id, TaskState.OPEN)
        if found is None:
            with reading(self.session):
                still_open = sorted(self._open())
            raise ScenarioFailed(f"{element_id} is not open but {still_open}")
        return found

    def _completed_task(self, element_id: str) -> str:
        """The task that a second click would complete once more."""
        found = self._task(element_id, TaskState.COMPLETED)
        if found is None:
            raise ScenarioFailed(f"{element_id} has not been completed")
        return found

    def _task(self, element_id: str, state: TaskState) -> str | None:
        """The newest task of the case at an element."""
        with reading(self.session):
            return self.session.scalars(
                select(Task.id)
                .where(
                    Task.case_id == self.case_id,
                    Task.element_id == element_id,
                    Task.state == state,
                )
                .order_by(Task.id.desc())
            ).first()

    def _answers(self, answers: Mapping[str, Any], actor: Actor, now: datetime) -> dict[str, Any]:
        return {key: self._answer(value, actor, now) for key, value in answers.items()}

    def _answer(self, value: Any, actor: Actor, now: datetime) -> Any:
        if isinstance(value, dict) and "files" in value:
            return [self._upload(name, actor, now) for name in value["files"]]
        if isinstance(value, dict) and "staff" in value:
            return [self.accounts[login].id for login in value["staff"]]
        if isinstance(value, dict) and "person" in value:
            return self._member_person(value["person"])
        if isinstance(value, dict) and "member" in value:
            return self._person_id(value["member"])
        if isinstance(value, dict) and "members" in value:
            return [self._person_id(name) for name in value["members"]]
        if isinstance(value, dict) and "programmes" in value:
            return [self._programme(text) for text in value["programmes"]]
        if isinstance(value, dict) and "text" in value:
            return value["text"]
        if isinstance(value, Decimal):
            return str(value)
        return value.isoformat() if isinstance(value, date) else value

    def _programme(self, text: str) -> str:
        """A programme that is offered, with the member whom it is offered for, if any."""
        key, _, member = text.partition(" ")
        if not member:
            return key
        with reading(self.session):
            return f"{key}:{self._person(self._household_id(), member)}"

    def _upload(self, name: str, actor: Actor, now: datetime) -> str:
        with transaction(self.session):
            return add_attachment(
                self.session, district_id=self._village().district_id, sha256="0" * 64, size=1,
                media_type="image/jpeg", name=name, actor=actor, now=now,
            ).id  # fmt: skip
