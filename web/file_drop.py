"""The simplest neighbour: a folder where other systems of the district pick up messages."""

from __future__ import annotations

import os
from pathlib import Path

import orjson

from workflows.outbox import Delivery


def drop(folder: Path, message: Delivery) -> None:
    """Write one message as a file named by its key; writing it again changes nothing.

    Raises:
        OSError: when the folder can't be written; the outbox tries again later.
    """
    target = folder / message.topic / f"{message.key.replace('/', '-')}.json"
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    content = orjson.dumps(
        {
            "topic": message.topic,
            "key": message.key,
            "created_at": message.created_at,
            "payload": message.payload,
        },
        option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE,
    )
    unfinished = target.with_suffix(".part")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(target)
