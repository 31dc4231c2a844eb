"""Families in motion: asked for at the window, decided by others, and then true of their lives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from models.cases import Case, CaseState
from models.household_changes import ChangeKind, HouseholdChange, HouseholdChangeState
from models.households import Household
from scripts.soak.lives.families import ADULTS, Family, Person
from scripts.soak.lives.window import Window
from workflows.calendar import local_day
from workflows.runtime.families import ChangeAsked, open_change
from workflows.transaction import reading


@dataclass(slots=True)
class Motion:
    """One change as the family asked for it: who goes, where to, and what the form is told."""

    kind: ChangeKind
    one: Family
    going: Sequence[Person] = ()
    other: Family | None = None
    village_id: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Motions:
    """What is asked for and not decided yet, by case."""

    window: Window
    open: dict[str, Motion] = field(default_factory=dict)

    def ask(self, event: str, one: Family, now: datetime) -> None:
        """The family asks for what `live` says it wants, unless something else is under way."""
        if one.household_id is None or one.unheard or one.unreported or self._moving(one):
            return
        makers = {
            "split": self._split, "head": self._head, "moves": self._move, "marries": self._marry,
        }  # fmt: skip
        motion = makers[event](one, now)
        if motion is None:
            return
        asked = ChangeAsked(
            motion.kind,
            id_number="" if motion.other is None else motion.other.living[0].id_number,
            village_id=motion.village_id,
        )

        def act(session: Any) -> str:
            household = session.get_one(Household, one.household_id)
            case = open_change(
                session, household, asked, self.window.town.keys,
                actor=self.window.officer(one), now=now,
            )  # fmt: skip
            return case.id

        case_id = self.window.attempt(f"asks: {event}", act)
        if case_id is not None:
            self.open[case_id] = motion

    def settle(self, case_id: str) -> None:
        """What was decided becomes true of the family; what was dropped is forgotten."""
        motion = self.open.get(case_id)
        if motion is None:
            return
        with reading(self.window.session):
            change = self.window.session.scalars(
                select(HouseholdChange)
                .where(HouseholdChange.case_id == case_id)
                .execution_options(populate_existing=True)
            ).one()
            closed = self.window.session.scalar(
                select(Case.state).where(Case.id == case_id)
            ) is CaseState.CLOSED  # fmt: skip
        if change.state is HouseholdChangeState.DONE:
            del self.open[case_id]
            self._happens(motion, change.other_household_id)
            self.window.events[f"happened: {motion.kind}"] += 1
        elif closed or change.state is HouseholdChangeState.DROPPED:
            del self.open[case_id]
            self.window.events[f"did not happen: {motion.kind}"] += 1

    def _moving(self, one: Family) -> bool:
        return any(one in (motion.one, motion.other) for motion in self.open.values())

    def _split(self, one: Family, now: datetime) -> Motion | None:
        spouse = _spouse(one)
        if spouse is None:
            return None
        children = [child for child in one.living if child.relation == "child"]
        going = [spouse, *children[: len(children) // 2]]
        answers = {
            **self._said(one, now, "divorce", "离婚后分开居住"),
            "new_head": self.window.person_id(spouse),
            "children": [self.window.person_id(child) for child in going[1:]] or None,
            "new_applies": True,
        }
        return Motion(ChangeKind.SPLIT, one, going, answers=answers)

    def _head(self, one: Family, now: datetime) -> Motion | None:
        spouse = _spouse(one)
        head = one.living[0]
        if spouse is None or head.relation != "self":
            return None
        others = [left for left in one.living if left not in (spouse, head)]
        if any(left.relation != "child" for left in others):
            return None
        answers = {
            **self._said(one, now, "other", "户主长期在外"),
            "new_head": self.window.person_id(spouse),
            "spouse": [self.window.person_id(head)],
            "children": [self.window.person_id(child) for child in others] or None,
        }
        return Motion(ChangeKind.HEAD, one, [spouse], answers=answers)

    def _move(self, one: Family, now: datetime) -> Motion | None:
        town = self.window.town
        here = town.township_of[one.village_id]
        elsewhere = [village for village in town.villages if town.township_of[village] != here]
        answers = self._said(one, now, "moved", "租房迁居")
        return Motion(
            ChangeKind.TOWNSHIP, one, village_id=self.window.chance.choice(elsewhere),
            answers=answers,
        )  # fmt: skip

    def _marry(self, one: Family, now: datetime) -> Motion | None:
        """Two who are alone, and their children, become one family."""
        here = self.window.town.township_of[one.village_id]
        free = [
            other for other in self.window.families
            if other is not one and other.household_id and other.living and not other.merged
            and not other.tekun and not other.unheard and not other.unreported
            and not self._moving(other)
            and self.window.town.township_of[other.village_id] == here
            and other.living[0].relation == "self" and _spouse(other) is None
            and all(person.relation in ("self", "child") for person in other.living)
        ]  # fmt: skip
        if not free or one.living[0].relation != "self":
            return None
        other = self.window.chance.choice(free)
        children = [child for child in other.living if child.relation == "child"]
        answers = {
            **self._said(one, now, "marriage", "再婚", [*one.living, *other.living]),
            "spouse": [self.window.person_id(other.living[0])],
            "children": [self.window.person_id(child) for child in children] or None,
        }
        return Motion(ChangeKind.MERGE, one, list(other.living), other, answers=answers)

    def _said(
        self, one: Family, now: datetime, ground: str, reason: str,
        people: Sequence[Person] | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """What every such form asks; grown-up people agree."""
        agree = [
            self.window.person_id(person)
            for person in (people or one.living)
            if person.born_on.year <= now.year - 18
        ]
        return {
            "request_result": "submit", "occurred_on": local_day(now).isoformat(),
            "ground": ground, "reason": reason, "consents": agree or None,
        }  # fmt: skip

    def _happens(self, motion: Motion, other_household_id: str | None) -> None:
        one = motion.one
        going = [person for person in motion.going if person in one.people]
        if motion.kind is ChangeKind.TOWNSHIP:
            one.village_id = motion.village_id
        elif motion.kind is ChangeKind.HEAD:
            one.headed_by(motion.going[0], "spouse")
        elif motion.kind is ChangeKind.SPLIT:
            self._parts(one, going, str(other_household_id))
        elif motion.other is not None:
            self._joins(one, motion.other)

    def _parts(self, one: Family, going: Sequence[Person], household_id: str) -> None:
        window = self.window
        one.people = [person for person in one.people if person not in going]
        going[0].relation = "self"
        made = Family(
            len(window.families), one.village_id, one.area, list(going), one.farming * 0,
            household_id=household_id, applies_on=one.applies_on,
        )  # fmt: skip
        made.unreported, made.changed_on = one.unreported, one.changed_on
        made.unheard = [dead for dead in one.unheard if dead in going]
        one.unheard = [dead for dead in one.unheard if dead not in going]
        made.entered = one.entered = True
        window.families.append(made)
        window.by_household[household_id] = made

    def _joins(self, one: Family, other: Family) -> None:
        coming = list(other.people)
        coming[0].relation = "spouse"
        one.people += coming
        one.farming += other.farming
        one.unheard += other.unheard
        if other.unreported:
            one.changes(other.changed_on or one.applies_on)
        one.entered = True
        other.merged = True
        other.people = []


def _spouse(one: Family) -> Person | None:
    found = [person for person in one.living if person.relation == "spouse"]
    return found[0] if found and found[0].relation in ADULTS else None
