"""`make run`'s supervisor: web and worker start together, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 240
STOP_SECONDS = 30


@contextmanager
def running(data: Path, port: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The supervisor, once it says that it runs; with what it printed until then."""
    process = subprocess.Popen(
        [sys.executable, "-m", "scripts.run"],
        cwd=ROOT,
        env={**os.environ, "DATA": str(data), "PORT": str(port), "DATABASE_URL": ""},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    printed: list[str] = []
    late = threading.Timer(START_SECONDS, process.terminate)
    late.start()
    try:
        for line in process.stdout:
            printed.append(line)
            if "Doudi runs at" in line:
                break
        else:
            pytest.fail("".join(printed))
        late.cancel()
        yield process, "".join(printed)
    finally:
        late.cancel()
        process.send_signal(signal.SIGINT)
        process.wait(STOP_SECONDS)
        process.stdout.close()


def left_behind(data: Path) -> list[str]:
    """Processes that were started with this folder for their data."""
    mark = f"DATA={data}\0".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
            command = (process / "cmdline").read_text().replace("\0", " ")
        except OSError:  # It ended meanwhile, or belongs to another user.
            continue
        if mark in environment and command:
            found.append(command)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def healthy(port: int) -> bool:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
        return bool(answer.status == 200)


@pytest.mark.slow
def test_a_second_start_keeps_the_data_and_each_stop_leaves_nothing(tmp_path: Path) -> None:
    # given
    data, port = tmp_path / "data", free_port()
    with running(data, port) as (_, first):
        assert healthy(port)
        assert any("gunicorn" in command for command in left_behind(data))
        assert any("worker" in command for command in left_behind(data))
    keys = (data / "keys.json").read_bytes()
    assert left_behind(data) == []
    # when
    with running(data, port) as (process, second):
        assert healthy(port)
    # then
    assert process.returncode == 0
    assert (data / "keys.json").read_bytes() == keys
    assert sign_ins(first) == sign_ins(second) != ""
    assert left_behind(data) == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a killed parent")
def test_a_killed_supervisor_takes_both_processes_with_it(tmp_path: Path) -> None:
    # given
    data = tmp_path / "data"
    with running(data, free_port()) as (process, _):
        # when
        process.kill()
        process.wait()
        # then
        deadline = time.monotonic() + STOP_SECONDS
        while left_behind(data) and time.monotonic() < deadline:
            time.sleep(0.2)
        assert left_behind(data) == []


def test_a_taken_port_is_said_before_anything_is_made(tmp_path: Path) -> None:
    # given
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        # when
        done = subprocess.run(
            [sys.executable, "-m", "scripts.run"],
            cwd=ROOT,
            env={**os.environ, "DATA": str(tmp_path / "data"), "PORT": str(port)},
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
        )
    # then
    assert done.returncode == 1
    assert f"make run PORT={port + 1}" in done.stderr
    assert not (tmp_path / "data").exists()


def sign_ins(printed: str) -> str:
    """What `doudi demo` printed: all between the last step and the address."""
    return printed.partition("doudi demo\n")[2].partition("Doudi runs at")[0].strip()
