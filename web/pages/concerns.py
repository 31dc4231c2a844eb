"""What pages show beside a case or a household: other open cases, and possible duplicates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from models.cases import Case, CaseState
from models.households import Person
from web.config import settings
from web.database import current_moment, db_session
from workflows.access import Action, Viewer, may
from workflows.assistance.applications import is_application
from workflows.assistance.families.duplicates import Hit, hits_of
from workflows.definitions.policy import Policy
from workflows.runtime.inbox.concerns import Concern, concerns_of
from workflows.runtime.inbox.people import shown_person


@dataclass(frozen=True, slots=True)
class Concerns:
    """Other open cases with the names of their processes, and hits with those of people."""

    cases: Sequence[tuple[Concern, str]] = ()
    hits: Sequence[Hit] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    may_clear: bool = False


def concerns_about(
    viewer: Viewer,
    policy: Policy | None,
    household_id: str | None,
    case: Case | None = None,
) -> Concerns:
    """What else is open about the people. One SELECT; up to five before an acceptance."""
    session = db_session()
    found = concerns_of(session, viewer, household_id, None if case is None else case.id)
    processes = {} if policy is None else policy.processes
    titled = [
        (one, processes[one.process].name if one.process in processes else one.process)
        for one in found
    ]
    if case is None or policy is None or not _before_acceptance(case, policy):
        return Concerns(titled)
    hits = hits_of(session, case, policy, current_moment())
    may_clear = may(viewer, Action.HOUSEHOLD_REGISTER, case)
    return Concerns(titled, hits, _names(hits), may_clear)


def _before_acceptance(case: Case, policy: Policy) -> bool:
    return (
        case.state is CaseState.OPEN
        and case.accepted_on is None
        and case.process_key in policy.processes
        and is_application(policy, case.process_key)
    )


def _names(hits: Sequence[Hit]) -> dict[str, str]:
    """The names of the people who were found; one SELECT where there are any."""
    if not hits:
        return {}
    people = db_session().scalars(
        select(Person).where(Person.id.in_([one.person_id for one in hits]))
    )
    names = {}
    for person in people:
        shown = shown_person(person.id, person.data_key, person.identity, settings().keys.ring)
        if shown is not None:
            names[person.id] = shown.name
    return names
