"""Recounts of clocks: running clocks by case, when a timer was set, alerts taken back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import UTCDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_RUNNING = sa.text("state = 'running'")


def upgrade() -> None:
    op.create_index(
        "ix_clocks_running",
        "clocks",
        ["district_id", "case_id", "due_on"],
        sqlite_where=_RUNNING,
        postgresql_where=_RUNNING,
    )
    op.add_column("timers", sa.Column("reached_at", UTCDateTime(), nullable=True))
    op.add_column("alerts", sa.Column("note", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("alerts", "note")
    op.drop_column("timers", "reached_at")
    op.drop_index("ix_clocks_running", table_name="clocks")
