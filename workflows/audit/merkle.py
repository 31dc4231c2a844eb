"""The Merkle tree of RFC 9162 (section 2.1): hashes, a compact range, proofs and their checks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Self

SIZE: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()

#: Gives the root of the full subtree `(level, index)`: the leaves from index·2^level on.
ReadNode = Callable[[int, int], bytes]


def leaf_hash(content: bytes) -> bytes:
    """SHA-256 of 0x00 and the leaf's input."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of 0x01 and both children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class CompactRange:
    """The first `size` leaves as the roots of their full subtrees, largest first.

    There is one root per bit of `size`, so that appending needs no history.
    """

    size: int = 0
    roots: tuple[bytes, ...] = ()

    @classmethod
    def from_bytes(cls, size: int, joined: bytes) -> Self:
        """The range that `to_bytes` wrote. Raises: ValueError when the length doesn't fit."""
        if len(joined) != SIZE * size.bit_count():
            raise ValueError("the frontier does not fit the size")
        starts = range(0, len(joined), SIZE)
        return cls(size, tuple(joined[start : start + SIZE] for start in starts))

    def to_bytes(self) -> bytes:
        """The roots joined."""
        return b"".join(self.roots)

    def root(self) -> bytes:
        """The tree's root."""
        if not self.roots:
            return EMPTY_ROOT
        root = self.roots[-1]
        for left in reversed(self.roots[:-1]):
            root = node_hash(left, root)
        return root


class Growing:
    """A compact range that leaves are appended to; tells of every full subtree it completes."""

    def __init__(self, start: CompactRange) -> None:
        self.size = start.size
        self._roots = list(start.roots)

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Append one leaf hash; the subtrees completed by it as (level, index, root)."""
        completed = []
        level, node, index = 0, leaf, self.size
        while index & 1:
            node = node_hash(self._roots.pop(), node)
            level, index = level + 1, index >> 1
            completed.append((level, index, node))
        self._roots.append(node)
        self.size += 1
        return completed

    def range(self) -> CompactRange:
        """The present state."""
        return CompactRange(self.size, tuple(self._roots))


def subtree_root(read: ReadNode, start: int, end: int) -> bytes:
    """The hash of leaves `start` to `end` (excluded), as RFC 9162 2.1.1 splits them.

    `start` is a multiple of the smallest power of two that is not smaller than the number of
    leaves.
    """
    count = end - start
    if count == 0:
        return EMPTY_ROOT
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return read(level, start >> level)
    split = _split(count)
    return node_hash(
        subtree_root(read, start, start + split), subtree_root(read, start + split, end)
    )


def inclusion_proof(read: ReadNode, index: int, size: int) -> list[bytes]:
    """The audit path of a leaf in the tree of `size` leaves (2.1.3.1).

    Raises: ValueError when the leaf isn't in that tree.
    """
    if not 0 <= index < size:
        raise ValueError("the leaf is not in this tree")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        split = start + _split(end - start)
        if index < split:
            path.append(subtree_root(read, split, end))
            end = split
        else:
            path.append(subtree_root(read, start, split))
            start = split
    return path[::-1]


def consistency_proof(read: ReadNode, old_size: int, new_size: int) -> list[bytes]:
    """What shows that the newer tree only appended to the older one (2.1.4.1).

    Raises: ValueError unless 0 < old_size <= new_size.
    """
    if not 0 < old_size <= new_size:
        raise ValueError("no proof between these sizes")
    path: list[bytes] = []
    start, end, whole = 0, new_size, True
    while end != old_size:
        split = start + _split(end - start)
        if old_size <= split:
            path.append(subtree_root(read, split, end))
            end = split
        else:
            path.append(subtree_root(read, start, split))
            start, whole = split, False
    if not whole:
        path.append(subtree_root(read, start, end))
    return path[::-1]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Whether `leaf` (a leaf hash) is at `index` under `root` (2.1.3.2)."""
    if not 0 <= index < size:
        return False
    fn, sn, reached = index, size - 1, leaf
    for sibling in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            reached = node_hash(sibling, reached)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            reached = node_hash(reached, sibling)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and reached == root


def verify_consistency(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the tree under `new_root` begins with the one under `old_root` (2.1.4.2)."""
    if old_size == new_size:
        return not proof and old_root == new_root
    if not 0 < old_size < new_size or not proof:
        return False
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    fn, sn = old_size - 1, new_size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    old, new = path[0], path[0]
    for sibling in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            new = node_hash(new, sibling)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and old == old_root and new == new_root


def _split(count: int) -> int:
    """The largest power of two smaller than `count`, which is above 1."""
    return 1 << ((count - 1).bit_length() - 1)
