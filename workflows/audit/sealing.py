"""The sealer: new rows become leaves of the tree, and each batch ends with a signed head."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, insert, literal, select, text, union_all
from sqlalchemy.orm import Session

from models.trail import (
    AccessRecord,
    LeafSource,
    TrailEntry,
    TreeHead,
    TreeLeaf,
    TreeNode,
    Unsealed,
)
from workflows.audit.merkle import (
    CompactRange,
    Growing,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
)
from workflows.audit.signing import TreeSigner, head_statement
from workflows.errors import Invalid, NotFound
from workflows.transaction import require_transaction

#: Levels at which full subtrees are stored: a proof reads at most 256 rows per step.
STORED_LEVELS: Final = 8
_SEALER_LOCK: Final = 0x446F756469  # "Doudi", the name of the advisory lock


def seal_tree(
    session: Session, *, now: datetime, signer: TreeSigner, batch: int = 5_000
) -> TreeHead | None:
    """Take up to `batch` committed rows into the tree and sign its new head.

    Returns None when nothing waits or another sealer is at work. It reads the last head and the
    waiting rows, never history. `now` is the host's clock and goes into the head.

    Raises: Invalid(`trail.bad_head`) when the last head's frontier doesn't give its root.
    """
    require_transaction(session)
    if not _alone(session):
        return None
    waiting = _waiting(session, batch)
    if not waiting:
        return None
    start = _last_range(session)
    growing = Growing(start)
    leaves: list[dict[str, object]] = []
    nodes: list[dict[str, object]] = []
    for row in waiting:
        leaf = leaf_hash(row.hash)
        leaves.append(
            {
                "leaf_index": growing.size,
                "entry_id": row.id,
                "source": row.source,
                "leaf_hash": leaf,
            }
        )
        nodes += [
            {"level": level, "node_index": index, "node_hash": node}
            for level, index, node in growing.append(leaf)
            if level % STORED_LEVELS == 0
        ]
    session.execute(insert(TreeLeaf), leaves)
    if nodes:
        session.execute(insert(TreeNode), nodes)
    session.execute(delete(Unsealed).where(Unsealed.entry_id.in_([row.id for row in waiting])))
    return _sign(session, growing.range(), now, signer)


def last_head(session: Session) -> TreeHead | None:
    """The newest signed head."""
    return session.scalars(select(TreeHead).order_by(TreeHead.size.desc()).limit(1)).one_or_none()


def prove_inclusion(session: Session, entry_id: str, size: int) -> tuple[int, list[bytes]]:
    """Leaf index and audit path of a sealed row in the tree of `size` leaves (RFC 9162 2.1.3).

    Raises: NotFound(`trail.not_sealed`) when the row isn't in that tree.
    """
    index = session.scalar(select(TreeLeaf.leaf_index).where(TreeLeaf.entry_id == entry_id))
    if index is None or index >= size:
        raise NotFound(
            "trail.not_sealed",
            "该条留痕尚未封存，请稍后再试。",
            "The entry is not sealed in that tree yet.",
            details={"entry_id": entry_id},
        )
    return index, inclusion_proof(_Nodes(session), index, size)


def prove_consistency(session: Session, old_size: int, new_size: int) -> list[bytes]:
    """That the tree of `new_size` leaves begins with the one of `old_size` (RFC 9162 2.1.4).

    Raises: Invalid(`trail.no_proof`) unless 0 < old_size <= new_size <= leaves.
    """
    head = last_head(session)
    if head is None or not 0 < old_size <= new_size <= head.size:
        raise Invalid(
            "trail.no_proof",
            "这两个大小之间没有一致性证明。",
            "There is no consistency proof between these sizes.",
        )
    return consistency_proof(_Nodes(session), old_size, new_size)


class _Nodes:
    """Reads the root of any full subtree from stored leaves and nodes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __call__(self, level: int, index: int) -> bytes:
        """Raises: NotFound(`trail.missing_leaf`) when a stored row of the subtree is gone."""
        base = level // STORED_LEVELS * STORED_LEVELS
        count = 1 << (level - base)
        first = index * count
        hashes = self._read(base, first, count)
        if len(hashes) != count:
            raise NotFound(
                "trail.missing_leaf",
                "封存树缺少记录，请立即核验留痕。",
                "The tree lacks stored rows; verify the trail now.",
                details={"level": level, "index": index},
            )
        while len(hashes) > 1:
            pairs = zip(hashes[::2], hashes[1::2], strict=True)
            hashes = [node_hash(left, right) for left, right in pairs]
        return hashes[0]

    def _read(self, base: int, first: int, count: int) -> list[bytes]:
        if base == 0:
            statement = (
                select(TreeLeaf.leaf_hash)
                .where(TreeLeaf.leaf_index >= first, TreeLeaf.leaf_index < first + count)
                .order_by(TreeLeaf.leaf_index)
            )
        else:
            statement = (
                select(TreeNode.node_hash)
                .where(
                    TreeNode.level == base,
                    TreeNode.node_index >= first,
                    TreeNode.node_index < first + count,
                )
                .order_by(TreeNode.node_index)
            )
        return list(self._session.scalars(statement))


def _alone(session: Session) -> bool:
    """Whether no other sealer is at work; SQLite has one writer anyway."""
    if session.connection().dialect.name != "postgresql":
        return True
    lock = text("SELECT pg_try_advisory_xact_lock(:name)")
    return bool(session.scalar(lock, {"name": _SEALER_LOCK}))


def _waiting(session: Session, batch: int) -> list[Row[Any]]:
    """The oldest waiting rows with their hashes; a waiting row whose record is gone stays."""
    entries = select(
        TrailEntry.id, literal(LeafSource.ENTRY.value).label("source"), TrailEntry.hash
    )
    accesses = select(
        AccessRecord.id, literal(LeafSource.ACCESS.value).label("source"), AccessRecord.hash
    )
    both = union_all(
        entries.join(Unsealed, Unsealed.entry_id == TrailEntry.id),
        accesses.join(Unsealed, Unsealed.entry_id == AccessRecord.id),
    ).subquery()
    return list(session.execute(select(both).order_by(both.c.id).limit(batch)))


def _last_range(session: Session) -> CompactRange:
    head = last_head(session)
    if head is None:
        return CompactRange()
    try:
        frontier = CompactRange.from_bytes(head.size, head.frontier)
    except ValueError as error:
        raise _bad_head(head.size) from error
    if frontier.root() != head.root:
        raise _bad_head(head.size)
    return frontier


def _sign(session: Session, frontier: CompactRange, now: datetime, signer: TreeSigner) -> TreeHead:
    root = frontier.root()
    head = TreeHead(
        size=frontier.size,
        root=root,
        signed_at=now,
        signature=signer.sign(head_statement(frontier.size, root, now, signer.key_id)),
        key_id=signer.key_id,
        frontier=frontier.to_bytes(),
    )
    session.add(head)
    # The next batch of the same transaction reads this head.
    session.flush()
    return head


def _bad_head(size: int) -> Invalid:
    return Invalid(
        "trail.bad_head",
        f"封存树在第{size}条处的树头与其内容不符，封存已停止。请立即核验留痕。",
        f"The tree head at size {size} does not fit its frontier; sealing has stopped. Verify the"
        " trail now.",
        details={"size": size},
    )
