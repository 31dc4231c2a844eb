"""Bank accounts: sealed, versioned, masked, and the same card in another family is noticed."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models.households import Person
from models.money import BankAccount
from models.trail import TrailEntry
from tests.assistance.money.world import FOUNDED, World
from workflows.assistance.households import identity_of
from workflows.assistance.money.bank_accounts import (
    account_in_clear,
    record_bank_account,
    usable_account,
)
from workflows.errors import Invalid
from workflows.privacy import unwrap_data_key
from workflows.transaction import transaction

NUMBER = "6217 0038 1000-1234 567"


def test_a_number_is_kept_sealed_and_shown_masked(world: World) -> None:
    # given
    household = world.family(bank=False)
    # when
    recorded = world.bank(household, NUMBER)
    # then
    person = world.session.get_one(Person, household.head_person_id)
    key = unwrap_data_key(world.district.keys, person.id, person.data_key)
    clear = account_in_clear(recorded.account, key)
    assert (clear.number, clear.bank, clear.masked) == (
        "6217003810001234567", "农商银行", "****4567",
    )  # fmt: skip
    assert recorded.masked == "****4567"
    stored = world.session.scalars(select(BankAccount.account)).one()
    assert b"6217" not in stored
    bodies = world.session.scalars(select(TrailEntry.body)).all()
    assert not any(b"6217003810001234567" in body for body in bodies)


def test_a_new_account_supersedes_the_old_one(world: World) -> None:
    # given
    household = world.family()
    # when
    second = world.bank(household, NUMBER).account
    # then
    with transaction(world.session):
        assert usable_account(world.session, household.head_person_id).id == second.id
    rows = world.session.scalars(select(BankAccount)).all()
    assert sorted(row.superseded_at is None for row in rows) == [False, True]


def test_the_same_card_in_another_family_is_reported(world: World) -> None:
    # given
    first, second = world.family(bank=False), world.family(bank=False)
    world.bank(first, NUMBER)
    # when
    recorded = world.bank(second, NUMBER.replace(" ", ""))
    # then
    assert recorded.shared_with == (first.id,)


@pytest.mark.parametrize(
    "number", ["", "62170038", "6217003810001234567890123", "6217A03810001234"]
)
def test_what_cannot_be_an_account_is_refused(world: World, number: str) -> None:
    # given
    household = world.family(bank=False)
    person = world.session.get_one(Person, household.head_person_id)
    # when / then
    with transaction(world.session), pytest.raises(Invalid) as caught:
        record_bank_account(
            world.session, person, number, "", " ", world.district.keys,
            actor=world.actor("officer"), now=FOUNDED,
        )  # fmt: skip
    assert [finding.code for finding in caught.value.findings] == [
        "account_number", "account_bank", "account_holder",
    ]  # fmt: skip


def test_an_account_in_another_name_needs_its_reason(world: World) -> None:
    # given
    household = world.family(bank=False)
    person = world.session.get_one(Person, household.head_person_id)
    # when / then
    with transaction(world.session), pytest.raises(Invalid) as caught:
        record_bank_account(
            world.session, person, NUMBER, "农商银行", "开州区敬老院", world.district.keys,
            actor=world.actor("officer"), now=FOUNDED,
        )  # fmt: skip
    assert [finding.code for finding in caught.value.findings] == ["account_other_holder"]
    # when
    with transaction(world.session):
        recorded = record_bank_account(
            world.session, person, NUMBER, "农商银行", "开州区敬老院", world.district.keys,
            other_holder="由敬老院代收", actor=world.actor("officer"), now=FOUNDED,
        )  # fmt: skip
    # then
    key = unwrap_data_key(world.district.keys, person.id, person.data_key)
    clear = account_in_clear(recorded.account, key)
    assert (clear.holder, clear.other_holder) == ("开州区敬老院", "由敬老院代收")
    bodies = world.session.scalars(
        select(TrailEntry.body).where(TrailEntry.action == "bank_account.recorded")
    ).all()
    assert any(b'"own_name":false' in body for body in bodies)
    assert not any("敬老院".encode() in body for body in bodies)


def test_a_name_with_a_space_in_it_is_the_same_name(world: World) -> None:
    # given
    household = world.family(bank=False)
    person = world.session.get_one(Person, household.head_person_id)
    own = identity_of(person, world.district.keys).name
    # when
    with transaction(world.session):
        recorded = record_bank_account(
            world.session, person, NUMBER, "农商银行", f"{own[0]} {own[1:]}", world.district.keys,
            actor=world.actor("officer"), now=FOUNDED,
        )  # fmt: skip
    # then
    key = unwrap_data_key(world.district.keys, person.id, person.data_key)
    assert account_in_clear(recorded.account, key).other_holder == ""
