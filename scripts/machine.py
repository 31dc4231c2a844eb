"""What this machine offers to tests and tools: PostgreSQL's programs and Chromium."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

POSTGRES: Final = "postgresql"
CHROMIUM: Final = "chromium"

#: Chromium on a machine without a display, as any user, silent about the network.
CHROMIUM_FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_CHROMIUM_NAMES: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_POSTGRES_FOLDERS: Final = ("usr/lib/postgresql", "usr/pgsql-*", "opt/homebrew/opt/postgresql*")


def find_chromium() -> Path | None:
    """The browser: the path in CHROMIUM, or the first one found on PATH."""
    given = os.environ.get("CHROMIUM")
    names = (given,) if given else _CHROMIUM_NAMES
    found = next(filter(None, map(shutil.which, names)), None)
    return Path(found) if found else None


def find_postgres() -> Path | None:
    """The folder with `initdb` and `postgres`, of the newest version that is installed."""
    on_path = shutil.which("initdb")
    candidates = [Path(on_path).resolve().parent] if on_path else []
    for pattern in _POSTGRES_FOLDERS:
        for folder in Path("/").glob(pattern):
            candidates += [folder / "bin", *(version / "bin" for version in folder.iterdir())]
    complete = [folder for folder in candidates if _has(folder, ("initdb", "postgres"))]
    return max(complete, key=_version, default=None)


def is_root() -> bool:
    """Whether packages can be installed, and whether servers need another user."""
    return os.geteuid() == 0


def install_packages(names: Iterable[str]) -> bool:
    """Install Debian packages as root; False where that is not possible here."""
    if not is_root() or shutil.which("apt-get") is None:
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # Where the lists cannot be refreshed, the old ones may do.
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *names],
    ):
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
    return done.returncode == 0


def _has(folder: Path, programs: tuple[str, ...]) -> bool:
    return all(os.access(folder / program, os.X_OK) for program in programs)


def _version(folder: Path) -> int:
    digits = "".join(filter(str.isdigit, folder.parent.name))
    return int(digits or 0)
