"""Who applies or receives in another district: lists of the city's platform, never kept in clear.

UTF-8 (a mark at the start is allowed), comma separated, with this first line:

    id_number,programme,standing
    500101…,dibao,receiving

`programme` is dibao, tekun or another word, `standing` is applied or receiving. A newer list of the
same district takes the place of the one before.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from models.base import table_of
from models.household_changes import ElsewhereList, ElsewherePerson
from models.trail import SubjectKind
from models.types import new_id
from workflows.audit import Subject, TrailAction, append_entry
from workflows.calendar import local_day
from workflows.errors import Actor, Finding, Invalid
from workflows.privacy import KeyRing, blind_index, id_number_findings, normalise_id_number
from workflows.transaction import require_transaction

COLUMNS: Final = ("id_number", "programme", "standing")
STANDINGS: Final = ("applied", "receiving")
LARGEST: Final = 5 * 2**20
MOST_FINDINGS: Final = 50
_WORD: Final = re.compile(r"[a-z_]{1,40}")


class ElsewhereRow(NamedTuple):
    """One line of a list."""

    id_number: str
    programme: str
    standing: str


def read_list(content: bytes, today: date) -> list[ElsewhereRow]:
    """Every row of a file; the same person and programme twice counts once.

    Raises:
        Invalid: `list_format`, or `list_row` with its line for what can't be read. No finding
            repeats what stands in the file.
    """
    rows: dict[tuple[str, str], ElsewhereRow] = {}
    findings = []
    for line, cells in _lines(content):
        row = _row(cells, today)
        if row is None:
            findings.append(
                Finding(
                    "list_row",
                    f"第{line}行有误：应为身份证号码、项目、状态（applied 或 receiving）。",
                    f"Line {line}: id number, programme and applied or receiving are expected.",
                    line=line,
                )
            )
        else:
            rows[row.id_number, row.programme] = row
    if findings:
        raise Invalid("list_row", findings=findings[:MOST_FINDINGS])
    return list(rows.values())


def _lines(content: bytes) -> list[tuple[int, list[str]]]:
    if len(content) > LARGEST:
        raise _not_a_list()
    try:
        text = content.decode("utf-8-sig")
        reader = csv.reader(io.StringIO(text), strict=True)
        lines = [(reader.line_num, row) for row in reader if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise _not_a_list() from error
    if not lines or tuple(lines[0][1]) != COLUMNS:
        raise _not_a_list()
    return lines[1:]


def _row(cells: Sequence[str], today: date) -> ElsewhereRow | None:
    if len(cells) != len(COLUMNS):
        return None
    number, programme, standing = (cell.strip() for cell in cells)
    if id_number_findings(number, today=today) or standing not in STANDINGS:
        return None
    if not _WORD.fullmatch(programme):
        return None
    return ElsewhereRow(normalise_id_number(number), programme, standing)


def _not_a_list() -> Invalid:
    return Invalid(
        "list_format",
        "文件不是名单：第一行应为 id_number,programme,standing，UTF-8 编码，不超过 5 MB。",
        "Not a list: the first line is id_number,programme,standing, in UTF-8, at most 5 MB.",
    )


def record_list(
    session: Session,
    district_id: str,
    source: str,
    listed_on: date,
    content: bytes,
    keys: KeyRing,
    *,
    actor: Actor,
    now: datetime,
) -> ElsewhereList:
    """Keep a list of another district; what it takes the place of is forgotten.

    Raises:
        Invalid: `source_missing`, `listed_later`, and as `read_list`.
    """
    require_transaction(session)
    source = source.strip()
    today = local_day(now)
    if not source:
        raise Invalid("source_missing", "请填写名单来自哪个区县。", "Name the other district.")
    if listed_on > today:
        raise Invalid("listed_later", "名单的日期不能晚于今天。", "The day lies in the future.")
    rows = read_list(content, today)
    _forget_earlier(session, district_id, source, now)
    made = ElsewhereList(
        id=new_id(),
        district_id=district_id,
        source=source,
        listed_on=listed_on,
        rows=len(rows),
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_at=now,
        uploaded_by_id=actor.account_id,
    )
    session.add(made)
    session.flush()  # its people refer to it
    _keep_people(session, made.id, rows, keys)
    append_entry(
        session,
        Subject(SubjectKind.DISTRICT, district_id, district_id),
        TrailAction.ELSEWHERE_LISTED,
        actor=actor,
        now=now,
        data={"source": source, "listed_on": listed_on.isoformat(), "rows": len(rows),
              "sha256": made.sha256},
    )  # fmt: skip
    return made


def _forget_earlier(session: Session, district_id: str, source: str, now: datetime) -> None:
    earlier = select(ElsewhereList.id).where(
        ElsewhereList.district_id == district_id,
        ElsewhereList.source == source,
        ElsewhereList.superseded_at.is_(None),
    )
    session.execute(delete(ElsewherePerson).where(ElsewherePerson.list_id.in_(earlier)))
    session.execute(
        update(ElsewhereList)
        .where(ElsewhereList.id.in_(earlier))
        .values(superseded_at=now)
        .execution_options(synchronize_session=False)
    )


def _keep_people(
    session: Session, list_id: str, rows: Sequence[ElsewhereRow], keys: KeyRing
) -> None:
    if not rows:
        return
    session.execute(
        insert(table_of(ElsewherePerson)),
        [
            {
                "id": new_id(),
                "list_id": list_id,
                "id_number_index": blind_index(keys, "id_number", row.id_number),
                "programme": row.programme,
                "standing": row.standing,
            }
            for row in rows
        ],
    )


def current_lists(session: Session, district_id: str) -> list[ElsewhereList]:
    """The lists that count, by the district that they are from. One SELECT."""
    return list(
        session.scalars(
            select(ElsewhereList)
            .where(ElsewhereList.district_id == district_id, ElsewhereList.superseded_at.is_(None))
            .order_by(ElsewhereList.source)
            .limit(100)
        )
    )
