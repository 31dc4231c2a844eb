"""Grants of several programmes and of one person; what they pay by month, and how that differed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from alembic import op

from models.types import Document, Money, UTCDateTime, new_id

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_COUNTING = sa.text("superseded_at IS NULL")
_ID = sa.String(length=36)


def upgrade() -> None:
    op.add_column(
        "assessments",
        sa.Column("decision", sa.String(), nullable=False, server_default="dibao_assessment"),
    )
    op.add_column("cases", sa.Column("person_id", _ID, nullable=True))
    op.create_index(op.f("ix_cases_person_id"), "cases", ["person_id"])
    op.add_column(
        "grants", sa.Column("programme", sa.String(), nullable=False, server_default="dibao")
    )
    op.add_column("grants", sa.Column("person_id", _ID, nullable=True))
    op.create_index(op.f("ix_grants_person_id"), "grants", ["person_id"])
    op.create_table(
        "grant_amounts",
        sa.Column("id", _ID, nullable=False),
        sa.Column("district_id", _ID, nullable=False),
        sa.Column("grant_id", _ID, nullable=False),
        sa.Column("from_month", sa.Date(), nullable=False),
        sa.Column("until_month", sa.Date(), nullable=True),
        sa.Column("monthly", Money(), nullable=False),
        sa.Column("base", Money(), nullable=False),
        sa.Column("topup", Money(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "regular",
                "gradual_exit",
                name="amountkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("assessment_id", _ID, nullable=True),
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("decided_by_id", _ID, nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("superseded_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("until_month > from_month", name=op.f("ck_grant_amounts_some_months")),
        sa.CheckConstraint("monthly >= 0", name=op.f("ck_grant_amounts_monthly_not_negative")),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessments.id"], name=op.f("fk_grant_amounts_assessment_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_grant_amounts_case_id")),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["grants.id"], name=op.f("fk_grant_amounts_grant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_amounts")),
    )
    op.create_index(
        "ix_grant_amounts_counting",
        "grant_amounts",
        ["grant_id", "from_month"],
        unique=True,
        sqlite_where=_COUNTING,
        postgresql_where=_COUNTING,
    )
    op.create_index(
        op.f("ix_grant_amounts_grant_id_superseded_at"),
        "grant_amounts",
        ["grant_id", "superseded_at"],
    )
    op.create_index(op.f("ix_grant_amounts_assessment_id"), "grant_amounts", ["assessment_id"])
    op.create_table(
        "month_adjustments",
        sa.Column("id", _ID, nullable=False),
        sa.Column("district_id", _ID, nullable=False),
        sa.Column("grant_id", _ID, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("payment_id", _ID, nullable=True),
        sa.Column("recovery_id", _ID, nullable=True),
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_month_adjustments_amount_not_zero")),
        sa.CheckConstraint(
            "(payment_id IS NULL) <> (recovery_id IS NULL)",
            name=op.f("ck_month_adjustments_one_way"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_month_adjustments_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["grants.id"], name=op.f("fk_month_adjustments_grant_id")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_month_adjustments_payment_id")
        ),
        sa.ForeignKeyConstraint(
            ["recovery_id"], ["recoveries.id"], name=op.f("fk_month_adjustments_recovery_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_month_adjustments")),
    )
    for columns in (["grant_id", "month"], ["payment_id"], ["recovery_id"]):
        name = op.f(f"ix_month_adjustments_{'_'.join(columns)}")
        op.create_index(name, "month_adjustments", columns)
    _first_amounts()
    _corrected_months()


def downgrade() -> None:
    op.drop_table("month_adjustments")
    op.drop_table("grant_amounts")
    op.drop_index(op.f("ix_grants_person_id"), table_name="grants")
    op.drop_column("grants", "person_id")
    op.drop_column("grants", "programme")
    op.drop_index(op.f("ix_cases_person_id"), table_name="cases")
    op.drop_column("cases", "person_id")
    op.drop_column("assessments", "decision")


def _first_amounts() -> None:
    """What every grant pays so far is its first amount; recorded when its assessment was made."""
    op.execute(
        sa.text(
            "INSERT INTO grant_amounts (id, district_id, grant_id, from_month, until_month,"
            " monthly, base, topup, kind, assessment_id, case_id, decided_on, decided_by_id,"
            " reason, recorded_at)"
            " SELECT g.id, g.district_id, g.id, g.start_month,"
            " CASE WHEN g.ended_from > g.start_month THEN g.ended_from END,"
            " g.monthly, g.base, g.topup, 'regular', g.assessment_id, g.case_id, g.decided_on,"
            " g.decided_by_id, '', a.made_at"
            " FROM grants g JOIN assessments a ON a.id = g.assessment_id"
        )
    )


def _corrected_months() -> None:
    """The months of corrections so far, which stood with the touched cases alone."""
    touched = sa.table(
        "touched_cases",
        sa.column("id"),
        sa.column("district_id"),
        sa.column("grant_id"),
        sa.column("correction_case_id"),
        sa.column("state"),
        sa.column("money"),
        sa.column("detail", Document()),
    )
    payments = sa.table(
        "payments", sa.column("id"), sa.column("touched_id"), sa.column("ordered_at", UTCDateTime())
    )
    recoveries = sa.table("recoveries", sa.column("id"), sa.column("touched_id"))
    cases = sa.table("cases", sa.column("id"), sa.column("opened_at", UTCDateTime()))
    adjustments = sa.table(
        "month_adjustments",
        *(sa.column(name) for name in ("id", "district_id", "grant_id", "payment_id")),
        *(sa.column(name) for name in ("recovery_id", "case_id")),
        sa.column("month", sa.Date()),
        sa.column("amount", Money()),
        sa.column("recorded_at", UTCDateTime()),
    )
    connection = op.get_bind()
    corrected = connection.execute(
        sa.select(touched, cases.c.opened_at)
        .join(cases, cases.c.id == touched.c.correction_case_id)
        .where(touched.c.state == "corrected", touched.c.money.in_(("ordered", "owed")))
    ).all()
    for row in corrected:
        own = {
            "payment_id": connection.scalar(
                sa.select(payments.c.id)
                .where(payments.c.touched_id == row.id)
                .order_by(payments.c.ordered_at.desc())
                .limit(1)
            ),
            "recovery_id": connection.scalar(
                sa.select(recoveries.c.id).where(recoveries.c.touched_id == row.id)
            ),
        }
        if (own["payment_id"] is None) == (own["recovery_id"] is None):
            continue
        for month in row.detail["months"]:
            difference = Decimal(month["difference"])
            if difference == 0:
                continue
            connection.execute(
                sa.insert(adjustments).values(
                    id=new_id(),
                    district_id=row.district_id,
                    grant_id=row.grant_id,
                    case_id=row.correction_case_id,
                    month=date.fromisoformat(month["month"]),
                    amount=difference,
                    recorded_at=row.opened_at,
                    **own,
                )
            )
