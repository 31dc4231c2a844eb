"""Edge households."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import Money, UTCDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_ID = sa.String(length=36)
_OPEN = sa.text("ended_on IS NULL")


def upgrade() -> None:
    op.create_table(
        "edge_records",
        sa.Column("id", _ID, nullable=False),
        sa.Column("district_id", _ID, nullable=False),
        sa.Column("township_id", _ID, nullable=False),
        sa.Column("household_id", _ID, nullable=False),
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("assessment_id", _ID, nullable=False),
        sa.Column("per_capita", Money(), nullable=False),
        sa.Column("edge_line", Money(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by_id", _ID, nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_reason", sa.String(), nullable=False),
        sa.Column("ended_by_id", _ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["township_id"], ["offices.id"], name=op.f("fk_edge_records_township_id")
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["households.id"], name=op.f("fk_edge_records_household_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_edge_records_case_id")),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessments.id"], name=op.f("fk_edge_records_assessment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edge_records")),
    )
    op.create_index(
        "ix_edge_records_open",
        "edge_records",
        ["household_id"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    for columns in (
        ("household_id", "decided_on"),
        ("district_id", "valid_until", "id"),
        ("township_id", "valid_until", "id"),
        ("case_id",),
    ):
        op.create_index(op.f(f"ix_edge_records_{'_'.join(columns)}"), "edge_records", list(columns))


def downgrade() -> None:
    op.drop_table("edge_records")
