"""The inputs that fuzzing begins with: the policy's own texts, the tests' texts, drawn ones."""

from __future__ import annotations

import ast
import copy
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lxml import etree

from scripts.feelin.texts import Texts
from workflows.decisions.document import hardened_root, local_name
from workflows.feel import BUILT_IN_FUNCTIONS
from workflows.feel.parser.cursor import KEYWORDS

_ROOT: Final = Path(__file__).parents[2]
_LONGEST_TEXT: Final = 600
_LONGEST_DOCUMENT: Final = 8_000
_DRAWN: Final = 300
_SYMBOLS: Final = (
    "..", "**", "!=", "<=", ">=", "->", "@\"", "\\u0041", "instance of", "external", "list<",
    "range<", "context<", "function(", "{a: ", "P1D", "P1Y", "2026-01-01", "T10:00:00",
    "@Asia/Shanghai", "item", "partial", "?", "//", "/*", "*/",
)  # fmt: skip
_TAGS: Final = (
    "definitions", "decision", "decisionTable", "input", "output", "rule", "inputEntry",
    "outputEntry", "text", "literalExpression", "context", "contextEntry", "variable", "relation",
    "list", "invocation", "binding", "businessKnowledgeModel", "encapsulatedLogic", "for", "some",
    "every", "filter", "conditional", "itemDefinition", "itemComponent", "typeRef", "hitPolicy",
    "aggregation", "isCollection", "allowedValues", "decisionService", "href", "requiredInput",
)  # fmt: skip


def write_seeds(folder: Path, target: str) -> int:
    """Write the first corpus of a target and its dictionary; gives the number of inputs."""
    folder.mkdir(parents=True, exist_ok=True)
    found = set(_documents() if target == "document" else _texts())
    for content in found:
        (folder / hashlib.sha256(content).hexdigest()[:24]).write_bytes(content)
    words = _TAGS if target == "document" else (*KEYWORDS, *BUILT_IN_FUNCTIONS, *_SYMBOLS)
    lines = ["".join(f"\\x{byte:02x}" for byte in word.encode()) for word in words]
    folder.with_suffix(".dict").write_text("".join(f'"{line}"\n' for line in lines), "ascii")
    return len(found)


def _texts() -> Iterator[bytes]:
    for file in sorted((_ROOT / "bpmn").rglob("*.dmn")):
        for part in hardened_root(file.read_bytes(), file=file.name).iter():
            if local_name(part) == "text" and part.text and len(part.text) <= _LONGEST_TEXT:
                yield part.text.encode()
    for file in sorted((_ROOT / "tests" / "feel").glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value[:_LONGEST_TEXT].encode("utf-8", "ignore")
    drawn = Texts(1)
    for _ in range(_DRAWN):
        yield drawn.draw().encode()


def _documents() -> Iterator[bytes]:
    """Each decision of the policy in a document of its own, with the types that it may name."""
    for file in sorted((_ROOT / "bpmn").rglob("*.dmn")):
        root = hardened_root(file.read_bytes(), file=file.name)
        for part in root:
            if local_name(part) in ("decision", "businessKnowledgeModel", "itemDefinition"):
                alone = copy.copy(root)
                for other in list(alone):
                    alone.remove(other)
                alone.append(copy.deepcopy(part))
                content = etree.tostring(alone)
                if len(content) <= _LONGEST_DOCUMENT:
                    yield content
