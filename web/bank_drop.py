"""Files for the bank on their way out: made from sealed accounts at the moment of delivery."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy.orm import Session

from web.file_drop import drop
from workflows.assistance.money.bank_files import bank_file
from workflows.errors import DoudiError
from workflows.outbox import Deliver, Delivery
from workflows.privacy import KeyRing
from workflows.transaction import reading

TOPIC = "bank.file"


def delivering(folder: Path, session: Session, keys: KeyRing) -> Deliver:
    """Drops messages into a folder; beside a message about a bank file, the file itself.

    The outbox holds no account number: the file is made again and has to have the hash that was
    released. Delivering it again writes the same bytes under the same name.
    """

    def deliver(message: Delivery) -> None:
        if message.topic == TOPIC:
            _drop_file(folder / TOPIC, message, session, keys)
        drop(folder, message)

    return deliver


def _drop_file(folder: Path, message: Delivery, session: Session, keys: KeyRing) -> None:
    try:
        with reading(session):
            made = bank_file(session, str(message.payload["roll"]), keys)
    except DoudiError as error:
        raise OSError(f"the file can't be made: {error.code}") from error
    if made.sha256 != message.payload["sha256"]:
        raise OSError("the file isn't the one that was released")
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{message.payload['number']}-{made.sha256[:12]}.csv"
    unfinished = target.with_suffix(".part")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(made.content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(target)
