"""Published policy: immutable releases, their files, and the files' contents by hash."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import Document, Id, new_id


class Release(Base):
    """A published set of diagrams, tables, forms and parameters; `content_hash` names it."""

    __tablename__ = "releases"
    __table_args__ = (Index(None, "district_id", "published_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    #: the district it is for; None: every district of the deployment
    district_id: Mapped[str | None] = mapped_column(Id)
    content_hash: Mapped[str] = mapped_column(String(64), unique=True)
    manifest: Mapped[Any] = mapped_column(Document)
    note: Mapped[str] = mapped_column(default="")
    published_at: Mapped[datetime]
    published_by_id: Mapped[str | None] = mapped_column(Id)


class PolicyBlob(Base):
    """The content of one file, stored once under its SHA-256 (hexadecimal)."""

    __tablename__ = "policy_blobs"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class PolicyFile(Base):
    """One file of a release: its path below bpmn/ and its content's hash."""

    __tablename__ = "policy_files"

    release_id: Mapped[str] = mapped_column(Id, ForeignKey("releases.id"), primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), ForeignKey("policy_blobs.sha256"))
