"""Relief and money: events, grants in stages, paper debts, conferences, ledger, payments, rolls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("offices", sa.Column("residents", sa.Integer(), nullable=True))
    op.create_table(
        "rolls",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("district_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("programme", sa.String(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("supplement", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "drawn",
                "reviewed",
                "authorised",
                "released",
                "settled",
                "cancelled",
                name="rollstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("payments", sa.Integer(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_by_id", sa.String(length=36), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by_id", sa.String(length=36), nullable=True),
        sa.Column("authorised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("authorised_by_id", sa.String(length=36), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by_id", sa.String(length=36), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by_id", sa.String(length=36), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rolls")),
        sa.UniqueConstraint("district_id", "number", name=op.f("uq_rolls_district_id_number")),
    )
    op.create_index(
        "ix_rolls_one_open",
        "rolls",
        ["district_id", "programme", "month", "supplement"],
        unique=True,
        sqlite_where=sa.text("state <> 'cancelled'"),
        postgresql_where=sa.text("state <> 'cancelled'"),
    )
    op.create_table(
        "bank_accounts",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("district_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("account", sa.LargeBinary(), nullable=False),
        sa.Column("number_index", sa.LargeBinary(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.String(length=36), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_bank_accounts_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_accounts")),
    )
    op.create_index(
        op.f("ix_bank_accounts_number_index"), "bank_accounts", ["number_index"], unique=False
    )
    op.create_index(
        op.f("ix_bank_accounts_person_id_superseded_at"),
        "bank_accounts",
        ["person_id", "superseded_at"],
        unique=False,
    )
    op.create_table(
        "bank_files",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("district_id", sa.String(length=36), nullable=False),
        sa.Column("roll_id", sa.String(length=36), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("failed_total", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(["roll_id"], ["rolls.id"], name=op.f("fk_bank_files_roll_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_files")),
        sa.UniqueConstraint(
            "district_id",
            "direction",
            "sha256",
            name=op.f("uq_bank_files_district_id_direction_sha256"),
        ),
    )
    op.create_index(op.f("ix_bank_files_roll_id"), "bank_files", ["roll_id"], unique=False)
    op.create_table(
        "ledger_accounts",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("district_id", sa.String(length=36), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "appropriation",
                "budget",
                "committed",
                "payable",
                "paid",
                "petty_fund",
                "petty_committed",
                name="ledgerkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("office_id", sa.String(length=36), nullable=False),
        sa.Column("programme", sa.String(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("ceiling", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "balance >= 0 OR kind = 'appropriation'", name=op.f("ck_ledger_accounts_no_overdraft")
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_ledger_accounts_office_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_accounts")),
        sa.UniqueConstraint(
            "district_id",
            "kind",
            "office_id",
            "programme",
            name=op.f("uq_ledger_accounts_district_id_kind_office_id_programme"),
        ),
    )
    op.create_table(
        "fund_months",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("district_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("opening", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.Column("closing", sa.BigInteger(), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("explanation", sa.String(), nullable=False),
        sa.Column("counted_by_id", sa.String(length=36), nullable=True),
        sa.Column("checked_by_id", sa.String(length=36), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["ledger_accounts.id"], name=op.f("fk_fund_months_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_months")),
        sa.UniqueConstraint("account_id", "month", name=op.f("uq_fund_months_account_id_month")),
    )
    op.create_table(
        "paper_debts",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("district_id", sa.String(length=36), nullable=False),
        sa.Column("township_id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("owner_id", sa.String(length=36), nullable=True),
        sa.Column("missing", sa.LargeBinary(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_paper_debts_case_id")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["accounts.id"], name=op.f("fk_paper_debts_owner_id")
        ),
        sa.ForeignKeyConstraint(
            ["township_id"], ["offices.id"], name=op.f("fk_paper_debts_township_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_debts")),
        sa.UniqueConstraint("case_id", name=op.f("uq_paper_debts_case_id")),
    )
    op.create_index(
        "ix_paper_debts_open",
        "paper_debts",
        ["district_id", "township_id", "opened_on"],
        unique=False,
        sqlite_where=sa.text("closed_on IS NULL"),
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.create_table(
        "relief_events",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("district_id", sa.String(length=36), nullable=False),
        sa.Column("township_id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("household_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_relief_events_case_id")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["households.id"], name=op.f("fk_relief_events_household_id")
        ),
        sa.ForeignKeyConstraint(
            ["township_id"], ["offices.id"], name=op.f("fk_relief_events_township_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relief_events")),
    )
    op.create_index(op.f("ix_relief_events_case_id"), "relief_events", ["case_id"], unique=False)
    op.create_index(
        op.f("ix_relief_events_household_id_occurred_on"),
        "relief_events",
        ["household_id", "occurred_on"],
        unique=False,
    )
    op.create_table(
        "conferences",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("district_id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=True),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("grounds", sa.LargeBinary(), nullable=False),
        sa.Column("members", sa.LargeBinary(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("by_rule", sa.BigInteger(), nullable=True),
        sa.Column("recorded_by_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_conferences_case_id")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["relief_events.id"], name=op.f("fk_conferences_event_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conferences")),
    )
    op.create_index(op.f("ix_conferences_case_id"), "conferences", ["case_id"], unique=False)
    op.create_index(
        op.f("ix_conferences_district_id_held_on"),
        "conferences",
        ["district_id", "held_on"],
        unique=False,
    )
    op.create_table(
        "relief_grants",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("district_id", sa.String(length=36), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "petty_fund",
                "budget",
                name="reliefsource",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("decided_by_id", sa.String(length=36), nullable=True),
        sa.CheckConstraint("total > 0", name=op.f("ck_relief_grants_total_positive")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_relief_grants_case_id")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["relief_events.id"], name=op.f("fk_relief_grants_event_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relief_grants")),
    )
    op.create_index(op.f("ix_relief_grants_case_id"), "relief_grants", ["case_id"], unique=False)
    op.create_index(
        op.f("ix_relief_grants_district_id_decided_on"),
        "relief_grants",
        ["district_id", "decided_on"],
        unique=False,
    )
    op.create_index(op.f("ix_relief_grants_event_id"), "relief_grants", ["event_id"], unique=False)
    op.create_table(
        "ledger_transfers",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("district_id", sa.String(length=36), nullable=False),
        sa.Column("from_id", sa.String(length=36), nullable=False),
        sa.Column("to_id", sa.String(length=36), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=True),
        sa.Column("grant_id", sa.String(length=36), nullable=True),
        sa.Column("payment_id", sa.String(length=36), nullable=True),
        sa.Column("roll_id", sa.String(length=36), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.String(length=36), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_ledger_transfers_amount_positive")),
        sa.CheckConstraint("from_id <> to_id", name=op.f("ck_ledger_transfers_two_accounts")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_ledger_transfers_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["from_id"], ["ledger_accounts.id"], name=op.f("fk_ledger_transfers_from_id")
        ),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["relief_grants.id"], name=op.f("fk_ledger_transfers_grant_id")
        ),
        sa.ForeignKeyConstraint(
            ["to_id"], ["ledger_accounts.id"], name=op.f("fk_ledger_transfers_to_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_transfers")),
        sa.UniqueConstraint("key", name=op.f("uq_ledger_transfers_key")),
    )
    op.create_index(
        op.f("ix_ledger_transfers_case_id"), "ledger_transfers", ["case_id"], unique=False
    )
    op.create_index(
        op.f("ix_ledger_transfers_from_id_made_at"),
        "ledger_transfers",
        ["from_id", "made_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ledger_transfers_to_id_made_at"),
        "ledger_transfers",
        ["to_id", "made_at"],
        unique=False,
    )
    op.create_table(
        "relief_stages",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("district_id", sa.String(length=36), nullable=False),
        sa.Column("grant_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("condition", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "released",
                "cancelled",
                name="stagestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_relief_stages_amount_positive")),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["relief_grants.id"], name=op.f("fk_relief_stages_grant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relief_stages")),
        sa.UniqueConstraint("grant_id", "number", name=op.f("uq_relief_stages_grant_id_number")),
    )
    op.create_index(
        "ix_relief_stages_planned",
        "relief_stages",
        ["district_id", "due_on"],
        unique=False,
        sqlite_where=sa.text("state = 'planned'"),
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.create_table(
        "payments",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("district_id", sa.String(length=36), nullable=False),
        sa.Column("township_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("programme", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=True),
        sa.Column("household_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("stage_id", sa.String(length=36), nullable=True),
        sa.Column("grant_id", sa.String(length=36), nullable=True),
        sa.Column("roll_id", sa.String(length=36), nullable=True),
        sa.Column("month", sa.Date(), nullable=True),
        sa.Column(
            "method",
            sa.Enum(
                "bank",
                "cash",
                "goods",
                name="paymentmethod",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("bank_account_id", sa.String(length=36), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "ordered",
                "sent",
                "paid",
                "failed",
                "cancelled",
                name="paymentstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("frozen", sa.LargeBinary(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ordered_by_id", sa.String(length=36), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("receipt", sa.LargeBinary(), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("owner_id", sa.String(length=36), nullable=True),
        sa.Column("repeats_id", sa.String(length=36), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payments_amount_positive")),
        sa.ForeignKeyConstraint(
            ["bank_account_id"], ["bank_accounts.id"], name=op.f("fk_payments_bank_account_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_payments_case_id")),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"], name=op.f("fk_payments_grant_id")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["households.id"], name=op.f("fk_payments_household_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["accounts.id"], name=op.f("fk_payments_owner_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_payments_person_id")),
        sa.ForeignKeyConstraint(["roll_id"], ["rolls.id"], name=op.f("fk_payments_roll_id")),
        sa.ForeignKeyConstraint(
            ["stage_id"], ["relief_stages.id"], name=op.f("fk_payments_stage_id")
        ),
        sa.ForeignKeyConstraint(
            ["township_id"], ["offices.id"], name=op.f("fk_payments_township_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("key", name=op.f("uq_payments_key")),
    )
    op.create_index(op.f("ix_payments_case_id"), "payments", ["case_id"], unique=False)
    op.create_index(
        "ix_payments_failed",
        "payments",
        ["district_id", "owner_id", "failed_at"],
        unique=False,
        sqlite_where=sa.text("state = 'failed'"),
        postgresql_where=sa.text("state = 'failed'"),
    )
    op.create_index(
        op.f("ix_payments_roll_id_state"), "payments", ["roll_id", "state"], unique=False
    )
    op.create_index(op.f("ix_payments_stage_id"), "payments", ["stage_id"], unique=False)
    op.create_index(
        op.f("ix_payments_grant_id_month"), "payments", ["grant_id", "month"], unique=False
    )
    op.create_index(
        "ix_payments_waiting",
        "payments",
        ["district_id", "ordered_at"],
        unique=False,
        sqlite_where=sa.text("state = 'ordered' AND roll_id IS NULL"),
        postgresql_where=sa.text("state = 'ordered' AND roll_id IS NULL"),
    )
    op.create_table(
        "held_payments",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("district_id", sa.String(length=36), nullable=False),
        sa.Column("roll_id", sa.String(length=36), nullable=False),
        sa.Column("township_id", sa.String(length=36), nullable=False),
        sa.Column("household_id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=True),
        sa.Column("payment_id", sa.String(length=36), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("owner_id", sa.String(length=36), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_held_payments_case_id")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["households.id"], name=op.f("fk_held_payments_household_id")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["accounts.id"], name=op.f("fk_held_payments_owner_id")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_held_payments_payment_id")
        ),
        sa.ForeignKeyConstraint(["roll_id"], ["rolls.id"], name=op.f("fk_held_payments_roll_id")),
        sa.ForeignKeyConstraint(
            ["township_id"], ["offices.id"], name=op.f("fk_held_payments_township_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_payments")),
    )
    op.create_index(
        op.f("ix_held_payments_roll_id_township_id"),
        "held_payments",
        ["roll_id", "township_id"],
        unique=False,
    )
    op.add_column("grants", sa.Column("ended_from", sa.Date(), nullable=True))
    op.add_column("persons", sa.Column("died_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("persons", "died_on")
    op.drop_column("grants", "ended_from")
    op.drop_index(op.f("ix_held_payments_roll_id_township_id"), table_name="held_payments")
    op.drop_table("held_payments")
    op.drop_index(
        "ix_payments_waiting",
        table_name="payments",
        sqlite_where=sa.text("state = 'ordered' AND roll_id IS NULL"),
        postgresql_where=sa.text("state = 'ordered' AND roll_id IS NULL"),
    )
    op.drop_index(op.f("ix_payments_grant_id_month"), table_name="payments")
    op.drop_index(op.f("ix_payments_stage_id"), table_name="payments")
    op.drop_index(op.f("ix_payments_roll_id_state"), table_name="payments")
    op.drop_index(
        "ix_payments_failed",
        table_name="payments",
        sqlite_where=sa.text("state = 'failed'"),
        postgresql_where=sa.text("state = 'failed'"),
    )
    op.drop_index(op.f("ix_payments_case_id"), table_name="payments")
    op.drop_table("payments")
    op.drop_index(
        "ix_relief_stages_planned",
        table_name="relief_stages",
        sqlite_where=sa.text("state = 'planned'"),
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.drop_table("relief_stages")
    op.drop_index(op.f("ix_ledger_transfers_to_id_made_at"), table_name="ledger_transfers")
    op.drop_index(op.f("ix_ledger_transfers_from_id_made_at"), table_name="ledger_transfers")
    op.drop_index(op.f("ix_ledger_transfers_case_id"), table_name="ledger_transfers")
    op.drop_table("ledger_transfers")
    op.drop_index(op.f("ix_relief_grants_event_id"), table_name="relief_grants")
    op.drop_index(op.f("ix_relief_grants_district_id_decided_on"), table_name="relief_grants")
    op.drop_index(op.f("ix_relief_grants_case_id"), table_name="relief_grants")
    op.drop_table("relief_grants")
    op.drop_index(op.f("ix_conferences_district_id_held_on"), table_name="conferences")
    op.drop_index(op.f("ix_conferences_case_id"), table_name="conferences")
    op.drop_table("conferences")
    op.drop_index(op.f("ix_relief_events_household_id_occurred_on"), table_name="relief_events")
    op.drop_index(op.f("ix_relief_events_case_id"), table_name="relief_events")
    op.drop_table("relief_events")
    op.drop_index(
        "ix_paper_debts_open",
        table_name="paper_debts",
        sqlite_where=sa.text("closed_on IS NULL"),
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.drop_table("paper_debts")
    op.drop_table("fund_months")
    op.drop_table("ledger_accounts")
    op.drop_index(op.f("ix_bank_files_roll_id"), table_name="bank_files")
    op.drop_table("bank_files")
    op.drop_index(op.f("ix_bank_accounts_person_id_superseded_at"), table_name="bank_accounts")
    op.drop_index(op.f("ix_bank_accounts_number_index"), table_name="bank_accounts")
    op.drop_table("bank_accounts")
    op.drop_index(
        "ix_rolls_one_open",
        table_name="rolls",
        sqlite_where=sa.text("state <> 'cancelled'"),
        postgresql_where=sa.text("state <> 'cancelled'"),
    )
    op.drop_table("rolls")
    op.drop_column("offices", "residents")
