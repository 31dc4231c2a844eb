"""Whatever is sent to a form of relief: it is taken, or refused in words; nothing else happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from models.households import Household
from models.types import new_id
from tests.assistance.relief.founding import template
from tests.assistance.relief.world import NOW, Relief
from tests.databases import SqliteDatabases
from tests.property.relief_acts import AMOUNTS, LOGIN_OF, Draw, answers_of
from tests.runtime.district import at
from workflows.definitions.release import current_policy
from workflows.errors import Conflict, DoudiError, Fault, Invalid
from workflows.runtime.starting import start_case
from workflows.runtime.tasks import complete_task
from workflows.transaction import transaction

#: amounts, days and texts that break what reads them carelessly
NASTY = (
    "1e308", "1E+15", "1E15", "１２", "٣", "NaN", "-NaN", "Infinity", "-1", "0", "0.00", "-0.00",
    "0.001", "600.005", "1000000000000000", "9999999999999", "1000000", "1000000.01", "1_000",
    "0x10", "1,000.00", " 600.00 ", "6" * 400, "0." + "3" * 400, "1850-01-01", "2299-12-31",
    "2300-01-01", "9999-12-31", "0001-01-01", "2021-02-30", "2021-11-24T00:00:00", "\x00", "\ud800",
    "‮", "'; DROP TABLE cases; --", "<script>", "{{7*7}}", "approve", "release", "true", "",
    "2121-11-24", "2031-11-24", "2031-12-24",
    10**15, -(10**15), 10**30, 1e308, float("nan"), float("inf"), 0.1, 600, True, False, None,
    [], {}, [[]], {"amount": "600.00"}, ["a", "a"], [None], [1e308], {"typename": "x"},
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
VALUES = st.sampled_from(NASTY) | JSON
DRAWS = st.builds(
    Draw, amount=st.sampled_from(AMOUNTS), agrees=st.booleans(), days=st.sampled_from([0, 1, 8]),
    choice=st.integers(min_value=0, max_value=7),
)  # fmt: skip
START_FORMS = {"relief_urgent": "relief-report", "relief_expense": "relief-application"}
RARELY = settings(
    max_examples=60, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


@pytest.fixture(scope="module")
def relief(sqlite_databases: SqliteDatabases) -> Iterator[Relief]:
    """A district with money; forms are checked by the host, whatever the database."""
    with template(sqlite_databases) as founded, founded.world() as opened:
        opened.appropriate("10000000.00")
        opened.fill("1000000.00")
        yield opened


class Undone(Exception):
    """What was taken is not kept: the next example finds the same case."""


def tried(session: Session, act: Callable[[], object]) -> DoudiError | None:
    """Do something and take it back; what refused it."""
    try:
        with transaction(session):
            act()
            session.flush()
            raise Undone
    except Undone:
        return None
    except DoudiError as error:
        return error


def is_clear(error: DoudiError | None) -> bool:
    """Whether it was taken, or refused in words that a person understands."""
    if error is None:
        return True
    kind = isinstance(error, Invalid | Conflict) and not isinstance(error, Fault)
    told = all(found.message and found.message_en for found in error.findings)
    return kind and told and bool(error.message and error.message_en)


def keys_of(relief: Relief, form: str) -> list[str]:
    """The fields of a form of the policy."""
    fields = sorted(current_policy(relief.session, relief.district_id).forms[form].fields)
    relief.session.rollback()
    return fields


@pytest.fixture(scope="module")
def family(relief: Relief) -> Household:
    """Whoever asks."""
    return relief.family()


@pytest.mark.parametrize("process", sorted(START_FORMS))
@RARELY
@given(data=st.data())
def test_a_report_of_anything_is_taken_or_refused_in_words(
    relief: Relief, family: Household, process: str, data: st.DataObject
) -> None:
    # given: a good report with some answers replaced, or nothing that makes sense
    usual: dict[str, Any] = {
        "cause": "other", "occurred_on": "2021-11-23", "persons": 1, "requested": "600.00",
        "need": "没有住处",
    }  # fmt: skip
    if process == "relief_urgent":
        usual |= {"place": "滨江社区", "urgent_answer": "yes"}
    changes = st.dictionaries(
        st.sampled_from(keys_of(relief, START_FORMS[process])), VALUES, max_size=3
    )
    answers = data.draw(changes.map(lambda given: {**usual, **given}) | _anything())
    place = (family.township_id, family.village_id, family.id)
    relief.session.rollback()
    # when
    error = tried(
        relief.session,
        lambda: start_case(
            relief.session, process, relief.district.keys, township_id=place[0],
            village_id=place[1], household_id=place[2],
            variables={"household_id": place[2], "channel": "window"}, answers=answers,
            actor=relief.district.actor("officer"), now=NOW,
        ),
    )  # fmt: skip
    # then
    assert is_clear(error), (answers, error, error and error.details)


def _anything() -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.text(max_size=12), JSON, max_size=4)


def _expense(relief: Relief, until: str) -> str:
    case_id = relief.expense(relief.family())
    return _lead(relief, case_id, until)


def _lead(relief: Relief, case_id: str, until: str, now: datetime = NOW) -> str:
    """Lead a case to a step with answers that agree."""
    draw = Draw("300.00", True, 8, 0)
    for _ in range(12):
        tasks = relief.district.open_tasks(case_id)
        if until in tasks:
            return case_id
        now = relief_time(relief, now) if not tasks else now
        for element_id, task in tasks.items():
            answers = answers_of(relief, element_id, draw, now)
            relief.session.rollback()
            task = relief.district.open_tasks(case_id)[element_id]
            relief.district.do(case_id, element_id, LOGIN_OF[task.role], now, **answers)
            break
    raise AssertionError(f"{until} was never reached")


def relief_time(relief: Relief, _now: datetime) -> datetime:
    """A week and more goes by: publicity is over."""
    later = at("2021-12-06")
    relief.district.pass_time(later)
    return later


#: Cases that wait at each step of relief, by the step's element.
STEPS: dict[str, Callable[[Relief], str]] = {
    "Task_DutyDecision": lambda r: r.urgent(r.family()),
    "Task_PayAid": lambda r: _lead(r, r.urgent(r.family()), "Task_PayAid"),
    "Task_Eased": lambda r: r.aided(r.family()),
    "Task_FollowUp": lambda r: r.aided(r.family()),
    "Task_Papers": lambda r: _lead(r, r.aided(r.family()), "Task_Papers"),
    "Task_ConfirmAid": lambda r: _lead(r, r.aided(r.family()), "Task_ConfirmAid"),
    "Task_ReceiveRelief": lambda r: r.urgent(r.family(), urgent_answer="no", requested="3000.00"),
    "Task_DistrictApprove": lambda r: r.received(r.family(), "3000.00"),
    "Task_TownshipApprove": lambda r: r.urgent(r.family(), urgent_answer="no"),
    "Task_StageObstacle": lambda r: r.approved(r.family(bank=False), "3000.00"),
    "Task_StageVisit": lambda r: r.approved(
        r.family(), "3000.00", ("1000.00", "2021-11-26"), ("2000.00", "2021-12-20")
    ),
    "Task_PayStage": lambda r: r.approved(r.family(), "3000.00", approval_method="goods"),
    "Task_ServeNotice": lambda r: r.approved(r.family(), "3000.00"),
    "Task_Convene": lambda r: r.urgent(r.family(), urgent_answer="no", requested="9000.00"),
    "Task_CheckExpense": lambda r: r.expense(r.family()),
    "Task_ExpenseSurvey": lambda r: _expense(r, "Task_ExpenseSurvey"),
    "Task_ExpenseOpinion": lambda r: _expense(r, "Task_ExpenseOpinion"),
    "Task_PostPublicity": lambda r: _expense(r, "Task_PostPublicity"),
    "Task_Minutes": lambda r: _lead(
        r, r.urgent(r.family(), urgent_answer="no", requested="9000.00"), "Task_Minutes"
    ),
    "Task_ConferenceSign": lambda r: _lead(
        r, r.urgent(r.family(), urgent_answer="no", requested="9000.00"), "Task_ConferenceSign"
    ),
}


@pytest.mark.parametrize("element_id", sorted(STEPS))
def test_anything_answered_to_a_form_is_taken_or_refused_in_words(
    relief: Relief, element_id: str
) -> None:
    # given
    case_id = STEPS[element_id](relief)
    relief.session.rollback()
    if element_id == "Task_StageVisit":
        relief.district.pass_time(NOW)
    task = relief.district.open_tasks(case_id)[element_id]
    task_id, form, login = task.id, task.form_key or "", LOGIN_OF[task.role]
    relief.session.rollback()
    fields = keys_of(relief, form)
    before = relief.picture()

    @settings(parent=RARELY, max_examples=40)
    @given(draw=DRAWS, changes=st.dictionaries(st.sampled_from(fields), VALUES, max_size=3),
           nonsense=st.none() | _anything())  # fmt: skip
    def answered(draw: Draw, changes: dict[str, Any], nonsense: dict[str, Any] | None) -> None:
        usual = answers_of(relief, element_id, draw, NOW)
        answers = {**usual, **changes} if nonsense is None else nonsense
        relief.session.rollback()
        # when
        error = tried(
            relief.session,
            lambda: complete_task(
                relief.session, task_id, answers, relief.district.keys,
                actor=relief.district.actor(login), now=NOW, request_key=new_id(),
            ),
        )  # fmt: skip
        # then
        assert is_clear(error), (answers, error, error and error.details)

    answered()
    assert relief.picture() == before


def nested(depth: int) -> list[Any]:
    """A list in a list in a list."""
    found: list[Any] = []
    for _ in range(depth):
        found = [found]
    return found


@pytest.mark.parametrize(
    "value", [10**30, "\ud800", float("nan"), {"\udfff": 1}, nested(300), nested(20_000)]
)
def test_what_json_can_hold_and_a_database_cannot_is_refused_in_words(
    relief: Relief, value: Any
) -> None:
    # given
    case_id = relief.urgent(relief.family())
    task_id = relief.district.open_tasks(case_id)["Task_DutyDecision"].id
    relief.session.rollback()
    # when / then
    with pytest.raises(Invalid) as caught, transaction(relief.session):
        complete_task(
            relief.session, task_id, {"duty_decision": "approve", "aid_amount": value},
            relief.district.keys, actor=relief.district.actor("leader"), now=NOW,
        )  # fmt: skip
    assert is_clear(caught.value)


@pytest.mark.parametrize(
    ("element_id", "field"),
    [("Task_ReceiveRelief", "received_on"), ("Task_Eased", "eased_on"), ("Task_PayAid", "paid_on")],
)
@pytest.mark.parametrize("day", ["1850-01-01", "2003-12-31", "2299-12-31"])
def test_a_day_that_no_calendar_and_no_law_knows_is_refused_in_words(
    relief: Relief, element_id: str, field: str, day: str
) -> None:
    # given
    case_id = STEPS[element_id](relief)
    task = relief.district.open_tasks(case_id)[element_id]
    task_id, login = task.id, LOGIN_OF[task.role]
    answers = {**answers_of(relief, element_id, Draw("600.00", True, 1, 0), NOW), field: day}
    relief.session.rollback()
    # when
    error = tried(
        relief.session,
        lambda: complete_task(
            relief.session, task_id, answers, relief.district.keys,
            actor=relief.district.actor(login), now=NOW,
        ),
    )  # fmt: skip
    # then
    assert error is not None and is_clear(error)
