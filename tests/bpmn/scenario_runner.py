"""Runs a scenario of bpmn/scenarios through the real engine, on a real database, clock moved."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import Account, Role, RoleHolding
from models.assistance import (
    Assessment,
    Grant,
    NearRelativeFiling,
    Notice,
    Publicity,
)
from models.cases import Case, Task, TaskState
from models.clocks import Clock
from models.households import Area, Household
from models.offices import Office, OfficeLevel
from models.trail import TrailEntry
from models.types import new_id
from tests.bpmn.funds import do_fund_duties, fund_facts, give_money, spend
from tests.bpmn.policy import POLICY, read_yaml
from tests.runtime.district import id_number
from workflows.assistance.attachments import add_attachment
from workflows.assistance.households import (
    HouseholdData,
    IncomeData,
    MemberData,
    register_household,
    replace_facts,
)
from workflows.calendar import LOCAL_ZONE
from workflows.definitions.files import PolicyFiles, load_policy
from workflows.definitions.release import policy_of, publish_release
from workflows.errors import SYSTEM, Actor, DoudiError
from workflows.feel import from_json
from workflows.privacy import KeyRing, new_key_ring, open_state
from workflows.runtime.acts import engine_program, lock_case, make_host
from workflows.runtime.cases import send_message, start_case
from workflows.runtime.engine import EngineRun
from workflows.runtime.service_tasks import signatures
from workflows.runtime.tasks import complete_task, return_task
from workflows.runtime.worker import fire_due, raise_alarms
from workflows.transaction import transaction

MEMBER_DEFAULTS: Mapping[str, Any] = {
    "status": "present",
    "clergy_years": None,
    "independent": True,
    "student": "none",
    "student_full_time": False,
    "disability_grade": None,
    "disability_kind": None,
    "serious_illness": False,
    "able_bodied": False,
    "employed": False,
}
FOUNDED = datetime(2017, 1, 2, tzinfo=UTC)


@cache
def _files() -> PolicyFiles:
    return load_policy(POLICY)


def with_parameters(files: PolicyFiles, changes: Mapping[str, Any]) -> PolicyFiles:
    """The policy with some parameters at one value on all days."""
    changed = dict(files)
    for key, value in changes.items():
        text = f'"{value}"' if isinstance(value, str) else str(value).lower()
        entry = f"  values:\n    - {{from: 2000-01-01, value: {text}, source: [kz137-1],"
        entry += " certainty: derived}\n"
        for path, content in changed.items():
            if not path.startswith("parameters/"):
                continue
            block = re.compile(
                rf"(?m)^({re.escape(key)}:\n(?:  (?!values:).*\n)*)  values:\n(?:    .*\n)+"
            )
            replaced, count = block.subn(rf"\g<1>{entry}", content.decode())
            if count:
                changed[path] = replaced.encode()
                break
        else:
            raise AssertionError(f"no parameter {key}")
    return PolicyFiles(changed)


def local(text: str) -> datetime:
    """A moment of the scenario, such as 2021-09-08 09:00, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL_ZONE).astimezone(UTC)


