"""Accounts of staff, the roles they hold at offices, their API tokens and sign-in attempts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, one_of
from models.types import Id, new_id


class Role(StrEnum):
    """What somebody may be at an office (roles of the notice, section 三, and of GB/T 22239)."""

    ASSISTANT = "assistant"
    CASE_OFFICER = "case_officer"
    TOWNSHIP_LEADER = "township_leader"
    REVIEWER = "reviewer"
    CONFIRMER = "confirmer"
    FINANCE = "finance"
    RURAL_AFFAIRS = "rural_affairs"
    POLICY_EDITOR = "policy_editor"
    POLICY_PUBLISHER = "policy_publisher"
    AUDITOR = "auditor"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"


class Account(Base):
    """Somebody who signs in."""

    __tablename__ = "accounts"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    district_id: Mapped[str] = mapped_column(Id, index=True)
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    #: blind index of the own id-card number, to notice own and relatives' cases
    id_number_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    active: Mapped[bool] = mapped_column(default=True)
    locale: Mapped[str] = mapped_column(default="zh")
    #: grows when all sessions of the account end (password change, deactivation)
    session_epoch: Mapped[int] = mapped_column(default=0)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]

    holdings: Mapped[list[RoleHolding]] = relationship(back_populates="account")


class RoleHolding(Base):
    """A role held at an office from a moment until another."""

    __tablename__ = "role_holdings"
    __table_args__ = (Index(None, "account_id", "until"), Index(None, "office_id", "role"))

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(Id, ForeignKey("accounts.id"))
    office_id: Mapped[str] = mapped_column(Id, ForeignKey("offices.id"))
    role: Mapped[Role] = mapped_column(one_of(Role))
    since: Mapped[datetime]
    until: Mapped[datetime | None]

    account: Mapped[Account] = relationship(back_populates="holdings")


class ApiToken(Base):
    """A personal token for the JSON API; only its SHA-256 is kept."""

    __tablename__ = "api_tokens"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(Id, ForeignKey("accounts.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    label: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SignInThrottle(Base):
    """Failed sign-ins of one source (an address or a login) within a window."""

    __tablename__ = "sign_in_throttles"

    source: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    window_from: Mapped[datetime]
