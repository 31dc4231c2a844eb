"""Citizen identity numbers (公民身份号码, GB 11643-1999): their one spelling and their checks."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from workflows.errors import Finding, Invalid

_SHAPE: Final = re.compile(r"[0-9]{17}[0-9X]")
_OLD_SHAPE: Final = re.compile(r"[0-9]{15}")
#: Provinces of GB/T 2260, and those of residence permits for Hong Kong, Macao and Taiwan.
_PROVINCE_CODES: Final = (
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54"
    " 61 62 63 64 65 71 81 82 83"
)
_PROVINCES: Final = frozenset(_PROVINCE_CODES.split())
#: Their permits carry no city: 810000, 820000, 830000.
_WITHOUT_CITY: Final = frozenset({"81", "82", "83"})
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS: Final = "10X98765432"
_OLDEST_YEARS: Final = 130


class Sex(StrEnum):
    """What the 17th digit says."""

    MALE = "male"
    FEMALE = "female"


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A number that passed every check, in its one spelling, and what it says."""

    number: str
    region: str
    born_on: date
    sex: Sex


def normalise_id_number(raw: str) -> str:
    """Half-width, capital X, without blanks and invisible characters; nothing is checked."""
    text = unicodedata.normalize("NFKC", raw)
    return "".join(
        sign
        for sign in text
        if not sign.isspace() and unicodedata.category(sign) not in ("Cf", "Cc")
    ).upper()


def parse_id_number(raw: str, *, today: date, field: str | None = None) -> IdNumber:
    """The number with its region, birthday and sex.

    Raises: Invalid with every finding of `id_number_findings`.
    """
    findings = id_number_findings(raw, today=today, field=field)
    if findings:
        raise Invalid(findings[0].code, findings=findings)
    number = normalise_id_number(raw)
    born_on = _birthday(number)
    assert born_on is not None  # id_number_findings has refused every other number
    sex = Sex.MALE if int(number[16]) % 2 else Sex.FEMALE
    return IdNumber(number, number[:6], born_on, sex)


def id_number_findings(raw: str, *, today: date, field: str | None = None) -> list[Finding]:
    """Everything that is wrong with a number; empty when it is right (GB 11643-1999)."""
    number = normalise_id_number(raw)
    wrong_shape = _shape_problem(number)
    if wrong_shape is not None:
        return [_finding(wrong_shape, field)]
    problems = []
    if not _plausible_region(number[:6]):
        problems.append("region")
    born_on = _birthday(number)
    if born_on is None:
        problems.append("birth_date")
    elif born_on > today:
        problems.append("birth_future")
    elif born_on.year < today.year - _OLDEST_YEARS:
        problems.append("birth_too_early")
    if check_digit(number[:17]) != number[17]:
        problems.append("check_digit")
    return [_finding(problem, field) for problem in problems]


def check_digit(first_17: str) -> str:
    """The 18th sign of a number (ISO 7064:1983, MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(first_17, _WEIGHTS, strict=True))
    return _CHECK_DIGITS[total % 11]


def _shape_problem(number: str) -> str | None:
    if not number:
        return "empty"
    if _OLD_SHAPE.fullmatch(number):
        return "old_format"
    if len(number) != 18:
        return "length"
    return None if _SHAPE.fullmatch(number) else "characters"


def _plausible_region(region: str) -> bool:
    # A permanent residence card of a foreigner begins with 9, then the province.
    if region[0] == "9":
        return region[1:3] in _PROVINCES
    province, city = region[:2], region[2:4]
    return province in _PROVINCES and (city != "00" or province in _WITHOUT_CITY)


def _birthday(number: str) -> date | None:
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def _finding(problem: str, field: str | None) -> Finding:
    message, message_en = _SENTENCES[problem]
    return Finding(f"id_number.{problem}", message, message_en, field=field)


_SENTENCES: Final = {
    "empty": ("请填写身份证号码。", "Enter the identity number."),
    "old_format": (
        "这是15位的旧身份证号码，请按现行证件填写18位号码。",
        "This is an old number of 15 digits; enter the 18 signs of the present card.",
    ),
    "length": (
        "身份证号码应为18位，请核对是否多填或漏填。",
        "An identity number has 18 signs; check for a missing or an extra one.",
    ),
    "characters": (
        "身份证号码前17位只能是数字，最后一位是数字或X。",
        "The first 17 signs of an identity number are digits, the last a digit or X.",
    ),
    "region": (
        "身份证号码前6位不是有效的行政区划代码，请核对。",
        "The first 6 digits of the identity number are not a region's code; check them.",
    ),
    "birth_date": (
        "身份证号码第7至14位不是有效的出生日期，请核对。",
        "Digits 7 to 14 of the identity number are not a date of birth; check them.",
    ),
    "birth_future": (
        "身份证号码中的出生日期晚于今天，请核对。",
        "The date of birth in the identity number lies in the future; check it.",
    ),
    "birth_too_early": (
        "身份证号码中的出生日期过早，请核对。",
        "The date of birth in the identity number is too long ago; check it.",
    ),
    "check_digit": (
        "身份证号码最后一位校验不符，请逐位核对。",
        "The last sign of the identity number does not match the others; check each one.",
    ),
}
