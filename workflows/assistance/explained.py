"""Why a case stands as it does: the newest answer of each decision that was asked for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.assistance import Assessment
from models.trail import SubjectKind, TrailEntry
from workflows.decisions.explanation import Language
from workflows.definitions.registers import Clause
from workflows.definitions.telling import Told, told

#: Acts of a case that are looked through; a decision from before them is no longer news.
MOST_ACTS: Final = 50


@dataclass(frozen=True, slots=True)
class Explained:
    """One decision of a case: what it told, what would change it, and what else there is."""

    decision: str
    on: date
    told: tuple[Told, ...]
    what_if: tuple[Mapping[str, Any], ...]
    alternatives: tuple[Mapping[str, Any], ...]

    @property
    def is_favourable(self) -> bool:
        """Whether every result that counts as favourable was given."""
        return not self.what_if

    def said(self, language: Language) -> list[str]:
        """The sentences, in the order in which they were decided."""
        return [text for one in self.told if (text := one.text(language))]

    def changes(self, language: Language) -> list[str]:
        """One sentence for each single change that would flip the result, or that none does."""
        found: list[str] = []
        for goal in self.what_if:
            sentences = [change["sentence"] for change in goal["changes"]] or [goal["none"]]
            found += [sentence[language] for sentence in sentences]
        return found

    @property
    def basis(self) -> list[str]:
        """The clauses of the rows that hit, by text and article, each once."""
        return list(dict.fromkeys(clause for one in self.told for clause in one.basis))

    def numbers(self, language: Language) -> list[str]:
        """The numbers that were used, each once."""
        return list(dict.fromkeys(text for one in self.told for text in one.numbers(language)))

    def others(self, language: Language) -> list[str]:
        """One sentence for each other programme."""
        return list(dict.fromkeys(found["sentence"][language] for found in self.alternatives))


def explained_case(
    session: Session,
    case_id: str,
    clauses: Mapping[str, Clause],
    *,
    during: Iterable[Mapping[str, Any]] = (),
) -> tuple[Explained, ...]:
    """What was decided for a case by rule, newest first, each decision once. Two SELECTs.

    What the policy has no sentence for stands in the trail only.

    `during` are the reasons of the act that is under way and not in the trail yet.
    """
    found: dict[str, Explained] = {}
    made = session.scalars(
        select(Assessment)
        .where(Assessment.case_id == case_id)
        .order_by(Assessment.made_at.desc(), Assessment.id.desc())
        .limit(1)
    ).first()
    for reason in _reasons(session, case_id, during):
        found.setdefault(reason["decision"], _explained(reason, clauses))
    if made is not None:
        kept = made.explanation
        reason = {**kept, "decision": made.decision, "explanation": kept["decision"]}
        newest = _explained({**reason, "on": made.on.isoformat()}, clauses)
        found = {made.decision: newest, **found}
    return tuple(_worth_telling(found.values()))


def _worth_telling(reasons: Iterable[Explained]) -> Iterator[Explained]:
    """Without values that have no sentence, and without what one before it has told already."""
    known: set[tuple[str, str]] = set()
    for reason in reasons:
        said = [(one.decision, one.text("zh")) for one in reason.told]
        if said and said[-1] not in known and not any(one.plain for one in reason.told):
            yield reason
        known.update(said)


def _reasons(
    session: Session, case_id: str, during: Iterable[Mapping[str, Any]]
) -> Iterator[Mapping[str, Any]]:
    bodies = session.scalars(
        select(TrailEntry.body)
        .where(TrailEntry.subject_kind == SubjectKind.CASE, TrailEntry.subject_id == case_id)
        .order_by(TrailEntry.sequence.desc())
        .limit(MOST_ACTS)
    )
    acts: list[Sequence[Mapping[str, Any]]] = [tuple(during)]
    acts += [orjson.loads(body)["data"].get("reasons", ()) for body in bodies]
    for reasons in acts:
        for reason in reversed(reasons):
            if "decision" in reason and "explanation" in reason:
                yield reason


def _explained(reason: Mapping[str, Any], clauses: Mapping[str, Clause]) -> Explained:
    return Explained(
        reason["decision"],
        date.fromisoformat(reason["on"]),
        told(reason["explanation"], clauses),
        tuple(reason.get("what_if", ())),
        tuple(reason.get("alternatives", ())),
    )
