"""What a browser sends for a published form, as the raw answers that the host checks.

A field's name says how it is sent, so that nothing has to be looked up to read it: `f_key` one
value, `m_key` several, `t_key` a local date and time. Files come as `u_key`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request
from werkzeug.datastructures import FileStorage, MultiDict

_LOCAL_OFFSET = "+08:00"
_KEY = re.compile(r"[!-~]{16,64}")
_LENGTH_OF_MINUTES = len("2026-11-23T09:30")
ONE, MANY, MOMENT, FILES = "f_", "m_", "t_", "u_"


@dataclass(frozen=True, slots=True)
class Posted:
    """A submitted form: raw answers, files chosen but not uploaded yet, version and request key."""

    raw: Mapping[str, Any]
    files: Mapping[str, list[FileStorage]]
    version: int | None
    request_key: str | None


def read_posted() -> Posted:
    """The submitted form of this request."""
    files = {
        name.removeprefix(FILES): [file for file in chosen if file.filename]
        for name, chosen in request.files.lists()
        if name.startswith(FILES)
    }
    version = request.form.get("version", "")
    key = request.form.get("request_key", "")
    return Posted(
        raw_answers(request.form),
        {key: chosen for key, chosen in files.items() if chosen},
        int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None,
        key if _KEY.fullmatch(key) else None,
    )


def raw_answers(fields: MultiDict[str, str]) -> dict[str, Any]:
    """Answers by key; blank lines and empty choices are left out, line ends become `\\n`."""
    raw: dict[str, Any] = {}
    for name, values in fields.lists():
        kind, key = name[:2], name[2:]
        if kind == ONE:
            text = values[-1].replace("\r\n", "\n").strip()
            if text:
                raw[key] = text
        elif kind == MOMENT and values[-1]:
            text = values[-1].strip()
            if len(text) == _LENGTH_OF_MINUTES:
                text += ":00"
            raw[key] = text if text.endswith(_LOCAL_OFFSET) else text + _LOCAL_OFFSET
        elif kind == MANY:
            chosen = list(dict.fromkeys(value for value in values if value))
            if chosen:
                raw[key] = chosen
    return raw
