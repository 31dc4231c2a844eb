"""Prepare the database, then run web and worker until one ends or is told to stop (`make run`)."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from types import FrameType
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
_START_SECONDS: Final = 60
_STOP_SECONDS: Final = 20
_LAST_LINES: Final = 20
_PR_SET_PDEATHSIG: Final = 1


class Stopped(Exception):
    """Someone asked the supervisor to stop."""


def main() -> int:
    """Returns 0 after a stop that was asked for, 1 when a process failed.

    What web and worker say goes to DATA/logs, so that the sign-ins stay on the screen.
    """
    os.umask(0o077)  # data, logs and attachments are nobody else's to read
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop_asked)
    environment = _environment()
    processes: dict[str, subprocess.Popen[bytes]] = {}
    try:
        address = _free_address(environment)
        _doudi(["db", "upgrade"], environment)
        # a later release, such as one with next year's calendar, stays in force
        _doudi(["policy", "publish", "--once", environment["POLICY"]], environment)
        sign_ins = _doudi(["demo"], environment)
        processes["web"] = _start("web", _gunicorn(address), environment)
        processes["worker"] = _start("worker", [_program("doudi"), "worker"], environment)
        _wait_until_healthy(address, processes)
        print(f"\n{sign_ins}\nLogs: {_log(environment, '*')}", flush=True)
        print(f"Doudi runs at http://{address}   (Ctrl-C stops it)", flush=True)
        return _watch(processes, environment)
    except Stopped:
        return 0
    except RuntimeError as error:
        print(f"\nDoudi did not start: {error}", file=sys.stderr)
        for name in processes:
            print(_last_lines(_log(environment, name)), file=sys.stderr)
        return 1
    finally:
        _end(processes)


def _environment() -> dict[str, str]:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    # An empty DATABASE_URL or PORT from make means the default.
    environment = {name: value for name, value in environment.items() if value != ""}
    environment["DATA"] = str(Path(environment.get("DATA", ROOT / "data")).resolve())
    environment.setdefault("PORT", "8080")
    environment.setdefault("HOST", "127.0.0.1")
    environment.setdefault("POLICY", str(ROOT / "bpmn"))
    return environment


def _free_address(environment: Mapping[str, str]) -> str:
    host, port = environment["HOST"], int(environment["PORT"])
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = f"port {port} is taken ({error.strerror}); try: make run PORT={port + 1}"
            raise RuntimeError(reason) from error
    return f"{host}:{port}"


def _program(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def _gunicorn(address: str) -> list[str]:
    # Sync workers: the engine's CPU budget is a signal, which only a main thread receives.
    return [
        _program("gunicorn"),
        f"--bind={address}",
        "--worker-class=sync",
        f"--workers={os.environ.get('WEB_WORKERS') or 2}",
        "--timeout=60",
        "--graceful-timeout=15",
        "--max-requests=5000",
        "--max-requests-jitter=500",
        "--log-level=warning",
        "--worker-tmp-dir=" + ("/dev/shm" if Path("/dev/shm").is_dir() else "/tmp"),
        "web:create_app()",
    ]


def _doudi(arguments: list[str], environment: Mapping[str, str]) -> str:
    command = [_program("doudi"), *arguments]
    print(f"doudi {' '.join(arguments)}", flush=True)
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    )
    output = done.stdout.decode()
    if done.returncode != 0:
        print(output, file=sys.stderr)
        raise RuntimeError(f"doudi {' '.join(arguments)} ended with {done.returncode}")
    return output


def _log(environment: Mapping[str, str], name: str) -> Path:
    return Path(environment["DATA"]) / "logs" / f"{name}.log"


def _last_lines(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()[-_LAST_LINES:]
    return "\n".join([f"--- {log}", *lines])


def _start(
    name: str, command: list[str], environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    path = _log(environment, name)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with path.open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # A terminal's Ctrl-C reaches the supervisor alone, which stops both in order.
            start_new_session=True,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )


def _end_with_parent() -> None:
    # The kernel tells the child when the supervisor is killed, so nothing is left behind.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _wait_until_healthy(address: str, processes: Mapping[str, subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        for name, process in processes.items():
            if process.poll() is not None:
                raise RuntimeError(f"{name} ended with {process.returncode}")
        if _healthy(address):
            return
        time.sleep(0.3)
    raise RuntimeError(f"no answer from http://{address}/healthz in {_START_SECONDS} s")


def _healthy(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{address}/healthz", timeout=5) as answer:
            return bool(answer.status == HTTPStatus.OK)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def _watch(processes: Mapping[str, subprocess.Popen[bytes]], environment: Mapping[str, str]) -> int:
    while True:
        for name, process in processes.items():
            if process.poll() is not None:
                print(_last_lines(_log(environment, name)), file=sys.stderr)
                print(f"{name} ended with {process.returncode}; stopping.", file=sys.stderr)
                return 1
        time.sleep(0.5)


def _end(processes: Mapping[str, subprocess.Popen[bytes]]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for process in processes.values():
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + _STOP_SECONDS
    for name, process in processes.items():
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            print(f"{name} did not stop in {_STOP_SECONDS} s: killed.", file=sys.stderr)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _stop_asked(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


if __name__ == "__main__":
    sys.exit(main())
