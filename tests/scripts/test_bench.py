"""The measurements: percentiles, the small client, and a quick run from end to end."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from scripts.bench import main
from scripts.benchmark.client import Client
from scripts.benchmark.engine import engine_costs
from scripts.benchmark.feel import table_inputs, table_model
from scripts.benchmark.policy import measured_policy
from scripts.benchmark.rounds import QUICK
from scripts.benchmark.timing import Timing, drive
from workflows.decisions import evaluate_decision
from workflows.definitions.check import check_policy
from workflows.runtime.service_tasks import signatures

ROOT = Path(__file__).resolve().parents[2]


class Echo(BaseHTTPRequestHandler):
    """Gives back what it was sent, with the status that the path names."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(int(self.path.strip("/")))
        self.send_header("X-Key", self.headers.get("Idempotency-Key", ""))
        self.send_header("Content-Length", str(len(body)))
        if body == b'{"last": true}':
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    """The port of a server that echoes."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_the_client_reads_an_answer_and_connects_again_when_it_has_to(port: int) -> None:
    # given
    client = Client(port, {"Accept": "application/json"})
    # when
    answers = [client.post("/201", {"last": last}, "key-1") for last in (False, True, False)]
    client.close()
    # then
    assert [answer.status for answer in answers] == [201] * 3
    assert answers[0].json() == {"last": False}
    assert answers[0].headers["x-key"] == "key-1"


def test_the_client_says_when_nobody_answers() -> None:
    # given
    client = Client(1, {})
    # when / then
    with pytest.raises(ConnectionError):
        client.get("/")


def test_a_refusal_ends_the_measurement(port: int) -> None:
    # given
    client = Client(port, {})
    # when / then
    with pytest.raises(RuntimeError, match="422"):
        drive([client], [lambda one: one.post("/422", {})] * 2)
    client.close()


def test_every_job_is_timed(port: int) -> None:
    # given
    clients = [Client(port, {}) for _ in range(3)]
    # when
    timing = drive(clients, [lambda one: one.post("/200", {})] * 20)
    for client in clients:
        client.close()
    # then
    assert len(timing.latencies) == 20
    assert timing.per_second == pytest.approx(20 / timing.seconds)


def test_percentiles_are_those_of_the_nearest_rank() -> None:
    # given
    timing = Timing(1.0, tuple(number / 1000 for number in range(100, 0, -1)))
    # when / then
    assert timing.percentile(0.5) == pytest.approx(50)
    assert timing.percentile(0.99) == pytest.approx(99)
    assert Timing(1.0, (0.002,)).percentile(0.99) == pytest.approx(2)


def test_the_engine_keeps_as_much_after_a_long_history_as_after_a_short_one() -> None:
    # when
    costs = engine_costs((3, 40), samples=1)
    # then
    assert costs["3"]["bytes"] == costs["40"]["bytes"]


def test_the_measured_table_hits_each_of_its_rows_once() -> None:
    # given
    model = table_model(10)
    # when
    results = [evaluate_decision(model, "level", given) for given in table_inputs(10)]
    # then
    hits = [rule.number for result in results for rule in result.explanation.steps[0].rules]
    assert hits == list(range(1, 11))


def test_the_part_feel_needs_no_database(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # when
    main(["feel", "--quick", "--out", str(tmp_path / "bench.json")])
    # then
    found = json.loads((tmp_path / "bench.json").read_text("utf-8"))
    assert found["databases"] == {}
    assert all(0 < rate["lowest"] <= rate["highest"] for rate in found["feel"].values())
    assert "a UNIQUE table of 10 rows" in capsys.readouterr().out


@pytest.mark.parametrize("whole", [False, True])
def test_what_is_measured_passes_the_gate(whole: bool) -> None:
    # given
    files = measured_policy(ROOT / "scripts" / "soak", whole=whole)
    # when
    found = check_policy(files, operations=signatures())
    # then
    assert [finding for finding in found if finding.severity == "error"] == []


@pytest.mark.slow
def test_a_quick_run_measures_everything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # when
    main(["--quick", "--database", "sqlite", "--out", str(tmp_path / "bench.json")])
    # then
    found = json.loads((tmp_path / "bench.json").read_text("utf-8"))
    figures = found["databases"]["sqlite"]
    assert figures["completed_per_second"] > 0
    assert figures["statements"]["complete_1"] > 0
    assert list(figures["queues"]) == [str(wanted) for wanted in QUICK.queues]
    assert all(queue["list_html_p50"] > 0 for queue in figures["queues"].values())
    assert "tasks completed per second" in capsys.readouterr().out
