"""A deployment of its own for a measurement: database, keys, web processes, workers; then gone."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, create_engine, make_url

from scripts.benchmark.client import Client
from scripts.machine import find_postgres
from scripts.postgres import private_server
from web.database import upgrade
from web.keys import Keys, load_keys
from workflows.transaction import prepare_engine

ROOT: Final = Path(__file__).resolve().parents[2]
SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
_START_SECONDS: Final = 60
_STOP_SECONDS: Final = 10
_PR_SET_PDEATHSIG: Final = 1


@dataclass
class Deployment:
    """A data folder, a migrated database, and the processes that were started on it."""

    folder: Path
    url: str
    port: int
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @cached_property
    def engine(self) -> Engine:
        """For this process, prepared as the product's."""
        made = create_engine(self.url)
        prepare_engine(made)
        return made

    @cached_property
    def keys(self) -> Keys:
        """The key file of the data folder."""
        return load_keys(self.folder / "keys.json")

    def environment(self, **more: str) -> dict[str, str]:
        """What a process of the product reads."""
        mine = {"DATA": str(self.folder), "DATABASE_URL": self.url, "PYTHONUNBUFFERED": "1"}
        return {**os.environ, **mine, **more}

    def start_web(
        self,
        application: str = "web:create_app()",
        *,
        workers: int = 2,
        options: Sequence[str] = (),
        **environment: str,
    ) -> None:
        """Start gunicorn with sync workers and wait until it answers.

        Raises:
            RuntimeError: when it doesn't, with the end of its log.
        """
        command = [
            program("gunicorn"),
            f"--bind=127.0.0.1:{self.port}",
            "--worker-class=sync",
            f"--workers={workers}",
            "--timeout=60",
            "--graceful-timeout=5",
            "--log-level=warning",
            "--worker-tmp-dir=/dev/shm" if Path("/dev/shm").is_dir() else "--worker-tmp-dir=/tmp",
            *options,
            application,
        ]
        self.start("web", command, **environment)
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if time.monotonic() > deadline or self.processes["web"].poll() is not None:
                raise RuntimeError(f"no answer from the web process:\n{self.log('web')[-3000:]}")
            time.sleep(0.1)

    def start(self, name: str, command: Sequence[str], **environment: str) -> None:
        """Start a process in a session of its own; what it says goes to a log in the folder."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment(**environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )

    def log(self, name: str) -> str:
        """What a process has said so far."""
        return (self.folder / f"{name}.log").read_text("utf-8", "replace")

    def stop(self, *names: str) -> None:
        """Stop these processes, or all: first politely, then their whole groups."""
        chosen = {name: self.processes.pop(name) for name in names or tuple(self.processes)}
        for process in chosen.values():
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + _STOP_SECONDS
        for process in chosen.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                end_group(process)

    def client(self, token: str = "", *, timeout: float = 30) -> Client:
        """A client of the web process, with somebody's API token where one is given."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return Client(self.port, headers, timeout=timeout)

    def _answers(self) -> bool:
        try:
            return self.client(timeout=5).get("/healthz").status == 200
        except OSError:
            return False


@contextmanager
def deployment(database: str) -> Iterator[Deployment]:
    """A fresh deployment on a private PostgreSQL (fsync on) or on SQLite; nothing of it is left.

    Raises:
        RuntimeError: when this machine has no PostgreSQL.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="doudi-bench-")))
        if database == POSTGRESQL:
            programs = find_postgres()
            if programs is None:
                raise RuntimeError("this machine has no PostgreSQL; run `make test` once as root")
            server = stack.enter_context(private_server(programs, durable=True))
            url = _create_database(server)
        else:
            url = f"sqlite:///{folder / 'doudi.sqlite3'}"
        made = Deployment(folder, url, free_port())
        stack.callback(made.engine.dispose)
        stack.callback(made.stop)
        upgrade(made.engine)
        yield made


def _create_database(server: str) -> str:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE doudi")
    engine.dispose()
    return make_url(server).set(database="doudi").render_as_string(hide_password=False)


def program(name: str) -> str:
    """A program of this environment."""
    return str(Path(sys.executable).parent / name)


def free_port() -> int:
    """A port of the loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and everything that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _end_with_parent() -> None:
    # The kernel tells the child when the measurement is killed, so nothing is left behind.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
