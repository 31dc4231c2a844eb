"""A person belongs to one household; changes of households; lists of other districts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_PRESENT = sa.text("superseded_at IS NULL")
_PLANNED = sa.text("state = 'planned'")
_SHOWN = 10


def upgrade() -> None:
    _refuse_people_of_two_households()
    op.add_column("households", sa.Column("closed_on", sa.Date(), nullable=True))
    op.add_column("households", sa.Column("closed_reason", sa.String(), nullable=True))
    op.create_index(
        "uq_household_members_present",
        "household_members",
        ["person_id"],
        unique=True,
        sqlite_where=_PRESENT,
        postgresql_where=_PRESENT,
    )
    _create_changes()
    _create_lists()
    _create_findings()


def _refuse_people_of_two_households() -> None:
    """Say who has to be settled first; a membership is a fact that no migration may decide on.

    A person with an open case somewhere can't be settled twice, so nothing is guessed here.
    """
    twice = (
        op.get_bind()
        .execute(
            sa.text(
                "SELECT person_id, count(*) AS households FROM household_members"
                " WHERE superseded_at IS NULL GROUP BY person_id HAVING count(*) > 1"
                " ORDER BY person_id"
            )
        )
        .all()
    )
    if twice:
        named = ", ".join(row.person_id for row in twice[:_SHOWN])
        more = "" if len(twice) <= _SHOWN else f" and {len(twice) - _SHOWN} more"
        raise RuntimeError(
            f"{len(twice)} people are present members of two households or more: persons {named}"
            f"{more}. Correct the households' facts on the previous version, so that each of them"
            " is left in one household, then upgrade again. Nothing has been changed."
            f" 有 {len(twice)} 人同时登记在两个以上的家庭，请先在原版本上更正家庭信息，再升级。"
        )


def _create_changes() -> None:
    op.create_table(
        "household_changes",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("district_id", sa.String(length=36), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "split",
                "merge",
                "head",
                "custody",
                "join",
                "leave",
                "township",
                "district",
                name="changekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "done",
                "dropped",
                name="householdchangestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("case_id", sa.String(length=36), nullable=True),
        sa.Column("household_id", sa.String(length=36), nullable=False),
        sa.Column("other_household_id", sa.String(length=36), nullable=True),
        sa.Column("people", sa.LargeBinary(), nullable=False),
        sa.Column("from_township_id", sa.String(length=36), nullable=True),
        sa.Column("to_township_id", sa.String(length=36), nullable=True),
        sa.Column("occurred_on", sa.Date(), nullable=True),
        sa.Column("from_month", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.String(length=36), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_household_changes_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["households.id"], name=op.f("fk_household_changes_household_id")
        ),
        sa.ForeignKeyConstraint(
            ["other_household_id"],
            ["households.id"],
            name=op.f("fk_household_changes_other_household_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_changes")),
    )
    for columns in (["case_id"], ["household_id", "state"], ["other_household_id", "state"]):
        op.create_index(
            op.f("ix_household_changes_" + "_".join(columns)), "household_changes", columns
        )
    op.create_index(
        "uq_household_changes_planned",
        "household_changes",
        ["household_id"],
        unique=True,
        sqlite_where=_PLANNED,
        postgresql_where=_PLANNED,
    )


def _create_lists() -> None:
    op.create_table(
        "elsewhere_lists",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("district_id", sa.String(length=36), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("listed_on", sa.Date(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by_id", sa.String(length=36), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_elsewhere_lists")),
    )
    op.create_index(
        op.f("ix_elsewhere_lists_district_id_source_superseded_at"),
        "elsewhere_lists",
        ["district_id", "source", "superseded_at"],
    )
    op.create_table(
        "elsewhere_people",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("list_id", sa.String(length=36), nullable=False),
        sa.Column("id_number_index", sa.LargeBinary(), nullable=False),
        sa.Column("programme", sa.String(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["elsewhere_lists.id"], name=op.f("fk_elsewhere_people_list_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_elsewhere_people")),
        sa.UniqueConstraint(
            "list_id",
            "id_number_index",
            "programme",
            name=op.f("uq_elsewhere_people_list_id_id_number_index_programme"),
        ),
    )
    op.create_index(
        op.f("ix_elsewhere_people_id_number_index"), "elsewhere_people", ["id_number_index"]
    )


def _create_findings() -> None:
    op.create_table(
        "duplicate_findings",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("district_id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(length=36), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_duplicate_findings_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_duplicate_findings_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_findings")),
        sa.UniqueConstraint(
            "case_id",
            "person_id",
            "source",
            "source_id",
            name=op.f("uq_duplicate_findings_case_id_person_id_source_source_id"),
        ),
    )


def downgrade() -> None:
    op.drop_table("duplicate_findings")
    op.drop_table("elsewhere_people")
    op.drop_table("elsewhere_lists")
    op.drop_table("household_changes")
    op.drop_index("uq_household_members_present", table_name="household_members")
    op.drop_column("households", "closed_reason")
    op.drop_column("households", "closed_on")
