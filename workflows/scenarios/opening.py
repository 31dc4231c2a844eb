"""Steps of scenarios that open cases otherwise than by an application, or go on in one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from models.cases import Case
from models.households import Household
from workflows.assistance.households import register_household
from workflows.errors import Actor
from workflows.runtime.remedies import open_remedy
from workflows.runtime.reviews import queue_reviews
from workflows.runtime.roll_postings import PROCESS as POSTING
from workflows.runtime.roll_postings import open_due_postings
from workflows.runtime.standards import open_due_adjustments
from workflows.scenarios.benefits import newest_case
from workflows.scenarios.corrections import decide_now, work_all
from workflows.scenarios.given import ScenarioFailed, demand
from workflows.scenarios.postings import post_all
from workflows.scenarios.prices import (
    enter_index,
    give_price_money,
    pay_subsidies,
    recognise_edge,
)
from workflows.scenarios.remedies import filing_of
from workflows.scenarios.standards import newest_adjustment
from workflows.scenarios.then import Then
from workflows.transaction import reading, transaction


class Openings(Then):
    """Steps `file`, `follow`, `index`, `price`, `family`, `standards`, `turn`, `checks`."""

    def _file(
        self,
        process: str,
        step: Mapping[str, Any],
        answers: Mapping[str, Any],
        actor: Actor,
        now: datetime,
    ) -> None:
        """`file PROCESS`: against the case with the number `against`, by `party` or by nobody."""
        with transaction(self.session):
            position = step.get("against")
            against = None
            if position is not None:
                against = self.session.get_one(Case, self.case_ids[int(position) - 1])
            filing = filing_of(self.session, process, step, against, self._township().id)
            case = open_remedy(self.session, filing, answers, self.keys, actor=actor, now=now)
            self.case_id = case.id
            self.case_ids.append(case.id)

    def _follow(self) -> None:
        """The story goes on in the case that this one has opened."""
        with reading(self.session):
            self.case_id = self.session.scalars(
                select(Case.id).where(Case.opened_from_id == self.case_id)
            ).one()
        self.case_ids.append(self.case_id)

    def _price(
        self, verb: str, rest: str, step: Mapping[str, Any], actor: Actor, now: datetime
    ) -> None:
        """`index`, `price budget 1000`, `price paid`, `family dibao`."""
        district_id = self._township().district_id
        with transaction(self.session):
            if verb == "index":
                case = enter_index(
                    self.session, district_id, step["answers"], self.keys, actor=actor, now=now
                )
                self.case_id = case.id
                self.case_ids.append(case.id)
            elif verb == "family":
                household = self._family(step, actor, now)
                if rest == "edge":
                    decided = recognise_edge(
                        self.session, household, self.keys, actor=actor, now=now
                    )
                else:
                    decided = decide_now(
                        self.session, household, self.keys, actor=actor, now=now, programme=rest
                    )
                self.case_id = decided.id
                self.case_ids.append(decided.id)
            elif rest.startswith("budget "):
                amount = Decimal(rest.removeprefix("budget "))
                give_price_money(self.session, district_id, amount, now)
            else:
                pay_subsidies(self.session, rest, now)

    def _family(self, step: Mapping[str, Any], actor: Actor, now: datetime) -> Household:
        """The family that a step tells of; that of the case before where it tells of none."""
        if "household" not in step:
            known = self.session.get_one(Case, self.case_id).household_id
            return self.session.get_one(Household, known)
        self.facts = dict(step["household"])
        return register_household(
            self.session, self._household_data(), self.keys, actor=actor, now=now
        )

    def _lists(self, verb: str, actor: Actor, now: datetime) -> None:
        """`lists open`: the worker's duty; `lists posted`: every village of the township."""
        if verb == "open":
            open_due_postings(self.session, self.keys, now)
            with reading(self.session):
                self.case_id = (
                    self.session.scalars(
                        select(Case.id).where(Case.process_key == POSTING).order_by(Case.id.desc())
                    ).first()
                    or ""
                )
            self.case_ids.append(self.case_id)
            return
        township = self._township()
        with transaction(self.session):
            post_all(self.session, township, actor=actor, now=now)

    def _standards(self, now: datetime) -> None:
        """`standards rise`: the story goes on in the case that the worker has opened."""
        open_due_adjustments(self.session, self.keys, now)
        work_all(self.session, self.keys, now)
        with reading(self.session):
            opened = newest_adjustment(self.session)
        demand(opened is not None, "no standard that touches a benefit has risen")
        self.case_id = str(opened)
        self.case_ids.append(self.case_id)

    def _turn_to(self, process: str) -> None:
        """Go on in the household's newest case of a process, which another case has opened."""
        with reading(self.session):
            found = newest_case(self.session, self._case().household_id or "", process)
        if found is None:
            raise ScenarioFailed(f"the household has no case of {process}")
        self.case_id = found
        if found not in self.case_ids:
            self.case_ids.append(found)

    def _open_checks(self, now: datetime) -> None:
        """The day's job of the worker: the case of the household's check, if it opens today."""
        queue_reviews(self.session, now)
        work_all(self.session, self.keys, now)
