"""The file that comes from the bank: one row for each payment that it has paid or refused.

UTF-8 (a mark at the start is allowed), comma separated, with this first line:

    payment_key,amount,result,reason,paid_on
    grant/…/2021-11,515.50,paid,,2021-11-10
    grant/…/2021-11,515.50,failed,account_closed,

`result` is paid or failed. `reason` is one of REASONS where it failed, `paid_on` the day where it
was paid. A file may answer a part of a roll; each payment is answered once.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final, NamedTuple

from workflows.errors import Finding, Invalid

COLUMNS: Final = ("payment_key", "amount", "result", "reason", "paid_on")
PAID: Final = "paid"
FAILED: Final = "failed"
CLOSED: Final = "account_closed"
#: Why a bank refuses a payment.
REASONS: Final[Mapping[str, tuple[str, str]]] = {
    CLOSED: ("账户已销户", "account closed"),
    "account_wrong": ("账号有误", "no such account"),
    "name_differs": ("户名不符", "holder's name differs"),
    "account_frozen": ("账户冻结", "account frozen"),
    "account_dormant": ("账户长期不动", "account dormant"),
    "other": ("其他原因", "another reason"),
}
#: As much as a roll of the largest district makes.
LARGEST: Final = 40 * 2**20
#: How many findings are told; a file with more has another fault than its rows.
MOST_FINDINGS: Final = 200


class ResultRow(NamedTuple):
    """One answer; `line` counts from 1, the first line being the heading."""

    line: int
    key: str
    amount: Decimal
    paid: bool
    reason: str
    paid_on: date | None


def read_results(content: bytes, today: date) -> list[ResultRow]:
    """Every row of a file.

    Raises:
        Invalid: with a finding and its line for everything that can't be read: `result_format`,
            `result_amount`, `result_word`, `result_reason`, `result_day`, `result_twice`.
    """
    if len(content) > LARGEST:
        raise _not_a_file()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_a_file() from error
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        lines = [(reader.line_num, row) for row in reader if row]
    except csv.Error as error:
        raise _not_a_file() from error
    if len(lines) < 2 or tuple(lines[0][1]) != COLUMNS:
        raise _not_a_file()
    rows, findings, seen = [], [], dict[str, int]()
    for line, cells in lines[1:]:
        row = _row(line, cells, today)
        if isinstance(row, Finding):
            findings.append(row)
        elif row.key in seen:
            findings.append(_twice(line, seen[row.key]))
        else:
            seen[row.key] = line
            rows.append(row)
    refuse(findings)
    return rows


def refuse(findings: Sequence[Finding]) -> None:
    """Raises Invalid with the first two hundred findings, where there are any."""
    if findings:
        raise Invalid(
            findings[0].code,
            f"回盘文件有{len(findings)}处问题，未作任何处理。",
            f"The file has {len(findings)} faults; nothing was done.",
            findings=findings[:MOST_FINDINGS],
            details={"faults": len(findings)},
        )


def _row(line: int, cells: Sequence[str], today: date) -> ResultRow | Finding:
    if len(cells) != len(COLUMNS):
        return _finding(line, "result_format", "列数不对", "has another number of columns")
    key, amount_text, result, reason, day = (cell.strip() for cell in cells)
    amount = _amount(amount_text)
    if amount is None:
        return _finding(line, "result_amount", "金额不是两位小数的数字", "has no amount")
    if result not in (PAID, FAILED):
        return _finding(
            line, "result_word", "结果应为 paid 或 failed", "is neither paid nor failed"
        )
    paid_on = _day(day)
    if result == PAID and (paid_on is None or paid_on > today):
        return _finding(
            line, "result_day", "没有到账日期，或者晚于今天", "has no day of payment until today"
        )
    if result == FAILED and reason not in REASONS:
        return _finding(line, "result_reason", "退票原因代码无法识别", "has an unknown reason code")
    return ResultRow(line, key, amount, result == PAID, reason, paid_on)


def _amount(text: str) -> Decimal | None:
    whole, dot, cents = text.partition(".")
    digits = whole + cents
    if not (digits.isascii() and digits.isdigit()) or (dot and len(cents) != 2):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _finding(line: int, code: str, chinese: str, english: str) -> Finding:
    return Finding(code, f"第{line}行：{chinese}。", f"Line {line} {english}.", line=line)


def _twice(line: int, earlier: int) -> Finding:
    return _finding(
        line,
        "result_twice",
        f"与第{earlier}行是同一笔发放",
        f"is the same payment as line {earlier}",
    )


def _not_a_file() -> Invalid:
    return Invalid(
        "result_format",
        f"这不是回盘文件：应为 UTF-8 编码的 CSV，首行为 {','.join(COLUMNS)}，以下每笔一行。",
        f"This isn't a result file: UTF-8 CSV with the first line {','.join(COLUMNS)} and rows.",
    )
