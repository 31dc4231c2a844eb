"""Edge households: which count on a day, and what two people of one household may ask for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from models.cases import Case
from models.edge import EdgeRecord
from tests.bpmn.policy import read_yaml
from tests.runtime.district import policy_files
from workflows.assistance.edge import is_edge_on
from workflows.assistance.households import require_no_open_case
from workflows.errors import Conflict
from workflows.scenarios.runner import Runner
from workflows.transaction import reading, transaction


@pytest.fixture
def told(session: Session) -> Callable[[str], Runner]:
    """A scenario of the policy that has been told to its end."""

    def tell(name: str) -> Runner:
        runner = Runner(session, read_yaml(f"scenarios/{name}.yaml"), policy_files())
        runner.run()
        session.rollback()
        return runner

    return tell


@pytest.mark.parametrize(
    ("day", "counts"),
    [
        ("2021-10-07", False),
        ("2021-10-08", True),
        ("2022-10-08", True),
        ("2022-10-09", False),
    ],
)
def test_a_record_counts_from_its_day_to_the_end_of_its_term(
    session: Session, told: Callable[[str], Runner], day: str, counts: bool
) -> None:
    # given
    told("edge-opens-programmes")
    with reading(session):
        household_id = session.scalars(select(EdgeRecord.household_id)).one()
        # when
        found = is_edge_on(session, [household_id, "another"], date.fromisoformat(day))
    # then
    assert found == ({household_id} if counts else set())


def test_a_record_no_longer_counts_from_the_day_on_which_it_ended(
    session: Session, told: Callable[[str], Runner]
) -> None:
    # given: recorded on 2021-10-08, the allowance confirmed on 2022-09-29
    told("edge-ends-with-dibao")
    with reading(session):
        household_id = session.scalars(select(EdgeRecord.household_id)).one()
        # when
        found = [
            bool(is_edge_on(session, [household_id], day))
            for day in (date(2022, 9, 28), date(2022, 9, 29))
        ]
    # then
    assert found == [True, False]


def test_however_many_households_are_asked_about_it_is_one_statement(
    session: Session, told: Callable[[str], Runner]
) -> None:
    # given
    told("edge-household")
    sent: list[str] = []
    with reading(session):
        event.listen(
            session.get_bind(), "before_cursor_execute",
            lambda _connection, _cursor, statement, *_more: sent.append(statement),
        )  # fmt: skip
        # when
        none = is_edge_on(session, [], date(2021, 11, 1))
        many = is_edge_on(session, [str(number) for number in range(500)], date(2021, 11, 1))
    # then
    assert (none, many) == (frozenset(), frozenset())
    assert len([one for one in sent if one.startswith("SELECT")]) == 1


def test_two_people_of_a_household_apply_alone_but_not_beside_the_household(
    session: Session, told: Callable[[str], Runner]
) -> None:
    # given: the refused family's m2 applies alone now
    runner = told("edge-opens-programmes")
    with transaction(session):
        case = session.get_one(Case, runner.case_id)
        assert case.household_id is not None and case.person_id is not None
        # when / then
        require_no_open_case(session, case.household_id, "dibao", "somebody else")
        for person in (None, case.person_id):
            with pytest.raises(Conflict) as refused:
                require_no_open_case(session, case.household_id, "dibao", person)
            assert refused.value.code == "open_case_exists"


def test_the_opened_case_knows_where_it_came_from(
    session: Session, told: Callable[[str], Runner]
) -> None:
    # given
    runner = told("edge-opens-programmes")
    # when
    with reading(session):
        opened = session.get_one(Case, runner.case_id)
        origin = session.get_one(Case, runner.case_ids[0])
    # then
    assert opened.opened_from_id == origin.id
    assert opened.household_id == origin.household_id and origin.person_id is None
    assert opened.opened_at > datetime(2021, 10, 8, tzinfo=UTC)
