"""`python -m scripts.bench`: throughput and latency over HTTP, on PostgreSQL and on SQLite; the
part `feel` measures the expression language and decision tables alone."""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, Final

from scripts.benchmark.deployment import POSTGRESQL, ROOT, SQLITE
from scripts.benchmark.engine import engine_costs
from scripts.benchmark.feel import feel_rates
from scripts.benchmark.rolls import GRANTS, QUICK_GRANTS, measure_rolls
from scripts.benchmark.rounds import CLIENTS, QUICK, WEB_WORKERS, Size, measure
from scripts.machine import find_postgres

_ROWS: Final = (
    ("cases started per second", "started_per_second"),
    ("  start, p50 ms", "start_p50"),
    ("  start, p99 ms", "start_p99"),
    ("  CPU of the web process, ms", "start_web_cpu"),
    ("tasks completed per second", "completed_per_second"),
    ("  complete, p50 ms", "complete_p50"),
    ("  complete, p99 ms", "complete_p99"),
    ("  CPU of the web process, ms", "complete_web_cpu"),
    ("  CPU of the database, ms", "complete_database_cpu"),
    ("one client alone: start, p50 ms", "alone.start_p50"),
    ("one client alone: complete, p50 ms", "alone.complete_p50"),
    ("one client alone: complete, p99 ms", "alone.complete_p99"),
    ("SQL statements: start", "statements.start"),
    ("SQL statements: complete task 1", "statements.complete_1"),
    ("SQL statements: complete task 2", "statements.complete_2"),
    ("SQL statements: complete task 3, case ends", "statements.complete_3"),
    ("SQL statements: queue as JSON", "statements.list_json"),
    ("SQL statements: queue as HTML", "statements.list_html"),
)
_ROLL_ROWS: Final = (
    ("draw, s", "draw"),
    ("draw, townships in local processes, s", "draw_in_processes"),
    ("cancel, s", "cancel"),
    ("review, s", "review"),
    ("authorise, s", "authorise"),
    ("release: hash, file with opened accounts, s", "release"),
    ("the file alone, in this process, s", "file_here"),
    ("the file alone, in local processes, s", "file_in_processes"),
    ("take the bank's answers, s", "results"),
)
_QUICK_RATES: Final[Mapping[str, Any]] = {"rounds": 3, "seconds": 0.02}
_QUEUE_ROWS: Final = (
    ("queue as JSON, p50 ms", "list_json_p50"),
    ("queue as JSON, p99 ms", "list_json_p99"),
    ("queue as HTML, p50 ms", "list_html_p50"),
    ("queue as HTML, p99 ms", "list_html_p99"),
    ("tasks completed per second", "completed_per_second"),
    ("complete, p50 ms", "complete_p50"),
    ("complete, p99 ms", "complete_p99"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print a table, write JSON; returns 0."""
    chosen = _parser().parse_args(arguments)
    # An interrupted measurement stops its processes on the way out.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    size = QUICK if chosen.quick else Size()
    databases = chosen.database or [POSTGRESQL, SQLITE]
    if chosen.part == "feel":
        databases = []
    found: dict[str, Any] = {"machine": machine(), "quick": chosen.quick, "databases": {}}
    if not chosen.rolls_only:
        print("measuring FEEL and decision tables …", flush=True)
        found["feel"] = feel_rates(**_QUICK_RATES if chosen.quick else {})
    if databases and not chosen.rolls_only:
        found["engine"] = engine_costs(samples=20 if chosen.quick else 300)
    out = chosen.out or Path(os.environ.get("DATA") or ROOT / "data") / "bench.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    for database in databases:
        print(f"measuring on {database} …", flush=True)
        figures = {} if chosen.rolls_only else measure(database, size)
        figures["rolls"] = measure_rolls(database, QUICK_GRANTS if chosen.quick else chosen.grants)
        found["databases"][database] = figures
        _write(found, out)
    _write(found, out)
    print("\n".join(table(found)))
    print(f"\nwritten to {out}")
    return 0


def _write(found: dict[str, Any], out: Path) -> None:
    found["machine"]["load_after"] = _load()
    out.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scripts.bench", description=__doc__)
    parser.add_argument("part", nargs="?", choices=["feel"], help="only this part")
    parser.add_argument("--quick", action="store_true", help="a few of each: does it work?")
    parser.add_argument("--database", action="append", choices=[POSTGRESQL, SQLITE])
    parser.add_argument("--rolls-only", action="store_true", help="only the month's roll")
    parser.add_argument("--grants", type=int, default=GRANTS, help="grants on the roll")
    parser.add_argument("--out", type=Path, help="JSON file; DATA/bench.json by default")
    return parser


def machine() -> dict[str, Any]:
    """What was measured on, honestly."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "processor": _processor(),
        "system": platform.system(),
        "python": platform.python_version(),
        "postgresql": _postgresql(),
        "load_before": _load(),
        "clients": CLIENTS,
        "web_processes": WEB_WORKERS,
    }


def _load() -> list[float]:
    """The load averages of 1, 5 and 15 minutes; above the number of cores others were at work."""
    return [round(value, 2) for value in os.getloadavg()]


def _processor() -> str:
    place = Path("/proc/cpuinfo")
    lines = place.read_text("utf-8").splitlines() if place.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _postgresql() -> str:
    programs = find_postgres()
    if programs is None:
        return "none"
    done = subprocess.run([programs / "postgres", "--version"], stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()


def table(found: Mapping[str, Any]) -> list[str]:
    """The figures as lines of Markdown."""
    about = found["machine"]
    columns = list(found["databases"])
    head = [f"| | {' | '.join(columns)} |", f"|---|{'---:|' * len(columns)}"]
    lines = [
        f"{about['at']}, {about['cores']} cores ({about['processor']}), "
        f"{about['memory_gib']} GiB, Python {about['python']}, {about['postgresql']}",
        f"load average {about['load_before']} before, {about.get('load_after')} after; "
        f"{about['clients']} clients, {about['web_processes']} web processes",
        "",
        *_rate_lines(found.get("feel", {})),
    ]
    databases = list(found["databases"].values())
    if not databases:
        return lines
    lines += head
    if "engine" in found:
        lines += _lines(_ROWS, databases)
    for wanted in databases[0].get("queues", ()) if databases else ():
        queues = [one["queues"][wanted] for one in databases]
        title = f"**{int(wanted):,} open tasks in one queue**"
        lines += [f"| {title} |{' |' * len(columns)}", *_lines(_QUEUE_ROWS, queues)]
    lines += _roll_lines([one["rolls"] for one in databases])
    if "engine" not in found:
        return lines
    lines += ["", "| engine alone, CPU of a step | ms | bytes of state |", "|---|---:|---:|"]
    lines += [
        f"| after {history} steps | {cost['cpu_ms']} | {cost['bytes']:,} |"
        for history, cost in found["engine"].items()
    ]
    return lines


def _rate_lines(rates: Mapping[str, Mapping[str, int]]) -> list[str]:
    if not rates:
        return []
    return [
        "| on one core | per second | lowest and highest | per second of CPU |",
        "|---|---:|---:|---:|",
        *(
            f"| {name} | {rate['per_second']:,} | {rate['lowest']:,} to {rate['highest']:,} "
            f"| {rate['per_cpu_second']:,} |"
            for name, rate in rates.items()
        ),
        "",
    ]


def _roll_lines(rolls: Sequence[Mapping[str, Any]]) -> list[str]:
    if not rolls:
        return []
    title = f"**a month's roll of {rolls[0]['payments']:,} payments**"
    return [
        f"| {title} |{' |' * len(rolls)}",
        *_lines(_ROLL_ROWS, [roll["seconds"] for roll in rolls]),
    ]


def _lines(rows: Sequence[tuple[str, str]], columns: Sequence[Mapping[str, Any]]) -> list[str]:
    return [
        f"| {label.strip()} | {' | '.join(str(_value(column, path)) for column in columns)} |"
        for label, path in rows
    ]


def _value(found: Mapping[str, Any], path: str) -> Any:
    value: Any = found
    for name in path.split("."):
        value = value.get(name, "–")
    return value


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
