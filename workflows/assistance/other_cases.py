"""Opening another case for the same family from within a case, without registering it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workflows.assistance.context import CaseRequest, OperationContext


def open_other_case(
    context: OperationContext, *, process: str, variables: Mapping[str, Any]
) -> dict[str, Any]:
    """Ask for a case of another programme for this household; it is opened in the same act.

    The other process gets those of the `variables` that it declares. An application that the
    household has open already is refused there (`open_case_exists`).
    """
    context.requests.append(CaseRequest(process, dict(variables)))
    context.notes.append({"opens": process})
    return {}


def open_other_cases(
    context: OperationContext, *, requests: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Ask for several cases, each `{process, person_id, variables}`, as `open_other_case`."""
    for asked in requests:
        process, person_id = str(asked["process"]), asked.get("person_id")
        context.requests.append(CaseRequest(process, dict(asked["variables"]), person_id=person_id))
        context.notes.append({"opens": process, "person": person_id})
    return {}
