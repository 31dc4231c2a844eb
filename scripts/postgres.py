"""A private PostgreSQL server in a folder of its own, reached by a socket and gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from scripts.machine import is_root

USER: Final = "doudi"
_START_SECONDS: Final = 30
#: For tests: nothing has to survive a power cut, and many workers connect at once.
_SETTINGS: Final = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "autovacuum": "off",
    "timezone": "UTC",
}
#: As in production: what was acknowledged survives a power cut.
_DURABLE: Final = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "autovacuum": "on",
}


@contextmanager
def private_server(programs: Path, *, durable: bool = False) -> Iterator[str]:
    """Start a server and yield its SQLAlchemy address (database `postgres`).

    `durable`: every commit waits for the disk, as measurements need it.
    It listens on a socket in a folder that only its user can read, so other servers do not matter.
    As root it runs as `postgres` (or `nobody`), because PostgreSQL refuses to run as root.

    Raises:
        RuntimeError: when the server does not start; the message holds the end of its log.
    """
    user = _server_user()
    # Not below the repository: the server's user may be unable to read that.
    home = Path(tempfile.mkdtemp(prefix="doudi-pg-", dir="/tmp"))
    try:
        if user:
            shutil.chown(home, user)
        _run([programs / "initdb", "-D", home / "data", "-U", USER, *_INITDB], user)
        wanted = {**_SETTINGS, **_DURABLE} if durable else _SETTINGS
        settings = [f"--{name}={value}" for name, value in wanted.items()]
        with (home / "log").open("wb") as log:
            server = subprocess.Popen(
                [programs / "postgres", "-D", home / "data", "-k", home, *settings],
                cwd="/tmp",
                user=user,
                group=_group(user),
                extra_groups=[] if user else None,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C goes to the tests; the server is stopped below, after them.
                start_new_session=True,
            )
        try:
            _wait_until_ready(server, home)
            yield f"postgresql+psycopg://{USER}@/postgres?host={home}"
        finally:
            _stop(server)
    finally:
        shutil.rmtree(home, ignore_errors=True)


_INITDB: Final = ("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")


def _server_user() -> str | None:
    if not is_root():
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _group(user: str | None) -> int | None:
    return pwd.getpwnam(user).pw_gid if user else None


def _run(command: list[str | Path], user: str | None) -> None:
    done = subprocess.run(
        command,
        cwd="/tmp",
        user=user,
        group=_group(user),
        extra_groups=[] if user else None,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "HOME": "/tmp"},
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: {done.stdout[-2000:]}")


def _wait_until_ready(server: subprocess.Popen[bytes], home: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    pid_file = home / "data" / "postmaster.pid"
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        # The eighth line says "ready" once connections are accepted.
        if pid_file.exists() and "ready" in pid_file.read_text():
            return
        time.sleep(0.05)
    log = (home / "log").read_text(errors="replace")[-2000:]
    raise RuntimeError(f"PostgreSQL did not start:\n{log}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    # SIGINT is PostgreSQL's "fast" shutdown: it ends sessions instead of waiting for them.
    server.send_signal(2)
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
