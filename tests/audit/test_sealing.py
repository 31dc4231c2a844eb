"""The sealer: batches, heads, proofs, races, and what it refuses to build on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, event, func, select, text, update
from sqlalchemy.orm import Session

from models.trail import LeafSource, TrailEntry, TreeHead, TreeLeaf, TreeNode, Unsealed
from tests.audit.acts import (
    KEYS,
    NOW,
    SIGNER,
    act,
    codes,
    make_subject,
    make_trail,
    seal,
    see,
    take_power,
    verified,
)
from workflows.audit.merkle import leaf_hash, verify_consistency, verify_inclusion
from workflows.audit.sealing import (
    last_head,
    prove_consistency,
    prove_inclusion,
    seal_tree,
)
from workflows.audit.signing import TreeSigner, head_statement, signature_holds
from workflows.errors import Invalid, NotFound
from workflows.transaction import transaction


def test_entries_and_accesses_become_leaves_once(session: Session) -> None:
    # given
    act(session, make_subject(), 3)
    see(session, make_subject())

    # when
    head = seal(session)
    again = seal(session)

    # then
    assert head is not None and head.size == 4
    assert again is None
    leaves = session.scalars(select(TreeLeaf).order_by(TreeLeaf.leaf_index)).all()
    assert [leaf.leaf_index for leaf in leaves] == [0, 1, 2, 3]
    assert [leaf.source for leaf in leaves] == [LeafSource.ENTRY] * 3 + [LeafSource.ACCESS]
    assert session.scalar(select(func.count()).select_from(Unsealed)) == 0


def test_a_head_is_signed_over_size_root_and_moment(session: Session) -> None:
    # given
    act(session, make_subject(), 3)

    # when
    head = seal(session)

    # then
    assert head is not None
    statement = head_statement(head.size, head.root, head.signed_at, head.key_id)
    assert signature_holds(KEYS, head.key_id, statement, head.signature)
    later = head_statement(head.size, head.root, head.signed_at + timedelta(1), head.key_id)
    assert not signature_holds(KEYS, head.key_id, later, head.signature)
    assert not signature_holds({}, head.key_id, statement, head.signature)
    assert not signature_holds(
        {head.key_id: TreeSigner.new().public}, head.key_id, statement, head.signature
    )


def test_small_batches_give_the_same_root_as_one(session: Session) -> None:
    # given
    make_trail(session, subjects=3, entries=5)
    act(session, make_subject("late"), 9)

    # when
    sizes = []
    while (head := seal(session, batch=4)) is not None:
        sizes.append(head.size)

    # then
    assert sizes == [22, 26, 27]
    assert verified(session).intact


def test_nothing_to_seal_makes_no_head(session: Session) -> None:
    assert seal(session) is None
    assert last_head(session) is None


def test_sealing_reads_no_history(engine: Engine, session: Session) -> None:
    # given
    act(session, make_subject("first"), 30)
    seal(session)

    def statements_of_a_batch() -> list[str]:
        act(session, make_subject("next"), 2)
        seen: list[str] = []

        def note(_c: object, _cu: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        seal(session)
        event.remove(engine, "before_cursor_execute", note)
        return [statement for statement in seen if statement.startswith("SELECT")]

    # when
    early = statements_of_a_batch()
    act(session, make_subject("many"), 100)
    seal(session)
    late = statements_of_a_batch()

    # then
    assert len(early) == len(late) <= 3
    assert not any("FROM tree_leaves" in statement for statement in late)


def test_every_sealed_row_is_proved_under_the_last_head(session: Session) -> None:
    # given: more than two stored subtrees of 256 leaves
    act(session, make_subject("many"), 600)
    seal(session, batch=599)
    head = seal(session)
    assert head is not None
    assert session.scalar(select(func.count()).select_from(TreeNode)) == 2

    # then
    rows = session.execute(
        select(TrailEntry.id, TrailEntry.hash, TreeLeaf.leaf_index)
        .join(TreeLeaf, TreeLeaf.entry_id == TrailEntry.id)
        .where(TreeLeaf.leaf_index.in_([0, 1, 255, 256, 300, 511, 512, 598, 599]))
    ).all()
    assert len(rows) == 9
    for row in rows:
        index, path = prove_inclusion(session, row.id, head.size)
        assert index == row.leaf_index
        assert verify_inclusion(leaf_hash(row.hash), index, head.size, path, head.root)


def test_an_older_head_is_proved_to_be_the_beginning_of_a_newer(session: Session) -> None:
    # given
    act(session, make_subject("many"), 300)
    heads = []
    while (head := seal(session, batch=70)) is not None:
        heads.append((head.size, head.root))

    # then
    for old_size, old_root in heads:
        for new_size, new_root in heads:
            if old_size <= new_size:
                proof = prove_consistency(session, old_size, new_size)
                assert verify_consistency(old_size, old_root, new_size, new_root, proof)


def test_there_is_no_proof_for_what_is_not_sealed(session: Session) -> None:
    # given
    act(session, make_subject(), 1)
    entry_id = session.scalars(select(TrailEntry.id)).one()

    # then
    with pytest.raises(NotFound) as refused:
        prove_inclusion(session, entry_id, 1)
    assert refused.value.code == "trail.not_sealed"
    with pytest.raises(Invalid) as refused_consistency:
        prove_consistency(session, 1, 2)
    assert refused_consistency.value.code == "trail.no_proof"


def test_the_sealer_refuses_to_build_on_a_changed_head(session: Session) -> None:
    # given
    act(session, make_subject(), 3)
    seal(session)
    take_power(session)
    with transaction(session):
        session.execute(update(TreeHead).values(root=bytes(32)))
    session.expire_all()
    with transaction(session):
        session.execute(
            text("INSERT INTO trail_unsealed SELECT id, 'entry' FROM trail_entries LIMIT 1")
        )

    # when
    with pytest.raises(Invalid) as refused:
        seal(session)

    # then
    assert refused.value.code == "trail.bad_head"


@pytest.mark.postgres
def test_of_two_sealers_one_steps_back(postgres_url: str, request: pytest.FixtureRequest) -> None:
    # given
    engine = request.getfixturevalue("make_engine")(postgres_url)
    with Session(engine) as one, Session(engine) as two:
        act(one, make_subject(), 3)

        # when
        with transaction(one):
            first = seal_tree(one, now=NOW, signer=SIGNER)
            with transaction(two):
                second = seal_tree(two, now=NOW, signer=SIGNER)

        # then
        assert first is not None
        assert second is None
        assert verified(one).intact


def test_a_row_that_commits_late_is_sealed_in_a_later_batch(session: Session) -> None:
    # given an entry whose key is older than what is sealed already
    act(session, make_subject("early"), 1)
    with transaction(session):
        late = session.scalars(select(Unsealed)).one()
        entry_id, source = late.entry_id, late.source
        session.delete(late)
    act(session, make_subject("quick"), 2)
    seal(session)

    # when
    with transaction(session):
        session.add(Unsealed(entry_id=entry_id, source=source))
    head = seal(session)

    # then
    assert head is not None and head.size == 3
    assert verified(session).intact
    assert "seal.escaped" not in codes(verified(session))


def test_a_signing_key_survives_its_file_and_is_hidden() -> None:
    signer = TreeSigner.new()
    assert TreeSigner.from_json(signer.to_json()) == signer
    assert repr(signer) == f"TreeSigner(key_id='{signer.key_id}')"
    for broken in ("", "[]", "{}", '{"private": "AAAA"}'):
        with pytest.raises(Invalid) as refused:
            TreeSigner.from_json(broken)
        assert refused.value.code == "trail.bad_key"
