"""What is shown of personal values by default."""

from __future__ import annotations

import pytest

from workflows.privacy import mask_bank_account, mask_id_number, mask_name, mask_phone


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("110101199003071234", "110***********1234"),
        ("11010119900307123x", "110***********123X"),
        ("1101011990", "********"),
        ("", "********"),
    ],
)
def test_an_id_number_shows_three_signs_and_four(number: str, shown: str) -> None:
    assert mask_id_number(number) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三丰", "张*"),
        ("张三", "张*"),
        (" 李四 ", "李*"),
        ("欧阳娜娜", "欧阳*"),
        ("司马", "司*"),
        ("张", "*"),
        ("", "*"),
    ],
)
def test_a_name_shows_its_surname(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("13812345678", "138****5678"), ("023-52251234", "****1234"), ("110", "****"), ("", "****")],
)
def test_a_telephone_number_shows_its_end(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(
    ("account", "shown"), [("6217 0038 1000 1234", "****1234"), ("1234", "****"), ("", "****")]
)
def test_a_bank_account_shows_its_last_four(account: str, shown: str) -> None:
    assert mask_bank_account(account) == shown
