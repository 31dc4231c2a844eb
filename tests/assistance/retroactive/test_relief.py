"""Relief that was approved under an old value is named on the list, and stays as it is."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.cases import Case
from models.money import Payment
from models.relief import ReliefGrant
from models.retroactive import RetroactiveChange, TouchedCase, TouchedKind, TouchedState
from tests.assistance.relief.world import Relief
from tests.runtime.district import at, policy_files
from workflows.definitions.files import PolicyFiles
from workflows.errors import SYSTEM
from workflows.runtime.publishing import publish_policy
from workflows.scenarios.corrections import work_all
from workflows.transaction import transaction

FILE = "parameters/standards.yaml"
URBAN = "{from: 2021-09-01, value: 636,"


@pytest.fixture
def relief(session: Session) -> Relief:
    """A district with money for relief; first aid is limited by the urban standard of 636."""
    session.expire_on_commit = False
    return Relief.founded(session)


def publish(relief: Relief, value: str) -> RetroactiveChange:
    """Another urban standard from 2021-09-01."""
    files = dict(policy_files())
    text = files[FILE].decode()
    assert text.count(URBAN) == 1
    files[FILE] = text.replace(URBAN, URBAN.replace("636", value)).encode()
    now = at("2021-12-20")
    with transaction(relief.session):
        publish_policy(relief.session, PolicyFiles(files), actor=SYSTEM, now=now, trial=None)
    work_all(relief.session, relief.district.keys, now)
    return relief.session.scalars(select(RetroactiveChange)).one()


def test_first_aid_under_the_old_ceiling_is_listed_and_stays_as_it_is(relief: Relief) -> None:
    # given
    relief.aided(relief.family(), "600.00")
    grant = relief.session.scalars(select(ReliefGrant)).one()
    before = _counts(relief.session)
    # when
    change = publish(relief, "500")
    # then
    row = relief.session.scalars(select(TouchedCase)).one()
    assert (row.kind, row.state) == (TouchedKind.RELIEF, TouchedState.LISTED)
    assert (row.relief_grant_id, row.total) == (grant.id, Decimal("600.00"))
    assert row.correction_case_id is None
    (parameter,) = row.detail["parameters"]
    assert (parameter["key"], parameter["new"]) == ("dibao.standard.urban", {"number": "500"})
    assert change.totals == {"relief": {"count": 1, "total": "600.00"}}
    assert _counts(relief.session) == before


def test_relief_that_read_no_changed_value_is_not_listed(relief: Relief) -> None:
    # given
    relief.aided(relief.family(), "600.00")
    # when: the rural standard has no part in it
    files = dict(policy_files())
    text = files[FILE].decode()
    files[FILE] = text.replace("value: 515,", "value: 536,").encode()
    now = at("2021-12-20")
    with transaction(relief.session):
        publish_policy(relief.session, PolicyFiles(files), actor=SYSTEM, now=now, trial=None)
    work_all(relief.session, relief.district.keys, now)
    # then
    assert relief.session.scalars(select(TouchedCase)).all() == []


def _counts(session: Session) -> tuple[int | None, int | None]:
    return (
        session.scalar(select(func.count()).select_from(Case)),
        session.scalar(select(func.count()).select_from(Payment)),
    )
