"""What reaches the district: lists of deaths, prices, objections, reviews, complaints, excess."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.accounts import Role
from models.assistance import AmountKind, Grant, GrantAmount, Notice, Publicity
from models.cases import Case, CaseState
from models.recoveries import Recovery, RecoveryState
from scripts.soak.lives.families import Family, Person
from scripts.soak.lives.window import Window
from workflows.assistance.deaths.lists import take_list, upload_deaths
from workflows.calendar import local_day, months_later
from workflows.runtime.aftercare import ask_back, begin_repayment
from workflows.runtime.objections import lay_objection, posting_by_code
from workflows.runtime.prices import open_price_case
from workflows.runtime.remedies import Decision, Filing, open_remedy
from workflows.transaction import reading

#: How many objections, reviews and complaints there are: shares of what could be gone against.
_OBJECTED: Final = 0.012
_REVIEWED: Final = 0.1
_COMPLAINED: Final = 0.01
#: Found changes that were kept silent and are asked back.
_ASKED_BACK: Final = 0.7
_SILENT_DAYS: Final = 70
#: The months whose prices rise.
_DEAR: Final = 0.12
#: Somebody of another district, whom nobody here knows.
_STRANGER: Final = "500154190001010010"


@dataclass(slots=True)
class District:
    """Lists, indices and papers that the district's staff enter."""

    window: Window
    #: silent changes that surveys have found: since when
    silent: dict[str, date] = field(default_factory=dict)
    #: the last moment up to which notices and postings were looked through
    looked_at: datetime | None = None

    @property
    def session(self) -> Session:
        return self.window.session

    def take_deaths(self, now: datetime) -> None:
        """The register's list of the month before, which nobody has told of yet."""
        dead: list[tuple[Family, Person]] = [
            (one, person)
            for one in self.window.families
            for person in one.unheard
            if one.household_id is not None
        ]
        if not dead:
            return
        lines = [f"{person.id_number},{person.died_on}" for _, person in dead]
        content = "\n".join(["id_number,died_on", *lines, f"{_STRANGER},2021-08-30"]).encode()
        reviewer = self.window.town.hands(Role.REVIEWER)[0]

        def act(session: Session) -> bool:
            found = upload_deaths(
                session, content, f"{local_day(now):%Y年%m月}死亡名单", self.window.town.keys,
                district_id=self.window.town.district_id, actor=reviewer, now=now,
            )  # fmt: skip
            take_list(session, found.id, actor=reviewer, now=now)
            return True

        if self.window.attempt("list of deaths", act):
            for one, person in dead:
                one.unheard.remove(person)
                if one.living and self.window.receives(one) is None:
                    # no benefit is checked: what is applied for goes on with those who are left
                    one.changes(local_day(now))
                    self.window.record_truth(one, now)

    def enter_prices(self, now: datetime) -> None:
        """The index of the month before; some months are dear."""
        chance, today = self.window.chance, local_day(now)
        dear = chance.random() < _DEAR
        month = months_later(today.replace(day=1), -1)
        figures = (Decimal("3.6"), Decimal("6.4"), Decimal(4)) if dear else (Decimal(1),) * 3
        cpi, food, scpi = figures
        self.window.attempt(
            "dear month" if dear else "month of usual prices",
            lambda session: open_price_case(
                session, self.window.town.district_id, self.window.town.keys, month=month,
                published_on=today, cpi=cpi, food=food, scpi=scpi,
                actor=self.window.town.hands(Role.REVIEWER)[1], now=now,
            ),
        )  # fmt: skip

    def week_ends(self, now: datetime) -> None:
        """Whoever reads the week's postings and notices, and goes against them."""
        since = self.looked_at or now - timedelta(days=7)
        self.looked_at = now
        with reading(self.session):
            codes = self.session.scalars(
                select(Publicity.code).where(
                    Publicity.posted_on > local_day(since), Publicity.code.is_not(None)
                )
            ).all()
            served = self.session.execute(
                select(Notice.id, Notice.case_id).where(
                    Notice.served_on > local_day(since), Notice.served_on <= local_day(now)
                )
            ).all()
            less = {
                case_id
                for (case_id,) in self.session.execute(
                    select(GrantAmount.case_id)
                    .join(Grant, Grant.id == GrantAmount.grant_id)
                    .where(
                        GrantAmount.recorded_at > since - timedelta(days=60),
                        GrantAmount.kind == AmountKind.REGULAR,
                        Grant.case_id != GrantAmount.case_id,
                    )
                )
            }
        chance = self.window.chance
        for code in codes:
            if chance.random() < _OBJECTED:
                self._object(str(code), now)
        for notice_id, case_id in served:
            likely = _REVIEWED if case_id in less else _REVIEWED / 10
            if chance.random() < likely:
                self._file_review(notice_id, now)
        for one in self.window.families:
            if one.unreported and not one.merged and chance.random() < _COMPLAINED:
                self._complain(one, now)

    def _object(self, code: str, now: datetime) -> None:
        def act(session: Session) -> str:
            posting = posting_by_code(session, code, today=local_day(now))
            return lay_objection(
                session, posting, self.window.town.keys, content="听说该户有其他收入，请核实。",
                now=now,
            )  # fmt: skip

        self.window.attempt("objection", act)

    def _file_review(self, notice_id: str, now: datetime) -> None:
        today = local_day(now)

        def act(session: Session) -> Case:
            notice = session.get_one(Notice, notice_id)
            against = session.get_one(Case, notice.case_id)
            filing = Filing(
                "administrative_review", against.township_id, against.village_id,
                Decision(against, notice), "申请人",
            )  # fmt: skip
            answers = {
                "filed_on": today.isoformat(), "learnt_on": str(notice.served_on),
                "review_body": "区人民政府", "request": "撤销该决定",
            }  # fmt: skip
            return open_remedy(
                session, filing, answers, self.window.town.keys,
                actor=self.window.town.hands(Role.REVIEWER)[2], now=now,
            )  # fmt: skip

        self.window.attempt("review filed", act)

    def _complain(self, one: Family, now: datetime) -> None:
        grant_id = self.window.receives(one)
        if grant_id is None:
            return

        def act(session: Session) -> Case:
            against = session.get_one(Case, session.get_one(Grant, grant_id).case_id)
            filing = Filing(
                "complaint", against.township_id, against.village_id, Decision(against, None)
            )
            answers = {
                "filed_on": local_day(now).isoformat(), "complaint_channel": "phone",
                "complaint_about": "family", "complaint_content": "反映该户收入有变化没有申报",
                "complaint_leads": True,
            }  # fmt: skip
            return open_remedy(
                session, filing, answers, self.window.town.keys,
                actor=self.window.town.hands(Role.REVIEWER)[2], now=now,
            )  # fmt: skip

        self.window.attempt("complaint", act)

    def found(self, one: Family, now: datetime) -> None:
        """A survey has found a change that was kept silent for months."""
        since = one.changed_on
        if since is None or not one.unreported or one.household_id is None or one.tekun:
            return
        if (local_day(now) - since).days > _SILENT_DAYS:
            self.silent[one.household_id] = since

    def ask_back(self, now: datetime) -> None:
        """What was paid too much since a silent change, once the benefit is decided anew."""
        for household_id, since in list(self.silent.items()):
            with reading(self.session):
                busy = self.session.scalar(
                    select(func.count())
                    .select_from(Case)
                    .where(Case.household_id == household_id, Case.state == CaseState.OPEN)
                )
                grant = self.session.scalars(
                    select(Grant)
                    .where(
                        Grant.household_id == household_id, Grant.programme == "dibao",
                        Grant.start_month <= since,
                    )
                    .order_by(Grant.decided_on.desc())
                    .limit(1)
                ).one_or_none()  # fmt: skip
            if busy:
                continue
            del self.silent[household_id]
            one = self.window.by_household[household_id]
            if grant is None or one.merged or self.window.chance.random() > _ASKED_BACK:
                continue
            self._ask_back(grant.id, one, now)
        self._begin_repayments(now)

    def _ask_back(self, grant_id: str, one: Family, now: datetime) -> None:
        officer = self.window.officer(one)
        self.window.attempt(
            "asked back",
            lambda session: ask_back(
                session, session.get_one(Grant, grant_id), cause="unreported",
                note="变化没有及时告知", first_month=None, keys=self.window.town.keys,
                actor=officer, now=now,
            ),
        )  # fmt: skip

    def _begin_repayments(self, now: datetime) -> None:
        with reading(self.session):
            waiting = self.session.execute(
                select(Recovery.id, Recovery.household_id).where(
                    Recovery.state == RecoveryState.OPEN, Recovery.repayment_case_id.is_(None)
                )
            ).all()
        for recovery_id, household_id in waiting:
            one = self.window.by_household[household_id]
            officer = self.window.officer(one)

            def act(session: Session, which: str = recovery_id, who: Any = officer) -> Case:
                return begin_repayment(
                    session, which, keys=self.window.town.keys, actor=who, now=now
                )

            self.window.attempt("repayment begun", act)
