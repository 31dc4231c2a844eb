"""What is wrong with the identities that somebody entered for a household."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from workflows.assistance.households.data import MemberData
from workflows.errors import Finding
from workflows.privacy import id_number_findings, normalise_id_number


def identity_findings(
    members: Sequence[MemberData], today: date, *, numbers_needed: bool = True
) -> list[Finding]:
    """Every finding: no member, a name missing, a number that can't be right, a person twice.

    Without `numbers_needed` a number may be left out; one that is given must be right.
    """
    if not members:
        return [
            Finding("no_members", "请至少填写申请人一名成员。", "Enter at least the applicant.")
        ]
    findings: list[Finding] = []
    seen: dict[str, int] = {}
    for position, member in enumerate(members):
        findings.extend(_name_findings(position, member))
        if numbers_needed or member.id_number.strip():
            findings.extend(_number_findings(position, member, today))
        number = normalise_id_number(member.id_number)
        if number and seen.setdefault(number, position) != position:
            findings.append(_twice(position, seen[number]))
    return findings


def _name_findings(position: int, member: MemberData) -> Iterator[Finding]:
    if not member.name.strip():
        yield Finding(
            "name_missing",
            f"第{position + 1}名成员没有填写姓名。",
            f"Member {position + 1} has no name.",
            field=f"members.{position}.name",
        )


def _number_findings(position: int, member: MemberData, today: date) -> Iterator[Finding]:
    for found in id_number_findings(member.id_number, today=today):
        yield Finding(
            found.code,
            f"第{position + 1}名成员：{found.message}",
            f"Member {position + 1}: {found.message_en}",
            field=f"members.{position}.id_number",
        )


def _twice(position: int, earlier: int) -> Finding:
    return Finding(
        "person_twice",
        f"第{position + 1}名成员与第{earlier + 1}名成员的身份证号码相同。",
        f"Member {position + 1} has the same id-card number as member {earlier + 1}.",
        field=f"members.{position}.id_number",
    )
