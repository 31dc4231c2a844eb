"""Applications as documents: a household with its members, incomes and property, checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.cases import Case
from models.households import Area, Household
from models.offices import Office, OfficeLevel
from web.api.form_applications import (
    ApplicantSchema,
    channel_finding,
    form_findings,
    open_by_document,
    unwanted,
)
from web.api.schemas import choice, key_text, text
from web.api.vocabulary import vocabulary
from web.words import CHANNELS, RELIEF_CHANNELS
from workflows.access import (
    Action,
    Viewer,
    acting,
    place_of,
    require_impartial,
    visible_households,
)
from workflows.assistance.households import (
    HouseholdData,
    IncomeData,
    MemberData,
    PropertyData,
    person_at,
    register_household,
    replace_facts,
)
from workflows.definitions.policy import Policy
from workflows.definitions.release import current_policy
from workflows.errors import Actor, Finding, Invalid, NotFound
from workflows.privacy import KeyRing
from workflows.runtime.applying import start_form_of
from workflows.runtime.starting import start_case

_MONEY = re.compile(r"[0-9]{1,11}(?:\.[0-9]{1,2})?")
_MOST_MEMBERS, _MOST_ITEMS = 30, 100


class MoneyText(fields.String):
    """An amount in yuan as text with at most two decimals, not below zero."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any
    ) -> Any:
        written = super()._deserialize(value, attr, data, **options)
        if not _MONEY.fullmatch(written):
            raise ValidationError('An amount is a text such as "515.50".')
        return Decimal(written)


def _yes_no(*, default: bool) -> fields.Boolean:
    return fields.Boolean(load_default=default, truthy={True}, falsy={False})


def _position() -> fields.Integer:
    return fields.Integer(
        strict=True,
        load_default=None,
        allow_none=True,
        validate=validate.Range(0, _MOST_MEMBERS),
        metadata={"description": "The member by position, from 0; null: the whole household."},
    )


def _amount(**more: Any) -> MoneyText:
    return MoneyText(metadata={"pattern": r"^[0-9]{1,11}(\.[0-9]{1,2})?$"}, **more)


class FactsSchema(Schema):
    """What the decision tables look at; which texts they know is `/policy/current/vocabulary`."""

    status = key_text(required=False, load_default="present")
    student = key_text(required=False, load_default="none")
    student_full_time = _yes_no(default=False)
    disability_grade = fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=validate.Range(1, 4)
    )
    disability_kind = key_text(required=False, load_default=None, allow_none=True)
    serious_illness = _yes_no(default=False)
    able_bodied = _yes_no(default=True)
    employed = _yes_no(default=False)
    independent = _yes_no(default=True)
    clergy_years = fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=validate.Range(0, 100)
    )
    labour_reduced = _yes_no(default=False)
    poverty_exit_person = _yes_no(default=False)
    hukou_at = key_text(required=False, load_default="here")
    hukou_province = text(20, required=False, load_default=None, allow_none=True)
    hukou_county = text(40, required=False, load_default=None, allow_none=True)
    hukou_place = text(40, required=False, load_default=None, allow_none=True)
    lives_at = key_text(required=False, load_default="here")
    residence_province = text(20, required=False, load_default=None, allow_none=True)
    residence_county = text(40, required=False, load_default=None, allow_none=True)


class MemberSchema(Schema):
    """A member; the first one is the applicant."""

    name = text(60)
    id_number = text(30)
    relation = key_text()
    phone = text(30, required=False, load_default="")
    facts = fields.Nested(FactsSchema, load_default=lambda: FactsSchema().load({}))


class IncomeSchema(Schema):
    """An income in yuan a month."""

    member = _position()
    kind = key_text()
    basis = key_text()
    monthly = _amount(required=True)
    label = text(100, required=False, load_default="")


class PropertySchema(Schema):
    """A piece of property; `value` in yuan where known."""

    member = _position()
    kind = key_text()
    value = _amount(load_default=None, allow_none=True)
    label = text(100, required=False, load_default="")


