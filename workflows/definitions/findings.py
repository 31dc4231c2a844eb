"""How the checks of this package collect what they find, each in Chinese and in English."""

from __future__ import annotations

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
        if len(self.findings) > MOST_FINDINGS:
            return
        if len(self.findings) == MOST_FINDINGS:
            code, element, field, node, line, column, values = (
                "file.more",
                None,
                None,
                None,
                None,
                None,
                {},
            )
        chinese, english = SENTENCES[code]
        shown = {name: _shown(value) for name, value in values.items()}
        self.findings.append(
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

    def extend(self, findings: list[Finding]) -> None:
        """Take over findings that another part made."""
        for finding in findings[: max(0, MOST_FINDINGS - len(self.findings))]:
            self.findings.append(finding)

    @property
    def has_errors(self) -> bool:
        """Whether anything found forbids publication."""
        return any(finding.severity == "error" for finding in self.findings)


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
