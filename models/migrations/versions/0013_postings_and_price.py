"""Postings with lawful fields and a code, lists of the roll, the price-linked subsidy."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def _id(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=36), nullable=nullable)


def _refers(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "posting_sheets",
        _id("id"),
        _id("district_id"),
        _id("case_id"),
        _id("village_id", nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("fields", sa.LargeBinary(), nullable=False),
        sa.Column("masked", sa.Boolean(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        _refers("posting_sheets", "case_id", "cases"),
        _refers("posting_sheets", "village_id", "offices"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting_sheets")),
        sa.UniqueConstraint("code", name=op.f("uq_posting_sheets_code")),
        sa.UniqueConstraint(
            "case_id", "kind", "round", name=op.f("uq_posting_sheets_case_id_kind_round")
        ),
    )
    for column in (
        sa.Column("fields", sa.LargeBinary(), nullable=True),
        sa.Column("masked", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("place", sa.String(), nullable=False, server_default=""),
        sa.Column("photos", sa.LargeBinary(), nullable=True),
        sa.Column("down_on", sa.Date(), nullable=True),
        sa.Column("down_photos", sa.LargeBinary(), nullable=True),
        _id("down_by_id", nullable=True),
    ):
        op.add_column("publicities", column)
    op.create_index(op.f("ix_publicities_code"), "publicities", ["code"], unique=True)
    _lists()
    _price()


def _lists() -> None:
    op.create_table(
        "roll_lists",
        _id("id"),
        _id("district_id"),
        _id("township_id"),
        _id("village_id"),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("fields", sa.LargeBinary(), nullable=False),
        sa.Column("masked", sa.Boolean(), nullable=False),
        sa.Column("rows", sa.LargeBinary(), nullable=False),
        sa.Column("changes", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        _id("made_by_id", nullable=True),
        sa.Column("posted_on", sa.Date(), nullable=True),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("photos", sa.LargeBinary(), nullable=True),
        sa.Column("down_on", sa.Date(), nullable=True),
        _refers("roll_lists", "township_id", "offices"),
        _refers("roll_lists", "village_id", "offices"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roll_lists")),
        sa.UniqueConstraint("village_id", "month", name=op.f("uq_roll_lists_village_id_month")),
    )
    op.create_index(
        op.f("ix_roll_lists_district_id_township_id_month"),
        "roll_lists",
        ["district_id", "township_id", "month"],
    )


def _price() -> None:
    op.create_table(
        "price_indices",
        _id("id"),
        _id("district_id"),
        _id("case_id"),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("figures", sa.LargeBinary(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        _id("entered_by_id", nullable=True),
        _refers("price_indices", "case_id", "cases"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_indices")),
        sa.UniqueConstraint("case_id", name=op.f("uq_price_indices_case_id")),
    )
    op.create_index(
        op.f("ix_price_indices_district_id_month_entered_at"),
        "price_indices",
        ["district_id", "month", "entered_at"],
    )
    op.create_table(
        "price_batches",
        _id("id"),
        _id("district_id"),
        _id("case_id"),
        _id("index_id"),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "previewed",
                "approved",
                "ordered",
                "paid",
                "refused",
                "closed",
                name="batchstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amounts", sa.LargeBinary(), nullable=False),
        sa.Column("families", sa.Integer(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("excluded", sa.Integer(), nullable=False),
        sa.Column("townships", sa.LargeBinary(), nullable=False),
        sa.Column("groups", sa.LargeBinary(), nullable=False),
        sa.Column("reasons", sa.LargeBinary(), nullable=False),
        sa.Column("counts", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        _refers("price_batches", "case_id", "cases"),
        _refers("price_batches", "index_id", "price_indices"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_batches")),
        sa.UniqueConstraint("case_id", name=op.f("uq_price_batches_case_id")),
        sa.UniqueConstraint(
            "district_id", "month", "number", name=op.f("uq_price_batches_district_id_month_number")
        ),
    )
    op.create_table(
        "price_shares",
        _id("batch_id"),
        _id("person_id"),
        _id("district_id"),
        sa.Column("month", sa.Date(), nullable=False),
        _id("township_id"),
        _id("household_id"),
        _id("grant_id", nullable=True),
        _id("payee_id"),
        sa.Column("price_group", sa.String(), nullable=False),
        sa.Column("owed", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("excluded", sa.String(), nullable=True),
        _id("payment_id", nullable=True),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_price_shares_amount_not_negative")),
        _refers("price_shares", "batch_id", "price_batches"),
        _refers("price_shares", "person_id", "persons"),
        _refers("price_shares", "township_id", "offices"),
        _refers("price_shares", "household_id", "households"),
        _refers("price_shares", "grant_id", "grants"),
        _refers("price_shares", "payee_id", "persons"),
        sa.PrimaryKeyConstraint("batch_id", "person_id", name=op.f("pk_price_shares")),
    )
    op.create_index(
        op.f("ix_price_shares_batch_id_payee_id"), "price_shares", ["batch_id", "payee_id"]
    )
    op.create_index(
        op.f("ix_price_shares_batch_id_township_id_payee_id"),
        "price_shares",
        ["batch_id", "township_id", "payee_id"],
    )
    op.create_index(
        op.f("ix_price_shares_district_id_month_person_id"),
        "price_shares",
        ["district_id", "month", "person_id"],
    )


def downgrade() -> None:
    op.drop_table("price_shares")
    op.drop_table("price_batches")
    op.drop_table("price_indices")
    op.drop_table("roll_lists")
    op.drop_index(op.f("ix_publicities_code"), table_name="publicities")
    for name in (
        "fields", "masked", "code", "place", "photos", "down_on", "down_photos", "down_by_id",
    ):  # fmt: skip
        op.drop_column("publicities", name)
    op.drop_table("posting_sheets")
