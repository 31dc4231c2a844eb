"""Any number of drawn expressions, and what both implementations make of them."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

from scripts.feelin.compare import asking, same
from scripts.feelin.explained import explanation
from scripts.feelin.smallest import smallest_difference
from scripts.feelin.texts import Texts


@dataclass(slots=True)
class Compared:
    """How many texts were seen alike, differently by explained class, and the unexplained."""

    texts: int = 0
    same: int = 0
    explained: Counter[str] = field(default_factory=Counter)
    unexplained: list[str] = field(default_factory=list)


def compare(count: int, seed: int, *, longest: float = 3_600.0, mistakes: int = 30) -> Compared:
    """Ask both until `count` texts or `longest` seconds are reached."""
    texts = Texts(seed, mistakes=mistakes)
    compared = Compared()
    deadline = time.monotonic() + longest
    with asking() as feelin:
        while compared.texts < count and time.monotonic() < deadline:
            pair = feelin.pair(texts.draw())
            compared.texts += 1
            if same(pair.ours, pair.theirs):
                compared.same += 1
                continue
            found = smallest_difference(pair, feelin.pair)
            known = explanation(found)
            if known is not None:
                compared.explained[known.code] += 1
            else:
                compared.unexplained.append(
                    f"{found}: {found.pair.text} is {found.pair.ours} here and "
                    f"{found.pair.theirs} there"
                )
    return compared
