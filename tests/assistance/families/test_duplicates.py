"""The same person in another district's list, or with a benefit here, before acceptance (C20)."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from models.cases import Case
from models.household_changes import DuplicateFinding, ElsewhereList, ElsewherePerson
from models.households import Household
from models.trail import TrailEntry
from tests.runtime.district import District, at, id_number, member
from workflows.assistance.families.duplicates import clear_duplicate, hits_of
from workflows.assistance.families.elsewhere import read_list, record_list
from workflows.definitions.release import current_policy
from workflows.errors import Conflict, Invalid
from workflows.scenarios.corrections import decide_now
from workflows.transaction import transaction

NOW = at("2021-10-15")
HUSBAND = member("陈德明", "1975-03-02")
WIFE = member("李素芳", "1977-06-11", "spouse", 102)
HEADING = "id_number,programme,standing\n"
ACCEPTED = {"materials_result": "complete", "materials_received": ["最低生活保障申请书"]}


@pytest.fixture
def district(session: Session) -> District:
    """A district with the project's policy."""
    return District.founded(session)


def listed(district: District, text: str, source: str = "万州区") -> str:
    """A list of another district as a reviewer records it; its id."""
    with transaction(district.session):
        return record_list(
            district.session, district.offices["district"].id, source, date(2021, 10, 14),
            (HEADING + text).encode(), district.keys, actor=district.actor("reviewer"), now=NOW,
        ).id  # fmt: skip


def complete(district: District, case_id: str) -> None:
    """Check the papers: the process then accepts the application."""
    district.do(case_id, "Task_CheckMaterials", "officer", NOW, **ACCEPTED)


def settle(district: District, case_id: str, result: str, note: str = "电话核实") -> None:
    """What the officer found out about the first hit."""
    with transaction(district.session):
        case = district.session.get_one(Case, case_id)
        law = current_policy(district.session, case.district_id)
        hit = hits_of(district.session, case, law, NOW)[0]
        answers = {
            "source": hit.source, "source_id": hit.source_id, "result": result, "note": note,
        }  # fmt: skip
        clear_duplicate(
            district.session, case, law, answers, actor=district.actor("officer"), now=NOW
        )


def test_a_member_who_applies_in_another_district_keeps_the_case_from_being_accepted(
    district: District,
) -> None:
    # given: not the applicant but the wife stands on the list
    listed(district, f"{id_number('1977-06-11', 102)},dibao,applied\n")
    case_id = district.start(district.household([HUSBAND, WIFE], now=NOW), NOW)
    # when
    with pytest.raises(Conflict, match="duplicate_found") as caught:
        complete(district, case_id)
    # then
    assert "万州区" in caught.value.message and "核实" in caught.value.message
    assert district.case(case_id).accepted_on is None
    # when: she goes on there
    settle(district, case_id, "stays_there")
    with pytest.raises(Conflict, match="duplicate_found"):
        complete(district, case_id)
    # when: it has ended there after all
    settle(district, case_id, "ended_there", "万州区来函，已经停发")
    complete(district, case_id)
    # then
    assert district.case(case_id).accepted_on == date(2021, 10, 15)
    found = district.session.scalars(select(DuplicateFinding)).one()
    assert found.result == "ended_there"
    noted = district.session.scalars(
        select(TrailEntry.action).where(TrailEntry.subject_id == case_id)
    ).all()
    assert noted.count("duplicate.cleared") == 2


def test_a_benefit_here_of_the_same_kind_stands_against_a_second_application(
    district: District,
) -> None:
    # given
    home = district.household([HUSBAND, WIFE], now=NOW)
    with transaction(district.session):
        household = district.session.get_one(Household, home.id)
        decide_now(
            district.session, household, district.keys, actor=district.actor("officer"), now=NOW
        )
    case_id = district.start(home, NOW)
    # when / then
    with pytest.raises(Conflict, match="duplicate_found") as caught:
        complete(district, case_id)
    assert "本区" in caught.value.message


def test_nothing_stands_against_people_on_no_list(district: District) -> None:
    # given
    listed(district, f"{id_number('1980-01-01', 301)},dibao,receiving\n")
    case_id = district.start(district.household([HUSBAND], now=NOW), NOW)
    # when
    complete(district, case_id)
    # then
    assert district.case(case_id).accepted_on == date(2021, 10, 15)


def test_of_a_list_only_blind_indexes_are_kept_and_a_newer_one_takes_its_place(
    district: District,
) -> None:
    # given
    number = id_number("1977-06-11", 102)
    first = listed(district, f"{number},dibao,applied\n{number},dibao,applied\n")
    # when
    second = listed(district, f"{id_number('1980-01-01', 301)},tekun,receiving\n")
    # then
    rows = district.session.scalars(select(ElsewherePerson)).all()
    assert [row.list_id for row in rows] == [second]
    assert number.encode() not in rows[0].id_number_index and len(rows[0].id_number_index) >= 16
    old = district.session.get_one(ElsewhereList, first)
    assert old.superseded_at is not None and old.rows == 1
    told = district.session.scalars(
        select(TrailEntry.body).where(TrailEntry.action == "elsewhere.listed")
    ).all()
    assert len(told) == 2 and not any(number in str(body) for body in told)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "list_format"),
        (b"\xff\xfe", "list_format"),
        (b"name,number\nx,y\n", "list_format"),
        (HEADING.encode() + b"123,dibao,applied\n", "list_row"),
        (HEADING.encode() + b"500154197706111029,dibao,maybe\n", "list_row"),
        (HEADING.encode() + b"a,b\n", "list_row"),
    ],
)
def test_a_file_that_is_no_list_is_refused_without_repeating_it(content: bytes, code: str) -> None:
    # when
    with pytest.raises(Invalid) as caught:
        read_list(content, date(2021, 10, 15))
    # then
    assert caught.value.code == code
    assert "123" not in caught.value.message and "5001541977" not in caught.value.message


def test_the_search_takes_three_statements_whatever_stands_on_the_lists(
    district: District,
) -> None:
    # given
    numbers = [id_number("1960-01-01", order) for order in range(100, 400)]
    listed(district, "".join(f"{number},dibao,applied\n" for number in numbers))
    case_id = district.start(district.household([HUSBAND, WIFE], now=NOW), NOW)
    case = district.case(case_id)
    law = current_policy(district.session, case.district_id)
    sent: list[str] = []
    engine = district.session.get_bind()
    event.listen(engine, "before_cursor_execute", lambda *call: sent.append(call[2]))
    # when
    hits = hits_of(district.session, case, law, NOW)
    # then
    assert hits == [] and len(sent) == 3
    district.session.rollback()
