"""Text to tokens (DMN 1.5, 10.3.1.2, grammar rules 21 to 40 and 63 to 66)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from workflows.feel.errors import FeelSyntaxError
from workflows.feel.limits import MAX_TEXT

_MAX_NUMBER: Final = 7_000


class Kind(Enum):
    """What a token is."""

    NAME = "name"
    NUMBER = "number"
    STRING = "string"
    SYMBOL = "symbol"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """A token; `text` of a string is its value. `spaced` says that white space comes before."""

    kind: Kind
    text: str
    start: int
    end: int
    spaced: bool


_START: Final = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff"
    "\u200c\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufefe\uff00-\ufffd"
    "\U00010000-\U000effff"
)
_NAME: Final = re.compile(f"[?{_START}][{_START}0-9\u00b7\u0300-\u036f\u203f-\u2040]*")
_NAME_PART: Final = re.compile(f"[?{_START}0-9\u00b7\u0300-\u036f\u203f-\u2040]")
_WIDE: Final = re.compile("[^\u200b\ufeff]")
_NUMBER: Final = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_SYMBOL: Final = re.compile(r"\.\.|\*\*|!=|<=|>=|->|[][(){}<>=,:.+\-*/'@]")
_SPACE: Final = re.compile(
    "(?:[\t-\r \x85\u00a0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]"
    r"|//[^\n\r\u2028\u2029]*|/\*(?:[^*]|\*(?!/))*\*/)+"
)
_PLAIN: Final = re.compile(r'[^"\\\n\r]+')
_BIDI: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
_ESCAPES: Final = {
    '"': '"',
    "'": "'",
    "\\": "\\",
    "n": "\n",
    "r": "\r",
    "t": "\t",
}
_UNICODE: Final = re.compile(r"u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})")


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both from 1."""
    line_start = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset) + 1, offset - line_start + 1


def syntax_error(text: str, offset: int, code: str, **details: object) -> FeelSyntaxError:
    """A syntax error at an offset."""
    line, column = position(text, offset)
    return FeelSyntaxError(code, line, column, **details)


def shown(character: str) -> str:
    """A character for a message: itself when it can be seen, with its code point."""
    code_point = f"U+{ord(character):04X}"
    return f"“{character}” ({code_point})" if character.isprintable() else code_point


def _read_string(text: str, start: int) -> tuple[str, int]:
    parts: list[str] = []
    at = start + 1
    while at < len(text):
        character = text[at]
        if character == '"':
            value = "".join(parts)
            return _join_surrogates(value), at + 1
        if character == "\\":
            piece, at = _read_escape(text, at)
            parts.append(piece)
            continue
        if character in "\n\r":
            parts.append(character)
            at += 1
            continue
        found = _PLAIN.match(text, at)
        if found is None:
            break
        parts.append(found[0])
        at = found.end()
    raise syntax_error(text, start, "unclosed_string")


def _read_escape(text: str, at: int) -> tuple[str, int]:
    following = text[at + 1 : at + 2]
    if following in _ESCAPES and following:
        return _ESCAPES[following], at + 2
    found = _UNICODE.match(text, at + 1)
    if found is not None:
        code_point = int(found[1] or found[2], 16)
        if code_point <= 0x10FFFF:
            return chr(code_point), found.end()
        raise syntax_error(text, at, "bad_escape", found=text[at : found.end()])
    # A backslash before another character stands for itself, as patterns like "\d" need it.
    return "\\", at + 1


def _join_surrogates(value: str) -> str:
    if not any("\ud800" <= character <= "\udfff" for character in value):
        return value
    return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _refuse_hidden_space(text: str, space: re.Match[str]) -> None:
    """White space of no width (grammar rule 61) must not make two words look like one."""
    words = _NAME_PART.match(text, space.start() - 1) if space.start() else None
    if words and not _WIDE.search(space[0]) and _NAME_PART.match(text, space.end()):
        raise syntax_error(
            text, space.start(), "invisible_character", found=shown(text[space.start()])
        )


def _refuse_invisible(text: str, token: str, start: int) -> None:
    found = _INVISIBLE.search(token)
    if found is not None:
        raise syntax_error(
            text, start + found.start(), "invisible_character", found=shown(found[0])
        )


def scan(text: str) -> list[Token]:
    """The tokens of a text, the last one of kind END. Raises: FeelSyntaxError."""
    if len(text) > MAX_TEXT:
        raise syntax_error(text, MAX_TEXT, "text_too_long", limit=MAX_TEXT)
    bidi = _BIDI.search(text)
    if bidi is not None:
        raise syntax_error(text, bidi.start(), "invisible_character", found=shown(bidi[0]))
    tokens: list[Token] = []
    at = 0
    spaced = False
    while True:
        space = _SPACE.match(text, at)
        if space is not None:
            _refuse_hidden_space(text, space)
            at, spaced = space.end(), True
        if at >= len(text):
            tokens.append(Token(Kind.END, "", len(text), len(text), spaced))
            return tokens
        token = _next_token(text, at, spaced)
        tokens.append(token)
        at, spaced = token.end, False


def _next_token(text: str, at: int, spaced: bool) -> Token:
    if text[at] == '"':
        value, end = _read_string(text, at)
        return Token(Kind.STRING, value, at, end, spaced)
    found = _NUMBER.match(text, at)
    if found is not None:
        if found.end() - at > _MAX_NUMBER:
            raise syntax_error(text, at, "number_too_long", limit=_MAX_NUMBER)
        return Token(Kind.NUMBER, found[0], at, found.end(), spaced)
    found = _NAME.match(text, at)
    if found is not None:
        _refuse_invisible(text, found[0], at)
        return Token(Kind.NAME, found[0], at, found.end(), spaced)
    if text.startswith("/*", at):
        raise syntax_error(text, at, "unclosed_comment")
    found = _SYMBOL.match(text, at)
    if found is not None:
        return Token(Kind.SYMBOL, found[0], at, found.end(), spaced)
    _refuse_invisible(text, text[at], at)
    raise syntax_error(text, at, "unexpected_character", found=shown(text[at]))
