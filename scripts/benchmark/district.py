"""The district that is measured: one township, one village, and officers with API tokens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from models.accounts import Role
from models.households import Area
from scripts.benchmark.deployment import Deployment
from workflows.access import viewer_of_account
from workflows.access.accounts import create_account, grant_role
from workflows.access.offices import create_district, create_office
from workflows.access.passwords import hash_password
from workflows.access.tokens import create_token
from workflows.assistance.households import HouseholdData, MemberData, register_household
from workflows.definitions.files import PolicyFiles
from workflows.definitions.release import publish_release
from workflows.errors import SYSTEM, Actor
from workflows.runtime.service_tasks import signatures
from workflows.transaction import transaction

PASSWORD: Final = "Lantern-Harbour-27"


@dataclass(frozen=True, slots=True)
class Officer:
    """A case officer of the township: account, login and API token."""

    account_id: str
    login: str
    token: str


@dataclass(frozen=True, slots=True)
class District:
    """The ids of the district that is measured, its release and its officers."""

    district_id: str
    township_id: str
    village_id: str
    release_id: str
    officers: tuple[Officer, ...]

    def actor(self) -> Actor:
        """The first officer, for acts inside this process."""
        officer = self.officers[0]
        return Actor(officer.account_id, Role.CASE_OFFICER.value, self.township_id, officer.login)


def found_district(deployment: Deployment, files: PolicyFiles, officers: int = 4) -> District:
    """Make the offices and officers, and publish the policy."""
    now = datetime.now(UTC)
    with opened(deployment) as session, transaction(session):
        district = create_district(session, code="500154", name="开州区", actor=SYSTEM, now=now)
        township = create_office(
            session, district, code="500154905", name="大德镇", actor=SYSTEM, now=now
        )
        village = create_office(
            session, township, code="500154905201", name="九岭村", actor=SYSTEM, now=now
        )
        password_hash = hash_password(PASSWORD)
        staff = []
        for number in range(1, officers + 1):
            account = create_account(
                session, district_id=district.id, login=f"officer{number}", name=f"经办{number}",
                password_hash=password_hash, actor=SYSTEM, now=now,
            )  # fmt: skip
            grant_role(session, account, township, Role.CASE_OFFICER, actor=SYSTEM, now=now)
            session.flush()  # the viewer is read back with its role
            viewer = viewer_of_account(session, account.id, now=now)
            assert viewer is not None
            _, token = create_token(session, viewer, label="bench", days=2, now=now)
            staff.append(Officer(account.id, account.login, token))
        release = publish_release(session, files, actor=SYSTEM, now=now, operations=signatures())
        return District(district.id, township.id, village.id, release.id, tuple(staff))


def register_households(deployment: Deployment, district: District, count: int) -> list[str]:
    """Households of one person each, all invented; their ids."""
    now = datetime.now(UTC)
    found = []
    with opened(deployment) as session:
        for number in range(count):
            member = MemberData(f"张{number}", id_number(number), "self", facts={})
            data = HouseholdData(district.village_id, Area.RURAL, [member])
            with transaction(session):
                household = register_household(
                    session, data, deployment.keys.ring, actor=district.actor(), now=now
                )
                found.append(household.id)
    return found


def id_number(number: int) -> str:
    """A made-up id-card number with a right check digit (GB 11643), another for each number."""
    born = date(1950, 1, 1) + timedelta(days=number // 500)
    body = f"500154{born:%Y%m%d}{number % 500:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]


@contextmanager
def opened(deployment: Deployment) -> Iterator[Session]:
    """A session of this process on the deployment's database."""
    with Session(deployment.engine, expire_on_commit=False) as session:
        yield session
