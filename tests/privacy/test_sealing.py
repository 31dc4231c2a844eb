"""Sealed values open only with their key, at their place, unchanged; erasure is final."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.errors import DoudiError, Invalid, NotFound
from workflows.privacy import (
    ERASED,
    DataKey,
    KeyRing,
    blind_index,
    new_data_key,
    new_key_ring,
    open_sealed,
    open_state,
    seal,
    seal_state,
    unwrap_data_key,
)

RING = KeyRing(keys={1: b"1" * 32, 2: b"2" * 32}, current=2, index_key=b"i" * 32)
PLACE, ROW = "persons.identity", "p-1"


def make_key(person: str = "p-1") -> DataKey:
    return new_data_key(RING, person)[0]


@given(st.text(max_size=200))
def test_a_sealed_value_opens_to_itself(text: str) -> None:
    key = make_key()
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        return
    assert open_sealed(key, PLACE, ROW, seal(key, PLACE, ROW, text)) == text


def test_equal_values_seal_to_different_bytes() -> None:
    key = make_key()
    assert seal(key, PLACE, ROW, "x") != seal(key, PLACE, ROW, "x")


def test_every_flipped_bit_is_noticed() -> None:
    # given
    key = make_key()
    blob = seal(key, PLACE, ROW, "110101199003071234")
    assert len(blob) == 3 + 12 + 18 + 16

    for position in range(len(blob) * 8):
        # when
        changed = bytearray(blob)
        changed[position // 8] ^= 1 << position % 8

        # then
        with pytest.raises(Invalid) as refused:
            open_sealed(key, PLACE, ROW, bytes(changed))
        assert refused.value.code == "privacy.unreadable"


@pytest.mark.parametrize(
    ("place", "row"), [("persons.phone", ROW), (PLACE, "p-2"), ("persons.identityp", "-1")]
)
def test_a_value_copied_elsewhere_does_not_open(place: str, row: str) -> None:
    key = make_key()
    blob = seal(key, PLACE, ROW, "x")
    with pytest.raises(Invalid):
        open_sealed(key, place, row, blob)


def test_another_persons_key_opens_nothing() -> None:
    blob = seal(make_key(), PLACE, ROW, "x")
    with pytest.raises(Invalid):
        open_sealed(make_key(), PLACE, ROW, blob)


@pytest.mark.parametrize("blob", [b"", b"\x01", b"\x02" + bytes(60)])
def test_what_is_no_ciphertext_is_refused(blob: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        open_sealed(make_key(), PLACE, ROW, blob)
    assert refused.value.code == "privacy.unreadable"


def test_a_wrapped_key_opens_for_its_person_only() -> None:
    # given
    key, wrapped = new_data_key(RING, "p-1", version=3)

    # then
    assert unwrap_data_key(RING, "p-1", wrapped) == key
    with pytest.raises(Invalid):
        unwrap_data_key(RING, "p-2", wrapped)


def test_an_erased_key_says_so() -> None:
    with pytest.raises(NotFound) as refused:
        unwrap_data_key(RING, "p-1", ERASED)
    assert refused.value.code == "privacy.erased"


def test_engine_state_opens_for_its_case_and_version_only() -> None:
    # given
    blob = seal_state(RING, "case-1", 7, b"{}")

    # then
    assert open_state(RING, "case-1", 7, blob) == b"{}"
    for case_id, version in (("case-1", 6), ("case-2", 7)):
        with pytest.raises(Invalid):
            open_state(RING, case_id, version, blob)


def test_engine_state_of_an_older_master_key_still_opens() -> None:
    old = KeyRing(keys={1: b"1" * 32}, current=1, index_key=b"i" * 32)
    assert open_state(RING, "case-1", 7, seal_state(old, "case-1", 7, b"{}")) == b"{}"


def test_blind_indexes_agree_within_a_kind_and_differ_between_kinds_and_rings() -> None:
    # given
    other = KeyRing(keys={1: b"1" * 32}, current=1, index_key=b"j" * 32)

    # then
    found = blind_index(RING, "id_number", "110101199003071234")
    assert found == blind_index(RING, "id_number", "110101199003071234")
    assert len(found) == 32
    assert found != blind_index(RING, "bank_account", "110101199003071234")
    assert found != blind_index(other, "id_number", "110101199003071234")


def test_a_ring_survives_its_file_and_hides_its_keys() -> None:
    # given
    ring = new_key_ring()

    # then
    assert KeyRing.from_json(ring.to_json()) == ring
    assert repr(ring) == "KeyRing(current=1)"
    key = new_data_key(ring, "p-1")[0]
    assert repr(key) == "DataKey(person_id='p-1', version=1)"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"current": 1, "keys": {"1": "AAAA"}, "index_key": "AAAA"}',
        '{"current": 1, "keys": [], "index_key": "AAAA"}',
    ],
)
def test_a_broken_key_file_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        KeyRing.from_json(text)
    assert refused.value.code == "privacy.bad_key_ring"


@pytest.mark.parametrize(
    ("keys", "current", "index_key"),
    [
        ({}, 1, b"i" * 32),
        ({1: b"1" * 32}, 2, b"i" * 32),
        ({1: b"1" * 31}, 1, b"i" * 32),
        ({1: b"1" * 32}, 1, b"1" * 32),
        ({0: b"1" * 32}, 0, b"i" * 32),
    ],
)
def test_an_unsafe_ring_is_refused(keys: dict[int, bytes], current: int, index_key: bytes) -> None:
    with pytest.raises(DoudiError) as refused:
        KeyRing(keys=keys, current=current, index_key=index_key)
    assert refused.value.code == "privacy.bad_key_ring"
