"""Reviews, lawsuits, petitions, complaints; recusals; which case opened another; signatures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_ID = sa.String(length=36)


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    _remedies()
    op.create_table(
        "recusals",
        sa.Column("id", _ID, nullable=False),
        sa.Column("district_id", _ID, nullable=False),
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_recusals_case_id")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_recusals_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recusals")),
        sa.UniqueConstraint("case_id", "account_id", name=op.f("uq_recusals_case_id_account_id")),
    )
    op.add_column("offices", sa.Column("signature", sa.String(), nullable=True))
    op.add_column("cases", sa.Column("opened_from_id", _ID, nullable=True))
    op.add_column("cases", sa.Column("first_applied_on", sa.Date(), nullable=True))
    op.add_column(
        "cases", sa.Column("confined", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_index(op.f("ix_cases_opened_from_id"), "cases", ["opened_from_id"])


def _remedies() -> None:
    op.create_table(
        "remedies",
        sa.Column("id", _ID, nullable=False),
        sa.Column("district_id", _ID, nullable=False),
        sa.Column("township_id", _ID, nullable=False),
        sa.Column(
            "kind", _one_of("remedykind", "review", "lawsuit", "petition", "complaint"),
            nullable=False,
        ),
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("against_case_id", _ID, nullable=True),
        sa.Column("notice_id", _ID, nullable=True),
        sa.Column("household_id", _ID, nullable=True),
        sa.Column("party_id", _ID, nullable=True),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("filed_on", sa.Date(), nullable=False),
        sa.Column("learnt_on", sa.Date(), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("body", sa.String(), nullable=True),
        sa.Column("file_number", sa.String(), nullable=True),
        sa.Column("execution", _one_of("execution", "continues", "stopped"), nullable=False),
        sa.Column(
            "result",
            _one_of(
                "remedyresult", "kept", "changed", "revoked", "anew", "withdrawn", "settled",
                "not_accepted", "founded", "partly", "unfounded", "unchecked",
            ),
            nullable=True,
        ),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("measure", sa.String(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["township_id"], ["offices.id"], name=op.f("fk_remedies_township_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_remedies_case_id")),
        sa.ForeignKeyConstraint(
            ["against_case_id"], ["cases.id"], name=op.f("fk_remedies_against_case_id")
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_remedies_notice_id")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["households.id"], name=op.f("fk_remedies_household_id")
        ),
        sa.ForeignKeyConstraint(["party_id"], ["persons.id"], name=op.f("fk_remedies_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remedies")),
        sa.UniqueConstraint("case_id", name=op.f("uq_remedies_case_id")),
    )  # fmt: skip
    for columns in (
        ["district_id", "filed_on", "id"],
        ["district_id", "kind", "filed_on", "id"],
        ["against_case_id"],
        ["household_id"],
    ):
        op.create_index(op.f(f"ix_remedies_{'_'.join(columns)}"), "remedies", columns)


def downgrade() -> None:
    op.drop_index(op.f("ix_cases_opened_from_id"), table_name="cases")
    op.drop_column("cases", "confined")
    op.drop_column("cases", "first_applied_on")
    op.drop_column("cases", "opened_from_id")
    op.drop_column("offices", "signature")
    op.drop_table("recusals")
    op.drop_table("remedies")
