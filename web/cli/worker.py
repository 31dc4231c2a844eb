"""`doudi worker`: timers, alarms, sealing of the trail, and delivery of the outbox."""

from __future__ import annotations

import os
import signal
import socket
from datetime import UTC, datetime
from threading import Event
from types import FrameType

import click
from sqlalchemy.orm import Session

from web.bank_drop import delivering
from web.cli.application import deployment
from workflows.audit.sealing import seal_tree
from workflows.jobs import work_jobs
from workflows.outbox import deliver_due
from workflows.runtime.funds import open_due_months, raise_low_funds
from workflows.runtime.job_steps import job_steps
from workflows.runtime.reviews import queue_reviews
from workflows.runtime.roll_postings import open_due_postings
from workflows.runtime.standards import open_due_adjustments
from workflows.runtime.unheard import hand_on_unheard
from workflows.runtime.worker import Duties, run
from workflows.transaction import transaction


@click.command("worker")
def worker() -> None:
    """Work until told to stop (SIGTERM or Ctrl-C)."""
    stopping = Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    with deployment() as (session, config):

        def seal(opened: Session, now: datetime) -> None:
            with transaction(opened):
                seal_tree(opened, now=now, signer=config.keys.signer)

        folder = config.data / "outbox"

        def send(opened: Session, now: datetime) -> None:
            deliver_due(opened, now, delivering(folder, opened, config.keys.ring))

        def open_months(opened: Session, now: datetime) -> None:
            open_due_months(opened, config.keys.ring, now)

        def open_adjustments(opened: Session, now: datetime) -> None:
            open_due_adjustments(opened, config.keys.ring, now)

        def open_postings(opened: Session, now: datetime) -> None:
            open_due_postings(opened, config.keys.ring, now)

        def hand_on_kept(opened: Session, now: datetime) -> None:
            hand_on_unheard(opened, config.keys.ring, now)

        steps = job_steps(config.keys.ring)

        def work(opened: Session, now: datetime) -> bool:
            return work_jobs(opened, steps, now)

        run(
            session,
            config.keys.ring,
            name=f"{socket.gethostname()}-{os.getpid()}",
            clock=lambda: datetime.now(UTC),
            duties=Duties(
                each_round=(
                    open_months,
                    open_adjustments,
                    open_postings,
                    raise_low_funds,
                    queue_reviews,
                    hand_on_kept,
                    work,
                    seal,
                    send,
                )
            ),
            stop=stopping.is_set,
        )
