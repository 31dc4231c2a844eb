"""What each finding of this package says, in Chinese and in English."""

from collections.abc import Mapping
from types import MappingProxyType

from workflows.definitions.sentences.contents import CONTENTS
from workflows.definitions.sentences.documents import DOCUMENTS
from workflows.definitions.sentences.shape import SHAPE

#: By code: the Chinese and the English sentence, with the names of values in braces.
SENTENCES: Mapping[str, tuple[str, str]] = MappingProxyType({**DOCUMENTS, **SHAPE, **CONTENTS})

#: Findings that do not forbid publication.
WARNINGS = frozenset(
    {
        "decision.row_clause",
        "file.more_warnings",
        "file.unknown",
        "gateway.idle",
        "node.name_chinese",
        "clause.unused",
        "parameter.unused",
        "parameter.waits",
        "variable.hides",
        "variable.never_written",
        "variable.unused",
        *(code for code in SENTENCES if code.startswith("layout.")),
    }
)
