"""The register of rule packs: from which day which texts apply, and which day picks a rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from workflows.decisions.strict_yaml import load_yaml
from workflows.definitions.fields import list_field, refuse, text_field, texts_field
from workflows.definitions.findings import Report
from workflows.errors import Invalid

PACKS: Final = "packs.yaml"
_CERTAINTIES: Final = frozenset({"found", "found_part", "memory", "none"})
_PACK_FIELDS: Final = frozenset(
    {"id", "name", "from", "certainty", "clauses", "changes", "parameters"}
)
_DATE_FIELDS: Final = frozenset({"decisions", "date", "clauses", "note"})


@dataclass(frozen=True, slots=True)
class Pack:
    """Texts that came into force on a day, what they changed and which parameters say so.

    `certainty` is none when it is only known that the texts exist.
    """

    id: str
    name: str
    valid_from: date
    certainty: str
    clauses: tuple[str, ...]
    changes: tuple[str, ...]
    parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PickingDate:
    """The day, in words, that picks the values and the pack for some decisions."""

    decisions: tuple[str, ...]
    date: str
    clauses: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class PackRegister:
    """Packs by their day, earliest first, and the days that pick them."""

    packs: tuple[Pack, ...] = ()
    dates: tuple[PickingDate, ...] = ()

    def in_force(self, on: date) -> tuple[Pack, ...]:
        """The packs that apply on a day; the last is the newest."""
        return tuple(pack for pack in self.packs if pack.valid_from <= on)

    def pack(self, pack_id: str | None) -> Pack | None:
        """A pack by its id."""
        return next((pack for pack in self.packs if pack.id == pack_id), None)

    def newest(self, on: date) -> str | None:
        """The id of the newest pack in force on a day."""
        packs = self.in_force(on)
        return packs[-1].id if packs else None

    def picking_date(self, decision: str) -> PickingDate | None:
        """The day that picks the law for a decision, None where the register is silent."""
        return next((found for found in self.dates if decision in found.decisions), None)


def read_packs(content: bytes, report: Report) -> PackRegister:
    """The register as far as it can be read; what is wrong is in the report."""
    try:
        document = load_yaml(content, file=report.file)
    except Invalid as error:
        report.extend(error.findings)
        return PackRegister()
    if not isinstance(document, dict) or document.keys() - {"packs", "dates"}:
        report.add("register.shape", name=report.file)
        return PackRegister()
    packs = sorted(_packs(document, report), key=lambda pack: pack.valid_from)
    for pack_id in {pack.id for pack in packs if [p.id for p in packs].count(pack.id) > 1}:
        report.add("register.repeated", pack_id, key=pack_id)
    return PackRegister(tuple(packs), tuple(_dates(document, report)))


def check_packs(
    register: PackRegister,
    report: Report,
    *,
    clauses: Iterable[str] | None,
    parameters: Iterable[str] | None,
    decisions: Iterable[str] | None,
) -> None:
    """Report clauses, parameters and decisions that the register names and nobody defines."""
    known_clauses = None if clauses is None else set(clauses)
    known_parameters = None if parameters is None else set(parameters)
    known_decisions = None if decisions is None else set(decisions)
    for pack in register.packs:
        _missing_clauses(pack.id, pack.clauses, known_clauses, report)
        for key in pack.parameters:
            if known_parameters is not None and key not in known_parameters:
                report.add("register.value", pack.id, key=pack.id, name="parameters", value=key)
    for found in register.dates:
        _missing_clauses(found.date, found.clauses, known_clauses, report)
        for key in found.decisions:
            if known_decisions is not None and key not in known_decisions:
                report.add("decision.unknown", found.date, decision=key)


def _missing_clauses(
    owner: str, cited: Iterable[str], known: set[str] | None, report: Report
) -> None:
    for clause in cited:
        if known is not None and clause not in known:
            report.add("clause.unknown", owner, clause=clause)


def _packs(document: Mapping[str, Any], report: Report) -> Iterator[Pack]:
    for row in _rows(document, "packs", "id", _PACK_FIELDS, report):
        key, first = row["id"], row.get("from")
        if not isinstance(first, date):
            refuse("from", first, key, report)
            continue
        certainty = row.get("certainty")
        if not isinstance(certainty, str) or certainty not in _CERTAINTIES:
            refuse("certainty", certainty, key, report)
            certainty = ""
        yield Pack(
            key,
            text_field(row, "name", key, report),
            first,
            certainty,
            texts_field(row, "clauses", key, report),
            texts_field(row, "changes", key, report),
            texts_field(row, "parameters", key, report),
        )


def _dates(document: Mapping[str, Any], report: Report) -> Iterator[PickingDate]:
    for row in _rows(document, "dates", "date", _DATE_FIELDS, report):
        key = row["date"]
        yield PickingDate(
            texts_field(row, "decisions", key, report),
            key,
            texts_field(row, "clauses", key, report),
            text_field(row, "note", key, report),
        )


def _rows(
    document: Mapping[str, Any], part: str, name: str, fields: frozenset[str], report: Report
) -> Iterator[Mapping[str, Any]]:
    for position, row in enumerate(list_field(document, part, part, report), 1):
        if not isinstance(row, dict) or not isinstance(row.get(name), str) or not row[name]:
            report.add("register.item", str(position), position=position, name=name)
            continue
        for extra in sorted(row.keys() - fields):
            report.add("register.field", row[name], field=extra, key=row[name], name=extra)
        yield row
