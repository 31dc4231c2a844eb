"""Families in motion, in scenarios: who is who, another household, and where everybody belongs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from models.assistance import Grant, GrantAmount
from models.cases import Case, Task, TaskState
from models.clocks import Alert, Clock
from models.household_changes import HouseholdChange
from models.households import Area, Household, HouseholdMember, Person
from models.money import Payment, PaymentState
from models.offices import Office
from workflows.assistance.households import HouseholdData, MemberData, register_household
from workflows.assistance.households.data import IncomeData
from workflows.assistance.households.people import keep_persons, person_with
from workflows.errors import Actor
from workflows.scenarios.given import ScenarioFailed, id_number, same
from workflows.scenarios.then import Then

#: Whose id numbers begin where, so that two households never share one.
_FIRST = {"household": 100, "other": 500, "newcomer": 900}


class Families(Then):
    """Steps and expectations about households."""

    other_id: str | None = None

    def _number_of(self, member_id: str) -> str:
        """The id-card number of a member as the scenario names them."""
        given = self.scenario["given"]
        for name in ("household", "other"):
            members = (given.get(name) or {}).get("members") or []
            for place, row in enumerate(members):
                if row["id"] == member_id:
                    return id_number(row["birth_on"], _FIRST[name] + place)
        newcomer = given.get("newcomer")
        if newcomer is not None and newcomer["id"] == member_id:
            return id_number(newcomer["birth_on"], _FIRST["newcomer"])
        raise ScenarioFailed(f"nobody is called {member_id}")

    def _person_id(self, member_id: str) -> str:
        found = person_with(
            self.session, self._township().district_id, self._number_of(member_id), self.keys
        )
        if found is None:
            raise ScenarioFailed(f"{member_id} isn't registered")
        return found.id

    def _register_other(self, actor: Actor, now: datetime) -> Household:
        """The scenario's other household, in the same village or at its `office`."""
        facts = self.scenario["given"]["other"]
        members = facts["members"]
        position = {row["id"]: index for index, row in enumerate(members)}
        data = HouseholdData(
            village_id=self._village(facts.get("office")).id,
            area=Area(facts["area"]),
            members=[
                self._member_of(row, index, _FIRST["other"]) for index, row in enumerate(members)
            ],
            incomes=[
                IncomeData(
                    position[row["member"]], row["kind"], row.get("basis") or "", row["monthly"]
                )
                for row in facts.get("incomes", ())
            ],
            unstable_income=facts.get("unstable_income", False),
        )
        household = register_household(self.session, data, self.keys, actor=actor, now=now)
        self.other_id = household.id
        return household

    def _keep_newcomer(self, now: datetime) -> str:
        row = self.scenario["given"]["newcomer"]
        number = id_number(row["birth_on"], _FIRST["newcomer"])
        data = MemberData("新成员", number, row.get("relation", "child"))
        kept = keep_persons(self.session, self._township().district_id, [data], self.keys, now=now)
        return kept[0].id

    def _family_variables(self, given: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        """Variables of a change: `other`, `newcomer` and `to` stand for ids."""
        found = dict(given)
        if found.pop("other", False):
            found["other_household_id"] = self.other_id
        if found.pop("newcomer", False):
            found["newcomer_id"] = self._keep_newcomer(now)
        if "joins" in found:
            found["newcomer_id"] = self._person_id(found.pop("joins"))
        if "to" in found:
            place = found.pop("to")
            village = self._village(place)
            found["to_village_id"], found["to_place"] = village.id, f"{place} {village.name}"
        return found

    def _expect_households(self, expected: Mapping[str, Any], where: str) -> None:
        """`own`, `other`, `new`: members, head, relations, office, what they get from when."""
        ids = {"own": self._own_id(), "other": self.other_id, "new": self._new_id()}
        for name, wanted in expected.items():
            household_id = ids[name]
            if household_id is None:
                raise ScenarioFailed(f"{where}: there is no {name} household")
            found = self._household_facts(household_id)
            same({key: found[key] for key in wanted}, dict(wanted), f"{where}: {name}")

    def _expect_alerts(self, expected: Sequence[str], where: str) -> None:
        """The keys of the clocks of the case that ran out."""
        found = self.session.scalars(
            select(Clock.key)
            .join(Alert, Alert.clock_id == Clock.id)
            .where(Alert.case_id == self.case_id)
            .order_by(Clock.key)
        ).all()
        same(list(found), list(expected), where)

    def _own_id(self) -> str | None:
        first = self.case_ids[0] if self.case_ids else None
        return None if first is None else self.session.get_one(Case, first).household_id

    def _new_id(self) -> str | None:
        return self.session.scalars(
            select(HouseholdChange.other_household_id)
            .where(HouseholdChange.kind == "split", HouseholdChange.state == "done")
            .limit(1)
        ).one_or_none()

    def _household_facts(self, household_id: str) -> dict[str, Any]:
        household = self.session.get_one(Household, household_id, populate_existing=True)
        names = self._names()
        rows = self.session.execute(
            select(HouseholdMember.person_id, HouseholdMember.relation).where(
                HouseholdMember.household_id == household_id,
                HouseholdMember.superseded_at.is_(None),
            )
        ).all()
        return {
            "members": sorted(names[row.person_id] for row in rows),
            "relations": {names[row.person_id]: row.relation for row in rows},
            "head": names[household.head_person_id],
            "office": self.session.get_one(Office, household.township_id).name,
            "closed": household.closed_reason,
            "amounts": self._amounts(household_id),
            "tasks": self._tasks_of(household_id),
            "paid": self._paid(household_id),
        }

    def _tasks_of(self, household_id: str) -> list[Any]:
        """What waits in its cases: [process, element, office]."""
        rows = self.session.execute(
            select(Case.process_key, Task.element_id, Office.name)
            .join(Task, Task.case_id == Case.id)
            .join(Office, Office.id == Task.office_id)
            .where(Case.household_id == household_id, Task.state == TaskState.OPEN)
            .order_by(Case.id, Task.element_id)
        )
        return [list(row) for row in rows]

    def _paid(self, household_id: str) -> list[Any]:
        """Months that were paid, as [month, yuan, township of the payment]."""
        rows = self.session.execute(
            select(Payment.month, Payment.amount, Office.name)
            .join(Office, Office.id == Payment.township_id)
            .where(Payment.household_id == household_id, Payment.state == PaymentState.PAID)
            .order_by(Payment.month, Payment.id)
        )
        return [[_month(row.month), row.amount, row.name] for row in rows if row.month]

    def _amounts(self, household_id: str) -> list[Any]:
        """What its benefits pay, as [first month, yuan], and [month, 0] from where one ends."""
        rows = self.session.execute(
            select(GrantAmount.from_month, GrantAmount.monthly)
            .join(Grant, Grant.id == GrantAmount.grant_id)
            .where(Grant.household_id == household_id, GrantAmount.superseded_at.is_(None))
            .order_by(GrantAmount.from_month)
        )
        amounts: list[Any] = [[_month(row.from_month), row.monthly] for row in rows]
        ends = self.session.scalars(
            select(Grant.ended_from).where(
                Grant.household_id == household_id, Grant.ended_from.is_not(None)
            )
        )
        return [*amounts, *([_month(day), 0] for day in ends if day is not None)]

    def _names(self) -> dict[str, str]:
        given = self.scenario["given"]
        rows: Sequence[Mapping[str, Any]] = [
            *(given.get("household") or {}).get("members", ()),
            *(given.get("other") or {}).get("members", ()),
            *([given["newcomer"]] if given.get("newcomer") else ()),
        ]
        found = {}
        for row in rows:
            person: Person | None = person_with(
                self.session, self._township().district_id, self._number_of(row["id"]), self.keys
            )
            if person is not None:
                found[person.id] = row["id"]
        return found


def _month(day: date) -> str:
    return f"{day:%Y-%m}"
