"""`python -m scripts.fuzz FILE …`: run findings again, each with the target its folder names."""

from __future__ import annotations

import sys
from pathlib import Path

from scripts.fuzz.targets import TARGETS


def main(files: list[str]) -> int:
    """Returns 0 when every file passes; what does not is shown where it fails."""
    if not files:
        print(__doc__)
        return 2
    for name in files:
        path = Path(name)
        TARGETS[path.parent.name](path.read_bytes())
        print(f"{name}: passes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
