"""Who may do what: every role and every action, written down once more."""

from __future__ import annotations

import itertools

import pytest

from models.accounts import Role
from models.offices import OfficeLevel
from workflows.access import (
    ACTIONS_OF,
    LEVEL_OF_ROLE,
    RULE_OF,
    RULES,
    Action,
    Holding,
    Place,
    Viewer,
    may,
    require,
    separation_between,
)
from workflows.errors import NotAllowed

ORDER = [
    *("assistant", "case_officer", "township_leader", "reviewer", "confirmer", "finance"),
    *("rural_affairs", "policy_editor", "policy_publisher", "auditor", "system_admin"),
    *("security_admin", "audit_admin"),
]

#: one column per role in ORDER
TABLE = """
queue.read         x x x x x x x . . . . . .
case.open          x x . . . . . . . . . . .
case.read          x x x x x . . . . x . . .
case.message       . x x x x . . . . . . . .
task.complete      x x x x x x x . . . . . .
task.return        . x x x x . . . . . . . .
task.hand_over     . x x x x . . . . . . . .
clock.extend       . . . x x . . . . . . . .
alert.read         x x x x x x x . . x . . .
alert.take_note    x x x x x x x . . . . . .
household.register x x . . . . . . . . . . .
household.read     x x x x x . . . . x . . .
elsewhere.list     . . . x . . . . . . . . .
person.reveal      . x x x x . . . . x . . .
attachment.add     x x x x x . . . . . . . .
attachment.read    x x x x x . . . . x . . .
notice.read        x x x x x . . . . x . . .
grant.read         x x x x x x x . . x . . .
remedy.read         . x x x x . . . . x . . .
remedy.register     . x . x . . . . . . . . .
payment.read        . x x x x x . . . x . . .
bank_account.record x x . . . . . . . . . . .
roll.draw           . . . x . . . . . . . . .
roll.review         . . . x x . . . . . . . .
roll.authorise      . . . . x . . . . . . . .
roll.release        . . . . . x . . . . . . .
roll.cancel         . . . x x . . . . . . . .
bank_file.read      . . . . . x . . . . . . .
bank_result.take    . . . . . x . . . . . . .
failure.handle      . x . x . . . . . . . . .
roll_list.post     x x . . . . . . . . . . .
price.read         . . . x x x . . . x . . .
price.enter        . . . x . . . . . . . . .
statistics.read    . . x x x x x . . x . . .
filing.read        . x x x x . . . . x . . .
fund.read          . x x x x x x . . x . . .
fund.request       . x . . . . . . . . . . .
policy.read        x x x x x x x x x x x . x
policy.draft       . . . . . . . x . . . . .
policy.publish     . . . . . . . . x . . . .
calendar.edit      . . . . . . . . . . x . .
retroactive.read   . x . x x x . x x x . . .
touched.read       . x . x x x . . . x . . .
touched.decide     . x . . x . . . . . . . .
death.report       x x . . . . . . . . . . .
death_list.take    . . . x x . . . . . . . .
job_offer.record   . x . . . . . . . . . . .
recovery.read      . x x x x x . . . x . . .
recovery.open      . x . . . . . . . . . . .
trail.read         . . . . . . . . . x . . .
trail.verify       . . . . . . . . . x . . x
trail.export       . . . . . . . . . x . . x
trail.seal         . . . . . . . . . . . . x
incident.read      . . . . . . . . . x x . .
incident.resolve   . . . . . . . . . . x . .
office.read        . . . . . . . . . x x x x
office.manage      . . . . . . . . . . x . .
account.read       . . . . . . . . . x . x .
account.manage     . . . . . . . . . . . x .
role.grant         . . . . . . . . . . . x .
"""

EXPECTED = [
    (Role(role), Action(cells[0]), mark == "x")
    for cells in (line.split() for line in TABLE.strip().splitlines())
    for role, mark in zip(ORDER, cells[1:], strict=True)
]

DISTRICT, TOWNSHIP, OTHER, VILLAGE, OTHER_VILLAGE = "d", "t", "t2", "v", "v2"
OFFICE_OF = {
    OfficeLevel.DISTRICT: (DISTRICT, None),
    OfficeLevel.TOWNSHIP: (TOWNSHIP, TOWNSHIP),
    OfficeLevel.VILLAGE: (VILLAGE, TOWNSHIP),
}


def viewer_with(*roles: Role, district_id: str = DISTRICT) -> Viewer:
    """Somebody who holds the roles at the offices of one branch of the tree."""
    holdings = tuple(
        Holding(role, OFFICE_OF[LEVEL_OF_ROLE[role]][0], "某机构", LEVEL_OF_ROLE[role],
                OFFICE_OF[LEVEL_OF_ROLE[role]][1])
        for role in roles
    )  # fmt: skip
    return Viewer("a", district_id, "li", "李", "zh", 0, None, holdings)


def test_the_table_names_every_role_and_action() -> None:
    # when / then
    assert [Role(code) for code in ORDER] == list(Role)
    assert {action for _, action, _ in EXPECTED} == set(Action)
    assert [rule.action for rule in RULES] == list(Action)


