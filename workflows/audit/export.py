"""Handing the trail out: JSON lines that can be verified offline, and CSV for reading."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, select, true
from sqlalchemy.orm import Session

from models.trail import AccessRecord, TrailEntry, TrailSubject, TreeHead, TreeLeaf
from workflows.audit.actions import action_name
from workflows.audit.record import Subject, is_sealed, moment
from workflows.audit.sealing import last_head, prove_inclusion
from workflows.audit.streaming import one_moment, stream

_ZONE: Final = ZoneInfo("Asia/Shanghai")
#: What a spreadsheet takes for a formula; the full-width signs count as well.
_FORMULA_SIGNS: Final = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
#: Excel reads UTF-8 only behind this mark.
BOM: Final = "\ufeff"
#: Opens a sealed value of a subject: its text, or None when it may not or cannot be shown.
Reveal = Callable[[Subject, Mapping[str, str]], str | None]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which entries: of a district, from a moment up to another (excluded); None means all."""

    district_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def of(self, table: type[TrailEntry] | type[AccessRecord]) -> ColumnElement[bool]:
        """The scope as a condition."""
        parts: list[ColumnElement[bool]] = [true()]
        if self.district_id is not None:
            parts.append(table.district_id == self.district_id)
        if self.since is not None:
            parts.append(table.at >= self.since)
        if self.until is not None:
            parts.append(table.at < self.until)
        return and_(*parts)


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula, and without NUL."""
    plain = text.replace("\0", "")
    return f"'{plain}" if plain.startswith(_FORMULA_SIGNS) else plain


def export_all(session: Session) -> Iterator[str]:
    """The whole trail as JSON lines for `offline.py`: chains, accesses, leaves and heads.

    Records go out as they were written; personal values in them are ciphertext.
    """
    with one_moment(session) as reader:
        yield from _everything(reader)


def _everything(session: Session) -> Iterator[str]:
    yield _line({"type": "export", "format": "1", "scope": "all"})
    ordered = select(TrailEntry).order_by(
        TrailEntry.subject_kind, TrailEntry.subject_id, TrailEntry.sequence
    )
    for (entry,) in stream(session, ordered):
        yield _entry_line(entry)
        session.expunge(entry)
    for (head,) in stream(session, select(TrailSubject)):
        yield _subject_line(head)
        session.expunge(head)
    for (record,) in stream(session, select(AccessRecord).order_by(AccessRecord.id)):
        yield _line(
            {
                "type": "access",
                "body": record.body.decode(),
                "hash": record.hash.hex(),
                "hash_name": record.hash_name,
            }
        )
        session.expunge(record)
    for (leaf,) in stream(session, select(TreeLeaf).order_by(TreeLeaf.leaf_index)):
        yield _line(
            {
                "type": "leaf",
                "index": str(leaf.leaf_index),
                "id": leaf.entry_id,
                "leaf": leaf.leaf_hash.hex(),
            }
        )
        session.expunge(leaf)
    for (tree_head,) in stream(session, select(TreeHead).order_by(TreeHead.size)):
        yield head_line(tree_head)
        session.expunge(tree_head)


def export_subject(session: Session, subject: Subject) -> Iterator[str]:
    """One chain as JSON lines for `offline.py`, each sealed entry with its inclusion proof."""
    yield _line({"type": "export", "format": "1", "scope": str(subject)})
    tree_head = last_head(session)
    size = tree_head.size if tree_head else 0
    sealed_ids: list[str] = []
    # Entries and the chain's head in one statement: an act meanwhile must not look like damage.
    statement = (
        select(TrailEntry, TrailSubject, TreeLeaf.leaf_index)
        .outerjoin(TreeLeaf, TreeLeaf.entry_id == TrailEntry.id)
        .outerjoin(
            TrailSubject,
            and_(
                TrailSubject.subject_kind == TrailEntry.subject_kind,
                TrailSubject.subject_id == TrailEntry.subject_id,
            ),
        )
        .where(TrailEntry.subject_kind == subject.kind, TrailEntry.subject_id == subject.id)
        .order_by(TrailEntry.sequence)
    )
    chain_head: str | None = None
    for entry, head, leaf_index in stream(session, statement):
        yield _entry_line(entry)
        if leaf_index is not None and leaf_index < size:
            sealed_ids.append(entry.id)
        chain_head = _subject_line(head) if head else None
        session.expunge(entry)
    if chain_head:
        yield chain_head
    if tree_head is None:
        return
    yield head_line(tree_head)
    for entry_id in sealed_ids:
        index, path = prove_inclusion(session, entry_id, size)
        yield _line(
            {
                "type": "proof",
                "id": entry_id,
                "index": str(index),
                "size": str(size),
                "path": [step.hex() for step in path],
            }
        )


def entries_csv(
    session: Session,
    scope: Scope,
    *,
    subject: Subject | None = None,
    names: Callable[[str], str] | None = None,
    reveal: Reveal | None = None,
    language: str = "zh",
) -> Iterator[str]:
    """Entries as CSV, oldest first, or one chain in its order; times are local.

    `names` gives a staff account's name. Sealed values are masked unless `reveal` opens them.
    """
    condition = scope.of(TrailEntry)
    order: tuple[Any, ...] = (TrailEntry.at, TrailEntry.id)
    if subject is not None:
        mine = and_(TrailEntry.subject_kind == subject.kind, TrailEntry.subject_id == subject.id)
        condition, order = and_(condition, mine), (TrailEntry.sequence,)
    yield BOM + _row(_ENTRY_HEADS[language])
    for (entry,) in stream(session, select(TrailEntry).where(condition).order_by(*order)):
        actor = entry.actor_id or ""
        about = Subject(entry.subject_kind, entry.subject_id, entry.district_id)
        yield _row(
            (
                _local(entry.at),
                entry.subject_kind.value,
                entry.subject_id,
                str(entry.sequence),
                action_name(entry.action, language),
                names(actor) if names and actor else actor,
                entry.actor_role,
                (names(entry.on_behalf_of) if names else entry.on_behalf_of)
                if entry.on_behalf_of
                else "",
                readable_data(about, entry.body, reveal, language),
                entry.hash.hex(),
                " ".join(told_sentences(entry.body, language)),
            )
        )
        session.expunge(entry)


def accesses_csv(
    session: Session,
    scope: Scope,
    *,
    names: Callable[[str], str] | None = None,
    language: str = "zh",
) -> Iterator[str]:
    """The access log as CSV, oldest first; times are local, sealed values masked."""
    yield BOM + _row(_ACCESS_HEADS[language])
    statement = (
        select(AccessRecord)
        .where(scope.of(AccessRecord))
        .order_by(AccessRecord.at, AccessRecord.id)
    )
    for (record,) in stream(session, statement):
        actor = record.actor_id or ""
        about = Subject(record.subject_kind, record.subject_id, record.district_id)
        yield _row(
            (
                _local(record.at),
                record.subject_kind.value,
                record.subject_id,
                record.kind,
                names(actor) if names and actor else actor,
                record.actor_role,
                readable_data(about, record.body, None, language),
                record.hash.hex(),
            )
        )
        session.expunge(record)


def readable_data(subject: Subject, body: bytes, reveal: Reveal | None, language: str) -> str:
    """A record's data as JSON text, with each sealed value opened or masked."""
    document = json.loads(body)
    data = document.get("data") if isinstance(document, dict) else document

    def shown(value: Any) -> Any:
        if is_sealed(value):
            opened = reveal(subject, value) if reveal else None
            return _MASK[language] if opened is None else opened
        if isinstance(value, dict):
            return {key: shown(item) for key, item in value.items()}
        return [shown(item) for item in value] if isinstance(value, list) else value

    return json.dumps(shown(data), ensure_ascii=False)


