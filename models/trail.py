"""The trail: chains of entries per subject, the access log, and the Merkle tree that seals both.

Nothing here points at other tables by foreign key, so that evidence outlives what it is about. The
triggers of `models/trail_triggers.py` belong to these tables: they refuse changes, keep
`trail_subjects` and fill `trail_unsealed`.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Connection,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    event,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, one_of
from models.trail_triggers import create_triggers, drop_functions
from models.types import Id, new_id


class SubjectKind(StrEnum):
    """What a chain can be about."""

    CASE = "case"
    HOUSEHOLD = "household"
    PERSON = "person"
    GRANT = "grant"
    EVENT = "event"
    FUND = "fund"
    ALERT = "alert"
    RELEASE = "release"
    PARAMETER = "parameter"
    CALENDAR = "calendar"
    ACCOUNT = "account"
    OFFICE = "office"
    DISTRICT = "district"
    EXPORT = "export"
    SYSTEM = "system"


class LeafSource(StrEnum):
    """Which table a leaf of the tree stands for."""

    ENTRY = "entry"
    ACCESS = "access"


class TrailSubject(Base):
    """The head of one subject's chain; written by the database as entries arrive."""

    __tablename__ = "trail_subjects"

    subject_kind: Mapped[SubjectKind] = mapped_column(one_of(SubjectKind), primary_key=True)
    subject_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    district_id: Mapped[str | None] = mapped_column(Id)
    length: Mapped[int] = mapped_column(BigInteger)
    head_hash: Mapped[bytes] = mapped_column(LargeBinary)


class TrailEntry(Base):
    """One act. `hash` is taken over `body` as written; the other columns repeat parts of it."""

    __tablename__ = "trail_entries"
    __table_args__ = (
        UniqueConstraint("subject_kind", "subject_id", "sequence"),
        Index(None, "district_id", "at"),
        Index(None, "actor_id", "at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    subject_kind: Mapped[SubjectKind] = mapped_column(one_of(SubjectKind))
    subject_id: Mapped[str] = mapped_column(String(64))
    #: 1, 2, 3 … within the subject
    sequence: Mapped[int] = mapped_column(BigInteger)
    district_id: Mapped[str | None] = mapped_column(Id)
    #: a `TrailAction`
    action: Mapped[str] = mapped_column(String(60))
    #: None: the system itself
    actor_id: Mapped[str | None] = mapped_column(Id)
    actor_role: Mapped[str] = mapped_column(String(40))
    on_behalf_of: Mapped[str | None] = mapped_column(Id)
    at: Mapped[datetime]
    #: RFC 8785 JSON
    body: Mapped[bytes] = mapped_column(LargeBinary)
    #: 32 zero bytes for the first entry
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    format_version: Mapped[int] = mapped_column(default=1)
    hash_name: Mapped[str] = mapped_column(String(10), default="sha256")


class AccessRecord(Base):
    """Somebody saw something; without a chain, so that a page locks nothing, sealed by the tree."""

    __tablename__ = "access_log"
    __table_args__ = (
        Index(None, "subject_kind", "subject_id", "at"),
        Index(None, "actor_id", "at"),
        Index(None, "district_id", "at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    subject_kind: Mapped[SubjectKind] = mapped_column(one_of(SubjectKind))
    subject_id: Mapped[str] = mapped_column(String(64))
    district_id: Mapped[str | None] = mapped_column(Id)
    #: an `AccessKind`
    kind: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[str | None] = mapped_column(Id)
    actor_role: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    #: RFC 8785 JSON
    body: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash_name: Mapped[str] = mapped_column(String(10), default="sha256")


class Unsealed(Base):
    """A committed row that the sealer has not taken up yet; filled by the database."""

    __tablename__ = "trail_unsealed"

    entry_id: Mapped[str] = mapped_column(Id, primary_key=True)
    source: Mapped[LeafSource] = mapped_column(one_of(LeafSource))


class TreeLeaf(Base):
    """A place in the tree, given by the sealer alone; its input is the row's hash."""

    __tablename__ = "tree_leaves"

    leaf_index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry_id: Mapped[str] = mapped_column(Id, unique=True)
    source: Mapped[LeafSource] = mapped_column(one_of(LeafSource))
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary)


class TreeNode(Base):
    """The root of a full subtree of 2^level leaves, kept at levels 8, 16, 24 … for short proofs."""

    __tablename__ = "tree_nodes"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    node_index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    node_hash: Mapped[bytes] = mapped_column(LargeBinary)


class TreeHead(Base):
    """A signed state of the tree."""

    __tablename__ = "tree_heads"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    signed_at: Mapped[datetime]
    #: Ed25519 over the head's RFC 8785 JSON statement
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    key_id: Mapped[str] = mapped_column(String(32))
    #: the roots of the full subtrees, largest first, joined: what the next batch continues from
    frontier: Mapped[bytes] = mapped_column(LargeBinary)


@event.listens_for(Base.metadata, "after_create")
def _after_create(
    _target: MetaData, connection: Connection, tables: list[Table], **_options: object
) -> None:
    """`create_all` gives the same database as the migrations."""
    if any(table.name == "trail_entries" for table in tables):
        create_triggers(connection)


@event.listens_for(Base.metadata, "after_drop")
def _after_drop(
    _target: MetaData, connection: Connection, tables: list[Table], **_options: object
) -> None:
    if any(table.name == "trail_entries" for table in tables):
        drop_functions(connection)
