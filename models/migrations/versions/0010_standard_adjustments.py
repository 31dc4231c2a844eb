"""Standards that rise: adjustments with their lists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import Document, Money, UTCDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_ID = sa.String(length=36)


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "standard_adjustments",
        sa.Column("id", _ID, nullable=False),
        sa.Column("district_id", _ID, nullable=False),
        sa.Column("case_id", _ID, nullable=True),
        sa.Column("programme", sa.String(), nullable=False),
        sa.Column("holds_from", sa.Date(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("standards", Document(), nullable=False),
        sa.Column(
            "state",
            _one_of("adjustmentstate", "counting", "counted", "approved", "applied", "kept"),
            nullable=False,
        ),
        sa.Column("totals", Document(), nullable=False),
        sa.Column("townships", Document(), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("counted_at", UTCDateTime(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decided_by_id", _ID, nullable=True),
        sa.Column("applied_at", UTCDateTime(), nullable=True),
        sa.Column("applied", sa.Integer(), nullable=False),
        sa.Column("arrears", Money(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_standard_adjustments_case_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standard_adjustments")),
        sa.UniqueConstraint("case_id", name=op.f("uq_standard_adjustments_case_id")),
        sa.UniqueConstraint(
            "district_id",
            "programme",
            "month",
            name=op.f("uq_standard_adjustments_district_id_programme_month"),
        ),
    )
    op.create_table(
        "adjusted_grants",
        sa.Column("id", _ID, nullable=False),
        sa.Column("district_id", _ID, nullable=False),
        sa.Column("township_id", _ID, nullable=False),
        sa.Column("adjustment_id", _ID, nullable=False),
        sa.Column("grant_id", _ID, nullable=False),
        sa.Column("amount_id", _ID, nullable=False),
        sa.Column("household_id", _ID, nullable=False),
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("kind", _one_of("adjustedkind", "more", "check", "unclear"), nullable=False),
        sa.Column(
            "state",
            _one_of("adjustedstate", "listed", "applied", "sent_to_check", "outdated"),
            nullable=False,
        ),
        sa.Column("old_monthly", Money(), nullable=False),
        sa.Column("new_monthly", Money(), nullable=False),
        sa.CheckConstraint(
            "old_monthly >= 0 AND new_monthly >= 0", name=op.f("ck_adjusted_grants_not_negative")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_adjusted_grants_{column}")
            )
            for column, table in (
                ("adjustment_id", "standard_adjustments"),
                ("amount_id", "grant_amounts"),
                ("case_id", "cases"),
                ("grant_id", "grants"),
                ("household_id", "households"),
                ("township_id", "offices"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjusted_grants")),
        sa.UniqueConstraint(
            "adjustment_id", "grant_id", name=op.f("uq_adjusted_grants_adjustment_id_grant_id")
        ),
    )
    for columns in (
        ["adjustment_id", "kind", "township_id", "id"],
        ["adjustment_id", "state", "id"],
        ["grant_id"],
    ):
        name = op.f(f"ix_adjusted_grants_{'_'.join(columns)}")
        op.create_index(name, "adjusted_grants", columns)


def downgrade() -> None:
    op.drop_table("adjusted_grants")
    op.drop_table("standard_adjustments")