class HouseholdSchema(Schema):
    """People who live together and apply as one."""

    area = choice([area.value for area in Area])
    members = fields.List(
        fields.Nested(MemberSchema), required=True, validate=validate.Length(1, _MOST_MEMBERS)
    )
    incomes = fields.List(
        fields.Nested(IncomeSchema), load_default=list, validate=validate.Length(max=_MOST_ITEMS)
    )
    properties = fields.List(
        fields.Nested(PropertySchema), load_default=list, validate=validate.Length(max=_MOST_ITEMS)
    )
    property_within_limits = _yes_no(default=True)
    property_reason = text(1000, required=False, load_default="")
    unstable_income = _yes_no(default=False)


class ApplicationSchema(Schema):
    """A new case. A process that a form opens takes `applicant` and `answers`; any other one takes
    a new household, a known one, or a known one with new facts."""

    process = key_text()
    village_id = fields.UUID(required=True)
    channel = choice({**CHANNELS, **RELIEF_CHANNELS}, required=False, load_default="window")
    household_id = fields.UUID(load_default=None, allow_none=True)
    household = fields.Nested(HouseholdSchema, load_default=None, allow_none=True)
    single_member = _position()
    applicant = fields.Nested(ApplicantSchema, load_default=None, allow_none=True)
    answers = fields.Dict(
        keys=fields.String(),
        load_default=None,
        allow_none=True,
        metadata={"description": "By the keys of the published form that opens the process."},
    )


APPLICATION = ApplicationSchema()


def open_application(
    session: Session,
    viewer: Viewer,
    document: Mapping[str, Any],
    keys: KeyRing,
    *,
    now: datetime,
) -> Case:
    """Keep the household, or who asks, and start the case, in the caller's transaction.

    Raises:
        Invalid: with every finding. NotFound: a household that the viewer may not see.
        NotAllowed: elsewhere than at the viewer's offices, or for the viewer's own household.
    """
    village = _village(session, viewer, str(document["village_id"]))
    place = place_of(village)
    actor = acting(viewer, Action.CASE_OPEN, place)
    acting(viewer, Action.HOUSEHOLD_REGISTER, place)
    policy = current_policy(session, viewer.district_id)
    by_form = start_form_of(policy, document["process"]) is not None
    findings = list(form_findings(document) if by_form else _findings(document, policy))
    if findings:
        raise Invalid("application.invalid", findings=findings)
    if by_form:
        return open_by_document(session, village, document, keys, actor=actor, now=now)
    household = _household(session, viewer, document, village, keys, actor=actor, now=now)
    session.flush()  # whether it is the actor's own is asked of the database
    require_impartial(session, actor, case_id="", household_id=household.id)
    known = policy.process(document["process"]).variables
    variables = {"household_id": household.id, "channel": document["channel"]}
    return start_case(
        session,
        document["process"],
        keys,
        township_id=place.township_id,
        village_id=village.id,
        household_id=household.id,
        person_id=person_at(session, household.id, document["single_member"]),
        channel=document["channel"],
        variables={name: value for name, value in variables.items() if name in known},
        actor=actor,
        now=now,
    )


def _village(session: Session, viewer: Viewer, office_id: str) -> Office:
    office = session.scalar(
        select(Office).where(
            Office.id == office_id,
            Office.district_id == viewer.district_id,
            Office.level == OfficeLevel.VILLAGE,
            Office.active.is_(True),
        )
    )
    if office is None:
        raise Invalid(
            "application.invalid",
            findings=[
                Finding(
                    "application.village",
                    "找不到这个村（社区）。",
                    "There is no such village.",
                    field="village_id",
                )
            ],
        )
    return office


