"""What the clients asked for and what they were told, to be compared with the database later."""

from __future__ import annotations

import json
import random
import secrets
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

from scripts.benchmark.client import Answer, Client

#: A client that gets no answer in this time gives up; the outcome stays unknown.
PATIENCE: Final = 60.0
_WAITS: Final = (0.02, 0.05, 0.1, 0.25, 0.5)
#: The server asks to try again: contention, or a twin under way.
_AGAIN: Final = frozenset({"busy", "request_under_way", "trail.raced"})


@dataclass(slots=True)
class Act:
    """One thing that a person wanted done once, under one key, and every final answer to it."""

    path: str
    content: Mapping[str, Any]
    #: the task's id, or empty for a new case
    task_id: str
    key: str = field(default_factory=lambda: secrets.token_hex(12))
    answers: list[Answer] = field(default_factory=list)
    #: how often the connection was lost before an answer came
    lost: int = 0
    #: how often somebody gave up without an answer
    unknown: int = 0

    @property
    def acknowledged(self) -> bool:
        """Whether somebody was told that it is done."""
        return any(answer.status in {200, 201} for answer in self.answers)


@dataclass
class Ledger:
    """Every act of every client."""

    acts: list[Act] = field(default_factory=list)
    #: answers of the 500 family, by code
    failures: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, act: Act) -> None:
        """Keep an act that is about to be sent."""
        with self.lock:
            self.acts.append(act)

    def count(self) -> int:
        """How many acts were acknowledged so far."""
        with self.lock:
            return sum(act.acknowledged for act in self.acts)


class Person:
    """Sends acts, again under the same key when the connection is lost, sometimes twice at once."""

    def __init__(
        self, client: Client, twin: Client, ledger: Ledger, chance: random.Random, doubles: float
    ) -> None:
        self._clients = (client, twin)
        self._ledger = ledger
        self._chance = chance
        self._doubles = doubles
        self._pool = ThreadPoolExecutor(1)

    def do(self, act: Act) -> None:
        """Send the act until it is answered."""
        self._ledger.add(act)
        second = None
        if self._chance.random() < self._doubles:
            second = self._pool.submit(self._send, self._clients[1], act)
        self._send(self._clients[0], act)
        if second is not None:
            second.result()

    def close(self) -> None:
        """Let the second finger rest."""
        self._pool.shutdown()
        for client in self._clients:
            client.close()

    def _send(self, client: Client, act: Act) -> None:
        deadline = time.monotonic() + PATIENCE
        attempt = 0
        while time.monotonic() < deadline:
            try:
                answer = client.post(act.path, act.content, act.key)
            except OSError:
                act.lost += 1
            else:
                if answer.status >= 500:
                    with self._ledger.lock:
                        self._ledger.failures.append(f"{answer.status} {code_of(answer)}")
                elif code_of(answer) not in _AGAIN:
                    with self._ledger.lock:
                        act.answers.append(answer)
                    return
            time.sleep(_WAITS[min(attempt, len(_WAITS) - 1)])
            attempt += 1
        with self._ledger.lock:
            act.unknown += 1


def code_of(answer: Answer) -> str:
    """The stable code of a refusal; empty for other answers."""
    if answer.status < 400:
        return ""
    try:
        return str(json.loads(answer.body).get("code", ""))
    except ValueError:
        return ""
