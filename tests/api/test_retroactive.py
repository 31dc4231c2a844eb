"""Changes that reach back over the JSON interface: the changes, their progress, their cases."""

from __future__ import annotations

from sqlalchemy import select

from models.retroactive import RetroactiveChange
from tests.api.clients import Api
from tests.api.test_tasks import code_of
from tests.assistance.money.world import World
from tests.assistance.retroactive.story import Story
from web.database import current_moment


def corrected(api: Api, families: int = 1) -> str:
    """Families with a paid month whose standard is corrected today; the id of the change."""
    story = Story(World(api.district))
    for _ in range(families):
        story.decided(story.family("400"), "2021-09-20")
    story.publish("536", current_moment())
    change = api.session.scalars(select(RetroactiveChange)).one()
    api.session.rollback()
    return change.id


def test_a_district_reads_its_changes_and_the_calculation_of_each_case(api: Api) -> None:
    # given
    change_id = corrected(api)
    # when
    listed = api.get("confirmer", "/retroactive-changes").json
    view = api.get("confirmer", f"/retroactive-changes/{change_id}").json
    page = api.get("confirmer", f"/retroactive-changes/{change_id}/cases?kind=arrears").json
    # then
    assert listed is not None and view is not None and page is not None
    (change,) = listed["changes"]
    assert change["differences"][0]["old"] == "515" and change["differences"][0]["new"] == "536"
    assert change["sums"] == [{"kind": "arrears", "count": 1, "total": "0.00"}]
    assert (view["state"], view["opened"], view["waiting"]) == ("done", 1, 1)
    (case,) = page["cases"]
    assert (case["old_monthly"], case["new_monthly"], case["money"]) == ("235.00", "256.00", None)
    assert case["correction_number"] and page["next"] is None


def test_a_place_in_the_list_that_nobody_gave_is_refused(api: Api) -> None:
    # given
    change_id = corrected(api)
    # when
    answer = api.get("confirmer", f"/retroactive-changes/{change_id}/cases?after=x")
    # then
    assert (answer.status_code, code_of(answer)) == (422, "request.cursor")


def test_a_change_that_is_not_there_is_not_found(api: Api) -> None:
    # when
    answer = api.get("confirmer", "/retroactive-changes/01a208f1-b476-70fa-ad23-d31d692d0b4c")
    # then
    assert answer.status_code == 404
