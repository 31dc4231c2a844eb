"""The small policy that is measured: three tasks, a boundary timer and a gateway."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from workflows.definitions.files import PolicyFiles, load_policy

ROOT: Final = Path(__file__).resolve().parents[2]
#: what every policy needs besides diagrams and forms
_REGISTERS: Final = (
    "clauses.yaml",
    "clocks.yaml",
    "calendar.yaml",
    "statutory-holidays.yaml",
)


def measured_policy(*folders: Path, whole: bool = False) -> PolicyFiles:
    """The registers and parameters of the project's policy with the diagrams and forms of the
    folders; with `whole` also everything else that the project's policy holds."""
    files = load_policy(ROOT / "bpmn")
    if not whole:
        kept = {
            path: content
            for path, content in files.items()
            if path in _REGISTERS or path.startswith("parameters/")
        }
        files = PolicyFiles(kept)
    added: dict[str, bytes | None] = {}
    for folder in (Path(__file__).parent, *folders):
        for path in sorted(folder.glob("*.bpmn")):
            added[f"processes/{path.name}"] = path.read_bytes()
        for path in sorted(folder.glob("*.form")):
            added[f"forms/{path.name}"] = path.read_bytes()
    return files.replaced(added)
