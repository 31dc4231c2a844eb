"""When a grant was last checked, in which case it is being checked, and why it ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_ID = sa.String(length=36)


def upgrade() -> None:
    op.add_column("grants", sa.Column("reviewed_on", sa.Date(), nullable=True))
    op.add_column("grants", sa.Column("review_case_id", _ID, nullable=True))
    op.add_column("grants", sa.Column("ended_case_id", _ID, nullable=True))
    op.add_column("grants", sa.Column("end_reason", sa.String(), nullable=False, server_default=""))
    op.drop_index(op.f("ix_grants_district_id_state_next_review_on"), table_name="grants")
    op.create_index(
        op.f("ix_grants_district_id_state_next_review_on_id"),
        "grants",
        ["district_id", "state", "next_review_on", "id"],
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_grants_district_id_state_next_review_on_id"), table_name="grants")
    op.create_index(
        op.f("ix_grants_district_id_state_next_review_on"),
        "grants",
        ["district_id", "state", "next_review_on"],
    )
    op.drop_column("grants", "end_reason")
    op.drop_column("grants", "ended_case_id")
    op.drop_column("grants", "review_case_id")
    op.drop_column("grants", "reviewed_on")
