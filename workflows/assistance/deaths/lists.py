"""Lists of deaths as they come from the register: read, compared by blind index, previewed.

UTF-8 (a mark at the start is allowed), comma separated, with this first line:

    id_number,died_on
    500154…,2022-11-18

Whoever isn't of the district's households is told by the line alone; no number is kept in clear.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from models.assistance import Grant, GrantState
from models.deaths import DeathList, DeathListState, DeathRow, DeathRowState
from models.households import HouseholdMember, Person
from models.jobs import Job
from models.trail import SubjectKind
from models.types import new_id
from workflows.audit import Subject, TrailAction, append_entry
from workflows.calendar import local_day
from workflows.errors import Actor, Conflict, Finding, Invalid, NotFound
from workflows.jobs import queue_job
from workflows.privacy import KeyRing, blind_index, normalise_id_number
from workflows.transaction import require_transaction

COLUMNS: Final = ("id_number", "died_on")
LIST_JOB: Final = "death_list"
#: Far more than a district's deaths of a year.
MOST_ROWS: Final = 20_000
_LARGEST: Final = 2 * 2**20
_MOST_FINDINGS: Final = 200
#: How many indexes one statement looks for.
_CHUNK: Final = 500


class ListedDeath(NamedTuple):
    """One row of a list; `line` counts from 1, the first line being the heading."""

    line: int
    id_number: str
    died_on: date


class _Known(NamedTuple):
    person_id: str
    died_on: date | None
    on_benefit: bool


def read_deaths(content: bytes, today: date) -> list[ListedDeath]:
    """Every row of a list.

    Raises:
        Invalid: with a finding and its line for everything that can't be read: `death_list_format`,
            `death_list_number`, `death_list_day`, `death_list_twice`.
    """
    lines = _lines(content)
    rows: list[ListedDeath] = []
    findings: list[Finding] = []
    seen: dict[str, int] = {}
    for line, cells in lines:
        if len(cells) != len(COLUMNS):
            findings.append(_finding(line, "format", "列数不对", "has another number of columns"))
            continue
        number, day = normalise_id_number(cells[0]), _day(cells[1].strip())
        if not number:
            findings.append(_finding(line, "number", "没有身份证号码", "has no id-card number"))
        elif day is None or day > today:
            findings.append(
                _finding(
                    line, "day", "没有死亡日期，或者晚于今天", "has no day of death until today"
                )
            )
        elif number in seen:
            findings.append(
                _finding(line, "twice", f"与第{seen[number]}行是同一人",
                         f"is the same person as line {seen[number]}")
            )  # fmt: skip
        else:
            seen[number] = line
            rows.append(ListedDeath(line, number, day))
    if findings:
        raise Invalid(
            findings[0].code,
            f"名单有{len(findings)}处问题，未作任何处理。",
            f"The list has {len(findings)} faults; nothing was done.",
            findings=findings[:_MOST_FINDINGS],
        )
    return rows


def upload_deaths(
    session: Session,
    content: bytes,
    source: str,
    keys: KeyRing,
    *,
    district_id: str,
    actor: Actor,
    now: datetime,
) -> DeathList:
    """Keep a list and compare it with the district's people; nothing happens to anybody.

    Raises:
        Invalid: as `read_deaths`, `source_missing`. Conflict: `death_list_known`.
    """
    require_transaction(session)
    if not source.strip():
        raise Invalid(
            "source_missing", "请写明名单的来源。", "Say where the list is from.",
            findings=[Finding("source_missing", "请写明名单的来源。",
                              "Say where the list is from.", field="source")],
        )  # fmt: skip
    rows = read_deaths(content, local_day(now))
    digest = hashlib.sha256(content).hexdigest()
    if session.scalar(
        select(DeathList.id).where(DeathList.district_id == district_id, DeathList.sha256 == digest)
    ):
        raise Conflict(
            "death_list_known", "这份名单已经上传过。", "This list has been uploaded before."
        )
    found = DeathList(
        id=new_id(),
        district_id=district_id,
        source=source.strip(),
        sha256=digest,
        state=DeathListState.PREVIEWED,
        rows=len(rows),
        uploaded_at=now,
        uploaded_by_id=actor.account_id,
    )
    session.add(found)
    session.flush()  # the rows refer to it
    indexes = {row.line: blind_index(keys, "id_number", row.id_number) for row in rows}
    known = _known(session, district_id, list(indexes.values()))
    session.execute(
        insert(DeathRow),
        [_previewed(found.id, row, indexes[row.line], known) for row in rows],
    )
    return found


def take_list(session: Session, list_id: str, *, actor: Actor, now: datetime) -> Job:
    """Somebody has looked at the preview and has it recorded; the worker does it.

    Raises:
        NotFound: `death_list_not_found`. Conflict: `death_list_done`.
    """
    found = _open_list(session, list_id)
    found.state, found.taken_at, found.taken_by_id = DeathListState.TAKING, now, actor.account_id
    append_entry(
        session,
        Subject(SubjectKind.DISTRICT, found.district_id, found.district_id),
        TrailAction.DEATH_LIST_TAKEN,
        actor=actor,
        now=now,
        data={"list": found.id, "source": found.source, "sha256": found.sha256},
    )
    return queue_job(
        session,
        district_id=found.district_id,
        kind=LIST_JOB,
        key=f"{LIST_JOB}/{found.id}",
        payload={
            "list": found.id,
            "by": actor.account_id,
            "role": actor.role,
            "office": actor.office_id,
        },
        by_id=actor.account_id,
        now=now,
    )


def drop_list(session: Session, list_id: str) -> None:
    """Let a list go without recording anything.

    Raises:
        NotFound: `death_list_not_found`. Conflict: `death_list_done`.
    """
    _open_list(session, list_id).state = DeathListState.DROPPED


def _open_list(session: Session, list_id: str) -> DeathList:
    require_transaction(session)
    found = session.scalars(
        select(DeathList)
        .where(DeathList.id == list_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound("death_list_not_found", "找不到这份名单。", "There is no such list.")
    if found.state is not DeathListState.PREVIEWED:
        raise Conflict(
            "death_list_done", "这份名单已经处理。", "The list has been dealt with already."
        )
    return found


def _known(session: Session, district_id: str, indexes: Sequence[bytes]) -> Mapping[bytes, _Known]:
    """Who of the list belongs to a household of the district, and whether it is paid a benefit."""
    found: dict[bytes, _Known] = {}
    paid = (
        select(Grant.id)
        .where(Grant.household_id == HouseholdMember.household_id, Grant.state == GrantState.ACTIVE)
        .exists()
    )
    for start in range(0, len(indexes), _CHUNK):
        part = indexes[start : start + _CHUNK]
        rows = session.execute(
            select(Person.id_number_index, Person.id, Person.died_on, paid)
            .join(HouseholdMember, HouseholdMember.person_id == Person.id)
            .where(
                Person.district_id == district_id,
                Person.id_number_index.in_(part),
                HouseholdMember.superseded_at.is_(None),
            )
        )
        for index, person_id, died_on, on_benefit in rows:
            before = found.get(index)
            found[index] = _Known(
                person_id, died_on, on_benefit or (before is not None and before.on_benefit)
            )
    return found


def _previewed(
    list_id: str, row: ListedDeath, index: bytes, known: Mapping[bytes, _Known]
) -> dict[str, object]:
    person = known.get(index)
    if person is None:
        state = DeathRowState.UNKNOWN
    elif person.died_on is None:
        state = DeathRowState.FOUND
    else:
        state = DeathRowState.ALREADY if person.died_on == row.died_on else DeathRowState.DIFFERS
    return {
        "id": new_id(),
        "list_id": list_id,
        "line": row.line,
        "id_number_index": index,
        "died_on": row.died_on,
        "person_id": None if person is None else person.person_id,
        "on_benefit": person is not None and person.on_benefit,
        "state": state,
    }


def _lines(content: bytes) -> Iterator[tuple[int, list[str]]]:
    if len(content) > _LARGEST:
        raise _not_a_list()
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig")), strict=True)
        lines = [(reader.line_num, row) for row in reader if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise _not_a_list() from error
    if not 2 <= len(lines) <= MOST_ROWS + 1 or tuple(lines[0][1]) != COLUMNS:
        raise _not_a_list()
    return iter(lines[1:])


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _finding(line: int, code: str, chinese: str, english: str) -> Finding:
    return Finding(
        f"death_list_{code}", f"第{line}行：{chinese}。", f"Line {line} {english}.", line=line
    )


def _not_a_list() -> Invalid:
    return Invalid(
        "death_list_format",
        f"这不是死亡名单：应为 UTF-8 编码的 CSV，首行为 {','.join(COLUMNS)}，每人一行，"
        f"最多{MOST_ROWS}行。",
        f"This isn't a list of deaths: UTF-8 CSV with the first line {','.join(COLUMNS)} and at"
        f" most {MOST_ROWS} rows.",
    )
