"""What should follow from a scenario's steps, compared with what did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import select

from models.assistance import (
    Assessment,
    Grant,
    NearRelativeFiling,
    Notice,
    Publicity,
)
from models.cases import Case, Task, TaskState
from models.clocks import Clock
from models.relief import PaperDebt
from models.trail import TrailEntry
from workflows.assistance.edge import edge_records
from workflows.assistance.publicity import TAKE_DOWN
from workflows.calendar import LOCAL_ZONE, local_day
from workflows.definitions.release import policy_of
from workflows.errors import SYSTEM
from workflows.feel import from_json
from workflows.privacy import open_state
from workflows.runtime.acts import engine_program, lock_case, make_host
from workflows.runtime.engine import EngineRun
from workflows.scenarios.benefits import benefit_facts
from workflows.scenarios.care import care_facts
from workflows.scenarios.corrections import correction_facts
from workflows.scenarios.funds import balances, fund_facts, relief_facts
from workflows.scenarios.given import Given, ScenarioFailed, demand, same
from workflows.scenarios.prices import price_facts
from workflows.scenarios.remedies import arrears_of, remedy_facts, seers
from workflows.scenarios.standards import adjustment_facts
from workflows.transaction import reading, transaction


class Then(Given):
    """The expectations by key: `_expect_…` for each."""

    def _case(self) -> Case:
        return self.session.get_one(Case, self.case_id, populate_existing=True)

    def _version(self) -> int:
        with reading(self.session):
            found = self.session.scalar(select(Case.version).where(Case.id == self.case_id))
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
        for key, expected in then.items():
            check = getattr(self, f"_expect_{key}", None)
            if check is None:
                raise ScenarioFailed(f"{where}: nothing is known to expect as {key}")
            with reading(self.session):
                check(expected, where)

    def _expect_status(self, expected: str, where: str) -> None:
        same(self._case().status, expected, where)

    def _expect_open(self, expected: Sequence[str], where: str) -> None:
        same(sorted(self._open()), sorted(expected), where)

    def _expect_assessment(self, expected: Mapping[str, Any], where: str) -> None:
        row = self.session.scalars(
            select(Assessment)
            .where(Assessment.case_id == self.case_id)
            .order_by(Assessment.made_at.desc(), Assessment.id.desc())
        ).first()
        if row is None:
            raise ScenarioFailed(f"{where}: no assessment")
        found = {key: from_json(row.result[key]) for key in expected}
        same(found, dict(expected), where)

    def _expect_counted(self, expected: Mapping[str, bool], where: str) -> None:
        """Which members of the scenario the newest assessment counts."""
        row = self.session.scalars(
            select(Assessment)
            .where(Assessment.case_id == self.case_id)
            .order_by(Assessment.made_at.desc(), Assessment.id.desc())
        ).first()
        if row is None:
            raise ScenarioFailed(f"{where}: no assessment")
        steps = row.explanation["decision"]["steps"]
        counted = {
            person
            for step in steps
            if step["kind"] == "decision" and step["id"] == "dibao_members"
            for person in from_json(step["result"])["ids"]
        }
        people = [one["id"] for one in from_json(row.explanation["inputs"])["members"]]
        names = [one["id"] for one in self.facts["members"]]
        found = {name: person in counted for name, person in zip(names, people, strict=True)}
        same({name: found[name] for name in expected}, dict(expected), where)

    def _expect_variables(self, expected: Mapping[str, Any], where: str) -> None:
        found = self._variables()
        same({key: found.get(key) for key in expected}, dict(expected), where)

    def _variables(self) -> Mapping[str, Any]:
        with transaction(self.session):
            case = lock_case(self.session, self.case_id)
            policy = policy_of(self.session, case.release_id)
            host = make_host(self.session, case, self.keys, actor=SYSTEM, now=self.moment)
            state = open_state(self.keys, case.id, case.version, case.engine_state)
            run = EngineRun.resume(engine_program(policy, case.process_key), host, state)
            return run.scopes.view("root")

    def _expect_clocks(self, expected: Mapping[str, Any], where: str) -> None:
        rows = self.session.scalars(
            select(Clock).where(Clock.case_id == self.case_id).order_by(Clock.started_at, Clock.id)
        )
        found = {
            row.key: {
                "due_on": row.due_on,
                "due_at": f"{row.due_at.astimezone(LOCAL_ZONE):%Y-%m-%d %H:%M}",
                "state": row.state.value,
                "alarmed": row.alarmed_at is not None,
            }
            for row in rows
        }
        if not expected:
            same(found, {}, where)
        for key, values in expected.items():
            demand(key in found, f"{where}: no clock {key}")
            same({name: found[key][name] for name in values}, values, f"{where}: {key}")

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
        same(found, [dict(row) for row in expected], where)

    def _expect_notices(self, expected: Sequence[str], where: str) -> None:
        found = self.session.scalars(
            select(Notice.kind).where(Notice.case_id == self.case_id).order_by(Notice.number)
        ).all()
        same(list(found), list(expected), where)

    def _expect_notice_says(self, expected: Mapping[str, Sequence[str]], where: str) -> None:
        """Texts that stand in the newest notice of each kind."""
        for kind, texts in expected.items():
            row = self.session.scalars(
                select(Notice)
                .where(Notice.case_id == self.case_id, Notice.kind == kind)
                .order_by(Notice.issued_at.desc(), Notice.number.desc())
            ).first()
            said = "\n".join(row.content["paragraphs"]) if row else ""
            for text in texts:
                demand(text in said, f"{where}: the notice {kind} does not say {text}: {said}")

    def _expect_grant(self, expected: Mapping[str, Any] | None, where: str) -> None:
        row = self.session.scalars(select(Grant).where(Grant.case_id == self.case_id)).one_or_none()
        if expected is None:
            demand(row is None, f"{where}: a grant of {row and row.monthly}")
            return
        if row is None:
            raise ScenarioFailed(f"{where}: no grant")
        found = {
            "monthly": row.monthly,
            "start_month": row.start_month.strftime("%Y-%m"),
            "next_review_on": row.next_review_on,
            "base": row.base,
            "topup": row.topup,
            "person": row.person_id,
        }
        wanted = dict(expected)
        if wanted.get("person"):
            wanted["person"] = self._person(row.household_id, wanted["person"])
        same({key: found[key] for key in wanted}, wanted, where)

    def _expect_edge(self, expected: Mapping[str, Any] | None, where: str) -> None:
        """The newest record of the household as one on the edge."""
        found = edge_records(self.session, self._case().household_id or "")
        if expected is None or not found:
            demand(not found and expected is None, f"{where}: {len(found)} edge records")
            return
        same({key: getattr(found[0], key) for key in expected}, dict(expected), where)

    def _expect_benefit(self, expected: Mapping[str, Any], where: str) -> None:
        """The household's newest grant: amounts by month, its end, what has been paid."""
        household_id = self._case().household_id
        assert household_id is not None
        found = benefit_facts(self.session, household_id, local_day(self.moment))
        same({key: found[key] for key in expected}, dict(expected), where)

    def _expect_care(self, expected: Mapping[str, Any], where: str) -> None:
        """Where the household's person is supported, the contracts, the assessments."""
        household_id = self._case().household_id
        assert household_id is not None
        found = care_facts(self.session, household_id)
        same({key: found[key] for key in expected}, dict(expected), where)

    def _expect_correction(self, expected: Mapping[str, Any], where: str) -> None:
        found = correction_facts(self.session, self.case_id)
        same({key: found[key] for key in expected}, dict(expected), where)

    def _expect_adjustment(self, expected: Mapping[str, Any], where: str) -> None:
        found = adjustment_facts(self.session, self.case_id)
        same({key: found[key] for key in expected}, dict(expected), where)

    def _expect_remedy(self, expected: Mapping[str, Any], where: str) -> None:
        found = remedy_facts(self.session, self.case_id)
        same({key: found[key] for key in expected}, dict(expected), where)

    def _expect_arrears_ordered(self, expected: Mapping[str, Any], where: str) -> None:
        same(arrears_of(self.session, self.case_id), dict(expected), where)

    def _expect_seen_by(self, expected: Sequence[str], where: str) -> None:
        """The staff of the scenario who see the case in a list, or a task of it in their queue."""
        logins = {login: account.id for login, account in self.accounts.items()}
        found = seers(self.session, self.keys, self.case_id, logins, self.moment)
        same(list(found), sorted(expected), where)

    def _expect_price(self, expected: Mapping[str, Any], where: str) -> None:
        found = price_facts(self.session, self.case_id)
        same({key: found.get(key) for key in expected}, dict(expected), where)

    def _expect_posting(self, expected: Mapping[str, Any], where: str) -> None:
        """The newest posting of the case: its fields, content, place, and when it came down."""
        row = self.session.scalars(
            select(Publicity)
            .where(Publicity.case_id == self.case_id)
            .order_by(Publicity.id.desc())
            .limit(1)
        ).one()
        found = {
            "fields": row.fields,
            "masked": row.masked,
            "content": row.content,
            "place": row.place,
            "photos": Decimal(len(row.photos or ())),
            "down_on": row.down_on,
            "has_code": row.code is not None,
        }
        same({key: found[key] for key in expected}, dict(expected), where)

    def _expect_fund(self, expected: Mapping[str, Any], where: str) -> None:
        found = fund_facts(self.session, self._township(), self.moment)
        same({key: found[key] for key in expected}, dict(expected), where)

    def _expect_ledger(self, expected: Mapping[str, Any], where: str) -> None:
        found = balances(self.session, self._township())
        same({key: found.get(key, Decimal(0)) for key in expected}, dict(expected), where)

    def _expect_relief(self, expected: Sequence[Mapping[str, Any]], where: str) -> None:
        found = relief_facts(self.session, [self.case_id])
        same(len(found), len(expected), where)
        for one, wanted in zip(found, expected, strict=True):
            same({key: one[key] for key in wanted}, dict(wanted), where)

    def _expect_debt(self, expected: Mapping[str, Any], where: str) -> None:
        row = self.session.scalars(select(PaperDebt).where(PaperDebt.case_id == self.case_id)).one()
        found = {
            "missing": row.missing,
            "opened_on": row.opened_on,
            "due_on": row.due_on,
            "closed_on": row.closed_on,
            "owned": row.owner_id is not None,
        }
        same({key: found[key] for key in expected}, dict(expected), where)

    def _expect_opened(self, expected: Sequence[str], where: str) -> None:
        """The processes of the cases that the household has besides this one.

        A sheet that is taken down is a case of its own after every posting: it counts where it is
        expected.
        """
        found = self.session.scalars(
            select(Case.process_key)
            .where(Case.household_id == self._case().household_id, Case.id != self.case_id)
            .order_by(Case.id)
        ).all()
        told = [one for one in found if one != TAKE_DOWN or one in expected]
        same(told, list(expected), where)

    def _expect_announced(self, expected: Sequence[str], where: str) -> None:
        row = self.session.scalars(
            select(Publicity).where(
                Publicity.case_id == self.case_id, Publicity.kind == "confirmed"
            )
        ).one()
        same(sorted(row.content), sorted(expected), where)

    def _expect_near_relative_filed(self, expected: bool, where: str) -> None:
        found = self.session.scalars(
            select(NearRelativeFiling.id).where(NearRelativeFiling.case_id == self.case_id)
        ).all()
        same(bool(found), expected, where)

    def _expect_home_visit_recorded(self, expected: bool, where: str) -> None:
        found = self.session.scalars(
            select(Task.id).where(
                Task.case_id == self.case_id,
                Task.element_id == "Task_HomeVisit",
                Task.state == TaskState.COMPLETED,
            )
        ).all()
        same(bool(found), expected, where)

    def _trail(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        rows = self.session.execute(
            select(TrailEntry.action, TrailEntry.body)
            .where(TrailEntry.subject_id == self.case_id)
            .order_by(TrailEntry.sequence)
        )
        for action, body in rows:
            yield action, orjson.loads(body)["data"]

    def _expect_decided(self, expected: Mapping[str, Any], where: str) -> None:
        """What decisions of the case gave when they were asked last, by their ids."""
        for key, wanted in expected.items():
            results = [
                reason["explanation"]["steps"][-1]["result"]
                for _, data in self._trail()
                for reason in data.get("reasons", ())
                if reason.get("decision") == key
            ]
            demand(bool(results), f"{where}: {key} was not asked")
            found = from_json(results[-1])
            if isinstance(wanted, Mapping):
                found = {name: found[name] for name in wanted}
            same(found, wanted, f"{where}: {key}")

    def _expect_trail(self, expected: Sequence[str], where: str) -> None:
        actions = iter(action for action, _ in self._trail())
        for wanted in expected:
            demand(wanted in actions, f"{where}: {wanted} is missing from the trail")

    def _entered(self) -> set[str]:
        return {
            step["element"]
            for _, data in self._trail()
            for step in data.get("steps", ())
            if step["step"] == "enter"
        }

    def _expect_entered(self, expected: Sequence[str], where: str) -> None:
        missing = set(expected) - self._entered()
        demand(not missing, f"{where}: never entered {missing}")

    def _expect_not_entered(self, expected: Sequence[str], where: str) -> None:
        wrong = set(expected) & self._entered()
        demand(not wrong, f"{where}: entered {wrong}")
