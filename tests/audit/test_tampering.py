"""Every kind of tampering by somebody who can switch the triggers off, and what notices it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

import pytest
from sqlalchemy import delete, insert, inspect, select, update
from sqlalchemy.orm import Session

from models.base import Base
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
from tests.audit.acts import KEYS, act, codes, make_subject, make_trail, seal, take_power, verified
from workflows.audit.record import canonical
from workflows.audit.sealing import last_head
from workflows.audit.signing import TreeSigner
from workflows.audit.verification import verify_all, verify_subject
from workflows.transaction import transaction

VICTIM = make_subject("case-1")


def entry(session: Session, sequence: int) -> TrailEntry:
    return session.scalars(
        select(TrailEntry).where(
            TrailEntry.subject_id == VICTIM.id, TrailEntry.sequence == sequence
        )
    ).one()


def rewritten(body: bytes, **changes: object) -> bytes:
    return canonical({**json.loads(body), **changes})


def change_a_column(session: Session) -> None:
    session.execute(
        update(TrailEntry)
        .where(TrailEntry.id == entry(session, 3).id)
        .values(actor_id="somebody-else")
    )


def change_the_moment(session: Session) -> None:
    found = entry(session, 3)
    found.at = found.at.replace(year=2020)


def change_a_body(session: Session) -> None:
    found = entry(session, 3)
    found.body = rewritten(found.body, action="case.closed")


def change_a_body_and_its_hash(session: Session) -> None:
    found = entry(session, 3)
    found.body = rewritten(found.body, data={"number": "99"})
    found.hash = hashlib.sha256(found.body).digest()


def change_the_last_and_its_head(session: Session) -> None:
    found = entry(session, 5)
    found.body = rewritten(found.body, data={"number": "99"})
    found.hash = hashlib.sha256(found.body).digest()
    session.execute(
        update(TrailSubject)
        .where(TrailSubject.subject_id == VICTIM.id)
        .values(head_hash=found.hash)
    )


def delete_one(session: Session) -> None:
    session.delete(entry(session, 3))


def delete_the_last_and_fix_the_head(session: Session) -> None:
    before = entry(session, 4)
    session.delete(entry(session, 5))
    session.execute(
        update(TrailSubject)
        .where(TrailSubject.subject_id == VICTIM.id)
        .values(length=4, head_hash=before.hash)
    )


def delete_the_last(session: Session) -> None:
    session.delete(entry(session, 5))


def swap_two(session: Session) -> None:
    second, third = entry(session, 2), entry(session, 3)
    second.sequence = 99
    session.flush()
    third.sequence = 2
    session.flush()
    second.sequence = 3


def swap_two_contents(session: Session) -> None:
    second, third = entry(session, 2), entry(session, 3)
    second.body, third.body = third.body, second.body
    second.hash, third.hash = third.hash, second.hash


def forge_a_row(session: Session) -> None:
    last = entry(session, 5)
    columns = {column.key: getattr(last, column.key) for column in inspect(TrailEntry).columns}
    body = rewritten(last.body, id="forged", sequence="6", previous=last.hash.hex())
    session.execute(
        insert(TrailEntry).values(
            {
                **columns,
                "id": "forged",
                "sequence": 6,
                "previous_hash": last.hash,
                "body": body,
                "hash": hashlib.sha256(body).digest(),
            }
        )
    )


def remove_the_subject(session: Session) -> None:
    session.execute(delete(TrailEntry).where(TrailEntry.subject_id == VICTIM.id))
    session.execute(delete(TrailSubject).where(TrailSubject.subject_id == VICTIM.id))


def remove_the_head_row(session: Session) -> None:
    session.execute(delete(TrailSubject).where(TrailSubject.subject_id == VICTIM.id))


def rewrite_the_chain(session: Session) -> None:
    """What a chain alone can't show: everything from number 2 on, made to fit."""
    previous = entry(session, 1).hash
    for sequence in range(2, 6):
        found = entry(session, sequence)
        found.body = rewritten(found.body, data={"number": "7"}, previous=previous.hex())
        found.previous_hash = previous
        found.hash = previous = hashlib.sha256(found.body).digest()
    session.execute(
        update(TrailSubject).where(TrailSubject.subject_id == VICTIM.id).values(head_hash=previous)
    )


