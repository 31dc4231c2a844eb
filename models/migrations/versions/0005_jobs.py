"""Long work in chunks, done by the worker."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import Document, Id, UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_STATES = ("queued", "running", "done", "failed", "cancelled")
_UNFINISHED = sa.text("state IN ('queued', 'running')")


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", Id(), nullable=False),
        sa.Column("district_id", Id(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("payload", Document(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                *_STATES, name="jobstate", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("created_by_id", Id(), nullable=True),
        sa.Column("next_try_at", UTCDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.String(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("result", Document(), nullable=True),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("key", name=op.f("uq_jobs_key")),
    )
    op.create_index(
        "ix_jobs_due",
        "jobs",
        ["next_try_at", "id"],
        sqlite_where=_UNFINISHED,
        postgresql_where=_UNFINISHED,
    )
    op.create_index(op.f("ix_jobs_district_id_kind_id"), "jobs", ["district_id", "kind", "id"])


def downgrade() -> None:
    op.drop_table("jobs")
