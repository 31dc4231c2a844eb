"""`python -m scripts.soak --part lives`: families over five years, then every rule is checked."""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from sqlalchemy import create_engine, event, func, select
from sqlalchemy.orm import Session

from models.cases import Case
from models.money import Payment, PaymentState
from scripts.clauses import POLICY
from scripts.soak.invariants import Violation
from scripts.soak.lives.belonging import lives_agree
from scripts.soak.lives.town import Town
from scripts.soak.lives.truth import everything, the_trail_verifies
from scripts.soak.lives.years import Years
from web.database import upgrade
from workflows.audit.sealing import seal_tree
from workflows.audit.signing import TreeSigner
from workflows.definitions.files import load_policy
from workflows.definitions.release import current_policy
from workflows.transaction import prepare_engine, transaction

#: Families of one town; more of them live in several towns.
MOST: Final = 250
BEGIN: Final = date(2021, 9, 1)
_FOUNDED: Final = datetime(2021, 8, 5, tzinfo=UTC)


@dataclass(slots=True)
class Lived:
    """What five years came to."""

    violations: list[Violation]
    #: processes by (key, outcome)
    cases: Counter[tuple[str, str]]
    tasks: Counter[str]
    events: Counter[str]
    #: tasks that nobody could do, by element and last refusal
    stuck: Counter[tuple[str, str]] = field(default_factory=Counter)
    payments: int = 0
    towns: int = 1
    seconds: float = 0.0


def live_in_towns(families: int, years: int, seed: int, at_once: int | None = None) -> Lived:
    """So many families in towns of at most `MOST` each, `at_once` of them or one a processor.

    Each town has its own database, staff and rolls; families of two towns never meet.
    """
    count = -(-families // MOST)
    shares = [families // count + (place < families % count) for place in range(count)]
    if count == 1:
        return live(families, years, seed)
    started = time.monotonic()
    at_a_time = min(count, at_once or os.cpu_count() or 1)
    with ProcessPoolExecutor(at_a_time, mp_context=get_context("spawn")) as pool:
        lived = list(
            pool.map(_town, shares, [years] * count, range(seed * count, (seed + 1) * count))
        )
    whole = Lived([], Counter(), Counter(), Counter(), towns=count)
    for one in lived:
        whole.violations += one.violations
        whole.cases += one.cases
        whole.tasks += one.tasks
        whole.events += one.events
        whole.stuck += one.stuck
        whole.payments += one.payments
    whole.seconds = time.monotonic() - started
    return whole


def _town(families: int, years: int, seed: int) -> Lived:
    """One of several towns, which tells at once what it came to."""
    lived = live(families, years, seed)
    lines = [
        f"  town {seed}: {lived.seconds:.0f} s, {families} families, {sum(lived.tasks.values()):,}"
        f" tasks, {lived.payments:,} payments, {len(lived.violations)} violations",
        *(f"    {one}" for one in lived.violations),
        *(f"    stuck {count} × {element}: {why}" for (element, why), count in lived.stuck.items()),
    ]
    print("\n".join(lines), flush=True)
    return lived


def live(families: int, years: int, seed: int, address: str | None = None) -> Lived:
    """So many families of one town from September 2021 on; on SQLite unless told otherwise."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="doudi-lives-") as folder:
        engine = create_engine(address or f"sqlite:///{Path(folder) / 'lives.sqlite3'}")
        prepare_engine(engine)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _without_waiting_for_the_disk)
        try:
            upgrade(engine)
            with Session(engine, expire_on_commit=False) as session:
                return _lived(session, families, years, seed, started)
        finally:
            engine.dispose()


def _without_waiting_for_the_disk(connection: Any, _record: Any) -> None:
    """Losing power is tried elsewhere; here nothing is kept."""
    connection.execute("PRAGMA synchronous=OFF")


def _lived(session: Session, families: int, years: int, seed: int, started: float) -> Lived:
    town = Town(session)
    town.found(load_policy(POLICY), _FOUNDED)
    run = Years.begun(town, families, BEGIN, seed)
    until = BEGIN.replace(year=BEGIN.year + years)

    def tell(day: date) -> None:
        if day.month in (3, 9):
            done = sum(run.clerk.done.values())
            print(
                f"  town {seed}, {day:%Y-%m}: {done:,} tasks, {len(run.clerk.stuck)} stuck,"
                f" {time.monotonic() - started:.0f} s",
                flush=True,
            )

    run.run(until, told=tell)
    signer = TreeSigner.new()
    now = datetime(until.year, until.month, until.day, tzinfo=UTC)
    sealed = True
    while sealed:
        with transaction(session):
            sealed = seal_tree(session, now=now, signer=signer) is not None
    law = current_policy(session, town.district_id)
    violations = list(everything(session, town.district_id, law, until))
    violations += lives_agree(session, run.families, law)
    violations += the_trail_verifies(session, {signer.key_id: signer.public})
    cases = Counter(
        {
            (key, outcome or "open"): count
            for key, outcome, count in session.execute(
                select(Case.process_key, Case.outcome, func.count()).group_by(
                    Case.process_key, Case.outcome
                )
            )
        }
    )
    paid = session.scalar(
        select(func.count()).select_from(Payment).where(Payment.state == PaymentState.PAID)
    )
    stuck = Counter((one.element, one.why[:120]) for one in run.clerk.given_up(until))
    return Lived(
        violations, cases, Counter(run.clerk.done), run.events, stuck, paid or 0,
        seconds=time.monotonic() - started,
    )  # fmt: skip


def show(lived: Lived) -> None:
    """For a person."""
    print(
        f"  {lived.towns} towns, {lived.seconds:.0f} s, {sum(lived.cases.values()):,} cases,"
        f" {sum(lived.tasks.values()):,} tasks, {lived.payments:,} payments"
    )
    print(f"  what happened: {dict(lived.events)}")
    for (process, outcome), count in sorted(lived.cases.items()):
        print(f"  {process} {outcome}: {count}")
    for (element, why), count in lived.stuck.most_common(10):
        print(f"  stuck {count} × {element}: {why}")
    for rule, count in Counter(one.rule for one in lived.violations).most_common():
        print(f"  VIOLATED {count} × {rule}")
    for one in lived.violations[:10]:
        print(f"    {one}")
