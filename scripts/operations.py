"""Write docs/reference/operations.md: what a service task may call, from the catalogue."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from workflows.runtime.registered import Registered
from workflows.runtime.service_tasks import CATALOGUE

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "reference" / "operations.md"
_UNDO: Final = {
    "forbid": "A return may not go past it.",
    "keep": "A return past it keeps what it did.",
    "undo": "A return past it undoes it.",
}
_HEAD: Final = """# Operations

This page is written by `make docs` from `workflows/runtime/service_tasks.py`.

A service task calls one operation by name, in the transaction of the act that reaches it. The gate
checks names and types before publication. A parameter with a question mark may be left out.
"""


def main(arguments: list[str]) -> int:
    """Write the page; with `--check` return 1 when it is out of date instead."""
    text = page()
    if "--check" in arguments:
        return 0 if PAGE.exists() and PAGE.read_text("utf-8") == text else 1
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(text, encoding="utf-8")
    return 0


def page() -> str:
    """The catalogue as Markdown, a section per operation."""
    return "\n".join([_HEAD, *(_section(found) for _, found in sorted(CATALOGUE.items()))])


def _section(found: Registered) -> str:
    signature = found.signature
    sentence = (inspect.getdoc(found.function) or "").split("\n\n")[0].replace("\n", " ")
    return "\n".join(
        [
            f"## {signature.name}\n",
            f"{sentence} {_UNDO[signature.undo]}\n",
            f"- takes: {_typed(signature.inputs, signature.optional)}",
            f"- gives: {_typed(signature.outputs, frozenset())}",
            "",
        ]
    )


def _typed(names: Mapping[str, str], optional: frozenset[str]) -> str:
    texts = [f"`{name}{'?' * (name in optional)}: {kind}`" for name, kind in names.items()]
    return ", ".join(texts) or "nothing"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
