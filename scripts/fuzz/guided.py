"""`python -m scripts.fuzz.guided TARGET [libFuzzer's options and folders]`."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(
    include=["workflows.feel", "workflows.decisions", "scripts.fuzz.targets"]
):
    from scripts.fuzz.targets import TARGETS


def main() -> None:
    """Never returns: libFuzzer ends the process, with 0 when it found nothing."""
    target = TARGETS[sys.argv[1]]
    atheris.Setup([sys.argv[0], *sys.argv[2:]], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
