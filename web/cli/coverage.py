"""`doudi coverage`: what the scenarios of a policy reach of its diagrams and tables."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session

from web.database import upgrade
from workflows.definitions.files import load_policy
from workflows.definitions.policy import Policy, parse_policy
from workflows.scenarios.coverage import (
    PolicyCoverage,
    ProcessCoverage,
    Reached,
    Share,
    TableCoverage,
    coverage_of,
    row_clauses,
    row_text,
)
from workflows.scenarios.folder import OpenDatabase, run_scenarios
from workflows.transaction import prepare_engine

_WORDS = {
    "zh": {
        "scenarios": "情形 {} 个，失败 {} 个", "failed": "失败", "processes": "流程",
        "tables": "决策表", "nodes": "节点", "flows": "连线", "rows": "行", "total": "合计",
        "never": "没有进入", "untaken": "没有走过", "unhit": "没有命中第 {} 行",
        "unasked": "没有情形问到", "below": "{}：节点 {}%，要求 {}%",
    },
    "en": {
        "scenarios": "{} scenarios, {} failed", "failed": "failed", "processes": "Processes",
        "tables": "Decision tables", "nodes": "nodes", "flows": "flows", "rows": "rows",
        "total": "total", "never": "never entered", "untaken": "never taken",
        "unhit": "row {} never hit", "unasked": "no scenario asks it",
        "below": "{}: nodes {}%, required {}%",
    },
}  # fmt: skip
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


def _requirement(
    _context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]
) -> dict[str, float]:
    """Percents by process; "" stands for every other process."""
    found = {}
    for text in given:
        process, _, percent = text.rpartition("=")
        try:
            found[process] = float(percent)
        except ValueError as error:
            raise click.BadParameter(f"{text}: PERCENT or PROCESS=PERCENT") from error
        if not 0 <= found[process] <= 100:
            raise click.BadParameter(f"{text}: from 0 to 100")
    return found


@click.command("coverage")
@click.argument("folder", type=_FOLDER, default="bpmn")
@click.option("--json", "as_json", is_flag=True, help="Everything as one JSON object.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True,
              help="The language of the lines.")  # fmt: skip
@click.option("--require", "required", multiple=True, callback=_requirement,
              metavar="[PROCESS=]PERCENT",
              help="Status 1 unless each process, or the named one, has this share of its nodes "
                   "entered; may be given several times.")  # fmt: skip
def coverage_command(folder: Path, as_json: bool, lang: str, required: dict[str, float]) -> None:
    """Run the scenarios of a policy and say which nodes, flows and rows none of them reaches.

    Each scenario runs through the real engine on a temporary database. Status 1 when one of
    them fails.
    """
    files = load_policy(folder)
    policy = parse_policy(files)
    unknown = required.keys() - policy.processes.keys() - {""}
    if unknown:
        raise click.UsageError(f"There is no process {', '.join(sorted(unknown))}.")
    reached, failures, count = Reached(), {}, 0
    with temporary_databases() as database:
        for path, found, failure in run_scenarios(files, database):
            count += 1
            reached.add(found)
            if failure is not None:
                failures[path] = failure
    coverage = coverage_of(policy, reached)
    low = _too_low(coverage, required)
    if as_json:
        document = _document(policy, coverage, count, failures, low)
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(_lines(coverage, count, failures, low, _WORDS[lang])))
    if failures or low:
        raise SystemExit(1)


@contextmanager
def temporary_databases() -> Iterator[OpenDatabase]:
    """A way to open sessions on new databases; everything is deleted at the end."""
    with TemporaryDirectory(prefix="doudi-") as folder:
        template = Path(folder, "template.sqlite3")
        engine = _engine(template)
        upgrade(engine)
        engine.dispose()

        @contextmanager
        def opened() -> Iterator[Session]:
            path = Path(folder, "scenario.sqlite3")
            shutil.copyfile(template, path)
            engine = _engine(path)
            try:
                with Session(engine) as session:
                    yield session
            finally:
                engine.dispose()
                for suffix in ("", "-wal", "-shm"):
                    path.with_name(path.name + suffix).unlink(missing_ok=True)

        yield opened


def _engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}")
    prepare_engine(engine)
    event.listen(engine, "connect", _without_fsync)
    return engine


def _without_fsync(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")  # nobody wants it after a power cut


def _too_low(
    coverage: PolicyCoverage, required: Mapping[str, float]
) -> list[tuple[str, float, float]]:
    """Process, percent and required percent where less was entered."""
    found = []
    for one in coverage.processes:
        wanted = required.get(one.process.id, required.get("", 0.0))
        if one.nodes.reached * 100 < wanted * one.nodes.all:
            found.append((one.process.id, one.nodes.percent, wanted))
    return found


def _document(
    policy: Policy,
    coverage: PolicyCoverage,
    count: int,
    failures: Mapping[str, str],
    low: list[tuple[str, float, float]],
) -> dict[str, Any]:
    return {
        "policy": policy.content_hash,
        "scenarios": {
            "run": count,
            "failed": [{"file": path, "message": text} for path, text in failures.items()],
        },
        "total": {
            "nodes": coverage.nodes.to_json(),
            "flows": coverage.flows.to_json(),
            "rows": coverage.rows.to_json(),
        },
        "processes": [_process_document(one) for one in coverage.processes],
        "tables": [_table_document(one) for one in coverage.tables],
        "below": [
            {"process": process, "percent": percent, "required": wanted}
            for process, percent, wanted in low
        ],
    }


def _process_document(one: ProcessCoverage) -> dict[str, Any]:
    return {
        "id": one.process.id,
        "name": one.process.name,
        "file": one.process.file,
        "nodes": {
            **one.nodes.to_json(),
            "missing": [
                {"id": node.id, "name": node.name, "kind": node.kind.value}
                for node in one.missing_nodes
            ],
        },
        "flows": {
            **one.flows.to_json(),
            "missing": [
                {"id": flow.id, "name": flow.name, "from": flow.source, "to": flow.target}
                for flow in one.missing_flows
            ],
        },
    }


def _table_document(one: TableCoverage) -> dict[str, Any]:
    return {
        "file": one.file,
        "decision": one.owner,
        "name": one.name,
        "table": one.table.id,
        "rows": {
            **one.rows.to_json(),
            "missing": [
                {
                    "row": rule.number,
                    "text": row_text(rule),
                    "clauses": list(row_clauses(one.table, rule)),
                }
                for rule in one.missing_rows
            ],
        },
    }


def _lines(
    coverage: PolicyCoverage,
    count: int,
    failures: Mapping[str, str],
    low: list[tuple[str, float, float]],
    words: Mapping[str, str],
) -> Iterator[str]:
    yield words["scenarios"].format(count, len(failures))
    for path, text in failures.items():
        yield f"  {words['failed']} {path} {text}"
    yield f"# {words['processes']}"
    for process in coverage.processes:
        yield from _process_lines(process, words)
    yield f"# {words['tables']}"
    for table in coverage.tables:
        yield from _table_lines(table, words)
    yield f"# {words['total']}"
    parts = (("nodes", coverage.nodes), ("flows", coverage.flows), ("rows", coverage.rows))
    yield "  " + "  ".join(_share(words[name], share) for name, share in parts)
    for process_id, percent, wanted in low:
        yield words["below"].format(process_id, percent, f"{wanted:g}")


def _process_lines(one: ProcessCoverage, words: Mapping[str, str]) -> Iterator[str]:
    shares = f"{_share(words['nodes'], one.nodes)}  {_share(words['flows'], one.flows)}"
    yield f"{one.process.id}  {one.process.name}  {shares}"
    for node in one.missing_nodes:
        yield f"  {words['never']} {node.id} {node.name or node.kind.value}"
    entered = one.process.elements.keys() - {node.id for node in one.missing_nodes}
    for flow in one.missing_flows:
        if flow.source in entered:  # the others follow from the nodes above
            name = f" {flow.name}" if flow.name else ""
            yield f"  {words['untaken']} {flow.source} → {flow.target}{name}"


def _table_lines(one: TableCoverage, words: Mapping[str, str]) -> Iterator[str]:
    line = f"{one.owner}  {one.name}  {_share(words['rows'], one.rows)}"
    if one.rows.all and not one.rows.reached:
        yield f"{line}  {words['unasked']}"
        return
    yield line
    for rule in one.missing_rows:
        yield f"  {words['unhit'].format(rule.number)}: {row_text(rule)}"


def _share(name: str, share: Share) -> str:
    return f"{name} {share.reached}/{share.all} {share.percent}%"
