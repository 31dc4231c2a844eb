"""Tasks over the JSON interface: queue, one task, complete, return, claim, release."""

from __future__ import annotations

from tests.api.clients import Api

COMPLETE = {"materials_result": "complete", "materials_received": ["最低生活保障申请书"]}


def test_a_case_is_started_and_its_first_task_completed(api: Api) -> None:
    # given
    case_id = api.started()
    queue = api.get("officer", "/tasks").json
    assert [task["case"]["id"] for task in queue["tasks"]] == [case_id]
    task_id = queue["tasks"][0]["id"]
    shown = api.get("officer", f"/tasks/{task_id}")
    # when
    done = api.post(
        "officer", f"/tasks/{task_id}/complete",
        {"answers": COMPLETE, "case_version": shown.json["case_version"]},
    )  # fmt: skip
    # then
    assert done.status_code == 200, done.text
    assert done.json["case_version"] == 2
    assert {"Task_StartSurvey"} <= set(api.district.open_tasks(case_id))
