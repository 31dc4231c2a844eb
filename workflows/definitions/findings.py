"""How the checks of this package collect what they find, each in Chinese and in English."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from lxml import etree

from workflows.definitions.sentences import SENTENCES, WARNINGS
from workflows.errors import Finding

#: More findings of one file than this say nothing new.
MOST_FINDINGS = 200
_LONGEST_VALUE = 120


class Report:
    """Collects the findings of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []
        self._counts: Counter[str] = Counter()

    def add(
        self,
        code: str,
        element: str | None = None,
        *,
        field: str | None = None,
        node: etree._Element | None = None,
        line: int | None = None,
        column: int | None = None,
        **values: object,
    ) -> None:
        """Record a finding.

        ``values`` fill the sentence of ``code`` and are cut when they are long; ``node`` gives the
        line. ``field`` names the place inside the element.
        """
        chinese, english = SENTENCES[code]
        shown = {name: _shown(value) for name, value in values.items()}
        self._append(
            Finding(
                code,
                chinese.format(**shown),
                english.format(**shown),
                file=self.file,
                element=element,
                field=field,
                line=line if node is None else _line(node),
                column=column,
                severity="warning" if code in WARNINGS else "error",
            )
        )

    def extend(self, findings: Iterable[Finding]) -> None:
        """Take over findings that another part made."""
        for finding in findings:
            self._append(finding)

    def _append(self, finding: Finding) -> None:
        """Errors and warnings are counted apart: no number of warnings hides an error."""
        count = self._counts[finding.severity] = self._counts[finding.severity] + 1
        if count <= MOST_FINDINGS:
            self.findings.append(finding)
        elif count == MOST_FINDINGS + 1:
            more = "file.more" if finding.severity == "error" else "file.more_warnings"
            chinese, english = SENTENCES[more]
            self.findings.append(
                Finding(more, chinese, english, file=self.file, severity=finding.severity)
            )


def _line(node: etree._Element) -> int | None:
    line: object = node.sourceline
    return line if isinstance(line, int) else None


def _shown(value: object) -> str:
    if isinstance(value, (list, tuple, set, frozenset)):
        text = ", ".join(sorted(str(item) for item in value))
    else:
        text = str(value)
    text = "".join(sign if sign.isprintable() else " " for sign in text)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
