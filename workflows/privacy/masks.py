"""What a page, a notice or an export shows of a personal value by default."""

from __future__ import annotations

from typing import Final

from workflows.privacy.identity import normalise_id_number

_MOBILE: Final = 11
#: Surnames of two characters in common use; other names keep their first character.
_LONG_SURNAME_LIST: Final = (
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳"
    " 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 巫马 公西"
    " 颛孙 壤驷 公良 漆雕 乐正 宰父 谷梁 拓跋 轩辕 令狐 段干 百里 呼延 东郭 南门 羊舌 微生 梁丘"
    " 左丘 东门 西门 第五"
)
_LONG_SURNAMES: Final = frozenset(_LONG_SURNAME_LIST.split())


def mask_id_number(number: str) -> str:
    """`110101199003071234` → `110***********1234`; anything shorter than 18 signs is hidden."""
    plain = normalise_id_number(number)
    return f"{plain[:3]}{'*' * (len(plain) - 7)}{plain[-4:]}" if len(plain) >= 18 else "*" * 8


def mask_name(name: str) -> str:
    """`张三丰` → `张*`, `欧阳娜娜` → `欧阳*`: the surname and one star, whatever the length."""
    plain = name.strip()
    if len(plain) < 2:
        return "*"
    keep = 2 if len(plain) > 2 and plain[:2] in _LONG_SURNAMES else 1
    return f"{plain[:keep]}*"


def mask_phone(phone: str) -> str:
    """`13812345678` → `138****5678`; other numbers keep their last four digits."""
    digits = "".join(sign for sign in phone if sign.isdigit())
    if len(digits) == _MOBILE and digits[0] == "1":
        return f"{digits[:3]}****{digits[-4:]}"
    return _last_four(digits)


def mask_bank_account(account: str) -> str:
    """`6217 0038 1000 1234` → `****1234`."""
    return _last_four("".join(sign for sign in account if sign.isalnum()))


def _last_four(text: str) -> str:
    return f"****{text[-4:]}" if len(text) >= 8 else "****"
