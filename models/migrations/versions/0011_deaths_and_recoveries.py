"""Deaths, introduced work, and recoveries of any overpayment with instalments and receipts."""

from __future__ import annotations

import orjson
import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "death_lists",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("district_id", sa.String(length=36), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "previewed",
                "taking",
                "done",
                "dropped",
                name="deathliststate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by_id", sa.String(length=36), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_by_id", sa.String(length=36), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_death_lists")),
        sa.UniqueConstraint(
            "district_id", "sha256", name=op.f("uq_death_lists_district_id_sha256")
        ),
    )
    op.create_index(
        op.f("ix_death_lists_district_id_uploaded_at"),
        "death_lists",
        ["district_id", "uploaded_at"],
        unique=False,
    )
    op.create_table(
        "death_records",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("district_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("died_on", sa.Date(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "register",
                "reported",
                name="deathsource",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("list_id", sa.String(length=36), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.String(length=36), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", sa.String(length=36), nullable=True),
        sa.Column("undone_reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["death_lists.id"], name=op.f("fk_death_records_list_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_death_records_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_death_records")),
    )
    op.create_index(op.f("ix_death_records_list_id"), "death_records", ["list_id"], unique=False)
    op.create_index(
        "ix_death_records_standing",
        "death_records",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.create_table(
        "job_offers",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("district_id", sa.String(length=36), nullable=False),
        sa.Column("household_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("offered_on", sa.Date(), nullable=False),
        sa.Column("employer", sa.String(), nullable=False),
        sa.Column("work", sa.String(), nullable=False),
        sa.Column("suitable", sa.Boolean(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("good_reason", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["household_id"], ["households.id"], name=op.f("fk_job_offers_household_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_job_offers_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_offers")),
    )
    op.create_index(
        op.f("ix_job_offers_household_id_offered_on"),
        "job_offers",
        ["household_id", "offered_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_job_offers_person_id_offered_on"),
        "job_offers",
        ["person_id", "offered_on"],
        unique=False,
    )
    op.create_table(
        "death_rows",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("list_id", sa.String(length=36), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("id_number_index", sa.LargeBinary(), nullable=False),
        sa.Column("died_on", sa.Date(), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("on_benefit", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "unknown",
                "found",
                "already",
                "differs",
                "recorded",
                "failed",
                name="deathrowstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("case_id", sa.String(length=36), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_death_rows_case_id")),
        sa.ForeignKeyConstraint(
            ["list_id"], ["death_lists.id"], name=op.f("fk_death_rows_list_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_death_rows_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_death_rows")),
        sa.UniqueConstraint("list_id", "line", name=op.f("uq_death_rows_list_id_line")),
    )
    op.create_index(
        op.f("ix_death_rows_list_id_state_line"),
        "death_rows",
        ["list_id", "state", "line"],
        unique=False,
    )
    op.create_table(
        "share_cuts",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("district_id", sa.String(length=36), nullable=False),
        sa.Column("grant_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("from_month", sa.Date(), nullable=False),
        sa.Column("until_month", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("decided_by_id", sa.String(length=36), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_share_cuts_amount_positive")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_share_cuts_case_id")),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"], name=op.f("fk_share_cuts_grant_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_share_cuts_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_cuts")),
    )
    op.create_index(op.f("ix_share_cuts_grant_id"), "share_cuts", ["grant_id"], unique=False)
    op.create_index(
        "ix_share_cuts_standing",
        "share_cuts",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("until_month IS NULL"),
        postgresql_where=sa.text("until_month IS NULL"),
    )
    kept = op.get_bind().execute(sa.text(_OLD)).mappings().all()
    _drop_recoveries(_OLD_INDEXES)
    _create_recoveries()
    _fill_recoveries([_widened(row) for row in kept])
    op.create_table(
        "recovery_instalments",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("district_id", sa.String(length=36), nullable=False),
        sa.Column("recovery_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.String(length=36), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_recovery_instalments_amount_positive")),
        sa.CheckConstraint(
            "received <= amount", name=op.f("ck_recovery_instalments_received_at_most")
        ),
        sa.ForeignKeyConstraint(
            ["recovery_id"], ["recoveries.id"], name=op.f("fk_recovery_instalments_recovery_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_instalments")),
    )
    op.create_index(
        op.f("ix_recovery_instalments_recovery_id_superseded_at_number"),
        "recovery_instalments",
        ["recovery_id", "superseded_at", "number"],
        unique=False,
    )
    op.create_table(
        "recovery_receipts",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("district_id", sa.String(length=36), nullable=False),
        sa.Column("recovery_id", sa.String(length=36), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "entered",
                "booked",
                "refused",
                name="receiptstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by_id", sa.String(length=36), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_by_id", sa.String(length=36), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_recovery_receipts_amount_positive")),
        sa.ForeignKeyConstraint(
            ["recovery_id"], ["recoveries.id"], name=op.f("fk_recovery_receipts_recovery_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_receipts")),
    )
    op.create_index(
        "ix_recovery_receipts_one_entered",
        "recovery_receipts",
        ["recovery_id"],
        unique=True,
        sqlite_where=sa.text("state = 'entered'"),
        postgresql_where=sa.text("state = 'entered'"),
    )
    op.create_index(
        op.f("ix_recovery_receipts_recovery_id_entered_at"),
        "recovery_receipts",
        ["recovery_id", "entered_at"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(
        op.f("ix_recovery_receipts_recovery_id_entered_at"), table_name="recovery_receipts"
    )
    op.drop_index(
        "ix_recovery_receipts_one_entered",
        table_name="recovery_receipts",
        sqlite_where=sa.text("state = 'entered'"),
        postgresql_where=sa.text("state = 'entered'"),
    )
    op.drop_table("recovery_receipts")
    op.drop_index(
        op.f("ix_recovery_instalments_recovery_id_superseded_at_number"),
        table_name="recovery_instalments",
    )
    op.drop_table("recovery_instalments")
    kept = op.get_bind().execute(sa.text(_NEW)).mappings().all()
    _drop_recoveries(_NEW_INDEXES)
    _create_old_recoveries()
    _fill_recoveries([dict(row) for row in kept])
    op.drop_index(
        "ix_share_cuts_standing",
        table_name="share_cuts",
        sqlite_where=sa.text("until_month IS NULL"),
        postgresql_where=sa.text("until_month IS NULL"),
    )
    op.drop_index(op.f("ix_share_cuts_grant_id"), table_name="share_cuts")
    op.drop_table("share_cuts")
    op.drop_index(op.f("ix_death_rows_list_id_state_line"), table_name="death_rows")
    op.drop_table("death_rows")
    op.drop_index(op.f("ix_job_offers_person_id_offered_on"), table_name="job_offers")
    op.drop_index(op.f("ix_job_offers_household_id_offered_on"), table_name="job_offers")
    op.drop_table("job_offers")
    op.drop_index(
        "ix_death_records_standing",
        table_name="death_records",
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.drop_index(op.f("ix_death_records_list_id"), table_name="death_records")
    op.drop_table("death_records")
    op.drop_index(op.f("ix_death_lists_district_id_uploaded_at"), table_name="death_lists")
    op.drop_table("death_lists")


#: What stood in the table before, with what the touched case knows about it.
_OLD = """
    SELECT r.id, r.district_id, r.touched_id, r.case_id, r.household_id, r.grant_id, r.amount,
           r.state, r.decided_on, r.decided_by_id, r.settled_on, t.township_id, t.detail
    FROM recoveries r JOIN touched_cases t ON t.id = r.touched_id
"""
#: What the table before can hold.
_NEW = """
    SELECT id, district_id, touched_id, case_id, household_id, grant_id, amount, state, decided_on,
           decided_by_id, settled_on
    FROM recoveries WHERE touched_id IS NOT NULL AND state <> 'proposed'
"""
_OLD_INDEXES = ("ix_recoveries_household_id", "ix_recoveries_district_id_state_decided_on")
_NEW_INDEXES = (
    *_OLD_INDEXES,
    "ix_recoveries_district_id_state_next_due_on",
    "ix_recoveries_township_id_state_next_due_on",
    "ix_recoveries_grant_id",
    "ix_recoveries_case_id",
)


def _widened(row: sa.RowMapping) -> dict[str, object]:
    """An old row as the new table has it; its months are those of the touched case."""
    detail = orjson.loads(bytes(row["detail"]))
    months = [one for one in detail.get("months", ()) if one["difference"].startswith("-")]
    open_ = row["state"] != "waived"
    return {
        **{name: row[name] for name in row if name != "detail"},
        "cause": "correction",
        "proposed": row["amount"],
        "received": row["amount"] if row["state"] == "settled" else 0,
        "first_month": months[0]["month"][:10] if months else None,
        "last_month": months[-1]["month"][:10] if months else None,
        "months": len(months),
        "detail": orjson.dumps(detail.get("months", [])),
        "outcome": "all" if open_ else "waive",
        "reason": "",
    }


def _drop_recoveries(indexes: tuple[str, ...]) -> None:
    for name in indexes:
        op.drop_index(op.f(name), table_name="recoveries")
    _loosen()
    op.drop_table("recoveries")


def _loosen() -> None:
    """Months refer to recoveries, and go on doing so once the new table is filled."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("fk_month_adjustments_recovery_id"), "month_adjustments")
    else:
        op.execute("PRAGMA defer_foreign_keys=ON")


def _fasten() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.create_foreign_key(
            op.f("fk_month_adjustments_recovery_id"),
            "month_adjustments",
            "recoveries",
            ["recovery_id"],
            ["id"],
        )


def _fill_recoveries(rows: list[dict[str, object]]) -> None:
    if rows:
        names = list(rows[0])
        op.get_bind().execute(
            sa.text(
                f"INSERT INTO recoveries ({', '.join(names)})"  # names of columns
                f" VALUES ({', '.join(':' + name for name in names)})"
            ),
            rows,
        )
    _fasten()


def _create_recoveries() -> None:
    op.create_table(
        "recoveries",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("district_id", sa.String(length=36), nullable=False),
        sa.Column("township_id", sa.String(length=36), nullable=False),
        sa.Column("touched_id", sa.String(length=36), nullable=True),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("household_id", sa.String(length=36), nullable=False),
        sa.Column("grant_id", sa.String(length=36), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("proposed", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("first_month", sa.Date(), nullable=True),
        sa.Column("last_month", sa.Date(), nullable=True),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("detail", sa.LargeBinary(), nullable=False),
        sa.Column(
            "state", _kind("recoverystate", "proposed", "open", "waived", "settled"), nullable=False
        ),
        sa.Column(
            "outcome", _kind("recoveryoutcome", "educate", "all", "part", "waive"), nullable=True
        ),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decided_by_id", sa.String(length=36), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("repayment_case_id", sa.String(length=36), nullable=True),
        sa.Column("next_due_on", sa.Date(), nullable=True),
        sa.CheckConstraint("received <= amount", name=op.f("ck_recoveries_received_at_most")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_recoveries_case_id")),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"], name=op.f("fk_recoveries_grant_id")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["households.id"], name=op.f("fk_recoveries_household_id")
        ),
        sa.ForeignKeyConstraint(
            ["touched_id"], ["touched_cases.id"], name=op.f("fk_recoveries_touched_id")
        ),
        sa.ForeignKeyConstraint(
            ["township_id"], ["offices.id"], name=op.f("fk_recoveries_township_id")
        ),
        sa.ForeignKeyConstraint(
            ["repayment_case_id"], ["cases.id"], name=op.f("fk_recoveries_repayment_case_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recoveries")),
        sa.UniqueConstraint("touched_id", name=op.f("uq_recoveries_touched_id")),
    )
    for columns in (
        ["district_id", "state", "decided_on"],
        ["district_id", "state", "next_due_on"],
        ["township_id", "state", "next_due_on"],
        ["household_id"],
        ["grant_id"],
        ["case_id"],
    ):
        op.create_index(op.f(f"ix_recoveries_{'_'.join(columns)}"), "recoveries", columns)


def _create_old_recoveries() -> None:
    op.create_table(
        "recoveries",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("district_id", sa.String(length=36), nullable=False),
        sa.Column("touched_id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("household_id", sa.String(length=36), nullable=False),
        sa.Column("grant_id", sa.String(length=36), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("state", _kind("recoverystate", "open", "waived", "settled"), nullable=False),
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
    for columns in (["district_id", "state", "decided_on"], ["household_id"]):
        op.create_index(op.f(f"ix_recoveries_{'_'.join(columns)}"), "recoveries", columns)


def _kind(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
