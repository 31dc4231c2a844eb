"""A district with two townships and enough staff, its policy published, its money appropriated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlalchemy.orm import Session

from models.accounts import Account, Role, RoleHolding
from models.money import LedgerKind
from models.offices import Office, OfficeLevel
from models.types import new_id
from workflows.assistance.money.ledger import PROGRAMMES, Reason, ledger_account, move_money
from workflows.definitions.files import PolicyFiles
from workflows.definitions.release import publish_release
from workflows.errors import SYSTEM, Actor
from workflows.privacy import KeyRing, new_key_ring
from workflows.runtime.service_tasks import signatures
from workflows.transaction import transaction

#: How many hold each role at each office of a level.
_STAFF: Final[Mapping[OfficeLevel, Mapping[Role, int]]] = {
    OfficeLevel.DISTRICT: {
        Role.REVIEWER: 4,
        Role.CONFIRMER: 4,
        Role.FINANCE: 3,
    },
    OfficeLevel.TOWNSHIP: {Role.CASE_OFFICER: 4, Role.TOWNSHIP_LEADER: 3},
    OfficeLevel.VILLAGE: {Role.ASSISTANT: 2},
}
_VILLAGES: Final = 3
_TOWNSHIPS: Final = 2
_BUDGET: Final = Decimal(500_000_000)


@dataclass(slots=True)
class Town:
    """Where the families live."""

    session: Session
    keys: KeyRing = field(default_factory=new_key_ring)
    district_id: str = ""
    villages: list[str] = field(default_factory=list)
    #: the township of a village
    township_of: dict[str, str] = field(default_factory=dict)
    staff: dict[tuple[str, str], list[Actor]] = field(default_factory=dict)

    def found(self, files: PolicyFiles, now: datetime) -> None:
        """Open the offices, hire, publish, appropriate."""
        with transaction(self.session):
            district = self._open(None, OfficeLevel.DISTRICT, "开州区民政局", now)
            self.district_id = district.id
            for township in range(_TOWNSHIPS):
                office = self._open(district, OfficeLevel.TOWNSHIP, f"第{township + 1}镇", now)
                for village in range(_VILLAGES):
                    name = f"第{township + 1}镇第{village + 1}村"
                    below = self._open(office, OfficeLevel.VILLAGE, name, now)
                    self.villages.append(below.id)
                    self.township_of[below.id] = office.id
            publish_release(self.session, files, actor=SYSTEM, now=now, operations=signatures())
            for programme in PROGRAMMES:
                self._appropriate(programme, now)

    def hands(self, role: Role) -> Sequence[Actor]:
        """Who holds a role at the district."""
        return self.staff[role.value, self.district_id]

    def _open(self, parent: Office | None, level: OfficeLevel, name: str, now: datetime) -> Office:
        office_id = new_id()
        office = Office(
            id=office_id,
            district_id=parent.district_id if parent else office_id,
            parent_id=parent.id if parent else None,
            level=level,
            code=f"500154{len(self.villages) * 10 + len(self.staff):06d}",
            name=name,
            residents=20_000 if level is OfficeLevel.TOWNSHIP else None,
        )
        self.session.add(office)
        self.session.flush()  # what lies below names it
        for role, count in _STAFF[level].items():
            self.staff[role.value, office_id] = [
                self._hire(office, role, number, now) for number in range(count)
            ]
        return office

    def _hire(self, office: Office, role: Role, number: int, now: datetime) -> Actor:
        name = f"{office.name}{role.value}{number}"
        account = Account(
            id=new_id(), district_id=office.district_id, login=new_id(), name=name,
            password_hash="!", created_at=now,
        )  # fmt: skip
        self.session.add(account)
        self.session.flush()  # the holding names it
        self.session.add(
            RoleHolding(account_id=account.id, office_id=office.id, role=role, since=now)
        )
        return Actor(account.id, role.value, office.id, name)

    def _appropriate(self, programme: str, now: datetime) -> None:
        source, budget = (
            ledger_account(self.session, self.district_id, kind, self.district_id, programme)
            for kind in (LedgerKind.APPROPRIATION, LedgerKind.BUDGET)
        )
        why = Reason("appropriate", f"appropriate/{new_id()}")
        move_money(self.session, source, budget, _BUDGET, why, actor=SYSTEM, now=now)
