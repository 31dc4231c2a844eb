"""Whom a held payment would go to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("held_payments", sa.Column("person_id", sa.String(length=36), nullable=True))


def downgrade() -> None:
    op.drop_column("held_payments", "person_id")
