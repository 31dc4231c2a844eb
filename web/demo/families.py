"""Forty invented households that apply: who they are, what they live on, how their case goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from models.households import Area
from web.demo.offices import DISTRICT_CODE
from workflows.assistance.households import (
    UNKNOWN_FACTS,
    HouseholdData,
    IncomeData,
    MemberData,
    PropertyData,
)
from workflows.privacy.identity import check_digit

#: Grown and able to work, where nothing else is said.
_USUAL: Final = {**UNKNOWN_FACTS, "able_bodied": True}
_SURNAMES: Final = "陈李王张刘赵黄何邓谭向谢冉彭袁龚蒲熊唐廖邹雷熊石"
_HEADS: Final = (
    "德明", "素芳", "光荣", "秀兰", "永福", "桂英", "大军", "淑珍", "国平", "春梅", "正华", "玉梅",
    "世全", "兴碧", "天佑", "明秀", "家富", "小琼", "朝贵", "洪英",
)  # fmt: skip
#: Applicants alternate: a man, a woman.
_WIVES: Final = ("素芳", "成英", "开秀", "德芬", "世碧", "中琼")
_HUSBANDS: Final = ("长明", "兴华", "永贵", "光全", "世友", "大安")
_CHILDREN: Final = ("小雨", "子涵", "浩然", "欣怡", "俊杰", "思琪")


@dataclass(frozen=True, slots=True)
class Story:
    """How a case goes: `special` names a turn of events, `stuck` a step that nobody does.

    `ago` is how many days ago it began, where it isn't one of the last two months in turn.
    """

    number: int
    kind: str
    special: str = ""
    stuck: str = ""
    ago: int = 0


@dataclass(frozen=True, slots=True)
class Family:
    """A household as a story needs it, without the village."""

    members: Sequence[MemberData]
    incomes: Sequence[IncomeData]
    area: Area = Area.RURAL
    properties: Sequence[PropertyData] = field(default=())
    unstable_income: bool = True

    def data(self, village_id: str) -> HouseholdData:
        """What is registered."""
        return HouseholdData(
            village_id,
            self.area,
            self.members,
            self.incomes,
            self.properties,
            property_within_limits=True,
            property_reason="住房一处自住，无机动车辆，存款在规定限额以内。",
            unstable_income=self.unstable_income,
        )


KINDS: Final = ("couple", "single", "disabled", "ill", "elderly", "urban")
SPECIALS: Final[Mapping[int, str]] = {
    3: "supplement",
    6: "withdrawn",
    9: "edge",
    11: "objection",
    14: "terminated",
    17: "returned",
    20: "ineligible",
    23: "relative",
}
#: Which steps are left undone in some stories, so that queues have late and waiting work.
STUCK: Final[Mapping[int, str]] = {
    2: "Task_Opinion",
    8: "Task_Survey",
    13: "Task_DistrictReview",
    16: "Task_Submit",
    19: "Task_StartSurvey",
    25: "Task_Confirm",
    27: "Task_ServeNotice",
    29: "Task_CheckMaterials",
    31: "Task_InfoCheckResult",
    33: "Task_PostPublicity",
}
COUNT: Final = 40
#: Families that have been paid for months: one to be checked, one in gradual exit, one that was
#: stopped, one that was paid too much.
CHECKED: Final = Story(40, "couple", ago=205)
EXITING: Final = Story(41, "couple", ago=198)
STOPPED: Final = Story(42, "couple", ago=196)
OVERPAID: Final = Story(43, "couple", ago=172)
#: A severely disabled member of a family above the standard applies alone.
ALONE: Final = Story(44, "alone", stuck="Task_Confirm", ago=48)
OLDER: Final = (CHECKED, EXITING, STOPPED, OVERPAID)


def stories() -> list[Story]:
    """Every case of 低保 in the demonstration, those of the last two months in turn."""
    recent = [
        Story(number, KINDS[number % len(KINDS)], SPECIALS.get(number, ""), STUCK.get(number, ""))
        for number in range(COUNT)
    ]
    return [*OLDER, ALONE, *recent]


def family(story: Story) -> Family:
    """The household of a story; nobody in it exists."""
    if story.special == "edge":
        return _couple(story.number, "1900", "600")
    return {
        "couple": lambda: _couple(story.number, "1200", "400"),
        "single": lambda: _single(story.number),
        "disabled": lambda: _disabled(story.number),
        "ill": lambda: _ill(story.number),
        "elderly": lambda: _elderly(story.number),
        "urban": lambda: _urban(story.number),
        "alone": lambda: _alone(story.number),
    }[story.kind]()


def _couple(number: int, wage: str, farming: str) -> Family:
    members = [
        _member(number, 0, _head(number), 1975, "self", employed=True),
        _member(number, 1, _spouse(number), 1977, "spouse"),
        _member(number, 2, _child(number), 2010, "child", student="compulsory",
                student_full_time=True, able_bodied=False, independent=False),
    ]  # fmt: skip
    return Family(
        members,
        [
            IncomeData(0, "wage", "documented", Decimal(wage), "镇上务工"),
            IncomeData(1, "farming", "industry_average", Decimal(farming), "水稻、玉米"),
        ],
        properties=[PropertyData(None, "housing", None, "自建房三间")],
    )


def _alone(number: int) -> Family:
    """On the edge of 低保 together; the second member is counted alone."""
    members = [
        _member(number, 0, _head(number), 1975, "self", employed=True),
        _member(number, 1, _spouse(number), 1977, "spouse", disability_grade=2,
                disability_kind="mental", able_bodied=False),
        _member(number, 2, _child(number), 2012, "child", student="compulsory",
                student_full_time=True, able_bodied=False, independent=False),
    ]  # fmt: skip
    return Family(
        members,
        [
            IncomeData(0, "wage", "documented", Decimal("2900"), "镇上务工"),
            IncomeData(1, "other", "none", Decimal("100"), "手工"),
        ],
    )


def _single(number: int) -> Family:
    return Family(
        [_member(number, 0, _head(number), 1962, "self", able_bodied=False)],
        [IncomeData(0, "pension_account", "none", Decimal("38"), "城乡居民养老保险")],
    )


def lone(number: int, born: int) -> list[MemberData]:
    """Somebody old who lives alone."""
    return [_member(number, 0, _head(number), born, "self", able_bodied=False)]


def _disabled(number: int) -> Family:
    members = [
        _member(number, 0, _head(number), 1970, "self", disability_grade=1,
                disability_kind="physical", able_bodied=False),
        _member(number, 1, _spouse(number), 1973, "spouse", employed=True),
    ]  # fmt: skip
    return Family(members, [IncomeData(1, "wage", "documented", Decimal("720"), "家政零工")])


def _ill(number: int) -> Family:
    members = [
        _member(number, 0, _head(number), 1968, "self", serious_illness=True, able_bodied=False),
        _member(number, 1, _spouse(number), 1970, "spouse"),
        _member(number, 2, _child(number), 2005, "child", student="bachelor",
                student_full_time=True, independent=False),
    ]  # fmt: skip
    return Family(
        members,
        [
            IncomeData(1, "farming", "industry_average", Decimal("650"), "柑橘"),
            IncomeData(0, "rigid_expense", "none", Decimal("300"), "透析自付费用"),
        ],
    )


def _elderly(number: int) -> Family:
    members = [
        _member(number, 0, _head(number), 1950, "self", able_bodied=False),
        _member(number, 1, _spouse(number), 1953, "spouse", able_bodied=False),
    ]
    return Family(
        members,
        [
            IncomeData(0, "pension_account", "none", Decimal("42"), ""),
            IncomeData(None, "support", "none", Decimal("300"), "女儿赡养费"),
        ],
    )


def _urban(number: int) -> Family:
    members = [
        _member(number, 0, _head(number), 1982, "self", employed=True),
        _member(number, 1, _child(number), 2014, "child", student="compulsory",
                student_full_time=True, able_bodied=False, independent=False),
    ]  # fmt: skip
    return Family(
        members,
        [IncomeData(0, "wage", "documented", Decimal("1050"), "超市理货")],
        area=Area.URBAN,
    )


def _member(
    number: int, place: int, name: str, born: int, relation: str, **facts: Any
) -> MemberData:
    # the 17th digit is odd for men: applicants and their spouses take turns
    order = 101 + 10 * place + (number + place) % 2
    body = f"{DISTRICT_CODE}{born}{1 + number % 12:02d}{1 + number % 27:02d}{order:03d}"
    phone = f"1380000{number:02d}{place:02d}" if place == 0 else ""
    return MemberData(
        name, body + check_digit(body), relation, phone=phone, facts={**_USUAL, **facts}
    )


def _head(number: int) -> str:
    return _surname(number) + _HEADS[number % len(_HEADS)]


def _surname(number: int) -> str:
    return _SURNAMES[number % len(_SURNAMES)]


def _spouse(number: int) -> str:
    names = _HUSBANDS if number % 2 else _WIVES
    return _SURNAMES[(number * 5 + 3) % len(_SURNAMES)] + names[number % len(names)]


def _child(number: int) -> str:
    return _surname(number) + _CHILDREN[number % len(_CHILDREN)]
