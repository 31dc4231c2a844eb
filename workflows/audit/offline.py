"""Verifies exported JSON lines with nothing but Python's standard library; copy it anywhere.

    python offline.py export.jsonl --keys keys.json [--anchors anchors.json]

`keys.json` maps key ids to public keys (hexadecimal) that the verifier trusts; `anchors.json` maps
tree sizes to roots that were kept outside the system. Exit code 0: intact, 1: not intact, 2: the
files cannot be read. It shares no code with the system that it checks. It keeps one hash per record
in memory.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any

ZEROS = "00" * 32


class Verifier:
    """Takes the lines of one export in any order of types; `finish` gives the problems."""

    def __init__(self, keys: Mapping[str, bytes], anchors: Mapping[int, str]) -> None:
        self.keys, self.anchors = keys, anchors
        self.problems: list[str] = []
        self.counts: dict[str, int] = {}
        self.scope = ""
        #: record id -> hash, hexadecimal
        self.hashes: dict[str, str] = {}
        #: subject -> (length, hash) reached so far
        self.chains: dict[str, tuple[int, str]] = {}
        self.chain_heads: dict[str, tuple[int, str]] = {}
        self.leaves: list[tuple[int, str, bytes]] = []
        self.heads: list[dict[str, str]] = []
        self.proofs: list[dict[str, Any]] = []

    def take(self, line: Mapping[str, Any]) -> None:
        """One line of the export. Raises: KeyError, ValueError for a line in another form."""
        kind = line["type"]
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if kind == "export":
            self.scope = line["scope"]
        elif kind == "entry":
            self._entry(line)
        elif kind == "access":
            self._record(line)
        elif kind == "subject":
            name = f"{line['kind']}/{line['id']}"
            self.chain_heads[name] = (int(line["length"]), line["head"])
        elif kind == "leaf":
            self.leaves.append((int(line["index"]), line["id"], bytes.fromhex(line["leaf"])))
        elif kind == "head":
            self.heads.append(dict(line))
        elif kind == "proof":
            self.proofs.append(dict(line))
        else:
            raise ValueError(f"unknown line type {kind!r}")

    def finish(self) -> list[str]:
        """Check what needs all lines; every problem as a sentence."""
        if not self.scope:
            self.problems.append("the export has no first line")
        for name in self.chains.keys() | self.chain_heads.keys():
            if self.chains.get(name) != self.chain_heads.get(name):
                self.problems.append(f"{name}: the chain does not end at its head")
        for head in self.heads:
            self._signature(head)
        if self.scope == "all":
            self._tree()
        else:
            self._proofs()
        return self.problems

    def _record(self, line: Mapping[str, Any]) -> dict[str, Any]:
        body = line["body"].encode()
        record: dict[str, Any] = json.loads(body)
        if hashlib.new(line["hash_name"], body).hexdigest() != line["hash"]:
            self.problems.append(f"{record.get('id')}: the content does not fit its hash")
        if record["id"] in self.hashes:
            self.problems.append(f"{record['id']}: exported twice")
        self.hashes[record["id"]] = line["hash"]
        return record

    def _entry(self, line: Mapping[str, Any]) -> None:
        record = self._record(line)
        name = f"{record['subject']['kind']}/{record['subject']['id']}"
        length, previous = self.chains.get(name, (0, ZEROS))
        sequence = int(record["sequence"])
        if sequence != length + 1:
            self.problems.append(f"{name}#{sequence}: follows number {length}")
        elif record["previous"] != previous:
            self.problems.append(f"{name}#{sequence}: does not follow the entry before")
        self.chains[name] = (sequence, line["hash"])

    def _signature(self, head: Mapping[str, str]) -> None:
        statement = {
            "format": "1",
            "hash": "sha256",
            "key": head["key"],
            "root": head["root"],
            "signed_at": head["signed_at"],
            "size": head["size"],
        }
        # These values are plain ASCII text, for which this is the form of RFC 8785.
        message = json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()
        public = self.keys.get(head["key"])
        if public is None:
            self.problems.append(f"head {head['size']}: the key {head['key']} is not trusted")
        elif not ed25519_verify(public, message, bytes.fromhex(head["signature"])):
            self.problems.append(f"head {head['size']}: the signature does not hold")

    def _tree(self) -> None:
        wanted = {int(head["size"]): head["root"] for head in self.heads}
        roots: list[bytes] = []
        sealed = set()
        for place, (index, record_id, leaf) in enumerate(sorted(self.leaves)):
            if index != place:
                self.problems.append(f"leaf {place} is missing")
                return
            if record_id not in self.hashes:
                self.problems.append(f"leaf {index}: the record {record_id} is gone")
            elif leaf_of(self.hashes[record_id]) != leaf:
                self.problems.append(f"leaf {index}: {record_id} differs from what was sealed")
            sealed.add(record_id)
            roots.append(leaf)
            while index & 1:
                right, left = roots.pop(), roots.pop()
                roots.append(parent(left, right))
                index >>= 1
            self._compare(place + 1, roots, wanted)
        size = len(self.leaves)
        for beyond in sorted(size_ for size_ in wanted if size_ > size):
            self.problems.append(f"head {beyond}: there are only {size} leaves")
        for beyond in sorted(size_ for size_ in self.anchors if size_ > size):
            self.problems.append(f"anchor {beyond}: there are only {size} leaves")
        if size != max(wanted, default=0):
            self.problems.append(f"the {size} leaves end without a signed head")
        self.counts["unsealed"] = len(self.hashes.keys() - sealed)

    def _compare(self, size: int, roots: list[bytes], wanted: Mapping[int, str]) -> None:
        if size not in wanted and size not in self.anchors:
            return
        root = roots[-1]
        for left in reversed(roots[:-1]):
            root = parent(left, root)
        if wanted.get(size, root.hex()) != root.hex():
            self.problems.append(f"head {size}: the leaves give another root")
        if self.anchors.get(size, root.hex()) != root.hex():
            self.problems.append(f"anchor {size}: the leaves give another root")

    def _proofs(self) -> None:
        """An export of one subject: every sealed entry under the signed root."""
        signed = {int(head["size"]): head["root"] for head in self.heads}
        for size, root in signed.items():
            if self.anchors.get(size, root) != root:
                self.problems.append(f"anchor {size}: the head has another root")
        for proof in self.proofs:
            record_id, size = proof["id"], int(proof["size"])
            path = [bytes.fromhex(step) for step in proof["path"]]
            if record_id not in self.hashes or size not in signed:
                self.problems.append(f"{record_id}: a proof without its entry or head")
                continue
            leaf = leaf_of(self.hashes[record_id])
            if root_of_path(leaf, int(proof["index"]), size, path) != signed[size]:
                self.problems.append(f"{record_id}: is not under the signed root")
        proved = {proof["id"] for proof in self.proofs}
        self.counts["unsealed"] = len(self.hashes.keys() - proved)


def leaf_of(record_hash: str) -> bytes:
    """RFC 9162 leaf hash of a record's hash."""
    return hashlib.sha256(b"\0" + bytes.fromhex(record_hash)).digest()


