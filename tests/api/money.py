"""A roll with one payment that failed, and a change that reaches back: who reaches them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from models.cases import Case
from models.households import Household
from models.money import Payment, PaymentMethod, PaymentState, Roll, RollState
from models.retroactive import ChangeState, RetroactiveChange
from models.types import new_id
from tests.api.clients import Api
from web.database import current_moment
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
