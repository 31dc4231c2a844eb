"""The tree of RFC 9162: its vectors, every proof of small trees, and forged proofs."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.audit.merkle import (
    EMPTY_ROOT,
    CompactRange,
    Growing,
    ReadNode,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    subtree_root,
    verify_consistency,
    verify_inclusion,
)

#: The test vectors of Certificate Transparency: inputs, and the root for each number of leaves.
INPUTS = (
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
LEAVES = [leaf_hash(bytes([number])) for number in range(70)]


def reader(leaves: list[bytes]) -> ReadNode:
    @cache
    def read(level: int, index: int) -> bytes:
        if level == 0:
            return leaves[index]
        return node_hash(read(level - 1, 2 * index), read(level - 1, 2 * index + 1))

    return read


def grown(leaves: list[bytes], start: CompactRange | None = None) -> CompactRange:
    growing = Growing(start or CompactRange())
    for leaf in leaves:
        growing.append(leaf)
    return growing.range()


READ = reader(LEAVES)


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_published_vectors(size: int) -> None:
    leaves = [leaf_hash(bytes.fromhex(content)) for content in INPUTS[:size]]
    assert grown(leaves).root().hex() == ROOTS[size - 1]
    assert subtree_root(reader(leaves), 0, size).hex() == ROOTS[size - 1]


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert CompactRange().root() == EMPTY_ROOT == subtree_root(READ, 0, 0)


@given(st.integers(0, 70), st.integers(0, 70))
def test_growing_in_two_steps_equals_growing_in_one(first: int, second: int) -> None:
    # given
    low, high = sorted((first, second))

    # when
    half = grown(LEAVES[:low])
    stored = CompactRange.from_bytes(low, half.to_bytes())

    # then
    assert stored == half
    assert grown(LEAVES[low:high], stored).root() == subtree_root(READ, 0, high)


def test_a_frontier_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="frontier"):
        CompactRange.from_bytes(3, bytes(32))


def test_all_4970_proofs_of_small_trees_hold() -> None:
    proofs = 0
    for size in range(1, 71):
        root = subtree_root(READ, 0, size)
        for index in range(size):
            path = inclusion_proof(READ, index, size)
            assert verify_inclusion(LEAVES[index], index, size, path, root)
            proofs += 1
        for old in range(1, size + 1):
            proof = consistency_proof(READ, old, size)
            assert verify_consistency(old, subtree_root(READ, 0, old), size, root, proof)
            proofs += 1
    assert proofs == 4970


@given(st.data())
def test_a_forged_inclusion_proof_fails(data: st.DataObject) -> None:
    # given
    size = data.draw(st.integers(2, 70))
    index = data.draw(st.integers(0, size - 1))
    root, path = subtree_root(READ, 0, size), inclusion_proof(READ, index, size)
    step = data.draw(st.integers(0, len(path) - 1))
    changed = [*path[:step], bytes(32), *path[step + 1 :]]
    other = (index + data.draw(st.integers(1, size - 1))) % size

    # then
    assert not verify_inclusion(LEAVES[index], index, size, changed, root)
    assert not verify_inclusion(LEAVES[index], index, size, path[:-1], root)
    assert not verify_inclusion(LEAVES[index], index, size, [*path, bytes(32)], root)
    assert not verify_inclusion(LEAVES[other], index, size, path, root)
    assert not verify_inclusion(LEAVES[index], size, size, path, root)


@given(st.data())
def test_a_forged_consistency_proof_fails(data: st.DataObject) -> None:
    # given
    new = data.draw(st.integers(2, 70))
    old = data.draw(st.integers(1, new - 1))
    old_root, new_root = subtree_root(READ, 0, old), subtree_root(READ, 0, new)
    proof = consistency_proof(READ, old, new)
    step = data.draw(st.integers(0, len(proof) - 1))
    changed = [*proof[:step], bytes(32), *proof[step + 1 :]]

    # then
    assert not verify_consistency(old, old_root, new, new_root, changed)
    assert not verify_consistency(old, bytes(32), new, new_root, proof)
    assert not verify_consistency(old, old_root, new, bytes(32), proof)
    assert not verify_consistency(old, old_root, new, new_root, [])
    assert not verify_consistency(old, old_root, new, new_root, [*proof, bytes(32)])
    assert not verify_consistency(old, new_root, old, old_root, [])
    assert not verify_consistency(new, new_root, old, old_root, proof)


@pytest.mark.parametrize(("index", "size"), [(3, 3), (-1, 3), (0, 0)])
def test_no_proof_for_a_leaf_outside(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="not in this tree"):
        inclusion_proof(READ, index, size)


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3)])
def test_no_proof_between_impossible_sizes(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="no proof"):
        consistency_proof(READ, old, new)
