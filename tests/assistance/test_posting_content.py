"""What may be posted: exactly the lawful fields of each kind, whoever asks and however."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from models.assistance import Publicity
from models.postings import PostingSheet
from models.types import new_id
from tests.runtime.district import District, at
from workflows.assistance.posting_content import (
    CODE_LENGTH,
    lawful_content,
    lawful_days,
    lawful_fields,
    new_code,
    require_lawful,
)
from workflows.decisions import DecisionError
from workflows.definitions.policy import Policy
from workflows.definitions.release import current_policy
from workflows.errors import Fault, Invalid
from workflows.transaction import reading

ON = date(2022, 9, 15)
NOW = at("2022-09-15")
#: What a careless caller might know of a family, and want on the wall.
KNOWN = {
    "name": "陈德明", "members": "3", "monthly": "405.00", "amount": "1200.00",
    "month": "2022-08", "persons": "120", "total": "1800.00", "reason": "食品价格同比上涨6.0%",
    "id_number": "500154197503021016", "address": "南山社区12号", "illness": "尿毒症",
    "age": "47", "cause": "重病", "children": "陈小雨", "phone": "13800000000",
}  # fmt: skip
#: Every kind of the table, and what hangs on the wall beside the name.
KINDS = {
    "dibao_opinion": {"name", "members", "monthly"},
    "dibao_announcement": {"name", "members", "monthly"},
    "dibao_long_term": {"name", "members", "monthly"},
    "tekun_opinion": {"name", "monthly"},
    "tekun_announcement": {"name", "monthly"},
    "tekun_end": {"name"},
    "relief_expense": {"name", "amount"},
    "relief_after_payment": {"name", "amount"},
    "price_result": {"month", "amount", "persons", "total", "reason"},
}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The rule is the policy's; one kind of database will do."""
    return sqlite_url


@pytest.fixture
def law(session: Session) -> Policy:
    """The project's own policy."""
    district = District.founded(session)
    with reading(session):
        return current_policy(session, district.offices["district"].id)


@pytest.mark.parametrize("kind", KINDS)
def test_of_everything_that_is_known_exactly_the_lawful_fields_are_taken(
    law: Policy, kind: str
) -> None:
    # when
    lawful = lawful_fields(law, kind, ON, now=NOW)
    content = lawful_content(lawful, KNOWN)
    # then
    assert set(lawful.fields) == KINDS[kind]
    assert set(content) == KINDS[kind] - {"name"}
    assert require_lawful(law, kind, 1, lawful.fields, ON, now=NOW)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("field", sorted(KNOWN))
def test_a_field_more_is_refused_and_named(law: Policy, kind: str, field: str) -> None:
    # given
    fields = [*sorted(KINDS[kind]), field]
    if field in KINDS[kind]:
        return
    # when
    with pytest.raises(Invalid) as error:
        require_lawful(law, kind, 1, fields, ON, now=NOW)
    # then
    assert error.value.code == "publicity_field_unlawful"
    assert error.value.details["extra"] == [field]
    assert field in error.value.message


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_less_is_refused_too(law: Policy, kind: str) -> None:
    # given
    *fields, left_out = sorted(KINDS[kind])
    # when
    with pytest.raises(Invalid) as error:
        require_lawful(law, kind, 1, fields, ON, now=NOW)
    # then
    assert error.value.details["missing"] == [left_out]


def test_what_the_case_does_not_know_stops_the_posting(law: Policy) -> None:
    # when
    with pytest.raises(Fault) as error:
        lawful_content(lawful_fields(law, "dibao_opinion", ON, now=NOW), {"members": "3"})
    # then
    assert error.value.code == "publicity_field_missing"


def test_where_the_rules_forbid_it_nothing_is_posted(law: Policy) -> None:
    # given
    later = date(2026, 1, 29)
    # when
    for lawful in (
        lawful_fields(law, "relief_after_payment", later, now=NOW),
        lawful_fields(law, "relief_after_payment", ON, now=NOW, privacy_harm=True),
    ):
        with pytest.raises(Invalid) as error:
            lawful_content(lawful, KNOWN)
        # then
        assert error.value.code == "publicity_forbidden"


def test_a_kind_that_the_table_does_not_know_is_no_kind(law: Policy) -> None:
    # when / then
    with pytest.raises(DecisionError):
        lawful_fields(law, "wall_newspaper", ON, now=NOW)


def test_relief_given_first_hides_given_names_and_opinions_do_not(law: Policy) -> None:
    # when / then
    assert lawful_fields(law, "relief_after_payment", ON, now=NOW).masked
    assert not lawful_fields(law, "dibao_opinion", ON, now=NOW).masked


@pytest.mark.parametrize(
    ("kind", "round", "days"),
    [
        ("dibao_opinion", 1, 7),
        ("dibao_opinion", 2, 3),
        ("tekun_opinion", 2, 7),
        ("tekun_end", 1, 7),
    ],
)
def test_a_period_has_the_days_of_the_table(law: Policy, kind: str, round: int, days: int) -> None:
    # when / then
    assert lawful_days(law, kind, round, ON, now=NOW) == days


@pytest.mark.parametrize("table", [Publicity, PostingSheet])
@pytest.mark.parametrize(
    "content",
    [{"members": "3", "illness": "尿毒症"}, {"members": {"name": "陈小雨"}}, {"name": "陈德明"}],
)
def test_no_row_holds_a_field_beside_the_lawful_ones_nor_a_name(
    table: Any, content: dict[str, Any]
) -> None:
    # given: a row of any kind, made without the operation and without a database
    row = table(id=new_id(), fields=["name", "members", "monthly"])
    # when
    with pytest.raises(ValueError, match=r"publish|plain") as error:
        row.content = content
    # then
    assert "尿毒症" not in str(error.value)


def test_codes_differ_and_hold_no_signs_that_look_alike() -> None:
    # when
    codes = {new_code() for _ in range(200)}
    # then
    assert len(codes) == 200
    assert all(len(code) == CODE_LENGTH for code in codes)
    assert not set("".join(codes)) & set("01ILOAEU")
