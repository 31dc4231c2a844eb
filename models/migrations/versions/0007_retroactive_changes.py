"""A parameter that reaches back: changes, touched cases, recoveries, and arrears as payments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "retroactive_changes",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("district_id", sa.String(length=36), nullable=False),
        sa.Column("release_id", sa.String(length=36), nullable=False),
        sa.Column("previous_id", sa.String(length=36), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by_id", sa.String(length=36), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("differences", sa.LargeBinary(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "listing",
                "opening",
                "done",
                name="changestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("totals", sa.LargeBinary(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["previous_id"], ["releases.id"], name=op.f("fk_retroactive_changes_previous_id")
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["releases.id"], name=op.f("fk_retroactive_changes_release_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retroactive_changes")),
        sa.UniqueConstraint(
            "district_id", "release_id", name=op.f("uq_retroactive_changes_district_id_release_id")
        ),
    )
    op.create_index(
        op.f("ix_retroactive_changes_district_id_published_at"),
        "retroactive_changes",
        ["district_id", "published_at"],
        unique=False,
    )
    op.create_table(
        "touched_cases",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("district_id", sa.String(length=36), nullable=False),
        sa.Column("township_id", sa.String(length=36), nullable=False),
        sa.Column("change_id", sa.String(length=36), nullable=False),
        sa.Column("assessment_id", sa.String(length=36), nullable=True),
        sa.Column("relief_grant_id", sa.String(length=36), nullable=True),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("household_id", sa.String(length=36), nullable=False),
        sa.Column("grant_id", sa.String(length=36), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "arrears",
                "recovery",
                "eligibility",
                "unclear",
                "relief",
                "unchanged",
                name="touchedkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "listed",
                "open",
                "joined",
                "corrected",
                "kept",
                "failed",
                name="touchedstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("old_monthly", sa.BigInteger(), nullable=False),
        sa.Column("new_monthly", sa.BigInteger(), nullable=False),
        sa.Column("first_month", sa.Date(), nullable=True),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("detail", sa.LargeBinary(), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("correction_case_id", sa.String(length=36), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decided_by_id", sa.String(length=36), nullable=True),
        sa.Column(
            "money",
            sa.Enum(
                "ordered",
                "cancelled",
                "owed",
                "waived",
                name="moneystate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("failure", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessments.id"], name=op.f("fk_touched_cases_assessment_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_touched_cases_case_id")),
        sa.ForeignKeyConstraint(
            ["change_id"], ["retroactive_changes.id"], name=op.f("fk_touched_cases_change_id")
        ),
        sa.ForeignKeyConstraint(
            ["correction_case_id"], ["cases.id"], name=op.f("fk_touched_cases_correction_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["grants.id"], name=op.f("fk_touched_cases_grant_id")
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["households.id"], name=op.f("fk_touched_cases_household_id")
        ),
        sa.ForeignKeyConstraint(
            ["township_id"], ["offices.id"], name=op.f("fk_touched_cases_township_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_touched_cases")),
        sa.ForeignKeyConstraint(
            ["relief_grant_id"], ["relief_grants.id"], name=op.f("fk_touched_cases_relief_grant_id")
        ),
        sa.UniqueConstraint(
            "change_id",
            "relief_grant_id",
            name=op.f("uq_touched_cases_change_id_relief_grant_id"),
        ),
        sa.UniqueConstraint(
            "change_id", "assessment_id", name=op.f("uq_touched_cases_change_id_assessment_id")
        ),
    )
    op.create_index(
        op.f("ix_touched_cases_change_id_kind_id"),
        "touched_cases",
        ["change_id", "kind", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_touched_cases_change_id_state_id"),
        "touched_cases",
        ["change_id", "state", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_touched_cases_correction_case_id"),
        "touched_cases",
        ["correction_case_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_touched_cases_grant_id_state"),
        "touched_cases",
        ["grant_id", "state"],
        unique=False,
    )
    op.create_table(
        "recoveries",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("district_id", sa.String(length=36), nullable=False),
        sa.Column("touched_id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("household_id", sa.String(length=36), nullable=False),
        sa.Column("grant_id", sa.String(length=36), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "waived",
                "settled",
                name="recoverystate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("decided_by_id", sa.String(length=36), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_recoveries_case_id")),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"], name=op.f("fk_recoveries_grant_id")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["households.id"], name=op.f("fk_recoveries_household_id")
        ),
        sa.ForeignKeyConstraint(
            ["touched_id"], ["touched_cases.id"], name=op.f("fk_recoveries_touched_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recoveries")),
        sa.UniqueConstraint("touched_id", name=op.f("uq_recoveries_touched_id")),
    )
    op.create_index(
        op.f("ix_recoveries_district_id_state_decided_on"),
        "recoveries",
        ["district_id", "state", "decided_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_recoveries_household_id"), "recoveries", ["household_id"], unique=False
    )
    op.create_index(
        op.f("ix_assessments_district_id_on_id"),
        "assessments",
        ["district_id", "on", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_grants_assessment_id"), "grants", ["assessment_id"], unique=False)
    op.add_column("payments", sa.Column("touched_id", sa.String(length=36), nullable=True))
    op.create_index(op.f("ix_payments_touched_id"), "payments", ["touched_id"], unique=False)


def downgrade() -> None:

    op.drop_index(op.f("ix_payments_touched_id"), table_name="payments")
    op.drop_column("payments", "touched_id")
    op.drop_index(op.f("ix_grants_assessment_id"), table_name="grants")
    op.drop_index(op.f("ix_assessments_district_id_on_id"), table_name="assessments")
    op.drop_index(op.f("ix_recoveries_household_id"), table_name="recoveries")
    op.drop_index(op.f("ix_recoveries_district_id_state_decided_on"), table_name="recoveries")
    op.drop_table("recoveries")
    op.drop_index(op.f("ix_touched_cases_grant_id_state"), table_name="touched_cases")
    op.drop_index(op.f("ix_touched_cases_correction_case_id"), table_name="touched_cases")
    op.drop_index(op.f("ix_touched_cases_change_id_state_id"), table_name="touched_cases")
    op.drop_index(op.f("ix_touched_cases_change_id_kind_id"), table_name="touched_cases")
    op.drop_table("touched_cases")
    op.drop_index(
        op.f("ix_retroactive_changes_district_id_published_at"), table_name="retroactive_changes"
    )
    op.drop_table("retroactive_changes")
