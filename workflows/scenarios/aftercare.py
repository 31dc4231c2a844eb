"""Deaths, offers of work and recoveries in scenarios: what is done, and what should follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select

from models.cases import Case
from models.households import Household, HouseholdMember
from models.money import LedgerAccount, LedgerKind, Payment
from models.recoveries import Instalment, Recovery
from workflows.assistance.grants import month_lines
from workflows.assistance.job_offers import OfferData
from workflows.assistance.money.ledger import DIBAO
from workflows.errors import Actor
from workflows.runtime.aftercare import answer_offer, begin_repayment, report_death
from workflows.scenarios.benefits import newest_grant
from workflows.scenarios.given import ScenarioFailed, same
from workflows.scenarios.then import Then
from workflows.transaction import transaction

#: What a step may do after a grant, beside working on a case.
AFTER_GRANT: Final = frozenset({"death", "offer", "repayment"})
#: The month whose lines are looked at last, where a scenario names none.
_FAR: Final = date(2030, 12, 1)


class Aftercare(Then):
    """Steps `death m2`, `offer m2` and `repayment`, and what they come to."""

    def _after_grant(
        self, verb: str, rest: str, step: Mapping[str, Any], actor: Actor, now: datetime
    ) -> bool:
        """The story goes on in the case that the step opens, where it opens one."""
        with transaction(self.session):
            household = self.session.get_one(Household, self._case().household_id)
            opened = self._open_after(verb, rest, step, household, actor, now)
        if opened is not None:
            self.case_id = opened.id
            if opened.id not in self.case_ids:
                self.case_ids.append(opened.id)
        return False

    def _open_after(
        self,
        verb: str,
        member: str,
        step: Mapping[str, Any],
        household: Household,
        actor: Actor,
        now: datetime,
    ) -> Case | None:
        if verb == "repayment":
            recovery = self._recoveries(household.id)[-1]
            return begin_repayment(self.session, recovery.id, keys=self.keys, actor=actor, now=now)
        person_id = self._of_household(household.id, member)
        if verb == "death":
            return report_death(
                self.session, household, person_id, died_on=step["died_on"],
                note=step.get("note", ""), keys=self.keys, actor=actor, now=now,
            )  # fmt: skip
        given = step["offer"]
        data = OfferData(
            offered_on=given["on"], employer=given.get("employer", "开州纺织厂"),
            work=given.get("work", ""), suitable=given.get("suitable", True),
            accepted=given.get("accepted", False), good_reason=given.get("good_reason"),
            reason=given.get("reason", ""),
        )  # fmt: skip
        _, case = answer_offer(
            self.session, household, person_id, data, keys=self.keys, actor=actor, now=now
        )
        return case

    def _with_ids(self, variables: Mapping[str, Any], household_id: str | None) -> dict[str, Any]:
        """`{of: grant}` and `{member: m2}` stand for ids that a file can't know."""
        return {name: self._id_of(value, household_id) for name, value in variables.items()}

    def _id_of(self, value: Any, household_id: str | None) -> Any:
        if not isinstance(value, dict) or household_id is None:
            return value
        if set(value) == {"member"}:
            return self._of_household(household_id, value["member"])
        if value == {"of": "grant"}:
            return newest_grant(self.session, household_id).id
        return value

    def _of_household(self, household_id: str, member: str) -> str:
        """The person of a member as the scenario names them: in the order of their entry."""
        names = [row["id"] for row in self.scenario["given"]["household"]["members"]]
        rows = self.session.scalars(
            select(HouseholdMember.person_id)
            .where(HouseholdMember.household_id == household_id)
            .order_by(HouseholdMember.recorded_at, HouseholdMember.id)
        ).all()
        persons = list(dict.fromkeys(rows))
        return persons[names.index(member)]

    def _recoveries(self, household_id: str) -> Sequence[Recovery]:
        return self.session.scalars(
            select(Recovery)
            .where(Recovery.household_id == household_id)
            .order_by(Recovery.id)
            .execution_options(populate_existing=True)
        ).all()

    def _expect_months(self, expected: Mapping[str, Mapping[str, Any]], where: str) -> None:
        """What the household's grant owes and has paid, by month such as 2022-12."""
        household_id = self._case().household_id
        assert household_id is not None
        lines = {
            f"{line.month:%Y-%m}": {
                "owed": line.owed,
                "paid": line.paid,
                "underway": line.underway,
                "adjusted": line.adjusted,
                "difference": line.difference,
            }
            for line in month_lines(self.session, newest_grant(self.session, household_id), _FAR)
        }
        for month, wanted in expected.items():
            found = {key: lines[month][key] for key in wanted}
            same(found, dict(wanted), f"{where}: {month}")

    def _expect_recovery(self, expected: Mapping[str, Any] | None, where: str) -> None:
        """The newest recovery of the household."""
        household_id = self._case().household_id
        assert household_id is not None
        rows = self._recoveries(household_id)
        if expected is None:
            same([row.state.value for row in rows], [], where)
            return
        if not rows:
            raise ScenarioFailed(f"{where}: no recovery")
        row = rows[-1]
        parts = self.session.scalars(
            select(Instalment)
            .where(Instalment.recovery_id == row.id, Instalment.superseded_at.is_(None))
            .order_by(Instalment.number)
            .execution_options(populate_existing=True)
        )
        found = {
            "cause": row.cause,
            "state": row.state.value,
            "outcome": None if row.outcome is None else row.outcome.value,
            "proposed": row.proposed,
            "amount": row.amount,
            "received": row.received,
            "months": Decimal(row.months),
            "next_due_on": row.next_due_on,
            "instalments": [[one.amount, one.due_on, one.received] for one in parts],
        }
        same({key: found[key] for key in expected}, dict(expected), where)

    def _expect_arrears(self, expected: Sequence[Decimal], where: str) -> None:
        """The payments of the household that were ordered for months gone by."""
        found = self.session.scalars(
            select(Payment.amount)
            .where(
                Payment.household_id == self._case().household_id,
                Payment.grant_id.is_(None),
                Payment.stage_id.is_(None),
            )
            .order_by(Payment.id)
        ).all()
        same(list(found), list(expected), where)

    def _member_person(self, member: str) -> str:
        """`{person: m2}` in an answer: the member as a choice."""
        household_id = self._case().household_id
        assert household_id is not None
        return self._of_household(household_id, member)

    def _expect_returned(self, expected: Decimal, where: str) -> None:
        """What has come back to the budget of 低保."""
        found = self.session.scalar(
            select(LedgerAccount.balance).where(
                LedgerAccount.district_id == self._township().district_id,
                LedgerAccount.kind == LedgerKind.BUDGET,
                LedgerAccount.programme == DIBAO,
            )
        )
        same(found or Decimal(0), expected, where)
