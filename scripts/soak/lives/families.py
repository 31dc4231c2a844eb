"""Invented families and what happens to them: work, wages, births, illness, death, new homes."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from models.households import Area
from workflows.assistance.households import UNKNOWN_FACTS, HouseholdData, IncomeData, MemberData
from workflows.privacy.identity import check_digit

#: Grown and able to work, where nothing else is said.
_USUAL: Final = {**UNKNOWN_FACTS, "able_bodied": True}
#: What somebody can or can't do alone (特困人员认定办法 20).
SELFCARE: Final = (
    "care_eat", "care_dress", "care_bed", "care_toilet", "care_walk", "care_bathe",
)  # fmt: skip
ADULTS: Final = frozenset({"self", "spouse"})
_MOST: Final = 6
#: Families who decline work, and old people alone for whom 特困 is applied for.
_UNWILLING: Final = 0.1
_ALONE: Final = 0.6
#: How much rarer the young die.
_YOUNG: Final = 0.15


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
    #: once the office knows them
    person_id: str | None = None

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
    #: something has changed that the office doesn't know yet, and since when
    unreported: bool = False
    changed_on: date | None = None
    #: what has been entered since the office last looked whether anything changed
    entered: bool = False
    #: 特困 is applied for, and which of the six things the person can't do alone
    tekun: bool = False
    lost: frozenset[str] = frozenset()
    #: as the assessors last saw it
    seen: frozenset[str] | None = None
    #: declines whatever work is introduced
    unwilling: bool = False
    #: the dead of whom the office hasn't heard
    unheard: list[Person] = field(default_factory=list)
    #: somebody has decided otherwise than the tables say, or undone a decision
    overruled: bool = False
    #: it has become part of another family
    merged: bool = False

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

    def changes(self, today: date) -> None:
        """Something of it isn't any more as the office knows it."""
        self.changed_on = self.changed_on if self.unreported else today
        self.unreported = True

    def headed_by(self, head: Person, relation_before: str) -> None:
        """Another head, who stands first from now on; `relation_before` is the old one's to it."""
        for one in self.people:
            if one.relation == "self":
                one.relation = relation_before
        head.relation = "self"
        self.people.remove(head)
        self.people.insert(0, head)


#: A month's event: what happened, if it could.
Event = Callable[[Family, random.Random, date], str | None]


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
    made.unwilling = chance.random() < _UNWILLING
    if adults == 1 and people[0].pension and chance.random() < _ALONE:
        made.tekun, people[0].pension, made.farming = True, Decimal(0), Decimal(0)
        made.lost = _lost(chance)
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
    """A month in the life of a family; what happened, if anything.

    `split`, `head`, `moves`, `marries` are what it goes to the office for; nothing of it has
    changed before that is decided.
    """
    if not one.living or one.merged:
        return None
    luck = chance.random()
    for below, event in _EVENTS:
        if luck < below:
            return event(one, chance, today)
    return None


def _wage(one: Family, chance: random.Random, today: date) -> str | None:
    workers = [p for p in one.living if p.facts.get("able_bodied", True) and _age(p, today) < 60
               and p.relation in ADULTS]  # fmt: skip
    if not workers:
        return None
    person = chance.choice(workers)
    person.wage = Decimal(chance.choice((0, 300, 700, 1200, 1800, 2600, 4000)))
    person.facts["employed"] = person.wage > 0
    one.changes(today)
    return "wage"


def _birth(one: Family, chance: random.Random, today: date) -> str | None:
    if len(one.living) >= _MOST or one.tekun:
        return None
    born = today - timedelta(days=one.number % 28)
    one.people.append(_person(one.number, 10 + len(one.people), "child", born, today))
    one.changes(today)
    return "birth"


def _death(one: Family, chance: random.Random, today: date) -> str | None:
    old = [person for person in one.living if _age(person, today) >= 60]
    likely = old or (one.living if chance.random() < _YOUNG else [])
    if not likely:
        return None
    dead = chance.choice(likely)
    dead.died_on = today
    one.unheard.append(dead)
    if dead.relation == "self" and one.living:
        one.headed_by(one.living[0], "other")
        for left in one.living[1:]:
            left.relation = "sibling" if left.relation == "child" else left.relation
        if one.living[0].born_on > today.replace(year=today.year - 18):
            return "death of the parents"
    return "death"


def _illness(one: Family, chance: random.Random, today: date) -> str | None:
    chance.choice(one.living).facts["serious_illness"] = True
    one.changes(today)
    return "illness"


def _selfcare(one: Family, chance: random.Random, today: date) -> str | None:
    before = one.lost
    one.lost = _lost(chance)
    return "selfcare" if one.tekun and len(one.lost) != len(before) else None


def _couple(asks: str) -> Event:
    """What only a couple asks for."""

    def event(one: Family, chance: random.Random, today: date) -> str | None:
        return asks if any(person.relation == "spouse" for person in one.living) else None

    return event


def _single(one: Family, chance: random.Random, today: date) -> str | None:
    alone = all(person.relation != "spouse" for person in one.living)
    return "marries" if alone and not one.tekun and _age(one.living[0], today) >= 22 else None


def _moves(one: Family, chance: random.Random, today: date) -> str | None:
    return "moves"


#: Each with the luck below which it happens in a month.
_EVENTS: Final[Sequence[tuple[float, Event]]] = (
    (0.030, _wage),
    (0.033, _birth),
    (0.040, _death),
    (0.044, _illness),
    (0.059, _selfcare),
    (0.063, _couple("split")),
    (0.067, _couple("head")),
    (0.071, _moves),
    (0.077, _single),
)


def _lost(chance: random.Random) -> frozenset[str]:
    return frozenset(chance.sample(SELFCARE, chance.choice((0, 0, 2, 5))))


def _age(one: Person, today: date) -> int:
    return today.year - one.born_on.year