@pytest.mark.parametrize(("role", "action", "allowed"), EXPECTED)
def test_a_role_may_do_what_the_table_says(role: Role, action: Action, allowed: bool) -> None:
    # given
    viewer = viewer_with(role)
    # when / then
    assert may(viewer, action) is allowed
    if allowed:
        require(viewer, action)
    else:
        with pytest.raises(NotAllowed):
            require(viewer, action)


@pytest.mark.parametrize("action", list(Action))
def test_nobody_without_a_role_may_do_anything(action: Action) -> None:
    # when / then
    assert not may(viewer_with(), action)


PLACES = {
    "own village": Place(DISTRICT, TOWNSHIP, VILLAGE),
    "other village of the township": Place(DISTRICT, TOWNSHIP, OTHER_VILLAGE),
    "township without a village": Place(DISTRICT, TOWNSHIP),
    "other township": Place(DISTRICT, OTHER, "v3"),
    "other district": Place("d2", TOWNSHIP, VILLAGE),
}
SEEN = {
    Role.ASSISTANT: {"own village"},
    Role.CASE_OFFICER: {
        "own village",
        "other village of the township",
        "township without a village",
    },
    Role.REVIEWER: set(PLACES) - {"other district"},
    Role.AUDITOR: set(PLACES) - {"other district"},
    Role.SYSTEM_ADMIN: set(),
}


@pytest.mark.parametrize(("role", "place"), list(itertools.product(SEEN, PLACES)))
def test_an_office_sees_its_own_cases_only(role: Role, place: str) -> None:
    # given
    viewer = viewer_with(role)
    # when
    allowed = may(viewer, Action.CASE_READ, PLACES[place])
    # then
    assert allowed is (place in SEEN[role])


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN])
def test_administrators_see_no_personal_data(role: Role) -> None:
    # when / then
    assert not any(RULE_OF[action].personal for action in ACTIONS_OF[role])


def test_auditors_read_everything_and_change_nothing() -> None:
    # given
    changing = {action for action in Action if RULE_OF[action].changes}
    reading = {Action.CASE_READ, Action.HOUSEHOLD_READ, Action.TRAIL_READ, Action.ACCOUNT_READ}
    # when / then
    assert not ACTIONS_OF[Role.AUDITOR] & changing
    assert reading <= ACTIONS_OF[Role.AUDITOR]


ADMINS = {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN}
TOGETHER = {
    frozenset(pair)
    for pair in [
        (Role.ASSISTANT, Role.CASE_OFFICER),
        (Role.ASSISTANT, Role.TOWNSHIP_LEADER),
        (Role.ASSISTANT, Role.REVIEWER),
        (Role.ASSISTANT, Role.RURAL_AFFAIRS),
        (Role.ASSISTANT, Role.POLICY_EDITOR),
        (Role.ASSISTANT, Role.POLICY_PUBLISHER),
        (Role.CASE_OFFICER, Role.TOWNSHIP_LEADER),
        (Role.CASE_OFFICER, Role.REVIEWER),
        (Role.CASE_OFFICER, Role.RURAL_AFFAIRS),
        (Role.CASE_OFFICER, Role.POLICY_PUBLISHER),
        (Role.TOWNSHIP_LEADER, Role.REVIEWER),
        (Role.TOWNSHIP_LEADER, Role.RURAL_AFFAIRS),
        (Role.TOWNSHIP_LEADER, Role.POLICY_PUBLISHER),
        (Role.REVIEWER, Role.CONFIRMER),
        (Role.REVIEWER, Role.RURAL_AFFAIRS),
        (Role.REVIEWER, Role.POLICY_PUBLISHER),
        (Role.CONFIRMER, Role.RURAL_AFFAIRS),
        (Role.CONFIRMER, Role.POLICY_PUBLISHER),
        (Role.FINANCE, Role.RURAL_AFFAIRS),
        (Role.FINANCE, Role.POLICY_PUBLISHER),
        (Role.RURAL_AFFAIRS, Role.POLICY_EDITOR),
        (Role.RURAL_AFFAIRS, Role.POLICY_PUBLISHER),
        (Role.POLICY_EDITOR, Role.POLICY_PUBLISHER),
    ]
}


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(Role, 2)))
def test_two_roles_go_together_only_where_the_list_says(one: Role, other: Role) -> None:
    # when
    rules = separation_between(one, other), separation_between(other, one)
    # then
    assert (rules == (None, None)) is (frozenset((one, other)) in TOGETHER)
    assert rules[0] == rules[1]


@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_be_held_at_a_second_office(role: Role) -> None:
    # when / then
    assert separation_between(role, role) is None


def test_an_actor_acts_only_in_a_role_that_is_held_there() -> None:
    # given
    viewer = viewer_with(Role.CASE_OFFICER, Role.ASSISTANT)
    # when
    actor = viewer.actor("assistant", VILLAGE)
    # then
    assert (actor.role, actor.office_id, actor.account_id) == ("assistant", VILLAGE, "a")
    for role, office in [("reviewer", None), ("assistant", OTHER_VILLAGE), (None, OTHER)]:
        with pytest.raises(NotAllowed):
            viewer.actor(role, office)
