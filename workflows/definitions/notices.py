"""The texts of the notices that operations issue, read from the folder of notices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from workflows.decisions.strict_yaml import load_yaml
from workflows.definitions.fields import refuse, texts_field
from workflows.definitions.files import PolicyFiles
from workflows.definitions.findings import Report
from workflows.errors import Invalid

FOLDER: Final = "notices"
#: Lists of texts that paragraphs see beside the variables: the sentences of the decisions that the
#: notice explains, the numbers they used, the changes that would flip them, other programmes.
EXPLAINED: Final = frozenset({"explained", "numbers_used", "what_would_change", "other_programmes"})
#: The functions of the host that paragraphs may call: days and months of the law are parameters.
PARAMETERS: Final = frozenset({"parameter"})
_FIELDS: Final = frozenset({"title", "once", "clauses", "paragraphs", "remedy", "explains"})
_FLAGS: Final = ("once", "remedy")


@dataclass(frozen=True, slots=True)
class NoticeText:
    """The text of one kind of notice; each paragraph is FEEL that gives a text."""

    kind: str
    title: str
    clauses: tuple[str, ...]
    paragraphs: tuple[str, ...]
    file: str
    #: The decisions whose reasons its paragraphs tell.
    explains: tuple[str, ...] = ()


def read_notices(files: PolicyFiles, reports: Mapping[str, Report]) -> dict[str, NoticeText] | None:
    """The texts by kind as far as they can be read, None when a whole file can't be.

    What is wrong is in the report of its file; of a kind defined twice the first text counts.
    """
    notices: dict[str, NoticeText] = {}
    complete = True
    for path, content in files.below(FOLDER, ".yaml").items():
        document = _document(content, reports[path])
        if document is None:
            complete = False
            continue
        for kind, given in document.items():
            found = _notice(kind, given, reports[path])
            other = notices.setdefault(kind, found)
            if other is not found:
                reports[path].add("notice.repeated", kind, kind=kind, other=other.file)
    return notices if complete else None


def _document(content: bytes, report: Report) -> dict[str, Any] | None:
    try:
        document = load_yaml(content, file=report.file)
    except Invalid as error:
        report.extend(error.findings)
        return None
    if not isinstance(document, dict):
        report.add("register.shape", name=report.file)
        return None
    return document


def _notice(kind: str, given: Any, report: Report) -> NoticeText:
    """The text as far as it can be read: a kind whose text is damaged exists all the same."""
    if not isinstance(given, dict):
        report.add("register.value", kind, key=kind, name="title, paragraphs", value=given)
        return NoticeText(kind, "", (), (), report.file)
    for name in sorted(given.keys() - _FIELDS):
        report.add("register.field", kind, field=name, key=kind, name=name)
    title = given.get("title")
    if not isinstance(title, str) or not title.strip():
        report.add("register.missing", kind, field="title", key=kind, name="title")
        title = ""
    for name in _FLAGS:
        value = given.get(name, False)
        if not isinstance(value, bool):
            refuse(name, value, kind, report)
    paragraphs = texts_field(given, "paragraphs", kind, report)
    if given.get("paragraphs") in (None, []):
        report.add("register.missing", kind, field="paragraphs", key=kind, name="paragraphs")
    clauses = texts_field(given, "clauses", kind, report)
    explains = texts_field(given, "explains", kind, report)
    return NoticeText(kind, title, clauses, paragraphs, report.file, explains)
