"""The staff of the demonstration district, all invented: every role, at every office."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from models.accounts import Role
from web.demo.offices import DISTRICT_CODE, TOWNSHIPS


@dataclass(frozen=True, slots=True)
class Colleague:
    """An account with one role at the office of that area code."""

    login: str
    name: str
    role: Role
    office_code: str


_DISTRICT: Final = (
    ("shenhe", "孙燕", Role.REVIEWER),
    ("shenhe2", "周杰", Role.REVIEWER),
    ("queren", "吴刚", Role.CONFIRMER),
    ("queren2", "徐飞", Role.CONFIRMER),
    ("caizheng", "郑敏", Role.FINANCE),
    ("xiangcun", "冯涛", Role.RURAL_AFFAIRS),
    ("zhengce", "蒋文", Role.POLICY_EDITOR),
    ("fabu", "沈洁", Role.POLICY_PUBLISHER),
    ("shenji", "韩正", Role.AUDITOR),
    ("xitong", "杨帆", Role.SYSTEM_ADMIN),
    ("anquan", "朱琳", Role.SECURITY_ADMIN),
    ("anquan2", "秦勇", Role.SECURITY_ADMIN),
    ("shenjiguanli", "尤静", Role.AUDIT_ADMIN),
)
_FAMILY_NAMES: Final = "陈李王张刘赵黄何邓谭向谢冉彭袁龚蒲熊唐廖"
_GIVEN_NAMES: Final = (
    "梅", "华", "芳", "强", "勇", "静", "丽", "军", "洋", "艳", "杰", "娟", "涛", "明", "霞", "平",
    "建国", "秀英", "志远", "晓琴", "文斌", "春燕", "德福", "玉兰",
)  # fmt: skip


def colleagues() -> Iterator[Colleague]:
    """The district's staff; per township two officers and two leaders; per village an assistant."""
    for login, name, role in _DISTRICT:
        yield Colleague(login, name, role, DISTRICT_CODE)
    number = 0
    for township in TOWNSHIPS:
        posts = [
            (f"jingban.{township.word}", Role.CASE_OFFICER, township.code),
            (f"jingban2.{township.word}", Role.CASE_OFFICER, township.code),
            (f"fenguan.{township.word}", Role.TOWNSHIP_LEADER, township.code),
            (f"fenguan2.{township.word}", Role.TOWNSHIP_LEADER, township.code),
        ]
        posts += [
            (f"xieli{index}.{township.word}", Role.ASSISTANT, f"{township.code}{200 + index}")
            for index in range(1, len(township.villages) + 1)
        ]
        for login, role, code in posts:
            yield Colleague(login, _name(number), role, code)
            number += 1


def _name(number: int) -> str:
    family = _FAMILY_NAMES[number % len(_FAMILY_NAMES)]
    return family + _GIVEN_NAMES[(number * 7) % len(_GIVEN_NAMES)]
