"""A household as it is typed: rows of published forms, read, checked all at once, shown again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import MultiDict

from models.households import Area
from web.forms_html import FormView, show_form
from web.forms_html.posted import raw_answers
from web.forms_html.shown import start_values
from web.pages.vocabulary import INCOME, MEMBER, PROPERTY
from workflows.assistance.households import HouseholdData, IncomeData, MemberData, PropertyData
from workflows.assistance.households.entering import identity_findings
from workflows.decisions.forms import Form, validate_answers
from workflows.definitions.policy import Policy
from workflows.errors import Finding, Invalid
from workflows.privacy import id_number_findings, parse_id_number

#: Prefix of a row's fields, by the list that the row belongs to; the form of its rows.
LISTS = {"m": MEMBER, "i": INCOME, "p": PROPERTY}
MOST = {"m": 30, "i": 100, "p": 100}
_ROW = re.compile(r"([mip])(\d{1,3})-(.+)")
_IDENTITY = ("name", "id_number", "phone", "relation")
_HOUSEHOLD = "household"
#: The page shows what an id-card number says as soon as it is complete.
_ASKED = frozenset({"id_number"})


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed: the head of the form, and the raw answers of each row by list."""

    head: Mapping[str, Any]
    rows: Mapping[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class RowView:
    """One row: its form, whose it is, and what an id-card number says."""

    place: int
    prefix: str
    form: FormView
    member: str = ""
    says: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """A household as typed, checked: `data` is there only when nothing is wrong."""

    data: HouseholdData | None
    findings: tuple[Finding, ...] = ()
    rows: Mapping[tuple[str, int], Sequence[Finding]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many things are wrong."""
        return len(self.findings) + sum(len(found) for found in self.rows.values())


def read_typed(fields: MultiDict[str, str]) -> Typed:
    """The fields of the page; rows are numbered anew in their order."""
    rows: dict[str, dict[int, MultiDict[str, str]]] = {kind: {} for kind in LISTS}
    for name, values in fields.lists():
        found = _ROW.fullmatch(name)
        if found is not None:
            row = rows[found[1]].setdefault(int(found[2]), MultiDict())
            row.setlist(found[3], values)
    return Typed(
        raw_answers(fields),
        {
            kind: [raw_answers(found[place]) for place in sorted(found)][: MOST[kind]]
            for kind, found in rows.items()
        },
    )


def changed(typed: Typed, verb: str, policy: Policy) -> Typed:
    """The rows after a button was pressed: `add-m`, `remove-i-2`; anything else changes nothing."""
    action, _, rest = verb.partition("-")
    kind, _, place = rest.partition("-")
    if kind not in LISTS:
        return typed
    rows = {name: list(found) for name, found in typed.rows.items()}
    if action == "add" and len(rows[kind]) < MOST[kind]:
        rows[kind].append(fresh_row(policy, kind))
    elif action == "remove" and (gone := _number(place)) is not None and gone < len(rows[kind]):
        del rows[kind][gone]
        if kind == "m":
            rows = _without_member(rows, gone)
    return Typed(typed.head, rows)


def _without_member(
    rows: dict[str, list[dict[str, Any]]], gone: int
) -> dict[str, list[dict[str, Any]]]:
    for kind in ("i", "p"):
        for row in rows[kind]:
            member = _position(row)
            if member == gone:
                row["member"] = ""
            elif member is not None and member > gone:
                row["member"] = str(member - 1)
    return rows


def fresh_row(policy: Policy, kind: str) -> dict[str, Any]:
    """A row that nobody has filled in: the form's defaults."""
    return start_values(policy.forms[LISTS[kind]], {})


def shown_rows(
    typed: Typed, policy: Policy, checked: Checked | None, *, now: datetime, today: date
) -> dict[str, list[RowView]]:
    """Every row ready to draw."""
    shown: dict[str, list[RowView]] = {}
    for kind, key in LISTS.items():
        shown[kind] = []
        for place, raw in enumerate(typed.rows[kind]):
            prefix = f"{kind}{place}-"
            findings = checked.rows.get((kind, place), ()) if checked else ()
            view = show_form(
                policy.forms[key],
                raw,
                scope={},
                now=now,
                findings=findings,
                prefix=prefix,
                deciding=_ASKED,
            )
            says = _says(str(raw.get("id_number", "")), today) if kind == "m" else ""
            shown[kind].append(RowView(place, prefix, view, str(raw.get("member", "")), says))
    return shown


def _says(number: str, today: date) -> str:
    """What a right id-card number says: birthday, sex and age."""
    if not number or id_number_findings(number, today=today):
        return ""
    found = parse_id_number(number, today=today)
    had_birthday = (today.month, today.day) >= (found.born_on.month, found.born_on.day)
    age = today.year - found.born_on.year - (not had_birthday)
    return f"{found.born_on.isoformat()} {found.sex.value} {age}"


def checked_household(
    typed: Typed, policy: Policy, village_id: str, *, now: datetime, today: date
) -> Checked:
    """Everything that is wrong at once, each finding with its row and field."""
    rows: dict[tuple[str, int], list[Finding]] = {}
    values: dict[str, list[Mapping[str, Any]]] = {kind: [] for kind in LISTS}
    for kind, key in LISTS.items():
        for place, raw in enumerate(typed.rows[kind]):
            answers, wrong = _row_answers(policy.forms[key], raw, now)
            values[kind].append({**answers, "member": raw.get("member", "")})
            rows[kind, place] = list(wrong)
            if kind != "m" and not _knows(raw, len(typed.rows["m"])):
                rows[kind, place].append(_unknown_member())
    findings = _head_findings(typed.head)
    _add_identity(rows, typed.rows["m"], today)
    _add_relations(rows, typed.rows["m"])
    if not typed.rows["m"]:
        findings.append(
            Finding("no_members", "请至少填写申请人一名成员。", "Enter at least the applicant.")
        )
    if findings or any(rows.values()):
        return Checked(None, tuple(findings), rows)
    return Checked(_data(typed, values, village_id), (), rows)


def _row_answers(
    form: Form, raw: Mapping[str, Any], now: datetime
) -> tuple[Mapping[str, Any], tuple[Finding, ...]]:
    given = {key: value for key, value in raw.items() if key != "member"}
    try:
        return validate_answers(form, given, scope={}, now=now).values, ()
    except Invalid as error:
        return {}, error.findings


def _knows(raw: Mapping[str, Any], members: int) -> bool:
    place = _position(raw)
    if place is None:
        return str(raw.get("member") or "") in ("", _HOUSEHOLD)
    return place < members


def _unknown_member() -> Finding:
    return Finding("application.member", "请选择是谁的。", "Choose whose it is.", field="member")


def _head_findings(head: Mapping[str, Any]) -> list[Finding]:
    findings = []
    if str(head.get("area", "")) not in set(Area):
        findings.append(
            Finding("area_missing", "请选择城市或农村。", "Choose rural or urban.", field="area")
        )
    if head.get("property_ok") not in ("yes", "no"):
        findings.append(
            Finding(
                "property_missing",
                "请判断财产是否符合规定。",
                "Say whether the property is within the limits.",
                field="property_ok",
            )
        )
    if not str(head.get("property_reason", "")).strip():
        findings.append(
            Finding(
                "property_reason_missing",
                "请写明财产判断的理由。",
                "Give the reason for the judgement on property.",
                field="property_reason",
            )
        )
    return findings


def _add_identity(
    rows: dict[tuple[str, int], list[Finding]], members: Sequence[Mapping[str, Any]], today: date
) -> None:
    entered = [_member(row, {}) for row in members]
    for found in identity_findings(entered, today) if entered else ():
        _, place, key = (found.field or "members.0.name").split(".")
        known = {one.field for one in rows["m", int(place)]}
        if key not in known:
            message = found.message.partition("：")[2] or found.message
            rows["m", int(place)].append(Finding(found.code, message, found.message_en, field=key))


def _add_relations(
    rows: dict[tuple[str, int], list[Finding]], members: Sequence[Mapping[str, Any]]
) -> None:
    for place, row in enumerate(members):
        is_self = row.get("relation") == "self"
        if row.get("relation") and is_self != (place == 0):
            rows["m", place].append(
                Finding(
                    "relation_self",
                    "第一名成员须为申请人本人，其他成员不能选“申请人本人”。",
                    "The first member is the applicant, and nobody else is.",
                    field="relation",
                )
            )


def _member(row: Mapping[str, Any], facts: Mapping[str, Any]) -> MemberData:
    return MemberData(
        str(row.get("name", "")),
        str(row.get("id_number", "")),
        str(row.get("relation", "")),
        str(row.get("phone", "")),
        facts,
    )


def _data(
    typed: Typed, values: Mapping[str, Sequence[Mapping[str, Any]]], village_id: str
) -> HouseholdData:
    return HouseholdData(
        village_id,
        Area(typed.head["area"]),
        [
            _member(raw, facts_of(answers))
            for raw, answers in zip(typed.rows["m"], values["m"], strict=True)
        ],
        [
            IncomeData(
                _position(row), row["kind"], row["basis"], row["monthly"], row["label"] or ""
            )
            for row in values["i"]
        ],
        [
            PropertyData(_position(row), row["kind"], row["value"], row["label"] or "")
            for row in values["p"]
        ],
        property_within_limits=typed.head["property_ok"] == "yes",
        property_reason=str(typed.head["property_reason"]).strip(),
        unstable_income=typed.head.get("unstable_income") == "true",
    )


def facts_of(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The facts that rules look at: what the member form asks beside the identity."""
    facts = {key: value for key, value in answers.items() if key not in (*_IDENTITY, "member")}
    facts["independent"] = not facts.pop("dependent", False)
    facts["student_full_time"] = bool(facts.get("student_full_time"))
    return facts


def raw_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts as the member form shows them again."""
    shown: dict[str, Any] = {"dependent": "true"} if facts.get("independent") is False else {}
    for key, value in facts.items():
        if key == "independent" or value is None or value is False:
            continue
        if value is True:
            shown[key] = "true"
        else:
            shown[key] = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return shown


def _position(row: Mapping[str, Any]) -> int | None:
    return _number(str(row.get("member") or ""))


def _number(text: str) -> int | None:
    """The number of a row, None for what no page of ours sends."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None
