"""Whom a held payment would go to; kept messages that nobody has taken yet, by an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_UNDELIVERED = sa.text("delivered_at IS NULL")


def upgrade() -> None:
    op.add_column("held_payments", sa.Column("person_id", sa.String(length=36), nullable=True))
    op.create_index(
        "ix_kept_messages_undelivered",
        "kept_messages",
        ["message", "received_at"],
        sqlite_where=_UNDELIVERED,
        postgresql_where=_UNDELIVERED,
    )


def downgrade() -> None:
    op.drop_index("ix_kept_messages_undelivered", table_name="kept_messages")
    op.drop_column("held_payments", "person_id")
