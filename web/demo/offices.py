"""A district to look around in: real townships, invented villages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DISTRICT_CODE: Final = "500154"
DISTRICT_NAME: Final = "开州区"
#: What its notices are signed with.
DISTRICT_SIGNATURE: Final = "重庆市开州区民政局"


@dataclass(frozen=True, slots=True)
class Township:
    """A township or street; `word` is its name in logins. Villages are invented."""

    code: str
    name: str
    word: str
    villages: tuple[str, ...]
    #: invented, of a plausible order
    residents: int


#: The codes are the demonstration's own, not the statistical ones.
TOWNSHIPS: Final = (
    Township("500154901", "汉丰街道", "hanfeng", ("桂湖社区", "南苑社区", "滨江社区"), 118600),
    Township("500154902", "文峰街道", "wenfeng", ("文塔社区", "新桥社区", "石桩村"), 86400),
    Township("500154903", "云枫街道", "yunfeng", ("枫林社区", "平桥社区", "双井村"), 73200),
    Township("500154904", "赵家街道", "zhaojia", ("姚渡社区", "柿坪村", "周都村"), 47900),
    Township("500154905", "大德镇", "dade", ("九岭村", "长坪村", "红沙村"), 38500),
    Township("500154906", "厚坝镇", "houba", ("大安村", "石龙村", "河嘴社区"), 28700),
    Township("500154907", "岳溪镇", "yuexi", ("龙王村", "水田村", "岳溪社区"), 55300),
    Township("500154908", "满月镇", "manyue", ("双坪村", "天池村", "马营村"), 11800),
)
