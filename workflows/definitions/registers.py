"""The registers beside the diagrams: clauses and clocks, read from YAML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from workflows.decisions.strict_yaml import load_yaml
from workflows.definitions.fields import (
    day_field,
    refuse,
    text_field,
    texts_field,
)
from workflows.definitions.findings import Report
from workflows.errors import Invalid

CLAUSES = "clauses.yaml"
CLOCKS = "clocks.yaml"
UNITS = frozenset({"workdays", "days", "months", "hours"})
SEVERITIES = frozenset({"alert", "red", "limit"})
#: No warning begins more days than this before its deadline.
LONGEST_WARNING = 120
_CLAUSE_ID = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,79}")
_CLOCK_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,79}")


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of a text of law: ``text`` names the law, ``article`` the place in it.

    ``kind`` says whether ``summary`` is the wording itself (quoted). ``part_of`` is the paragraph
    that an item belongs to, ``waits`` says why nothing rests on the clause yet; ``fields`` holds
    whatever else the register says.
    """

    id: str
    text: str
    article: str
    source: str
    summary: str = ""
    kind: str = ""
    certainty: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    part_of: str = ""
    waits: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClockDefinition:
    """A legal deadline; ``length``, and ``warn`` and ``roll`` where texts, name parameters."""

    key: str
    name: str
    length: str
    unit: str
    roll: bool | str
    clauses: tuple[str, ...]
    warn: int | str | None
    severity: str


def read_clauses(content: bytes, report: Report) -> dict[str, Clause]:
    """The register of clauses by id."""
    clauses: dict[str, Clause] = {}
    for item in _items(content, "id", report):
        clause_id = item["id"]
        if not _CLAUSE_ID.fullmatch(clause_id):
            report.add("register.key", clause_id, key=clause_id)
        if clause_id in clauses:
            report.add("register.repeated", clause_id, key=clause_id)
        law = item.get("text_id") or item.get("text")
        values = {"text": law, "article": item.get("article"), "source": item.get("source")}
        if not _all_texts(clause_id, values, report):
            continue
        clauses[clause_id] = Clause(
            clause_id,
            str(law),
            str(item["article"]),
            str(item["source"]),
            summary=text_field(item, "summary", clause_id, report)
            or text_field(item, "title", clause_id, report),
            kind=text_field(item, "kind", clause_id, report),
            certainty=text_field(item, "certainty", clause_id, report),
            valid_from=day_field(item, "from", clause_id, report),
            valid_until=day_field(item, "to", clause_id, report),
            part_of=text_field(item, "part_of", clause_id, report),
            waits=text_field(item, "waits", clause_id, report),
            fields={k: v for k, v in item.items() if k not in _CLAUSE_FIELDS},
        )
    return clauses


_CLAUSE_FIELDS = frozenset(
    {
        "id",
        "text",
        "text_id",
        "article",
        "source",
        "summary",
        "kind",
        "certainty",
        "from",
        "to",
        "part_of",
        "waits",
    }
)


def read_clocks(content: bytes, report: Report) -> dict[str, ClockDefinition]:
    """The legal deadlines by key."""
    clocks: dict[str, ClockDefinition] = {}
    for item in _items(content, "key", report):
        key = item["key"]
        if not _CLOCK_KEY.fullmatch(key):
            report.add("register.key", key, key=key)
        if key in clocks:
            report.add("register.repeated", key, key=key)
        for name in sorted(item.keys() - _CLOCK_FIELDS):
            report.add("register.field", key, field=name, key=key, name=name)
        values = {name: item.get(name) for name in ("name", "length", "unit", "severity")}
        if not _all_texts(key, values, report):
            continue
        _one_of(key, "unit", item["unit"], UNITS, report)
        _one_of(key, "severity", item["severity"], SEVERITIES, report)
        roll = item.get("roll", False)
        if not isinstance(roll, (bool, str)):
            refuse("roll", roll, key, report)
            roll = False
        clocks[key] = ClockDefinition(
            key,
            item["name"],
            item["length"],
            item["unit"],
            roll,
            _clauses(item, key, report),
            _warn(item.get("warn"), key, report),
            item["severity"],
        )
    return clocks


_CLOCK_FIELDS = frozenset(
    {"key", "name", "length", "unit", "roll", "clause", "warn", "severity", "note"}
)


def _clauses(item: Mapping[str, Any], key: str, report: Report) -> tuple[str, ...]:
    given = item.get("clause")
    found = (given,) if isinstance(given, str) else texts_field(item, "clause", key, report)
    if given in (None, "", []):
        report.add("register.missing", key, field="clause", key=key, name="clause")
    return found


def _warn(value: Any, key: str, report: Report) -> int | str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Decimal) and 0 <= value <= LONGEST_WARNING and value == int(value):
        return int(value)
    refuse("warn", value, key, report)
    return None


def _load(content: bytes, report: Report) -> Any:
    try:
        document = load_yaml(content, file=report.file)
    except Invalid as error:
        report.extend(error.findings)
        return None
    if document is None:
        report.add("register.shape", name=report.file)
    return document


def _items(content: bytes, key: str, report: Report) -> list[dict[str, Any]]:
    document = _load(content, report)
    if document is None:
        return []
    if not isinstance(document, list):
        report.add("register.shape", name=report.file)
        return []
    items = []
    for position, item in enumerate(document, 1):
        if not isinstance(item, dict) or not isinstance(item.get(key), str) or not item[key]:
            report.add("register.item", str(position), position=position, name=key)
        else:
            items.append(item)
    return items


def _all_texts(key: str, values: Mapping[str, Any], report: Report) -> bool:
    complete = True
    for name, value in values.items():
        if not isinstance(value, str) or not value.strip():
            report.add("register.missing", key, field=name, key=key, name=name)
            complete = False
    return complete


def _one_of(key: str, name: str, value: str, known: frozenset[str], report: Report) -> None:
    if value not in known:
        refuse(name, value, key, report)
