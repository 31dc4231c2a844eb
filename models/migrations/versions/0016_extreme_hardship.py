"""Self-care assessments, care arrangements and contracts, and the draw of cases to be visited."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import Document, UTCDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_ID = sa.String(length=36)
_COUNTING = sa.text("superseded_at IS NULL")
_RUNNING = sa.text("ended_on IS NULL")


def _refers(table: str, *columns: tuple[str, str]) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, other in columns
    ]


def _recorded() -> list[sa.Column[object]]:
    return [
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by_id", _ID, nullable=True),
    ]


def upgrade() -> None:
    op.create_table(
        "self_care_assessments",
        *(sa.Column(name, _ID, nullable=False) for name in ("id", "district_id", "case_id")),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("items", Document(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("assessors", Document(), nullable=False),
        *_recorded(),
        *_refers("self_care_assessments", ("case_id", "cases"), ("person_id", "persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_self_care_assessments")),
    )
    for column in ("case_id", "person_id"):
        name = op.f(f"ix_self_care_assessments_{column}_recorded_at")
        op.create_index(name, "self_care_assessments", [column, "recorded_at"])
    op.create_table(
        "care_arrangements",
        *(sa.Column(name, _ID, nullable=False) for name in ("id", "district_id", "grant_id")),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("case_id", _ID, nullable=False),
        sa.Column(
            "setting",
            sa.Enum(
                "home",
                "institution",
                name="setting",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("chosen_by", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        *_recorded(),
        sa.Column("superseded_at", UTCDateTime(), nullable=True),
        *_refers(
            "care_arrangements", ("grant_id", "grants"), ("person_id", "persons"),
            ("case_id", "cases"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_arrangements")),
    )  # fmt: skip
    op.create_index(
        "ix_care_arrangements_counting", "care_arrangements", ["grant_id"], unique=True,
        sqlite_where=_COUNTING, postgresql_where=_COUNTING,
    )  # fmt: skip
    op.create_table(
        "care_contracts",
        *(sa.Column(name, _ID, nullable=False) for name in ("id", "district_id", "grant_id")),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("terms", sa.LargeBinary(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=False),
        *_recorded(),
        *_refers(
            "care_contracts", ("grant_id", "grants"), ("person_id", "persons"),
            ("case_id", "cases"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_contracts")),
    )  # fmt: skip
    op.create_index(
        "ix_care_contracts_counting", "care_contracts", ["grant_id"], unique=True,
        sqlite_where=_RUNNING, postgresql_where=_RUNNING,
    )  # fmt: skip
    _draws()


def _draws() -> None:
    op.create_table(
        "spot_check_blocks",
        *(sa.Column(name, _ID, nullable=False) for name in ("id", "district_id")),
        sa.Column("programme", sa.String(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("number", "size", "drawn", "filled")
        ),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("commitment", sa.String(), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("filled_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_check_blocks")),
        sa.UniqueConstraint(
            "district_id", "programme", "number",
            name=op.f("uq_spot_check_blocks_district_id_programme_number"),
        ),
    )  # fmt: skip
    op.create_table(
        "spot_check_draws",
        *(
            sa.Column(name, _ID, nullable=False)
            for name in ("id", "district_id", "block_id", "case_id")
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_drawn", sa.Boolean(), nullable=False),
        sa.Column("drawn_at", UTCDateTime(), nullable=False),
        *_refers("spot_check_draws", ("block_id", "spot_check_blocks"), ("case_id", "cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_check_draws")),
        sa.UniqueConstraint("case_id", name=op.f("uq_spot_check_draws_case_id")),
        sa.UniqueConstraint(
            "block_id", "position", name=op.f("uq_spot_check_draws_block_id_position")
        ),
    )


def downgrade() -> None:
    for table in (
        "spot_check_draws",
        "spot_check_blocks",
        "care_contracts",
        "care_arrangements",
        "self_care_assessments",
    ):
        op.drop_table(table)