def told_sentences(body: bytes, language: str) -> Iterator[str]:
    """What an entry says in words: the sentences of its decisions and of what would change them."""

    def found(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            sentence = value.get("sentence")
            if isinstance(sentence, dict) and isinstance(sentence.get(language), str):
                yield sentence[language]
            for part in value.values():
                yield from found(part)
        elif isinstance(value, list):
            for part in value:
                yield from found(part)

    yield from dict.fromkeys(found(json.loads(body)))


def _row(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
    writer.writerow([safe_cell(cell) for cell in cells])
    return buffer.getvalue()


def _local(at: datetime) -> str:
    return at.astimezone(_ZONE).strftime("%Y-%m-%d %H:%M:%S")


def _entry_line(entry: TrailEntry) -> str:
    return _line(
        {
            "type": "entry",
            "body": entry.body.decode(),
            "hash": entry.hash.hex(),
            "hash_name": entry.hash_name,
        }
    )


def _subject_line(head: TrailSubject) -> str:
    return _line(
        {
            "type": "subject",
            "kind": head.subject_kind.value,
            "id": head.subject_id,
            "length": str(head.length),
            "head": head.head_hash.hex(),
        }
    )


def head_line(head: TreeHead) -> str:
    """A signed head as one line, also for whoever keeps heads outside the database."""
    return _line(
        {
            "type": "head",
            "size": str(head.size),
            "root": head.root.hex(),
            "signed_at": moment(head.signed_at),
            "key": head.key_id,
            "signature": head.signature.hex(),
        }
    )


def _line(document: Mapping[str, object]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"


_MASK: Final = {"zh": "（已加密）", "en": "(sealed)"}
_ENTRY_HEADS: Final = {
    "zh": (
        "时间",
        "对象类型",
        "对象编号",
        "序号",
        "动作",
        "操作人",
        "角色",
        "代谁办理",
        "内容",
        "摘要",
        "说明",
    ),
    "en": (
        "Time",
        "Subject kind",
        "Subject",
        "Number",
        "Action",
        "Actor",
        "Role",
        "On behalf of",
        "Data",
        "Hash",
        "In words",
    ),
}
_ACCESS_HEADS: Final = {
    "zh": ("时间", "对象类型", "对象编号", "方式", "查阅人", "角色", "内容", "摘要"),
    "en": ("Time", "Subject kind", "Subject", "Kind", "Actor", "Role", "Data", "Hash"),
}
