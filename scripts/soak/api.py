"""The JSON interface under generated requests: no answer of the 500 family, no broken promise."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import select

from models.cases import Case, Task
from scripts.benchmark.deployment import POSTGRESQL, Deployment, deployment
from scripts.benchmark.district import District, found_district, opened, register_households
from scripts.benchmark.policy import measured_policy
from scripts.benchmark.seeding import fill_queue
from workflows.transaction import reading

DESCRIPTION: Final = "/api/v1/openapi.json"
_CHECKS: Final = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_schema_conformance"
)
_OPEN_TASKS: Final = 50
_LAST: Final = 6_000


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """Whether every check held, and the end of what schemathesis said."""

    held: bool
    said: str


def fuzz_api(seconds: int, seed: int) -> Fuzzed:
    """Let schemathesis generate requests for so long, as a case officer with work to do."""
    with deployment(POSTGRESQL) as made:
        district = found_district(made, measured_policy(Path(__file__).parent, whole=True))
        fill_queue(made, district, register_households(made, district, 5), _OPEN_TASKS)
        _name_what_is_there(made, district)
        made.start_web(workers=2)
        return _run(made, district, seconds, seed)


def _name_what_is_there(made: Deployment, district: District) -> None:
    """Tell schemathesis the ids of real rows; it reads this file in the folder that it runs in."""
    with opened(made) as session, reading(session):
        cases = session.scalars(select(Case.id).limit(_OPEN_TASKS)).all()
        tasks = session.scalars(select(Task.id).limit(_OPEN_TASKS)).all()
    known = {
        "case_id": cases,
        "case": cases[:2],
        "task_id": tasks,
        "release": [district.release_id],
        "process_id": ["bench", "dibao"],
    }
    lines = [f'"path.{name}" = {json.dumps(list(ids))}' for name, ids in known.items()]
    (made.folder / "schemathesis.toml").write_text("\n".join(["[parameters]", *lines]), "utf-8")


def _run(made: Deployment, district: District, seconds: int, seed: int) -> Fuzzed:
    command = [
        str(Path(sys.executable).parent / "schemathesis"),
        "run",
        f"http://127.0.0.1:{made.port}{DESCRIPTION}",
        f"--header=Authorization: Bearer {district.officers[0].token}",
        "--phases=examples,coverage,fuzzing",
        f"--checks={_CHECKS}",
        f"--max-time={seconds}",
        "--max-examples=100000",
        "--continue-on-failure",
        "--generation-database=none",
        "--request-timeout=20",
        "--no-color",
        "--warnings=off",
        "--workers=2",
        f"--seed={seed}",
    ]
    done = subprocess.run(
        command,
        cwd=made.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=seconds * 2 + 120,
    )
    return Fuzzed(done.returncode == 0, done.stdout.decode("utf-8", "replace")[-_LAST:])
