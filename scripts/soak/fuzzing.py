"""Coverage-guided fuzzing of expressions, cells and DMN documents, in processes of their own."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scripts.fuzz.seeds import write_seeds
from scripts.fuzz.targets import TARGETS

FINDINGS: Final = Path("build/findings")
#: One input may take so many seconds, and all of them so much memory in megabytes.
_SLOWEST: Final = 20
_MEMORY: Final = 2_048
_LONGEST: Final = {"expression": 600, "tests": 400, "document": 8_000}
_DONE: Final = re.compile(r"Done (\d+) runs in (\d+) second")
_KEPT: Final = re.compile(r"#(\d+)\s+\w+\s+cov: (\d+)")
_TAIL: Final = 25


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """What became of one target; `findings` are files that the same target fails on."""

    target: str
    seeds: int
    runs: int
    coverage: int
    findings: tuple[Path, ...]
    said: str


def is_available() -> bool:
    """Whether atheris is installed."""
    return importlib.util.find_spec("atheris") is not None


def fuzz(seconds: int, seed: int) -> Iterator[Fuzzed]:
    """Fuzz each target for its share of the seconds."""
    for target in TARGETS:
        with tempfile.TemporaryDirectory(prefix="doudi-fuzz-") as folder:
            yield _fuzz_target(target, max(1, seconds // len(TARGETS)), seed, Path(folder))


def _fuzz_target(target: str, seconds: int, seed: int, folder: Path) -> Fuzzed:
    corpus, findings = folder / target, FINDINGS / target
    findings.mkdir(parents=True, exist_ok=True)
    before = set(findings.iterdir())
    seeds = write_seeds(corpus, target)
    process = subprocess.run(
        [
            *(sys.executable, "-m", "scripts.fuzz.guided", target),
            *(f"-max_total_time={seconds}", f"-seed={seed}", f"-timeout={_SLOWEST}"),
            # Instrumented code is slow; what is stopped at the timeout is a finding, no less.
            f"-report_slow_units={_SLOWEST}",
            *(f"-rss_limit_mb={_MEMORY}", f"-max_len={_LONGEST[target]}"),
            *(f"-artifact_prefix={findings}/", f"-dict={corpus.with_suffix('.dict')}"),
            *("-print_final_stats=0", "-close_fd_mask=0", str(corpus)),
        ],
        capture_output=True,
        text=True,
        errors="replace",
    )
    said = process.stdout + process.stderr
    done, kept = _DONE.findall(said), _KEPT.findall(said)
    found = tuple(sorted(set(findings.iterdir()) - before))
    if process.returncode and not found:
        found = (findings,)
    return Fuzzed(
        target,
        seeds,
        int(done[-1][0]) if done else int(kept[-1][0]) if kept else 0,
        int(kept[-1][1]) if kept else 0,
        found,
        "\n".join(said.splitlines()[-_TAIL:]) if found else "",
    )
