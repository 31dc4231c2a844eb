"""YAML without surprises: decimals, ISO dates, true and false; nothing else is guessed."""

from __future__ import annotations

import re
from collections.abc import Hashable
from datetime import date
from decimal import Decimal
from typing import Any, Final

import yaml

from workflows.errors import Finding, Invalid

MAX_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 30
_DATE: Final = "tag:yaml.org,2002:timestamp"
_NUMBER: Final = "tag:yaml.org,2002:float"


class _StrictLoader(yaml.SafeLoader):
    """Safe loading with numbers as Decimal and without aliases, merges and duplicate keys."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call] # the stubs leave it untyped
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise yaml.constructor.ConstructorError(
                None, None, "anchors and aliases are not allowed", event.start_mark
            )
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise yaml.constructor.ConstructorError(
                None, None, "the document nests too deep", event.start_mark
            )
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key} is not a text", key_node.start_mark
                )
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key} occurs twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def _decimal(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(str(loader.construct_scalar(node)))


def _day(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> date:
    text = str(loader.construct_scalar(node))
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise yaml.constructor.ConstructorError(
            None, None, f"{text} is not a day of the calendar", node.start_mark
        ) from None


_StrictLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:bool", r"^(?:true|false)$", "tf"),
    ("tag:yaml.org,2002:null", r"^(?:null|~|)$", "n~"),
    (_NUMBER, r"^[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$", "-+0123456789"),
    (_DATE, r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "0123456789"),
):
    _StrictLoader.add_implicit_resolver(
        _tag, re.compile(_pattern), list(_first) + ([""] if "null" in _tag else [])
    )
_StrictLoader.add_constructor(_NUMBER, _decimal)
_StrictLoader.add_constructor(_DATE, _day)


def load_yaml(content: bytes, *, file: str) -> Any:
    """The document as dict, list, str, bool, None, Decimal and date.

    Raises:
        Invalid: larger than 1 MB, not UTF-8, not YAML, an alias, a tag, a key that is no text or
            occurs twice, a day that does not exist.
    """
    if len(content) > MAX_BYTES:
        raise _refused("yaml.too_large", "文件超过 1 MB。", "The file is larger than 1 MB.", file)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused(
            "yaml.not_utf8", "文件不是 UTF-8 编码。", "The file is not UTF-8.", file
        ) from None
    try:
        return yaml.load(text, Loader=_StrictLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = None if mark is None else mark.line + 1
        column = None if mark is None else mark.column + 1
        raise _refused(
            "yaml.not_readable",
            f"第 {line or '?'} 行无法读取。",
            f"Line {line or '?'} cannot be read: {error.problem}.",
            file,
            line,
            column,
        ) from None
    except yaml.YAMLError as error:
        raise _refused(
            "yaml.not_readable",
            "文件含有不允许的字符。",
            f"The file cannot be read: {error}",
            file,
        ) from None


def _refused(
    code: str,
    message: str,
    message_en: str,
    file: str,
    line: int | None = None,
    column: int | None = None,
) -> Invalid:
    return Invalid(
        findings=[Finding(code, message, message_en, file=file, line=line, column=column)]
    )
