"""The sheet of a posting as PDF: what hangs in the village, with the code for objections."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Final
from uuid import UUID

from flask import Blueprint, send_file, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from models.assistance import Publicity
from models.households import Person
from models.offices import Office
from models.postings import NAME, PostingSheet
from models.trail import SubjectKind
from web.auth import current_viewer
from web.config import settings
from web.database import current_moment, db_session
from web.documents.fonts import find_faces
from web.documents.posting_pdf import PrintedPosting, posting_pdf
from web.guard import requires
from web.headers import confine
from web.sight import note_access
from workflows.access import Action, acting
from workflows.assistance.households.facts import identity_of
from workflows.assistance.posting_content import lawful_fields, require_lawful
from workflows.assistance.publicity import ROLL
from workflows.audit import AccessKind, Subject
from workflows.calendar import local_day
from workflows.clocks.derivation import Unit, derive
from workflows.definitions.policy import Policy
from workflows.definitions.release import current_policy
from workflows.errors import NotFound
from workflows.privacy import mask_name
from workflows.runtime.inbox.case import CaseHeader, case_header

blueprint = Blueprint("postings", __name__, url_prefix="/cases/<uuid:case_id>")

#: The clause that stands for what the district has to settle; it isn't printed.
SETTLE: Final = "settle"
MOST_CLAUSES: Final = 2
#: What the sheets are called; papers are in Chinese.
TITLES: Final = {
    "dibao_opinion": "最低生活保障初审公示",
    "tekun_opinion": "特困人员救助供养初审公示",
    "tekun_end": "终止特困人员救助供养公示",
    "relief_expense": "临时救助公示",
}
LABELS: Final = {
    NAME: "申请人姓名",
    "members": "家庭成员数量（人）",
    "monthly": "拟保障金额（元/月）",
    "amount": "拟救助金额（元）",
}


@blueprint.get("/postings/<uuid:posting_id>.pdf")
@requires(Action.NOTICE_READ)
def download(case_id: UUID, posting_id: UUID) -> Response:
    """The sheet, checked against the table of contents once more; that it was printed is noted."""
    viewer, session, config, now = current_viewer(), db_session(), settings(), current_moment()
    header = case_header(session, viewer, str(case_id), config.keys.ring, action=Action.NOTICE_READ)
    sheet = session.scalar(
        select(PostingSheet).where(
            PostingSheet.id == str(posting_id), PostingSheet.case_id == header.case.id
        )
    )
    if sheet is None:
        raise NotFound("posting_not_found", "找不到这份公示单。", "There is no such sheet.")
    policy = current_policy(session, header.case.district_id)
    require_lawful(policy, sheet.kind, sheet.round, sheet.fields, local_day(now), now=now)
    faces = find_faces(config.notice_font, config.notice_title_font)
    content = posting_pdf(_printed(session, header, sheet, policy), faces)
    subject = Subject(SubjectKind.CASE, header.case.id, header.case.district_id)
    actor = acting(viewer, Action.NOTICE_READ, header.case)
    name = f"posting-{header.case.number}-{sheet.round}.pdf"
    note_access(
        subject,
        AccessKind.PRINTED,
        actor=actor,
        data={"posting": str(posting_id)},
    )
    answer: Response = send_file(
        BytesIO(content), mimetype="application/pdf", as_attachment=True, download_name=name,
        etag=False,
    )  # fmt: skip
    return confine(answer)


def _printed(
    session: Session, header: CaseHeader, sheet: PostingSheet, policy: Policy
) -> PrintedPosting:
    posted = session.scalar(select(Publicity).where(Publicity.code == sheet.code))
    today = local_day(current_moment())
    posted_on = today if posted is None else posted.posted_on
    last_on = _last_on(policy, posted_on, sheet.days) if posted is None else posted.last_on
    values = {NAME: _name(session, header, sheet), **sheet.content}
    again = "（再次公示）" if sheet.round > 1 else ""
    village = session.get(Office, sheet.village_id) if sheet.village_id else None
    return PrintedPosting(
        issuer=header.township,
        title=f"{TITLES.get(sheet.kind, '公示')}{again}",
        village="" if village is None else village.name,
        lines=tuple((LABELS.get(field, field), str(values[field])) for field in sheet.fields),
        first_on=posted_on + timedelta(days=1),
        last_on=last_on or posted_on,
        code=sheet.code,
        address=url_for("objections.show", code=sheet.code, _external=True),
        basis=_basis(policy, sheet),
        made_at=sheet.prepared_at,
        posted_on=posted_on,
    )


def _last_on(policy: Policy, posted_on: date, days: int) -> date | None:
    roll = bool(policy.parameters.value(ROLL, posted_on).value)
    return derive(posted_on, days, Unit.DAYS, calendar=policy.calendar, roll=roll).due_on


def _basis(policy: Policy, sheet: PostingSheet) -> tuple[str, ...]:
    """The first clauses of the row of the table of contents that names the fields."""
    on = local_day(sheet.prepared_at)
    lawful = lawful_fields(policy, sheet.kind, on, now=sheet.prepared_at)
    rows = [rule for step in lawful.reasons[0]["explanation"]["steps"] for rule in step["rules"]]
    refs = [ref for rule in rows for ref in rule["clauses"] if ref != SETTLE]
    clauses = [policy.clauses[ref] for ref in refs if ref in policy.clauses]
    return tuple(f"{clause.text}{clause.article}" for clause in clauses[:MOST_CLAUSES])


def _name(session: Session, header: CaseHeader, sheet: PostingSheet) -> str:
    """Whose posting it is: the person that the case is about, or who applied."""
    name = header.applicant.name if header.applicant is not None else ""
    if header.case.person_id is not None:
        person = session.get_one(Person, header.case.person_id)
        name = identity_of(person, settings().keys.ring).name
    return mask_name(name) if sheet.masked else name
