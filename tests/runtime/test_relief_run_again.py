"""Relief runs again from nothing but its trail, for another family with the same facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from models.assistance import Attachment
from models.cases import Case
from models.households import Household, Person
from models.money import LedgerAccount, LedgerTransfer, Payment
from models.relief import PaperDebt, ReliefEvent, ReliefGrant, ReliefStage
from models.trail import TrailEntry
from models.types import new_id
from tests.bpmn.policy import read_yaml
from tests.runtime.district import policy_files
from tests.runtime.test_run_again import _KINDS, Entry, _again, results, steps, trail_of
from workflows.assistance.households import register_household
from workflows.assistance.money.bank_accounts import record_bank_account
from workflows.audit import TrailAction
from workflows.errors import Actor
from workflows.feel import from_json
from workflows.runtime.starting import start_case
from workflows.scenarios.given import id_number
from workflows.scenarios.runner import Runner
from workflows.transaction import transaction


class Applying(Runner):
    """Begins cases as people do: with answers to the start form instead of variables."""

    def _start(self, actor: Actor, now: datetime, step: Mapping[str, Any], process: str) -> None:
        village = self._village()
        given = {**self.scenario["given"]["variables"], **(step.get("variables") or {})}
        known = {"channel": given.pop("channel")}
        answers = self._answers(given, actor, now)
        if (process or self.scenario["process"]) == "relief_expense":
            answers.pop("new_reason", None)
        with transaction(self.session):
            household_id = self._registered(actor, now)
            case = start_case(
                self.session, process or self.scenario["process"], self.keys,
                township_id=village.parent_id or "", village_id=village.id,
                household_id=household_id, channel=known["channel"],
                variables={**known, "household_id": household_id}, answers=answers, actor=actor,
                now=now,
            )  # fmt: skip
            self.case_id = case.id
            self.case_ids.append(case.id)


@dataclass
class Again:
    """The second run: the cases and the family that stand for those of the first."""

    session: Session
    runner: Runner
    #: ids of the first run → ids of the second
    same: dict[str, str] = field(default_factory=dict)

    def run(self) -> None:
        """Everything that entered the cases and the family, in the order of its moments."""
        self._register()
        for number, entry in sorted(self._inputs(), key=lambda one: (one[1].at, one[0])):
            old = self.runner.case_ids[number]
            with transaction(self.session):
                if entry.action == TrailAction.CASE_STARTED:
                    self.same[old] = self._start(old, entry)
                elif entry.action in _KINDS:
                    answers = {
                        name: self._translated(value, old) for name, value in entry.answers.items()
                    }
                    _again(self.session, self.runner, self.same[old],
                           replace(entry, answers=answers))  # fmt: skip
                elif entry.action == TrailAction.BANK_ACCOUNT_RECORDED:
                    self._record_account(entry)

    def _inputs(self) -> Iterator[tuple[int, Entry]]:
        for number, case_id in enumerate(self.runner.case_ids):
            self.runner.case_id = case_id
            for entry in trail_of(self.session, self.runner):
                yield number, entry
        self.runner.case_id = self.runner.case_ids[0]
        head = self.runner._head().id
        rows = self.session.scalars(
            select(TrailEntry).where(
                TrailEntry.subject_id == head,
                TrailEntry.action == TrailAction.BANK_ACCOUNT_RECORDED,
            )
        ).all()
        for row in rows:
            yield 0, Entry(row.action, Actor(row.actor_id, row.actor_role), row.at, {}, {})
        self.session.rollback()

    def _register(self) -> None:
        """Other people with the same facts: they share no event, and no card."""
        first = self.session.get_one(Case, self.runner.case_ids[0])
        data = self.runner._household_data()
        rows = self.runner.facts["members"]
        strangers = [
            replace(member, id_number=id_number(row["birth_on"], 500 + index))
            for index, (member, row) in enumerate(zip(data.members, rows, strict=True))
        ]
        old, at = first.household_id or "", first.opened_at
        self.session.rollback()
        with transaction(self.session):
            self.same[old] = register_household(
                self.session, replace(data, members=strangers), self.runner.keys,
                actor=self.runner._actor("case_officer/lihua"), now=at,
            ).id  # fmt: skip

    def _start(self, old_id: str, entry: Entry) -> str:
        old = self.session.get_one(Case, old_id)
        told = {**entry.data["variables"], **entry.answers}
        return start_case(
            self.session, entry.data["process"], self.runner.keys,
            township_id=old.township_id, village_id=old.village_id,
            household_id=self.same[entry.data["household"]], channel=entry.data["channel"],
            variables={name: from_json(self._translated(told[name], old_id)) for name in told},
            actor=entry.actor, now=entry.at,
        ).id  # fmt: skip

    def _translated(self, value: Any, old_case: str) -> Any:
        """The same value for the second run: its family, and its own copies of files."""
        if isinstance(value, list):
            return [self._translated(item, old_case) for item in value]
        if not isinstance(value, str):
            return value
        if value not in self.same:
            kept = self.session.get(Attachment, value)
            if kept is not None and kept.case_id == old_case:
                names = [column.name for column in Attachment.__table__.columns]
                columns = {name: getattr(kept, name) for name in names}
                columns |= {"id": new_id(), "case_id": self.same[old_case]}
                self.session.add(Attachment(**columns))
                self.session.flush()
                self.same[value] = columns["id"]
        return self.same.get(value, value)

    def _record_account(self, entry: Entry) -> None:
        household_id = self.same[
            self.session.get_one(Case, self.runner.case_ids[0]).household_id or ""
        ]
        head = self.session.get_one(Household, household_id).head_person_id
        record_bank_account(
            self.session, self.session.get_one(Person, head), "6228480000000000025",
            "农业银行开州支行", "成员1", self.runner.keys, actor=entry.actor, now=entry.at,
        )  # fmt: skip


def given(session: Session, case_id: str) -> dict[str, Any]:
    """What a case gave and owes, and how its money moved, without ids."""
    session.rollback()
    grants = session.scalars(
        select(ReliefGrant).where(ReliefGrant.case_id == case_id).order_by(ReliefGrant.id)
    ).all()
    stages = select(ReliefStage).where(ReliefStage.grant_id.in_([one.id for one in grants]))
    debts = session.scalars(select(PaperDebt).where(PaperDebt.case_id == case_id))
    payments = session.scalars(
        select(Payment).where(Payment.case_id == case_id).order_by(Payment.ordered_at)
    )
    source, target = aliased(LedgerAccount), aliased(LedgerAccount)
    moves = session.execute(
        select(
            LedgerTransfer.purpose, LedgerTransfer.amount, source.kind, target.kind,
            LedgerTransfer.made_at, LedgerTransfer.made_by_id,
        )
        .join(source, source.id == LedgerTransfer.from_id)
        .join(target, target.id == LedgerTransfer.to_id)
        .where(LedgerTransfer.case_id == case_id)
        .order_by(LedgerTransfer.made_at, LedgerTransfer.id)
    )  # fmt: skip
    return {
        "events": [
            (one.kind, one.cause, one.occurred_on, one.persons)
            for one in session.scalars(select(ReliefEvent).where(ReliefEvent.case_id == case_id))
        ],
        "grants": [
            (one.kind, one.level, one.source, one.total, one.decided_on, one.decided_by_id)
            for one in grants
        ],
        "stages": [
            (one.number, one.amount, one.due_on, one.condition, one.state, one.settled_on)
            for one in session.scalars(stages.order_by(ReliefStage.number))
        ],
        "debts": [
            (one.missing, one.owner_id, one.opened_on, one.due_on, one.closed_on) for one in debts
        ],
        "payments": [
            (one.method, one.amount, one.state, one.ordered_at, one.paid_on,
             one.key.rsplit("/", 1)[1], sorted((one.receipt or {}).get("handlers", ())))
            for one in payments
        ],
        "moves": [tuple(row) for row in moves],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("scenario", "cases", "moved"),
    [("c16-first-aid-at-night", 1, 2), ("c17-three-stages", 1, 4), ("c18-expense", 3, 2)],
)
def test_relief_runs_again_from_its_trail(
    session: Session, scenario: str, cases: int, moved: int
) -> None:
    # given
    runner = Applying(session, read_yaml(f"scenarios/{scenario}.yaml"), policy_files())
    runner.run()
    first = list(runner.case_ids)
    again = Again(session, runner)
    # when
    again.run()
    # then
    assert len(first) == cases
    assert len(given(session, first[0])["moves"]) == moved
    for case_id in first:
        runner.case_id = case_id
        entries = trail_of(session, runner)
        runner.case_id = again.same[case_id]
        assert steps(trail_of(session, runner)) == steps(entries)
        assert results(session, runner.case_id) == results(session, case_id)
        assert given(session, runner.case_id) == given(session, case_id)


def test_what_was_told_at_the_start_is_sealed_in_the_trail(session: Session) -> None:
    # given
    runner = Applying(session, read_yaml("scenarios/c17-three-stages.yaml"), policy_files())
    runner._found()
    runner.facts = dict(runner.scenario["given"]["household"])
    # when
    runner._step({"at": "2021-11-24 09:00", "by": "case_officer/lihua", "do": "start"}, "start")
    # then
    started = trail_of(session, runner)[0]
    assert started.data["form"] == "relief-report"
    assert started.answers["need"] == "烧伤住院"
    assert from_json(started.answers["occurred_on"]) == date(2021, 11, 20)
    assert "烧伤住院" not in str(started.data)
    assert set(started.data["variables"]) == {"channel", "household_id"}
