"""Alerts are found by index: the open ones by when they were raised, the others by when noted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_alerts_open", table_name="alerts")
    op.create_index(
        "ix_alerts_open",
        "alerts",
        ["district_id", "raised_at", "id"],
        unique=False,
        sqlite_where=sa.text("taken_note_at IS NULL"),
        postgresql_where=sa.text("taken_note_at IS NULL"),
    )
    op.create_index(
        "ix_alerts_noted",
        "alerts",
        ["district_id", "taken_note_at", "id"],
        unique=False,
        sqlite_where=sa.text("taken_note_at IS NOT NULL"),
        postgresql_where=sa.text("taken_note_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_alerts_noted", table_name="alerts")
    op.drop_index("ix_alerts_open", table_name="alerts")
    op.create_index(
        "ix_alerts_open", "alerts", ["district_id", "office_id", "taken_note_at"], unique=False
    )
