"""What an operation that a diagram calls gets to work with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from models.cases import Case
from models.households import Household
from workflows.calendar import local_day
from workflows.definitions.policy import Policy
from workflows.errors import Actor
from workflows.privacy import KeyRing


@dataclass(frozen=True, slots=True)
class CaseRequest:
    """A case of another process that the runtime shall open, for the case's own household.

    With `household` it is opened for that one, at the place where it lives. `first_applied_on` is
    the day on which the family first asked for what it asks for again.
    """

    process: str
    variables: Mapping[str, Any]
    household: Household | None = None
    first_applied_on: date | None = None
    #: whom the case is about, where it isn't the household
    person_id: str | None = None


@dataclass(slots=True)
class OperationContext:
    """One call of an operation: the case, who acts, when, and under which law.

    `law` is the policy as published at this moment (parameters, tables, calendar); `variables`
    shows what the process knows, to be read only.
    """

    session: Session
    case: Case
    actor: Actor
    now: datetime
    law: Policy
    keys: KeyRing
    variables: Mapping[str, Any]
    #: what the act has decided so far, as the trail will keep it
    reasons: Sequence[Mapping[str, Any]] = ()
    #: what the trail entry of the act should say beside the outputs
    notes: list[Mapping[str, Any]] = field(default_factory=list)
    #: cases that the runtime opens once the act is stored, in the same transaction
    requests: list[CaseRequest] = field(default_factory=list)

    @property
    def today(self) -> date:
        """The local day of `now`."""
        return local_day(self.now)