def _household(
    session: Session,
    viewer: Viewer,
    document: Mapping[str, Any],
    village: Office,
    keys: KeyRing,
    *,
    actor: Actor,
    now: datetime,
) -> Household:
    data = None if document["household"] is None else _data(document["household"], village.id)
    if document["household_id"] is None:
        assert data is not None  # _findings refused a document without any household
        with _findings_below("household"):
            return register_household(session, data, keys, actor=actor, now=now)
    household = session.scalar(
        select(Household).where(
            Household.id == str(document["household_id"]),
            Household.village_id == village.id,
            visible_households(viewer, Action.HOUSEHOLD_REGISTER),
        )
    )
    if household is None:
        raise NotFound("household_not_found", "找不到这个家庭。", "There is no such household.")
    if data is not None:
        with _findings_below("household"):
            replace_facts(session, household, data, keys, actor=actor, now=now)
    return household


@contextmanager
def _findings_below(place: str) -> Iterator[None]:
    """Findings about a part of the document name their places from its top.

    Raises:
        Invalid: as what is done here, its fields in the document that the client sent.
    """
    try:
        yield
    except Invalid as error:
        findings = [
            replace(found, field=f"{place}.{found.field}" if found.field else place)
            for found in error.findings
        ]
        raise Invalid(
            error.code,
            error.message,
            error.message_en,
            details=error.details,
            findings=findings,
        ) from error


def _data(document: Mapping[str, Any], village_id: str) -> HouseholdData:
    return HouseholdData(
        village_id,
        Area(document["area"]),
        [
            MemberData(
                found["name"], found["id_number"], found["relation"], found["phone"],
                found["facts"],
            )
            for found in document["members"]
        ],
        [
            IncomeData(
                found["member"], found["kind"], found["basis"], found["monthly"], found["label"]
            )
            for found in document["incomes"]
        ],
        [
            PropertyData(found["member"], found["kind"], found["value"], found["label"])
            for found in document["properties"]
        ],
        property_within_limits=document["property_within_limits"],
        property_reason=document["property_reason"],
        unstable_income=document["unstable_income"],
    )  # fmt: skip


def _findings(document: Mapping[str, Any], policy: Policy) -> Iterator[Finding]:
    if document["process"] not in {process.id for process in policy.startable()}:
        yield Finding(
            "application.process",
            "现行政策中没有可以发起的这一流程。",
            "The policy in force has no such process to start.",
            field="process",
        )
    yield from unwanted(document, ("applicant", "answers"))
    if document["channel"] not in CHANNELS:
        yield channel_finding(CHANNELS)
    household = document["household"]
    if household is None:
        if document["household_id"] is None:
            yield Finding(
                "application.household",
                "请填写家庭，或者已登记家庭的编号。",
                "Give a household, or the id of a registered one.",
                field="household",
            )
        return
    known = vocabulary(policy)
    for position, member in enumerate(household["members"]):
        place = f"household.members.{position}"
        yield from _unknown(known, "member.relation", member["relation"], f"{place}.relation")
        for name, value in member["facts"].items():
            yield from _unknown(known, f"member.{name}", value, f"{place}.facts.{name}")
    for part in ("incomes", "properties"):
        for position, item in enumerate(household[part]):
            place = f"household.{part}.{position}"
            if item["member"] is not None and item["member"] >= len(household["members"]):
                yield Finding(
                    "application.member",
                    "没有这一名成员。",
                    "There is no such member.",
                    field=f"{place}.member",
                )
            if part == "incomes":
                yield from _unknown(known, "income.kind", item["kind"], f"{place}.kind")
                yield from _unknown(known, "income.basis", item["basis"], f"{place}.basis")


def _unknown(
    known: Mapping[str, frozenset[str]], fact: str, value: Any, place: str
) -> Iterator[Finding]:
    if isinstance(value, str) and fact in known and value not in known[fact]:
        listed = "、".join(sorted(known[fact]))
        yield Finding(
            "application.unknown_value",
            f"现行政策不认识这个值，可用：{listed}。",
            f"The policy in force doesn't know this value; it knows {listed}.",
            field=place,
        )
