"""Whether the templates that name facts and changes can be filled in."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.decisions.linking import LinkedModel
from workflows.decisions.model import Decision, InputData, ItemDefinition
from workflows.decisions.sentences import pieces
from workflows.decisions.wording import FactWording, Words
from workflows.errors import Finding
from workflows.feel import FeelSyntaxError, compile_expression

#: What the template of a change sees: the value before and after, the fact's name, the new value
#: as it is told.
CHANGE_NAMES = frozenset({"old", "new", "name", "told"})


def wording_findings(linked: LinkedModel) -> Iterator[Finding]:
    """A finding for each template of a fact with wrong braces, wrong FEEL or an unknown name."""
    for item in linked.definitions.types.values():
        yield from _item_findings(linked, item, item.name)
    for element in linked.definitions.elements.values():
        wording = None
        if isinstance(element, InputData):
            wording = element.wording
        elif isinstance(element, Decision):
            wording = element.wording.fact
        if wording is not None:
            yield from _fact_findings(linked, wording, frozenset(), element.id)


def _item_findings(linked: LinkedModel, item: ItemDefinition, owner: str) -> Iterator[Finding]:
    if item.wording is not None:
        inner = linked.definitions.types.get(item.type_ref or "")
        parts = item.components or (() if inner is None else inner.components)
        names = frozenset(part.name for part in parts)
        yield from _fact_findings(linked, item.wording, names, owner)
    for part in item.components:
        yield from _item_findings(linked, part, f"{owner}.{part.name}")


def _fact_findings(
    linked: LinkedModel, wording: FactWording, components: frozenset[str], owner: str
) -> Iterator[Finding]:
    yield from _words_findings(linked, wording.change, CHANGE_NAMES, owner)
    yield from _words_findings(linked, wording.item, components | {"at"}, owner)


def _words_findings(
    linked: LinkedModel, words: Words | None, names: frozenset[str], owner: str
) -> Iterator[Finding]:
    for text in () if words is None else (words.zh, words.en):
        try:
            for piece in pieces(text):
                unknown = (
                    sorted(compile_expression(piece.text, names).free_names - names)
                    if piece.is_code
                    else ()
                )
                for name in unknown:
                    yield _finding(
                        linked, words, owner, "feel.unknown_name",
                        f"名称“{name}”没有定义", f"nothing defines the name “{name}”",
                    )  # fmt: skip
        except FeelSyntaxError as error:
            yield _finding(
                linked, words, owner, f"feel.{error.code}", error.message_zh, error.message
            )
        except ValueError as error:
            yield _finding(
                linked, words, owner, "dmn.template",
                f"说明文字的花括号有误：{error}", f"the braces of a sentence are wrong: {error}",
            )  # fmt: skip


def _finding(
    linked: LinkedModel, words: Words | None, owner: str, code: str, message: str, message_en: str
) -> Finding:
    return Finding(
        code,
        f"{owner}：{message}。",
        f"{owner}: {message_en}.",
        file=linked.definitions.file,
        element=owner,
        line=None if words is None else words.line,
    )