def change_an_access(session: Session) -> None:
    session.execute(update(AccessRecord).values(kind="viewed"))


def rewrite_an_access(session: Session) -> None:
    found = session.scalars(select(AccessRecord).limit(1)).one()
    found.body = rewritten(found.body, data={})
    found.hash = hashlib.sha256(found.body).digest()


def delete_an_access(session: Session) -> None:
    session.delete(session.scalars(select(AccessRecord).limit(1)).one())


def delete_a_leaf(session: Session) -> None:
    session.execute(delete(TreeLeaf).where(TreeLeaf.leaf_index == 7))


def change_a_leaf(session: Session) -> None:
    session.execute(update(TreeLeaf).where(TreeLeaf.leaf_index == 7).values(leaf_hash=bytes(32)))


def cut_the_tree(session: Session) -> None:
    last = session.scalar(select(TreeLeaf.leaf_index).order_by(TreeLeaf.leaf_index.desc()).limit(1))
    session.execute(delete(TreeLeaf).where(TreeLeaf.leaf_index == last))


def drop_the_last_head(session: Session) -> None:
    head = last_head(session)
    assert head is not None
    session.delete(head)


def change_a_root(session: Session) -> None:
    session.execute(update(TreeHead).where(TreeHead.size == 12).values(root=bytes(32)))


def sign_with_another_key(session: Session) -> None:
    signer = TreeSigner.new()
    session.execute(update(TreeHead).where(TreeHead.size == 12).values(key_id=signer.key_id))


def hide_from_the_sealer(session: Session) -> None:
    body = rewritten(entry(session, 5).body, id="hidden")
    session.execute(
        insert(AccessRecord).values(
            id="hidden",
            subject_kind=VICTIM.kind,
            subject_id=VICTIM.id,
            district_id=VICTIM.district_id,
            kind="viewed",
            actor_id=None,
            actor_role="system",
            at=entry(session, 5).at,
            body=body,
            hash=hashlib.sha256(body).digest(),
            hash_name="sha256",
        )
    )


TAMPERINGS: list[tuple[Callable[[Session], None], str]] = [
    (change_a_column, "chain.columns"),
    (change_the_moment, "chain.columns"),
    (change_a_body, "chain.changed"),
    (change_a_body_and_its_hash, "chain.link"),
    (change_the_last_and_its_head, "tree.changed"),
    (delete_one, "chain.gap"),
    (delete_the_last, "chain.head"),
    (delete_the_last_and_fix_the_head, "tree.missing"),
    (swap_two, "chain.columns"),
    (swap_two_contents, "chain.columns"),
    (forge_a_row, "chain.head"),
    (remove_the_subject, "tree.missing"),
    (remove_the_head_row, "chain.headless"),
    (rewrite_the_chain, "tree.changed"),
    (change_an_access, "access.columns"),
    (rewrite_an_access, "tree.changed"),
    (delete_an_access, "tree.missing"),
    (delete_a_leaf, "tree.gap"),
    (change_a_leaf, "tree.root"),
    (cut_the_tree, "tree.beyond"),
    (drop_the_last_head, "tree.unsigned"),
    (change_a_root, "tree.root"),
    (sign_with_another_key, "tree.signature"),
    (hide_from_the_sealer, "seal.escaped"),
]


@pytest.mark.parametrize(
    ("tamper", "code"), TAMPERINGS, ids=[tamper.__name__ for tamper, _ in TAMPERINGS]
)
def test_tampering_is_noticed(
    session: Session, tamper: Callable[[Session], None], code: str
) -> None:
    # given
    make_trail(session)
    assert verified(session).intact
    take_power(session)

    # when
    with transaction(session):
        tamper(session)
    session.expire_all()

    # then
    report = verified(session)
    assert code in codes(report)
    assert all(problem.message and problem.message_en for problem in report.problems)


