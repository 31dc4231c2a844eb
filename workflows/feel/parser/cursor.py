"""A place in the tokens, and the names that are known there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final, TypeAlias

from workflows.feel.errors import FeelSyntaxError
from workflows.feel.limits import MAX_NESTING
from workflows.feel.nodes import Node
from workflows.feel.scanner import Kind, Token, scan, shown, syntax_error

KEYWORDS: Final = frozenset(
    (
        *("if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "between"),
        *("and", "or", "instance", "true", "false", "null", "function"),
    )
)
#: Symbols that a name may contain beside letters and digits (grammar rule 30).
NAME_SYMBOLS: Final = frozenset(("+", "-", "*", "/", "**", ".", "'"))

#: Names by their first token: (texts of all tokens, whole name).
NameTable: TypeAlias = dict[str, list[tuple[tuple[str, ...], str]]]


@lru_cache(maxsize=4096)
def name_parts(name: str) -> tuple[str, ...]:
    """A name as its tokens, which alone tell names apart (10.3.1.4); empty if it is none."""
    try:
        tokens = scan(name)[:-1]
    except FeelSyntaxError:
        return ()
    if not tokens or tokens[0].kind is not Kind.NAME:
        return ()
    return tuple(token.text for token in tokens)


def name_table(names: Iterable[str]) -> NameTable:
    """A table for longest match; names that no text can hold are left out."""
    table: NameTable = {}
    for name in names:
        parts = name_parts(name)
        if parts:
            table.setdefault(parts[0], []).append((parts, name))
    return table


class Cursor:
    """Tokens, a position among them and the names in scope."""

    __slots__ = ("at", "depth", "expression", "keys", "locals", "names", "text", "tokens")

    def __init__(self, text: str, names: NameTable, expression: Callable[[Cursor], Node]) -> None:
        self.text = text
        self.tokens = scan(text)
        self.at = 0
        self.depth = 0
        self.names = names
        #: Names of variables and parameters of the text, innermost last.
        self.locals: list[NameTable] = []
        #: Keys of contexts read so far; they may follow a dot.
        self.keys: NameTable = {}
        self.expression = expression

    @property
    def token(self) -> Token:
        """The token at the cursor."""
        return self.tokens[self.at]

    def peek(self, ahead: int = 1) -> Token:
        """A later token, or the last one."""
        return self.tokens[min(self.at + ahead, len(self.tokens) - 1)]

    def is_symbol(self, *texts: str) -> bool:
        """Whether the cursor is on one of these symbols."""
        token = self.token
        return token.kind is Kind.SYMBOL and token.text in texts

    def is_word(self, *texts: str) -> bool:
        """Whether the cursor is on one of these words."""
        token = self.token
        return token.kind is Kind.NAME and token.text in texts

    def accept(self, text: str) -> bool:
        """Step over a symbol or word if the cursor is on it."""
        token = self.token
        if token.text == text and token.kind in (Kind.SYMBOL, Kind.NAME):
            self.at += 1
            return True
        return False

    def another(self, closing: str) -> bool:
        """Step over a comma. Raises: FeelSyntaxError when the list ends right after it."""
        if not self.accept(","):
            return False
        if self.is_symbol(closing):
            raise self.unexpected("another part after the comma", "逗号之后的内容")
        return True

    def expect(self, text: str) -> Token:
        """Step over a symbol or word. Raises: FeelSyntaxError when it is not there."""
        token = self.token
        if not self.accept(text):
            raise self.unexpected(f"“{text}”", f"“{text}”")
        return token

    def unexpected(self, expected: str, expected_zh: str) -> FeelSyntaxError:
        """The error of a token that doesn't fit."""
        token = self.token
        if token.kind is Kind.END:
            found = ""
        elif token.kind is Kind.STRING:
            found = f'"{token.text[:40]}"'
        else:
            found = shown(token.text) if len(token.text) == 1 else f"“{token.text[:40]}”"
        return syntax_error(
            self.text,
            token.start,
            "unexpected_token",
            found=found or "the end",
            found_zh=found or "结尾",
            expected=expected,
            expected_zh=expected_zh,
        )

    def error(self, offset: int, code: str, **details: object) -> FeelSyntaxError:
        """A syntax error at an offset."""
        return syntax_error(self.text, offset, code, **details)

    def enter(self) -> None:
        """Go one level deeper. Raises: FeelSyntaxError beyond the limit."""
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise self.error(self.token.start, "nested_too_deep", limit=MAX_NESTING)

    def leave(self) -> None:
        """Come one level back."""
        self.depth -= 1

    def declare(self, names: Iterable[str]) -> None:
        """Open a scope with local names."""
        self.locals.append(name_table(names))

    def forget(self) -> None:
        """Close the innermost scope."""
        self.locals.pop()

    def _longest(self, tables: Iterable[NameTable]) -> tuple[int, str] | None:
        token = self.token
        if token.kind is not Kind.NAME:
            return None
        best: tuple[int, str] | None = None
        for table in tables:
            for parts, name in table.get(token.text, ()):
                if (best is None or len(parts) > best[0]) and self._matches(parts):
                    best = (len(parts), name)
        return best

    def _matches(self, parts: tuple[str, ...]) -> bool:
        tokens = self.tokens
        if self.at + len(parts) >= len(tokens):
            return False
        for ahead in range(1, len(parts)):
            token = tokens[self.at + ahead]
            if token.text != parts[ahead] or token.kind is Kind.STRING:
                return False
        return True

    def _greedy(self, length: int) -> tuple[int, str]:
        """Extend over words that follow one another, which no other rule allows."""
        end = self.at + length
        while self.tokens[end].kind is Kind.NAME and self.tokens[end].text not in KEYWORDS:
            end += 1
        words = [token.text for token in self.tokens[self.at : end]]
        return end - self.at, " ".join(words)

    def name(self) -> tuple[str, bool]:
        """The longest name at the cursor and whether it was known. Raises: FeelSyntaxError."""
        token = self.token
        best = self._longest((*self.locals, self.names))
        if best is not None and (best[0] > 1 or token.text not in KEYWORDS):
            following = self.tokens[self.at + best[0]]
            if following.kind is not Kind.NAME or following.text in KEYWORDS:
                self.at += best[0]
                return best[1], True
        if token.kind is not Kind.NAME or token.text in KEYWORDS:
            raise self.unexpected("a value", "一个值")
        length, name = self._greedy(1)
        self.at += length
        return name, False

    def property_name(self) -> str:
        """The name after a dot. Raises: FeelSyntaxError."""
        if self.token.kind is not Kind.NAME:
            raise self.unexpected("the name of a property", "属性名")
        best = self._longest((self.keys, *self.locals, self.names))
        length, name = self._greedy(1)
        if best is not None and best[0] > length:
            length, name = best
        self.at += length
        return name

    def declared_name(self, *stops: str) -> str | None:
        """A name that ends before one of `stops`; None, without moving, if there is none."""
        end = self.at
        tokens = self.tokens
        if tokens[end].kind is not Kind.NAME:
            return None
        while True:
            token = tokens[end]
            if token.text in stops and token.kind is not Kind.STRING and end > self.at:
                break
            named = token.kind in (Kind.NAME, Kind.NUMBER)
            if not named and not (token.kind is Kind.SYMBOL and token.text in NAME_SYMBOLS):
                return None
            end += 1
        name = spelled(tokens[self.at : end])
        self.at = end
        return name


def spelled(tokens: list[Token]) -> str:
    """The name that tokens spell, with white space shortened to single spaces."""
    return "".join(
        (" " if token.spaced and n else "") + token.text for n, token in enumerate(tokens)
    )
