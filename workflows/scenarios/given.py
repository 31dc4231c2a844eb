"""What a scenario begins with: a district with its staff, the policy, and a household's facts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import Account, Role, RoleHolding
from models.households import Area, HouseholdMember
from models.offices import Office, OfficeLevel
from models.types import new_id
from workflows.assistance.households import UNKNOWN_FACTS, HouseholdData, IncomeData, MemberData
from workflows.decisions.strict_yaml import load_yaml
from workflows.definitions.files import PolicyFiles
from workflows.definitions.release import publish_release
from workflows.errors import SYSTEM, Actor
from workflows.privacy import KeyRing, new_key_ring
from workflows.privacy.identity import check_digit
from workflows.runtime.service_tasks import signatures
from workflows.scenarios.funds import give_money
from workflows.transaction import transaction


class ScenarioFailed(AssertionError):
    """A scenario did not come out as it says; the text tells where and what."""


def demand(holds: bool, text: str) -> None:
    """Raises: ScenarioFailed unless it holds."""
    if not holds:
        raise ScenarioFailed(text)


def same(found: object, expected: object, where: str) -> None:
    """Raises: ScenarioFailed unless both are equal."""
    demand(found == expected, f"{where}: {found!r} instead of {expected!r}")


FOUNDED = datetime(2017, 1, 2, tzinfo=UTC)
PEOPLE = "scenarios/people.yaml"


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
            raise ScenarioFailed(f"no parameter {key}")
    return PolicyFiles(changed)


def id_number(born_on: date, order: int) -> str:
    """A made-up number of a citizen born on a day."""
    first_17 = f"500154{born_on:%Y%m%d}{order:03d}"
    return first_17 + check_digit(first_17)


@dataclass
class Given:
    """One scenario with everything that stands before its first step."""

    session: Session
    scenario: Mapping[str, Any]
    files: PolicyFiles
    keys: KeyRing = field(default_factory=new_key_ring)
    offices: dict[str, Office] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    case_id: str = ""
    #: every case of the scenario, in the order of their start
    case_ids: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    #: How far time has passed.
    moment: datetime = FOUNDED

    def _found(self) -> None:
        people = load_yaml(self.files[PEOPLE], file=PEOPLE)
        changes = self.scenario["given"].get("parameters") or {}
        with transaction(self.session):
            for row in people["offices"]:
                self._open_office(row)
            for row in people["people"]:
                self._hire(row)
            publish_release(
                self.session, with_parameters(self.files, changes), actor=SYSTEM, now=FOUNDED,
                operations=signatures(),
            )  # fmt: skip
            give_money(self.session, self._township(), self.scenario["given"])

    def _township(self, name: str | None = None) -> Office:
        """The scenario's township, or another by its name."""
        return self.offices[name or self.scenario["given"]["office"]]

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
        role, _, login = by.partition("/")
        account = self.accounts.get(login)
        if account is None:
            raise ScenarioFailed(f"nobody of {PEOPLE} signs in as {login}")
        holding = self.session.scalars(
            select(RoleHolding).where(
                RoleHolding.account_id == account.id, RoleHolding.role == Role(role)
            )
        ).one_or_none()
        if holding is None:
            raise ScenarioFailed(f"{login} is no {role}")
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
            property_within_limits=self.facts.get("property_ok", True),
            unstable_income=self.facts.get("unstable_income", False),
        )  # fmt: skip

    def _member(self, row: Mapping[str, Any], index: int) -> MemberData:
        return self._member_of(row, index, 100)

    def _member_of(self, row: Mapping[str, Any], index: int, first: int) -> MemberData:
        identity = {"id", "relation", "birth_on", "name"}
        facts = {**UNKNOWN_FACTS, **{k: v for k, v in row.items() if k not in identity}}
        number = id_number(row["birth_on"], first + index)
        return MemberData(f"成员{index + 1}", number, row["relation"], facts=facts)

    def _person(self, household_id: str | None, name: str) -> str:
        """The id of the person whom the scenario calls by this id."""
        rows = self.session.scalars(
            select(HouseholdMember.person_id)
            .where(
                HouseholdMember.household_id == household_id,
                HouseholdMember.superseded_at.is_(None),
            )
            .order_by(HouseholdMember.id)
        ).all()
        names = [one["id"] for one in self.facts["members"]]
        return rows[names.index(name)]

    def _village(self, township_name: str | None = None) -> Office:
        township = self._township(township_name)
        return next(o for o in self.offices.values() if o.parent_id == township.id)
