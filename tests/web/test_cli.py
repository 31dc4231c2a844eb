"""The command line and the files of a deployment."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from models.accounts import Account, Role, RoleHolding
from models.offices import Office
from web.config import Config
from web.keys import KeyFileUnsafe, add_master_key, load_keys

ROOT = Path(__file__).resolve().parents[2]


def doudi(data: Path, *arguments: str, status: int = 0) -> str:
    """Run the program as people do; returns what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", "from web.cli import main; main()", *arguments],
        cwd=ROOT,
        env={"DATA": str(data), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    return done.stdout + done.stderr


@pytest.mark.slow
def test_a_deployment_is_set_up_by_the_command_line(tmp_path: Path) -> None:
    # given
    data = tmp_path / "data"
    # when
    doudi(data, "db", "check", status=1)
    doudi(data, "db", "upgrade")
    doudi(data, "db", "check")
    first = doudi(data, "demo")
    engine = create_engine(f"sqlite:///{data / 'doudi.sqlite3'}")
    with Session(engine) as session:
        before = counts(session)
        roles = set(session.scalars(select(RoleHolding.role)))
    second = doudi(data, "demo")
    with Session(engine) as session:
        after = counts(session)
    engine.dispose()
    # then
    assert first == second
    assert before == after
    assert roles == set(Role)
    assert before["townships"] >= 6 and before["villages"] >= 3 * before["townships"]
    assert "jingban.hanfeng" in first
    verified = doudi(data, "audit", "verify")
    assert "0 problems" in verified
    doudi(data, "audit", "export", str(tmp_path / "trail.jsonl"))
    keys = tmp_path / "keys.json"
    keys.write_text(doudi(data, "audit", "keys"))
    offline = subprocess.run(
        [sys.executable, ROOT / "workflows/audit/offline.py", tmp_path / "trail.jsonl",
         "--keys", keys],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert offline.stdout.splitlines()[-1] == "INTACT"


def counts(session: Session) -> dict[str, int]:
    """How many offices and accounts there are."""

    def count(level: str) -> int:
        return session.scalar(select(func.count()).where(Office.level == level)) or 0

    return {
        "townships": count("township"),
        "villages": count("village"),
        "accounts": session.scalar(select(func.count()).select_from(Account)) or 0,
    }


@pytest.mark.slow
def test_the_first_administrator_is_made_by_the_command_line(tmp_path: Path) -> None:
    # given
    doudi(tmp_path, "db", "upgrade")
    # when
    doudi(tmp_path, "district", "create", "500154", "开州区")
    create = ("account", "create", "anquan", "朱琳", "--district", "500154")
    printed = doudi(tmp_path, *create, "--role", "security_admin")
    again = doudi(tmp_path, *create, status=1)
    wrong = doudi(tmp_path, "account", "create", "x", "y", "--district", "1", status=1)
    # then
    assert printed.startswith("anquan Init-")
    assert "account.login_taken" in again and "Traceback" not in again
    assert "office.unknown" in wrong


def test_a_database_of_another_revision_is_refused_with_what_to_do(tmp_path: Path) -> None:
    # given
    doudi(tmp_path, "db", "upgrade", "0002")
    # when
    refused = doudi(tmp_path, "policy", "publish", str(ROOT / "bpmn"), status=1)
    # then
    assert "0002" in refused
    assert "doudi db upgrade" in refused
    assert "Traceback" not in refused


def test_keys_are_made_once_and_for_their_owner_only(tmp_path: Path) -> None:
    # given
    place = tmp_path / "keys.json"
    # when
    first = load_keys(place)
    # then
    assert load_keys(place) == first
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["keys.json"]
    assert first.secret_key.hex() not in repr(first)
    place.chmod(0o640)
    with pytest.raises(KeyFileUnsafe):
        load_keys(place)


def test_a_new_master_key_leaves_the_old_one(tmp_path: Path) -> None:
    # given
    place = tmp_path / "keys.json"
    before = load_keys(place)
    # when
    version = add_master_key(place)
    after = load_keys(place)
    # then
    assert (before.ring.current, version, after.ring.current) == (1, 2, 2)
    assert after.ring.keys[1] == before.ring.keys[1]
    assert (after.secret_key, after.signer, after.ring.index_key) == (
        before.secret_key,
        before.signer,
        before.ring.index_key,
    )
    assert len(json.loads(place.read_text())["ring"]["keys"]) == 2


def test_a_configuration_comes_from_the_environment(tmp_path: Path) -> None:
    # when
    plain = Config.from_environment({"DATA": str(tmp_path)})
    other = Config.from_environment(
        {
            "DATA": str(tmp_path),
            "DATABASE_URL": "postgres://u:p@h/d",
            "SECURE_COOKIES": "1",
            "SESSION_IDLE_MINUTES": "5",
        }
    )
    # then
    assert plain.database_url == f"sqlite:///{tmp_path / 'doudi.sqlite3'}"
    assert (plain.secure, plain.idle.total_seconds()) == (False, 1800)
    assert other.database_url == "postgresql+psycopg://u:p@h/d"
    assert (other.secure, other.idle.total_seconds()) == (True, 300)