def test_an_untouched_trail_is_intact(session: Session) -> None:
    # given
    make_trail(session)
    act(session, make_subject("waiting"), 2)

    # when
    report = verified(session)

    # then
    assert report.intact
    assert (report.subjects, report.entries, report.accesses) == (5, 22, 4)
    assert (report.leaves, report.heads, report.waiting) == (24, 4, 2)


def test_one_chain_can_be_checked_alone(session: Session) -> None:
    # given
    make_trail(session)
    take_power(session)
    with transaction(session):
        change_a_body(session)
    session.expire_all()

    # then
    assert codes(verify_subject(session, VICTIM)) == {"chain.changed"}
    assert verify_subject(session, make_subject("case-2")).intact


def rebuild_everything(session: Session, signer: TreeSigner) -> None:
    """The worst administrator: rewrite a chain, forget the tree, seal anew with a stolen key."""
    take_power(session)
    with transaction(session):
        rewrite_the_chain(session)
    with transaction(session):
        for table in (TreeHead, TreeLeaf, TreeNode):
            session.execute(delete(table))
        rows = session.execute(select(TrailEntry.id)).scalars().all()
        accesses = session.execute(select(AccessRecord.id)).scalars().all()
        unsealed = Base.metadata.tables["trail_unsealed"]
        session.execute(
            insert(unsealed),
            [{"entry_id": row, "source": "entry"} for row in rows]
            + [{"entry_id": row, "source": "access"} for row in accesses],
        )
    session.expire_all()
    seal(session)


def test_a_rewritten_history_shows_against_a_root_kept_elsewhere(session: Session) -> None:
    # given
    make_trail(session)
    head = last_head(session)
    assert head is not None
    anchors = {head.size: head.root}
    session.rollback()
    assert verified(session, anchors).intact

    # when
    rebuild_everything(session, TreeSigner.new())

    # then
    assert verified(session).intact
    assert codes(verified(session, anchors)) == {"tree.anchor"}


def test_a_restored_backup_shows_against_a_root_kept_elsewhere(session: Session) -> None:
    # given
    make_trail(session, subjects=2)
    yesterday = last_head(session)
    assert yesterday is not None
    size = yesterday.size
    session.rollback()
    act(session, make_subject("today"), 3)
    today = seal(session)
    assert today is not None
    anchors = {today.size: today.root}
    session.rollback()

    # when everything of today is gone
    take_power(session)
    with transaction(session):
        session.execute(delete(TrailEntry).where(TrailEntry.subject_id == "today"))
        session.execute(delete(TrailSubject).where(TrailSubject.subject_id == "today"))
        session.execute(delete(TreeLeaf).where(TreeLeaf.leaf_index >= size))
        session.execute(delete(TreeHead).where(TreeHead.size > size))
    session.expire_all()

    # then
    assert verified(session).intact
    assert codes(verified(session, anchors)) == {"tree.anchor_beyond"}


def test_a_stored_node_that_lies_is_noticed(session: Session) -> None:
    # given
    act(session, make_subject("many"), 300)
    seal(session)
    take_power(session)

    # when
    with transaction(session):
        session.execute(update(TreeNode).values(node_hash=bytes(32)))

    # then
    assert codes(verified(session)) == {"tree.node"}


def test_a_waiting_row_without_its_record_is_noticed(session: Session) -> None:
    # given
    make_trail(session, subjects=2)

    # when
    with transaction(session):
        session.add(Unsealed(entry_id="gone", source=LeafSource.ENTRY))

    # then
    assert seal(session) is None
    report = verified(session)
    assert (codes(report), report.waiting) == ({"seal.orphan"}, 1)


def test_an_unknown_hash_or_broken_text_is_a_finding_not_a_crash(session: Session) -> None:
    # given
    make_trail(session, subjects=2)
    take_power(session)

    # when
    with transaction(session):
        entry(session, 2).hash_name = "md5"
        broken = entry(session, 3)
        broken.body = b"\xff{"
        broken.hash = hashlib.sha256(broken.body).digest()
    session.expire_all()

    # then
    report = verify_all(session, keys=KEYS)
    assert [problem.code for problem in report.problems].count("chain.changed") == 2