@dataclass
class Runner:
    """One scenario under way."""

    session: Session
    scenario: Mapping[str, Any]
    keys: KeyRing = field(default_factory=new_key_ring)
    offices: dict[str, Office] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    case_id: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    now: datetime = FOUNDED

    def run(self) -> None:
        """Found the district, do every step, and assert what should follow."""
        self._found()
        self.facts = dict(self.scenario["given"].get("household") or {})
        for position, step in enumerate(self.scenario["when"]):
            where = f"{self.scenario['id']} step {position + 1} ({step['do']} at {step['at']})"
            self._step(step, where)
        self._expect(self.scenario.get("then", {}), f"{self.scenario['id']} at the end")

    # -- given

    def _found(self) -> None:
        people = read_yaml("scenarios/people.yaml")
        changes = self.scenario["given"].get("parameters") or {}
        with transaction(self.session):
            for row in people["offices"]:
                self._open_office(row)
            for row in people["people"]:
                self._hire(row)
            publish_release(
                self.session, with_parameters(_files(), changes), actor=SYSTEM, now=FOUNDED,
                operations=signatures(),
            )  # fmt: skip
            give_money(self.session, self._township(), self.scenario["given"])

    def _township(self) -> Office:
        return self.offices[self.scenario["given"]["office"]]

    def _open_office(self, row: Mapping[str, Any]) -> None:
        parent = self.offices.get(row.get("parent", ""))
        office_id = new_id()
        office = Office(
            id=office_id, district_id=parent.district_id if parent else office_id,
            parent_id=parent.id if parent else None, level=OfficeLevel(row["level"]),
            code=f"500154{len(self.offices):06d}", name=row["name"],
        )  # fmt: skip
        self.session.add(office)
        self.session.flush()  # children name their parents
        self.offices[row["name"]] = office

    def _hire(self, row: Mapping[str, Any]) -> None:
        office = self.offices[row["office"]]
        account = Account(
            id=new_id(), district_id=office.district_id, login=row["login"], name=row["name"],
            password_hash="!", created_at=FOUNDED,
        )  # fmt: skip
        self.session.add(account)
        self.session.flush()  # holdings name the account
        for role in row.get("roles") or [row["role"]]:
            self.session.add(
                RoleHolding(
                    account_id=account.id, office_id=office.id, role=Role(role), since=FOUNDED
                )
            )
        self.accounts[row["login"]] = account

    def _actor(self, by: str) -> Actor:
        role, login = by.split("/")
        account = self.accounts[login]
        holding = self.session.scalars(
            select(RoleHolding).where(
                RoleHolding.account_id == account.id, RoleHolding.role == Role(role)
            )
        ).one()
        return Actor(account.id, role, holding.office_id, account.name)

    def _household_data(self) -> HouseholdData:
        members = self.facts["members"]
        position = {row["id"]: index for index, row in enumerate(members)}
        return HouseholdData(
            village_id=self._village().id,
            area=Area(self.facts["area"]),
            members=[self._member(row, index) for index, row in enumerate(members)],
            incomes=[
                IncomeData(
                    None if row.get("member") is None else position[row["member"]],
                    row["kind"], row.get("basis") or "", Decimal(row["monthly"]),
                    row.get("label", ""),
                )
                for row in self.facts.get("incomes", ())
            ],
            property_within_limits=self.facts["property_ok"],
            unstable_income=self.facts["unstable_income"],
        )  # fmt: skip

    def _member(self, row: Mapping[str, Any], index: int) -> MemberData:
        identity = {"id", "relation", "birth_on", "name"}
        facts = {**MEMBER_DEFAULTS, **{k: v for k, v in row.items() if k not in identity}}
        number = id_number(row["birth_on"].isoformat(), 100 + index)
        return MemberData(f"成员{index + 1}", number, row["relation"], facts=facts)

    def _village(self) -> Office:
        township = self.offices[self.scenario["given"]["office"]]
        return next(o for o in self.offices.values() if o.parent_id == township.id)

    # -- when

    def _step(self, step: Mapping[str, Any], where: str) -> None:
        now = self.now = local(step["at"])
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

    def _act(self, step: Mapping[str, Any], now: datetime, where: str) -> None:
        self.session.rollback()
        actor = self._actor(step["by"])
        answers = self._answers(step.get("answers") or {}, actor, now)
        before = self._version()
        expected = step.get("refused")
        try:
            kept = self._do(step, answers, actor, now)
        except DoudiError as error:
            codes = {error.code, *(found.code for found in error.findings)}
            assert expected in codes, f"{where}: refused with {codes}: {error.findings}"
            assert self._version() == before, f"{where}: a refused act changed the case"
            return
        assert expected is None, f"{where}: should have been refused with {expected}"
        assert bool(step.get("kept")) == kept, f"{where}: kept is {kept}"

    def _do(
        self, step: Mapping[str, Any], answers: Mapping[str, Any], actor: Actor, now: datetime
    ) -> bool:
        """Carry out a step; whether a message was kept because nobody waited for it."""
        verb, _, rest = step["do"].partition(" ")
        self.session.rollback()
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
        elif verb in {"promise", "pay"}:
            with transaction(self.session):
                spend(self.session, self._township(), verb, Decimal(rest), actor, now)
        elif verb == "change":
            self._change(step["household"], actor, now)
        else:
            raise AssertionError(f"unknown step {step['do']}")
        return False

    def _start(self, actor: Actor, now: datetime) -> None:
        village = self._village()
        if not self.facts:
            self._start_without_household(actor, now)
            return
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

    def _start_without_household(self, actor: Actor, now: datetime) -> None:
        with transaction(self.session):
            self.case_id = start_case(
                self.session, self.scenario["process"], self.keys,
                township_id=self._township().id,
                variables=self.scenario["given"].get("variables", {}), actor=actor, now=now,
            ).id  # fmt: skip

    def _change(self, changes: Mapping[str, Any], actor: Actor, now: datetime) -> None:
        self.facts.update(changes)
        household_id = self._case().household_id
        self.session.rollback()
        with transaction(self.session):
            household = self.session.get_one(Household, household_id)
            replace_facts(
                self.session, household, self._household_data(), self.keys, actor=actor, now=now
            )

    def _open_task(self, element_id: str) -> str:
        found = self.session.scalars(
            select(Task)
            .where(
                Task.case_id == self.case_id,
                Task.element_id == element_id,
                Task.state == TaskState.OPEN,
            )
            .order_by(Task.id.desc())
        ).first()
        self.session.rollback()
        assert found is not None, f"{element_id} is not open but {sorted(self._open())}"
        return found.id

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

    # -- then

    def _case(self) -> Case:
        return self.session.get_one(Case, self.case_id, populate_existing=True)

    def _version(self) -> int:
        self.session.rollback()
        found = self.session.scalar(select(Case.version).where(Case.id == self.case_id))
        self.session.rollback()
        return found or 0

    def _open(self) -> list[str]:
        return list(
            self.session.scalars(
                select(Task.element_id).where(
                    Task.case_id == self.case_id, Task.state == TaskState.OPEN
                )
            )
        )

    def _expect(self, then: Mapping[str, Any], where: str) -> None:
        self.session.rollback()
        for key, expected in then.items():
            getattr(self, f"_expect_{key}")(expected, where)
        self.session.rollback()

    def _expect_status(self, expected: str, where: str) -> None:
        assert self._case().status == expected, where

    def _expect_open(self, expected: Sequence[str], where: str) -> None:
        assert sorted(self._open()) == sorted(expected), where

    def _expect_assessment(self, expected: Mapping[str, Any], where: str) -> None:
        row = self.session.scalars(
            select(Assessment)
            .where(Assessment.case_id == self.case_id)
            .order_by(Assessment.made_at.desc(), Assessment.id.desc())
        ).first()
        assert row is not None, f"{where}: no assessment"
        found = {key: from_json(row.result[key]) for key in expected}
        assert found == dict(expected), where

    def _expect_variables(self, expected: Mapping[str, Any], where: str) -> None:
        found = self._variables()
        assert {key: found.get(key) for key in expected} == dict(expected), where

    def _variables(self) -> Mapping[str, Any]:
        now = datetime.now(UTC)
        with transaction(self.session):
            case = lock_case(self.session, self.case_id)
            policy = policy_of(self.session, case.release_id)
            host = make_host(self.session, case, self.keys, actor=SYSTEM, now=now)
            state = open_state(self.keys, case.id, case.version, case.engine_state)
            run = EngineRun.resume(engine_program(policy, case.process_key), host, state)
            return run.scopes.view("root")

    def _expect_clocks(self, expected: Mapping[str, Any], where: str) -> None:
        rows = self.session.scalars(
            select(Clock).where(Clock.case_id == self.case_id).order_by(Clock.started_at, Clock.id)
        )
        found = {row.key: {"due_on": row.due_on, "state": row.state.value} for row in rows}
        if not expected:
            assert found == {}, where
        for key, values in expected.items():
            assert key in found, f"{where}: no clock {key}"
            assert {name: found[key][name] for name in values} == values, f"{where}: {key}"

    def _expect_publicity(self, expected: Sequence[Mapping[str, Any]], where: str) -> None:
        rows = self.session.scalars(
            select(Publicity)
            .where(Publicity.case_id == self.case_id, Publicity.kind == "proposed")
            .order_by(Publicity.round)
        )
        found = [
            {"round": Decimal(row.round), "first_on": row.first_on, "last_on": row.last_on}
            for row in rows
        ]
        assert found == [dict(row) for row in expected], where

    def _expect_notices(self, expected: Sequence[str], where: str) -> None:
        found = self.session.scalars(
            select(Notice.kind).where(Notice.case_id == self.case_id).order_by(Notice.number)
        ).all()
        assert list(found) == list(expected), where

    def _expect_grant(self, expected: Mapping[str, Any] | None, where: str) -> None:
        row = self.session.scalars(select(Grant).where(Grant.case_id == self.case_id)).one_or_none()
        if expected is None:
            assert row is None, where
            return
        assert row is not None, f"{where}: no grant"
        found = {
            "monthly": row.monthly,
            "start_month": row.start_month.strftime("%Y-%m"),
            "next_review_on": row.next_review_on,
        }
        assert {key: found[key] for key in expected} == dict(expected), where

    def _expect_fund(self, expected: Mapping[str, Any], where: str) -> None:
        found = fund_facts(self.session, self._township(), self.now)
        assert {key: found[key] for key in expected} == dict(expected), where

    def _expect_announced(self, expected: Sequence[str], where: str) -> None:
        row = self.session.scalars(
            select(Publicity).where(
                Publicity.case_id == self.case_id, Publicity.kind == "confirmed"
            )
        ).one()
        assert sorted(row.content) == sorted(expected), where

    def _expect_near_relative_filed(self, expected: bool, where: str) -> None:
        found = self.session.scalars(
            select(NearRelativeFiling.id).where(NearRelativeFiling.case_id == self.case_id)
        ).all()
        assert bool(found) == expected, where

    def _expect_home_visit_recorded(self, expected: bool, where: str) -> None:
        found = self.session.scalars(
            select(Task.id).where(
                Task.case_id == self.case_id,
                Task.element_id == "Task_HomeVisit",
                Task.state == TaskState.COMPLETED,
            )
        ).all()
        assert bool(found) == expected, where

    def _trail(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        rows = self.session.execute(
            select(TrailEntry.action, TrailEntry.body)
            .where(TrailEntry.subject_id == self.case_id)
            .order_by(TrailEntry.sequence)
        )
        for action, body in rows:
            yield action, orjson.loads(body)["data"]

    def _expect_trail(self, expected: Sequence[str], where: str) -> None:
        actions = iter(action for action, _ in self._trail())
        for wanted in expected:
            assert wanted in actions, f"{where}: {wanted} is missing from the trail"

    def _entered(self) -> set[str]:
        return {
            step["element"]
            for _, data in self._trail()
            for step in data.get("steps", ())
            if step["step"] == "enter"
        }

    def _expect_entered(self, expected: Sequence[str], where: str) -> None:
        missing = set(expected) - self._entered()
        assert not missing, f"{where}: never entered {missing}"

    def _expect_not_entered(self, expected: Sequence[str], where: str) -> None:
        wrong = set(expected) & self._entered()
        assert not wrong, f"{where}: entered {wrong}"
