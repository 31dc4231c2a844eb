"""What a family reads on paper: days in Chinese, one full stop, numbers of cases as they are."""

from __future__ import annotations

import pytest

from workflows.assistance.notices import as_printed


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        ("自 2021-11 月起停发", "自 2021年11月起停发。"),
        (
            "渐退的月份：2022-04、2022-10，每月 405.00 元。",
            "渐退的月份：2022年4月、2022年10月，每月 405.00 元。",
        ),
        ("2022-03-01 开州纺织厂：拒绝", "2022年3月1日开州纺织厂：拒绝。"),
        ("至 2022-10 的前一个月止", "至 2022年10月的前一个月止。"),
        ("2023年01月 实发500.00元", "2023年1月 实发500.00元。"),
        ("理由：隐瞒收入。。", "理由：隐瞒收入。"),
        ("尚缺下列材料：", "尚缺下列材料："),
        ("", ""),
    ],
)
def test_a_paragraph_reads_as_papers_are_written(said: str, printed: str) -> None:
    # when / then
    assert as_printed(said) == printed


@pytest.mark.parametrize(
    "number", ["500154-DB-2021-000001", "500154-DB-2021-000001-01", "023-2021-1234"]
)
def test_numbers_of_cases_and_telephones_stay_as_they_are(number: str) -> None:
    # when / then
    assert as_printed(f"（编号 {number}）。") == f"（编号 {number}）。"
