"""Checking the trail against itself, its signed heads and roots kept elsewhere; reads only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from models.trail import (
    AccessRecord,
    LeafSource,
    TrailEntry,
    TrailSubject,
    TreeHead,
    TreeLeaf,
    TreeNode,
    Unsealed,
)
from workflows.audit.merkle import CompactRange, Growing, leaf_hash
from workflows.audit.problems import Report
from workflows.audit.record import FORMAT_VERSION, NO_HASH, Subject, digest, moment
from workflows.audit.sealing import STORED_LEVELS
from workflows.audit.signing import head_statement, signature_holds
from workflows.audit.streaming import CHUNK, one_moment, stream
from workflows.errors import Invalid


def verify_subject(session: Session, subject: Subject) -> Report:
    """Check one chain: contents, order, links, and that it ends at its head."""
    report = Report()
    only = and_(TrailEntry.subject_kind == subject.kind, TrailEntry.subject_id == subject.id)
    head = and_(TrailSubject.subject_kind == subject.kind, TrailSubject.subject_id == subject.id)
    _check_chains(session, report, only)
    _check_heads_of_chains(session, report, head)
    return report


def verify_all(
    session: Session,
    *,
    keys: Mapping[str, bytes],
    anchors: Mapping[int, bytes] | None = None,
) -> Report:
    """Check every chain, the access log and the tree, in bounded memory.

    `keys` are the trusted public keys by id; `anchors` are roots by tree size that were kept
    outside the database: they alone show a history that was rewritten or rolled back as a whole.
    """
    report = Report()
    with one_moment(session) as reader:
        _check_chains(reader, report, None)
        _check_heads_of_chains(reader, report, None)
        _check_accesses(reader, report)
        _check_tree(reader, report, keys, dict(anchors or {}))
        _check_sealing(reader, report)
    return report


def _check_chains(session: Session, report: Report, only: ColumnElement[bool] | None) -> None:
    statement = (
        select(TrailEntry, TrailSubject.length)
        .outerjoin(
            TrailSubject,
            and_(
                TrailSubject.subject_kind == TrailEntry.subject_kind,
                TrailSubject.subject_id == TrailEntry.subject_id,
            ),
        )
        .order_by(TrailEntry.subject_kind, TrailEntry.subject_id, TrailEntry.sequence)
    )
    if only is not None:
        statement = statement.where(only)
    current: tuple[str, str] | None = None
    sequence, previous = 0, NO_HASH
    for entry, length in stream(session, statement):
        subject = (entry.subject_kind.value, entry.subject_id)
        place = f"{'/'.join(subject)}#{entry.sequence}"
        if subject != current:
            current, sequence, previous = subject, 0, NO_HASH
            report.subjects += 1
            if length is None:
                report.add("chain.headless", "/".join(subject))
        report.entries += 1
        if entry.sequence != sequence + 1:
            report.add("chain.gap", place)
        elif entry.previous_hash != previous:
            report.add("chain.link", place)
        _check_record(report, "chain", place, entry, _entry_columns(entry))
        sequence, previous = entry.sequence, entry.hash
        session.expunge(entry)


def _check_heads_of_chains(
    session: Session, report: Report, only: ColumnElement[bool] | None
) -> None:
    """A head whose last entry is gone or differs, also where no entry is left at all."""
    last = exists().where(
        TrailEntry.subject_kind == TrailSubject.subject_kind,
        TrailEntry.subject_id == TrailSubject.subject_id,
        TrailEntry.sequence == TrailSubject.length,
        TrailEntry.hash == TrailSubject.head_hash,
    )
    beyond = exists().where(
        TrailEntry.subject_kind == TrailSubject.subject_kind,
        TrailEntry.subject_id == TrailSubject.subject_id,
        TrailEntry.sequence > TrailSubject.length,
    )
    statement = select(TrailSubject.subject_kind, TrailSubject.subject_id).where(or_(~last, beyond))
    if only is not None:
        statement = statement.where(only)
    for row in stream(session, statement):
        report.add("chain.head", f"{row.subject_kind.value}/{row.subject_id}")


def _check_accesses(session: Session, report: Report) -> None:
    for (record,) in stream(session, select(AccessRecord).order_by(AccessRecord.id)):
        report.accesses += 1
        columns = {**_common_columns(record), "access": record.kind}
        _check_record(report, "access", f"access/{record.id}", record, columns)
        session.expunge(record)


def _check_record(
    report: Report,
    family: str,
    place: str,
    row: TrailEntry | AccessRecord,
    columns: Mapping[str, object],
) -> None:
    """The hash over the bytes as written, then every column against the record."""
    try:
        intact = digest(row.hash_name, row.body) == row.hash
        record = json.loads(row.body)
    except (Invalid, ValueError):
        intact, record = False, None
    if not intact or not isinstance(record, dict):
        report.add(f"{family}.changed", place)
        return
    wrong = [name for name, value in columns.items() if record.get(name) != value]
    actor = record.get("actor")
    if not isinstance(actor, dict) or (actor.get("account"), actor.get("role")) != (
        row.actor_id,
        row.actor_role,
    ):
        wrong.append("actor")
    if wrong:
        report.add(f"{family}.columns", place, ", ".join(wrong))


def _common_columns(row: TrailEntry | AccessRecord) -> dict[str, object]:
    return {
        "id": row.id,
        "subject": {"id": row.subject_id, "kind": row.subject_kind.value},
        "district": row.district_id,
        "at": moment(row.at),
        "format": str(FORMAT_VERSION),
        "hash": row.hash_name,
    }


def _entry_columns(entry: TrailEntry) -> dict[str, object]:
    return {
        **_common_columns(entry),
        "format": str(entry.format_version),
        "sequence": str(entry.sequence),
        "action": entry.action,
        "previous": entry.previous_hash.hex(),
    }


def _check_tree(
    session: Session, report: Report, keys: Mapping[str, bytes], anchors: dict[int, bytes]
) -> None:
    """Rebuild the tree leaf by leaf; compare it with records, heads, nodes and anchors."""
    heads = _heads(session)
    head = next(heads, None)
    nodes = _nodes(session)
    growing = Growing(CompactRange())
    signed = 0
    statement = (
        select(TreeLeaf, func.coalesce(TrailEntry.hash, AccessRecord.hash).label("record_hash"))
        .outerjoin(
            TrailEntry,
            and_(TreeLeaf.source == LeafSource.ENTRY, TrailEntry.id == TreeLeaf.entry_id),
        )
        .outerjoin(
            AccessRecord,
            and_(TreeLeaf.source == LeafSource.ACCESS, AccessRecord.id == TreeLeaf.entry_id),
        )
        .order_by(TreeLeaf.leaf_index)
    )
    for leaf, record_hash in stream(session, statement):
        place = f"tree/{leaf.leaf_index}"
        if leaf.leaf_index != growing.size:
            report.add("tree.gap", f"tree/{growing.size}")
            return
        if record_hash is None:
            report.add("tree.missing", place, leaf.entry_id)
        elif leaf_hash(record_hash) != leaf.leaf_hash:
            report.add("tree.changed", place)
        for level, index, node in growing.append(leaf.leaf_hash):
            if level % STORED_LEVELS == 0 and nodes.get((level, index)) != node:
                report.add("tree.node", f"tree/{level}/{index}")
        report.leaves += 1
        session.expunge(leaf)
        if growing.size in anchors and anchors.pop(growing.size) != growing.range().root():
            report.add("tree.anchor", f"tree@{growing.size}")
        while head is not None and head.size <= growing.size:
            _check_head(report, head, growing.range(), keys)
            signed, head = head.size, next(heads, None)
    if head is not None:
        report.add("tree.beyond", f"tree@{head.size}")
    if signed != growing.size:
        report.add("tree.unsigned", f"tree@{growing.size}")
    for size in sorted(anchors):
        report.add("tree.anchor_beyond", f"tree@{size}")


def _check_head(
    report: Report, head: TreeHead, rebuilt: CompactRange, keys: Mapping[str, bytes]
) -> None:
    report.heads += 1
    place = f"tree@{head.size}"
    same = (head.size, head.root, head.frontier) == (
        rebuilt.size,
        rebuilt.root(),
        rebuilt.to_bytes(),
    )
    if not same:
        report.add("tree.root", place)
    statement = head_statement(head.size, head.root, head.signed_at, head.key_id)
    if not signature_holds(keys, head.key_id, statement, head.signature):
        report.add("tree.signature", place)


def _check_sealing(session: Session, report: Report) -> None:
    """Rows that the sealer will never see, and waiting rows whose record is gone."""
    for table in (TrailEntry, AccessRecord):
        statement = select(table.id).where(
            ~exists().where(TreeLeaf.entry_id == table.id),
            ~exists().where(Unsealed.entry_id == table.id),
        )
        for (record_id,) in stream(session, statement):
            report.add("seal.escaped", record_id)
    orphans = select(Unsealed.entry_id).where(
        ~exists().where(TrailEntry.id == Unsealed.entry_id),
        ~exists().where(AccessRecord.id == Unsealed.entry_id),
    )
    for (record_id,) in stream(session, orphans):
        report.add("seal.orphan", record_id)
    report.waiting = session.scalar(select(func.count()).select_from(Unsealed)) or 0


def _heads(session: Session) -> Iterator[TreeHead]:
    """Every head by size, a chunk at a time."""
    size = -1
    while True:
        chunk = session.scalars(
            select(TreeHead).where(TreeHead.size > size).order_by(TreeHead.size).limit(CHUNK),
            execution_options={"populate_existing": True},
        ).all()
        if not chunk:
            return
        size = chunk[-1].size
        yield from chunk


def _nodes(session: Session) -> dict[tuple[int, int], bytes]:
    """The stored nodes: one for 256 leaves, so a million leaves need some 4,000."""
    rows = session.execute(select(TreeNode.level, TreeNode.node_index, TreeNode.node_hash))
    return {(row.level, row.node_index): row.node_hash for row in rows}
