"""Who looks or acts: an account with the roles it holds at offices, as one immutable value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session

from models.accounts import Account, ApiToken, Role, RoleHolding
from models.offices import Office, OfficeLevel
from models.types import UTCDateTime
from workflows.errors import Actor, NotAllowed


@dataclass(frozen=True, slots=True)
class Holding:
    """A role held at an office. `township_id`: the township it belongs to; None for a district."""

    role: Role
    office_id: str
    office_name: str
    level: OfficeLevel
    township_id: str | None


@dataclass(frozen=True, slots=True)
class Viewer:
    """An account that is signed in, with everything that access is decided by."""

    account_id: str
    district_id: str
    login: str
    name: str
    locale: str
    session_epoch: int
    #: blind index of the own id-card number
    id_number_index: bytes | None
    holdings: tuple[Holding, ...]
    #: where the request came from
    address: str | None = None

    @property
    def posts(self) -> tuple[tuple[str, str], ...]:
        """Every (role, office id) that it holds: what a queue is filtered by."""
        return tuple((holding.role.value, holding.office_id) for holding in self.holdings)

    def actor(self, role: str | None = None, office_id: str | None = None) -> Actor:
        """Itself acting in the role that a task needs; without a role, in its first one.

        Raises:
            NotAllowed: when it doesn't hold the role, or not at that office.
        """
        for holding in self.holdings:
            if (role is None or holding.role == role) and office_id in (None, holding.office_id):
                return Actor(
                    account_id=self.account_id,
                    role=holding.role.value,
                    office_id=holding.office_id,
                    name=self.name,
                    address=self.address,
                )
        if role is None and office_id is None:
            return Actor(self.account_id, "none", None, self.name, address=self.address)
        raise NotAllowed(
            "access.role_not_held",
            "您不担任办理此事项的岗位。",
            "You don't hold the role that this needs.",
            details={"role": role, "office_id": office_id},
        )


_NOW = bindparam("now", type_=UTCDateTime())
_VIEWER = (
    select(
        Account.id,
        Account.district_id,
        Account.login,
        Account.name,
        Account.locale,
        Account.session_epoch,
        Account.id_number_index,
        RoleHolding.role,
        Office.id.label("office_id"),
        Office.name.label("office_name"),
        Office.level,
        Office.parent_id,
    )
    .outerjoin(
        RoleHolding,
        and_(
            RoleHolding.account_id == Account.id,
            RoleHolding.since <= _NOW,
            or_(RoleHolding.until.is_(None), RoleHolding.until > _NOW),
        ),
    )
    .outerjoin(Office, Office.id == RoleHolding.office_id)
    .where(Account.active)
    .order_by(RoleHolding.since, RoleHolding.id)
)
_BY_ACCOUNT = _VIEWER.where(Account.id == bindparam("account_id"))
_BY_TOKEN = _VIEWER.join(ApiToken, ApiToken.account_id == Account.id).where(
    ApiToken.token_hash == bindparam("token_hash"),
    ApiToken.revoked_at.is_(None),
    ApiToken.expires_at > _NOW,
)


def viewer_of_account(
    session: Session, account_id: str, *, now: datetime, address: str | None = None
) -> Viewer | None:
    """The account with the roles it holds now; None where unknown or not active. One SELECT."""
    rows = session.execute(_BY_ACCOUNT, {"account_id": account_id, "now": now}).all()
    return _viewer(rows, address) if rows else None


def viewer_of_token(
    session: Session, token_hash: bytes, *, now: datetime, address: str | None = None
) -> Viewer | None:
    """Whose API token it is, while it is neither revoked nor expired. One SELECT."""
    rows = session.execute(_BY_TOKEN, {"token_hash": token_hash, "now": now}).all()
    return _viewer(rows, address) if rows else None


def _viewer(rows: Sequence[Any], address: str | None) -> Viewer:
    first = rows[0]
    return Viewer(
        account_id=first.id,
        district_id=first.district_id,
        login=first.login,
        name=first.name,
        locale=first.locale,
        session_epoch=first.session_epoch,
        id_number_index=first.id_number_index,
        holdings=tuple(_holding(row) for row in rows if row.role is not None),
        address=address,
    )


def _holding(row: Any) -> Holding:
    township_id = {
        OfficeLevel.DISTRICT: None,
        OfficeLevel.TOWNSHIP: row.office_id,
        OfficeLevel.VILLAGE: row.parent_id,
    }[row.level]
    return Holding(row.role, row.office_id, row.office_name, row.level, township_id)
