"""Applications that open a process by its own form: who asks, what they answer, all findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from marshmallow import Schema
from sqlalchemy.orm import Session

from models.cases import Case
from models.households import Area
from models.offices import Office
from web.api.schemas import choice, text
from web.words import RELIEF_CHANNELS
from workflows.access import require_impartial
from workflows.assistance.households import ApplicantData
from workflows.errors import Actor, Fault, Finding, Invalid
from workflows.privacy import KeyRing
from workflows.runtime.applying import open_by_form

#: Where a command names the applicant, and where they stand in the document.
_ENTERED, _SENT = "members.0.", "applicant."


class ApplicantSchema(Schema):
    """Who asks for help. A number that isn't at hand is left out and recorded later."""

    name = text(60)
    id_number = text(30, required=False, load_default="")
    phone = text(30, required=False, load_default="")
    area = choice([area.value for area in Area], required=False, load_default=Area.URBAN.value)


def form_findings(document: Mapping[str, Any]) -> Iterator[Finding]:
    """What stands against a document before its answers are looked at."""
    for part, chinese, english in (
        ("applicant", "求助人", "the applicant"),
        ("answers", "登记表单的答案", "the answers of its form"),
    ):
        if document[part] is None:
            yield Finding(
                f"application.{part}",
                f"这一流程由表单发起，请填写{chinese}。",
                f"A form opens this process: give {english}.",
                field=part,
            )
    yield from unwanted(document, ("household", "household_id"))
    if document["channel"] not in RELIEF_CHANNELS:
        yield channel_finding(RELIEF_CHANNELS)


def unwanted(document: Mapping[str, Any], parts: Sequence[str]) -> Iterator[Finding]:
    """Parts of a document that its process doesn't take."""
    for part in parts:
        if document[part] is not None:
            yield Finding(
                "application.unwanted",
                "这一流程不用这一项发起。",
                "This process isn't opened with this.",
                field=part,
            )


def channel_finding(known: Iterable[str]) -> Finding:
    """A channel that applications for this process don't come by."""
    listed = "、".join(known)
    return Finding(
        "application.channel",
        f"这一流程没有这个渠道，可用：{listed}。",
        f"This process has no such channel; it has {listed}.",
        field="channel",
    )


def open_by_document(
    session: Session,
    village: Office,
    document: Mapping[str, Any],
    keys: KeyRing,
    *,
    actor: Actor,
    now: datetime,
) -> Case:
    """Open the case that a document asks for, in the caller's transaction.

    Raises:
        Invalid: `application.invalid` with every finding at its place in the document.
        NotAllowed: for the actor's own household.
    """
    told = document["applicant"]
    applicant = ApplicantData(
        village.id, Area(told["area"]), told["name"], told["id_number"], told["phone"]
    )
    try:
        case = open_by_form(
            session, document["process"], applicant, document["answers"], keys,
            channel=document["channel"], actor=actor, now=now,
        )  # fmt: skip
    except Invalid as refused:
        if isinstance(refused, Fault) or not refused.findings:
            raise  # nothing in the document is at fault
        placed = [_placed(found) for found in refused.findings]
        raise Invalid("application.invalid", findings=placed) from refused
    require_impartial(session, actor, case_id=case.id, household_id=case.household_id)
    return case


def _placed(found: Finding) -> Finding:
    place = found.field or ""
    if place.startswith(_ENTERED):
        return replace(found, field=_SENT + place.removeprefix(_ENTERED))
    # an answer, also one that the form doesn't ask for
    return replace(found, field=f"answers.{place}") if place else found
