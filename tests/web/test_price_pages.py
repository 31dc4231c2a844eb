"""The pages of the price subsidy: entering an index, the list, approval, the export."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from sqlalchemy import select

from models.assistance import Grant
from models.cases import Case
from models.households import HouseholdMember
from models.money import LedgerKind, Payment
from models.price import PriceIndex, PriceShare
from models.types import new_id
from tests.web.desk import Desk, statements
from web.database import current_moment, db_session
from workflows.assistance.grants.amounts import first_amount
from workflows.assistance.money.drawing import draw_roll
from workflows.assistance.money.ledger import PRICE, Reason, ledger_account, move_money
from workflows.errors import SYSTEM
from workflows.jobs import work_jobs
from workflows.runtime.job_steps import job_steps
from workflows.scenarios.corrections import decide_now
from workflows.transaction import transaction

FORM = {"month": "2021-11", "published_on": "2021-12-09", "cpi": "2.3", "food": "6.0", "scpi": "4"}


@pytest.fixture(autouse=True)
def december() -> time_machine.Traveller:
    """It is 2021-12-10."""
    with time_machine.travel("2021-12-10T02:00:00Z", tick=True) as clock:
        yield clock


def family(desk: Desk, order: int) -> str:
    """A family of two on the allowance since October; its grant."""
    with time_machine.travel(f"2021-10-15T02:{order - 100:02}:00Z", tick=True):
        case = desk.case(desk.open_case(order))
        with desk.app.app_context(), transaction(db_session()) as session:
            from_household = session.get_one(Case, case.id).household
            return decide_now(
                session, from_household, desk.config.keys.ring, actor=SYSTEM, now=current_moment()
            ).id
