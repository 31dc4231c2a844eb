"""A roll with one payment that failed, and a change that reaches back: who reaches them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from models.assistance import Assessment, Grant
from models.cases import Case
from models.deaths import DeathList, DeathListState
from models.households import Household
from models.money import Payment, PaymentMethod, PaymentState, Roll, RollState
from models.recoveries import Recovery, RecoveryState
from models.retroactive import ChangeState, RetroactiveChange
from models.standards import AdjustmentState, StandardAdjustment
from models.types import new_id
from tests.api.clients import Api
from web.database import current_moment
from workflows.assistance.grants import first_amount
from workflows.transaction import transaction


def failed_payment(api: Api, case_id: str) -> dict[str, str]:
    """Their ids by the names of path parameters."""
    now = current_moment()
    ids = {"roll_id": new_id(), "payment_id": new_id()}
    with transaction(api.session) as session:
        case = session.get_one(Case, case_id)
        household = session.get_one(Household, case.household_id)
        common = {"district_id": case.district_id, "programme": "relief"}
        session.add(
            Roll(
                id=ids["roll_id"], number=ids["roll_id"][:20], month=date(2021, 9, 1),
                state=RollState.RELEASED, payments=1, persons=1, total=Decimal(800),
                content_hash="0" * 64, drawn_at=now, released_at=now, **common,
            )
        )  # fmt: skip
        session.flush()
        session.add(
            Payment(
                id=ids["payment_id"], township_id=case.township_id, key=ids["payment_id"],
                case_id=case.id, household_id=household.id, person_id=household.head_person_id,
                roll_id=ids["roll_id"], method=PaymentMethod.BANK, amount=Decimal(800),
                state=PaymentState.FAILED, frozen={}, ordered_at=now, failed_at=now,
                failure="account_wrong", owner_id=api.district.accounts["officer"].id, **common,
            )
        )  # fmt: skip
    return ids


def empty_change(api: Api, release_id: str) -> dict[str, str]:
    """A change that reaches back, with an empty list."""
    change_id = new_id()
    with transaction(api.session) as session:
        session.add(
            RetroactiveChange(
                id=change_id, district_id=api.district.offices["district"].id,
                release_id=release_id, previous_id=release_id, published_at=current_moment(),
                differences=[], first_on=date(2021, 9, 1), state=ChangeState.DONE, totals={},
            )
        )  # fmt: skip
    return {"change_id": change_id}


def after_the_grant(api: Api) -> dict[str, str]:
    """A benefit of another household, what it owes, a list of deaths, a risen standard."""
    now = current_moment()
    case_id = api.started()
    ids = {name: new_id() for name in ("grant_id", "recovery_id", "list_id", "adjustment_id")}
    with transaction(api.session) as session:
        case = session.get_one(Case, case_id)
        assert case.household_id is not None
        own = {"district_id": case.district_id}
        assessment = Assessment(
            id=new_id(), case_id=case_id, household_id=case.household_id, on=date(2021, 9, 1),
            made_at=now, result={}, explanation={}, **own,
        )  # fmt: skip
        session.add(assessment)
        session.flush()
        grant = Grant(
            id=ids["grant_id"], case_id=case_id, household_id=case.household_id,
            assessment_id=assessment.id, monthly=Decimal(500), base=Decimal(500), topup=Decimal(0),
            decided_on=date(2021, 9, 1), start_month=date(2021, 10, 1),
            next_review_on=date(2022, 9, 1), **own,
        )  # fmt: skip
        session.add(grant)
        session.flush()
        session.add_all(
            (
                first_amount(grant, now),
                Recovery(
                    id=ids["recovery_id"], township_id=case.township_id, case_id=case_id,
                    household_id=case.household_id, grant_id=grant.id, cause="unreported",
                    proposed=Decimal(500), amount=Decimal(500), detail=[],
                    state=RecoveryState.OPEN, decided_on=date(2022, 9, 1), **own,
                ),
                DeathList(
                    id=ids["list_id"], source="x", sha256="0" * 64,
                    state=DeathListState.PREVIEWED, rows=0, uploaded_at=now, **own,
                ),
                StandardAdjustment(
                    id=ids["adjustment_id"], programme="dibao", holds_from=date(2022, 9, 1),
                    month=date(2022, 9, 1), standards=[], state=AdjustmentState.COUNTED,
                    totals={}, townships={}, opened_at=now, **own,
                ),
            )
        )  # fmt: skip
        return {**ids, "household_id": case.household_id}
