"""A family's months, recoveries and lists of deaths over the JSON interface."""

from __future__ import annotations

from sqlalchemy import select

from models.assistance import Grant
from models.deaths import DeathRow
from tests.api.clients import Api
from tests.api.test_tasks import code_of
from tests.assistance.money.world import World
from tests.assistance.retroactive.story import Story


def family(api: Api) -> Grant:
    """A family with a benefit since October 2021."""
    story = Story(World(api.district))
    story.decided(story.family("400"), "2021-09-20")
    grant = api.session.scalars(select(Grant)).one()
    api.session.rollback()
    return grant


def test_a_family_is_read_month_by_month(api: Api) -> None:
    # given
    grant = family(api)
    path = f"/households/{grant.household_id}/months"
    # when
    year = api.get("confirmer", path).json
    every = api.get("confirmer", f"{path}?every=true").json
    # then
    assert year is not None and every is not None
    assert every["months"][0]["month"] == "2021-10"
    assert len(year["months"]) < len(every["months"])
    assert every["months"][0]["owed"] == "235.00" and every["months"][0]["stopped"] == "235.00"
    assert year["preview"]["allowed"] is True
    assert len(year["preview"]["months"]) == 6


def test_a_household_that_is_not_there_is_not_found(api: Api) -> None:
    # when
    answer = api.get("confirmer", "/households/01a208f1-b476-70fa-ad23-d31d692d0b4c/months")
    # then
    assert (answer.status_code, code_of(answer)) == (404, "household_not_found")


def test_a_list_of_deaths_is_compared_and_recorded(api: Api) -> None:
    # given
    body = {"source": "区公安局", "deaths": [
        {"id_number": "500154195001011234", "died_on": "2026-11-01"},
    ]}  # fmt: skip
    # when
    made = api.post("reviewer", "/death-lists", body)
    wrong = api.post("reviewer", "/death-lists", {**body, "deaths": [
        {"id_number": "500154195001011234", "died_on": "1.11."},
    ]})  # fmt: skip
    listed = made.json
    assert listed is not None
    taken = api.post("reviewer", f"/death-lists/{listed['id']}/take", {})
    # then
    assert (made.status_code, listed["state"], listed["counts"]) == (
        201,
        "previewed",
        {"unknown": 1},
    )
    assert (wrong.status_code, code_of(wrong)) == (422, "death_list_day")
    assert taken.status_code == 202 and taken.json is not None
    assert taken.json["state"] == "taking"
    assert api.session.scalars(select(DeathRow.person_id)).all() == [None]


def test_the_list_of_recoveries_is_empty_where_nothing_was_paid_too_much(api: Api) -> None:
    # when
    answer = api.get("finance", "/recoveries?state=open").json
    odd = api.get("finance", "/recoveries?after=x")
    # then
    assert answer == {"recoveries": [], "next": None}
    assert (odd.status_code, code_of(odd)) == (422, "request.cursor")
