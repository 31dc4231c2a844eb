"""Invented families and what happens to them: work, wages, births, illness, death."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from models.households import Area
from workflows.assistance.households import UNKNOWN_FACTS, HouseholdData, IncomeData, MemberData
from workflows.privacy.identity import check_digit

#: Grown and able to work, where nothing else is said.
_USUAL: Final = {**UNKNOWN_FACTS, "able_bodied": True}
_CENTS: Final = Decimal("0.01")


@dataclass(slots=True)
class Person:
    """Somebody of a family, as they are; what the office knows may be older."""

    name: str
    id_number: str
    relation: str
    born_on: date
    wage: Decimal = Decimal(0)
    pension: Decimal = Decimal(0)
    facts: dict[str, Any] = field(default_factory=dict)
    died_on: date | None = None

    def data(self) -> MemberData:
        """As entered on the household page."""
        return MemberData(self.name, self.id_number, self.relation, facts={**_USUAL, **self.facts})


@dataclass(slots=True)
class Family:
    """A household with its truth; `household_id` once it is registered."""

    number: int
    village_id: str
    area: Area
    people: list[Person]
    farming: Decimal
    household_id: str | None = None
    #: when it first applies
    applies_on: date = date.max
    #: something has changed that the office doesn't know yet
    unreported: bool = False

    @property
    def living(self) -> list[Person]:
        return [one for one in self.people if one.died_on is None]

    def data(self) -> HouseholdData:
        """What an honest survey finds today."""
        living = self.living
        incomes = [
            IncomeData(position, "wage", "documented", one.wage, "工资")
            for position, one in enumerate(living)
            if one.wage
        ]
        incomes += [
            IncomeData(position, "pension_account", "documented", one.pension, "养老金")
            for position, one in enumerate(living)
            if one.pension
        ]
        if self.farming:
            incomes.append(IncomeData(None, "farming", "documented", self.farming, "种植"))
        return HouseholdData(
            self.village_id,
            self.area,
            [one.data() for one in living],
            incomes,
            property_within_limits=True,
            property_reason="住房一处自住，无机动车辆。",
            unstable_income=any(one.wage for one in living),
        )


def family(number: int, village_id: str, chance: random.Random, begin: date) -> Family:
    """One family as it is before it applies."""
    adults = chance.choice((1, 1, 2, 2, 2))
    children = chance.choice((0, 0, 1, 1, 2)) if adults == 2 else 0
    people = []
    for position in range(adults):
        born = date(begin.year - chance.randint(28, 84), chance.randint(1, 12), 1 + number % 28)
        relation = "self" if position == 0 else "spouse"
        people.append(_person(number, position, relation, born, begin))
    for position in range(adults, adults + children):
        born = date(begin.year - chance.randint(1, 16), chance.randint(1, 12), 1 + number % 28)
        people.append(_person(number, position, "child", born, begin))
    for one in people[:adults]:
        _livelihood(one, chance, begin)
    made = Family(
        number, village_id, chance.choice((Area.RURAL, Area.RURAL, Area.URBAN)), people,
        Decimal(chance.choice((0, 0, 150, 300))),
    )  # fmt: skip
    made.applies_on = begin.replace(day=1).replace(month=1 + number % 3)
    return made


def _person(number: int, position: int, relation: str, born: date, begin: date) -> Person:
    order = (number * 7 + position) % 1000
    body = f"500154{born:%Y%m%d}{order:03d}"
    age = begin.year - born.year
    facts: dict[str, Any] = {}
    if relation == "child":
        school = "compulsory" if 6 <= age < 16 else "senior" if age >= 16 else "none"
        facts = {"student": school, "student_full_time": school != "none", "able_bodied": False,
                 "independent": False}  # fmt: skip
    elif age >= 60:
        facts = {"able_bodied": False}
    return Person(
        f"户{number}成员{position}", body + check_digit(body), relation, born, facts=facts
    )


def _livelihood(one: Person, chance: random.Random, begin: date) -> None:
    age = begin.year - one.born_on.year
    if age >= 60:
        one.pension = Decimal(chance.choice((30, 80, 150)))
        return
    if chance.random() < 0.15:
        one.facts |= {"disability_grade": Decimal(chance.choice((1, 2, 3))),
                      "disability_kind": "physical", "able_bodied": False}  # fmt: skip
    elif chance.random() < 0.6:
        one.wage = Decimal(chance.randrange(400, 1800, 50))
        one.facts |= {"employed": True}


def live(one: Family, chance: random.Random, today: date) -> str | None:
    """A month in the life of a family; what happened, if anything."""
    if not one.living:
        return None
    luck = chance.random()
    if luck < 0.03:
        workers = [p for p in one.living if p.facts.get("able_bodied", True) and _age(p, today) < 60
                   and p.relation != "child"]  # fmt: skip
        if not workers:
            return None
        person = chance.choice(workers)
        person.wage = Decimal(chance.choice((0, 300, 700, 1200, 1800, 2600, 4000)))
        person.facts["employed"] = person.wage > 0
        one.unreported = True
        return "wage"
    if luck < 0.033 and len(one.living) < 6:
        born = today - timedelta(days=one.number % 28)
        baby = _person(one.number, 10 + len(one.people), "child", born, today)
        one.people.append(baby)
        one.unreported = True
        return "birth"
    if luck < 0.036:
        old = [person for person in one.living if _age(person, today) >= 60]
        if old:
            chance.choice(old).died_on = today
            return "death"
    if luck < 0.04:
        person = chance.choice(one.living)
        person.facts["serious_illness"] = True
        one.unreported = True
        return "illness"
    return None


def _age(one: Person, today: date) -> int:
    return today.year - one.born_on.year
