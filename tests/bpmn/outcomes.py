"""How the scenarios came out: each is run once, by whoever asks first, also among workers."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session

from tests.databases import SqliteDatabases
from workflows.definitions.policy import Policy
from workflows.scenarios.coverage import Reached
from workflows.scenarios.folder import run_scenario
from workflows.transaction import prepare_engine


@dataclass(frozen=True)
class Outcome:
    """What a scenario reached, and how it failed."""

    reached: Reached
    failure: str | None


class Outcomes:
    """Runs on SQLite and keeps what came out in a folder that all workers share."""

    def __init__(self, folder: Path, databases: SqliteDatabases, policy: Policy) -> None:
        self._folder = folder
        self._databases = databases
        self._policy = policy
        folder.mkdir(exist_ok=True)

    def of(self, path: str) -> Outcome:
        """The outcome of the scenario at a path of the policy."""
        file = self._folder / f"{Path(path).stem}.json"
        with file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not file.exists():
                self._run(path, file)
        found = json.loads(file.read_text("utf-8"))
        rows = {(table, number) for table, number in found["rows"]}
        return Outcome(Reached(set(found["elements"]), set(found["flows"]), rows), found["failure"])

    def _run(self, path: str, file: Path) -> None:
        reached, failure = run_scenario(self._policy, path, self._database)
        document = {
            "failure": failure,
            "elements": sorted(reached.elements),
            "flows": sorted(reached.flows),
            "rows": sorted(reached.rows),
        }
        file.write_text(json.dumps(document, ensure_ascii=False), "utf-8")

    @contextmanager
    def _database(self) -> Iterator[Session]:
        with self._databases.copy() as address:
            engine = create_engine(address)
            prepare_engine(engine)
            event.listen(engine, "connect", _without_fsync)
            try:
                with Session(engine) as session:
                    yield session
            finally:
                engine.dispose()


def _without_fsync(connection: object, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")  # type: ignore[attr-defined] # a DBAPI connection
