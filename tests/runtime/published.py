"""Small policies that can be published: the project's registers with diagrams of a test."""

from __future__ import annotations

import json

from tests.runtime.diagrams import HEAD, MESSAGES
from tests.runtime.district import policy_files
from workflows.definitions.files import PolicyFiles

_KEPT = (
    "clauses.yaml",
    "clocks.yaml",
    "calendar.yaml",
    "statutory-holidays.yaml",
    "parameters/",
)
NOTE_FORM = {
    "type": "default",
    "id": "note",
    "title": "记录",
    "schemaVersion": 19,
    "components": [
        {"type": "textfield", "key": "note", "label": "记录", "id": "Field_note",
         "validate": {"maxLength": 60}}
    ],
}  # fmt: skip
#: The variable that the form of every task in tests writes.
NOTE = '<doudi:variable name="note" type="string"/>'


def small_policy(*processes: str) -> PolicyFiles:
    """The registers and parameters of the project's policy with these processes and a form."""
    content = HEAD + MESSAGES + "".join(processes) + "</bpmn:definitions>"
    return PolicyFiles(
        {
            **{path: content for path, content in policy_files().items() if path.startswith(_KEPT)},
            "processes/test.bpmn": content.encode(),
            "forms/note.form": json.dumps(NOTE_FORM, ensure_ascii=False).encode(),
        }
    )