def parent(left: bytes, right: bytes) -> bytes:
    """RFC 9162 node hash."""
    return hashlib.sha256(b"\1" + left + right).digest()


def root_of_path(leaf: bytes, index: int, size: int, path: list[bytes]) -> str:
    """The root that an audit path leads to, hexadecimal; "" when its length doesn't fit."""
    steps = list(path)

    def climb(first: int, count: int) -> bytes:
        if count == 1:
            return leaf
        split = 1 << ((count - 1).bit_length() - 1)
        sibling = steps.pop()
        if index < first + split:
            return parent(climb(first, split), sibling)
        return parent(sibling, climb(first + split, count - split))

    if not 0 <= index < size:
        return ""
    try:
        root = climb(0, size)
    except IndexError:
        return ""
    return "" if steps else root.hex()


# Ed25519 (RFC 8032, section 5.1), verification only: points in extended coordinates (X, Y, Z, T).
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int, int, int]


def point_of(encoded: bytes) -> Point | None:
    """Section 5.1.3; None for bytes that encode no point."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if len(encoded) != 32 or y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def added(a: Point, b: Point) -> Point:
    """Section 5.1.4."""
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    left, minus, plus, right = f - e, h - g, h + g, f + e
    return left * minus % P, plus * right % P, minus * plus % P, left * right % P


def times(scalar: int, point: Point) -> Point:
    """The point added to itself `scalar` times."""
    result: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = added(result, point)
        point = added(point, point)
        scalar >>= 1
    return result


BASE = point_of((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def ed25519_verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Section 5.1.7."""
    if len(public) != 32 or len(signature) != 64 or BASE is None:
        return False
    a, r = point_of(public), point_of(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= ORDER:
        return False
    challenge = hashlib.sha512(signature[:32] + public + message).digest()
    k = int.from_bytes(challenge, "little") % ORDER
    left, right = times(s, BASE), added(r, times(k, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (
        left[1] * right[2] - right[1] * left[2]
    ) % P == 0


def verify_lines(
    lines: Iterable[str], keys: Mapping[str, bytes], anchors: Mapping[int, str]
) -> Verifier:
    """Everything in an export. Raises: KeyError, ValueError for lines in another form."""
    verifier = Verifier(keys, anchors)
    for line in lines:
        if line.strip():
            verifier.take(json.loads(line))
    verifier.finish()
    return verifier


def main(arguments: list[str]) -> int:
    """The command line; prints counts and problems."""
    parser = argparse.ArgumentParser(description="Verify an export of the trail.")
    parser.add_argument("export")
    parser.add_argument("--keys", required=True)
    parser.add_argument("--anchors")
    options = parser.parse_args(arguments)
    try:
        keys = {name: bytes.fromhex(key) for name, key in _read(options.keys).items()}
        anchors = _read(options.anchors) if options.anchors else {}
        with open(options.export, encoding="utf-8") as lines:
            found = verify_lines(lines, keys, {int(size): root for size, root in anchors.items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        print(f"cannot read: {error!r}", file=sys.stderr)
        return 2
    print(", ".join(f"{name}: {count}" for name, count in sorted(found.counts.items())))
    for problem in found.problems:
        print(f"PROBLEM {problem}")
    print("NOT INTACT" if found.problems else "INTACT")
    return 1 if found.problems else 0


def _read(path: str) -> dict[str, str]:
    with open(path, encoding="utf-8") as file:
        document: dict[str, str] = json.load(file)
    return document


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
