"""Run a command with the real services that tests need: `python -m scripts.services -- pytest`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from types import FrameType
from typing import Final

from scripts.machine import (
    CHROMIUM,
    POSTGRES,
    find_chromium,
    find_postgres,
    install_packages,
    is_root,
)
from scripts.postgres import private_server
from web.documents.fonts import FontMissing, find_faces

#: Where the tests find a PostgreSQL server in which they may create databases.
POSTGRES_VARIABLE: Final = "DOUDI_TEST_POSTGRES"
CHROMIUM_VARIABLE: Final = "CHROMIUM"
#: A font for Chinese: for the browser's pictures, and for notices as PDF.
_FONT: Final = "fonts-noto-cjk"


def main(arguments: list[str]) -> int:
    """Start what is missing, run the command, stop everything; returns the command's status.

    A server named in DOUDI_TEST_POSTGRES is used as it is. In CI a missing service is a failure.
    """
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    if not command:
        print("usage: python -m scripts.services -- COMMAND …", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    missing = _install_missing()
    if missing and os.environ.get("CI") == "true":
        print(f"In CI nothing may be missing: {', '.join(missing)}", file=sys.stderr)
        return 1
    for name in missing:
        print(f"SKIPPED, because this machine has no {name}: every test that needs it.")
    with ExitStack() as stack:
        environment = dict(os.environ)
        programs = find_postgres()
        if POSTGRES_VARIABLE not in environment and programs:
            environment[POSTGRES_VARIABLE] = stack.enter_context(private_server(programs))
        if browser := find_chromium():
            environment[CHROMIUM_VARIABLE] = str(browser)
        status = _run(command, environment)
    for name in missing:
        print(f"Not tested, because this machine has no {name}.")
    return status


def _install_missing() -> list[str]:
    """Names of services that are missing and could not be installed."""
    missing = _missing()
    if missing and is_root():
        print(f"Installing {', '.join(missing)} …", flush=True)
        install_packages(missing)
        missing = _missing()
    return missing


def _missing() -> list[str]:
    found = {
        POSTGRES: POSTGRES_VARIABLE in os.environ or find_postgres() is not None,
        CHROMIUM: find_chromium() is not None,
        _FONT: _has_font(),
    }
    return [name for name, present in found.items() if not present]


def _has_font() -> bool:
    try:
        find_faces()
    except FontMissing:
        return False
    return True


def _run(command: list[str], environment: dict[str, str]) -> int:
    process = subprocess.Popen(command, env=environment)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # A terminal has told the command as well; one that was told alone has not.
            process.send_signal(signal.SIGINT)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
