"""Character classes of XPath patterns (XML Schema part 2, appendix G)."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Final, TypeAlias

Predicate: TypeAlias = Callable[[str], bool]

CATEGORIES: Final = frozenset(
    group + detail
    for group, details in (
        ("L", "ultmo"),
        ("M", "nce"),
        ("N", "dlo"),
        ("P", "cdseifo"),
        ("Z", "slp"),
        ("S", "mcko"),
        ("C", "cfon"),
    )
    for detail in ("", *details)
)
BLOCKS: Final[dict[str, tuple[int, int]]] = {
    "BasicLatin": (0x0000, 0x007F),
    "Latin-1Supplement": (0x0080, 0x00FF),
    "LatinExtended-A": (0x0100, 0x017F),
    "LatinExtended-B": (0x0180, 0x024F),
    "IPAExtensions": (0x0250, 0x02AF),
    "SpacingModifierLetters": (0x02B0, 0x02FF),
    "CombiningDiacriticalMarks": (0x0300, 0x036F),
    "GreekandCoptic": (0x0370, 0x03FF),
    "Greek": (0x0370, 0x03FF),
    "Cyrillic": (0x0400, 0x04FF),
    "Armenian": (0x0530, 0x058F),
    "Hebrew": (0x0590, 0x05FF),
    "Arabic": (0x0600, 0x06FF),
    "Devanagari": (0x0900, 0x097F),
    "Thai": (0x0E00, 0x0E7F),
    "Tibetan": (0x0F00, 0x0FFF),
    "HangulJamo": (0x1100, 0x11FF),
    "Mongolian": (0x1800, 0x18AF),
    "LatinExtendedAdditional": (0x1E00, 0x1EFF),
    "GreekExtended": (0x1F00, 0x1FFF),
    "GeneralPunctuation": (0x2000, 0x206F),
    "SuperscriptsandSubscripts": (0x2070, 0x209F),
    "CurrencySymbols": (0x20A0, 0x20CF),
    "LetterlikeSymbols": (0x2100, 0x214F),
    "NumberForms": (0x2150, 0x218F),
    "Arrows": (0x2190, 0x21FF),
    "MathematicalOperators": (0x2200, 0x22FF),
    "MiscellaneousTechnical": (0x2300, 0x23FF),
    "EnclosedAlphanumerics": (0x2460, 0x24FF),
    "BoxDrawing": (0x2500, 0x257F),
    "GeometricShapes": (0x25A0, 0x25FF),
    "MiscellaneousSymbols": (0x2600, 0x26FF),
    "Dingbats": (0x2700, 0x27BF),
    "CJKRadicalsSupplement": (0x2E80, 0x2EFF),
    "KangxiRadicals": (0x2F00, 0x2FDF),
    "CJKSymbolsandPunctuation": (0x3000, 0x303F),
    "Hiragana": (0x3040, 0x309F),
    "Katakana": (0x30A0, 0x30FF),
    "Bopomofo": (0x3100, 0x312F),
    "EnclosedCJKLettersandMonths": (0x3200, 0x32FF),
    "CJKCompatibility": (0x3300, 0x33FF),
    "CJKUnifiedIdeographsExtensionA": (0x3400, 0x4DBF),
    "CJKUnifiedIdeographs": (0x4E00, 0x9FFF),
    "YiSyllables": (0xA000, 0xA48F),
    "HangulSyllables": (0xAC00, 0xD7AF),
    "PrivateUseArea": (0xE000, 0xF8FF),
    "CJKCompatibilityIdeographs": (0xF900, 0xFAFF),
    "AlphabeticPresentationForms": (0xFB00, 0xFB4F),
    "ArabicPresentationForms-A": (0xFB50, 0xFDFF),
    "CJKCompatibilityForms": (0xFE30, 0xFE4F),
    "SmallFormVariants": (0xFE50, 0xFE6F),
    "HalfwidthandFullwidthForms": (0xFF00, 0xFFEF),
    "CJKUnifiedIdeographsExtensionB": (0x20000, 0x2A6DF),
}


@lru_cache(maxsize=4096)
def variants(character: str) -> tuple[str, ...]:
    """A character and its other cases."""
    cases = {character, character.lower(), character.upper(), character.casefold()}
    cases |= {case.upper() for case in tuple(cases)}
    return tuple(case for case in cases if len(case) == 1)


def interval(low: str, high: str, *, fold: bool) -> Predicate:
    """The characters from low to high, in any case when `fold`."""
    if not fold:
        if low == high:
            return low.__eq__
        return lambda character: low <= character <= high
    return lambda character: any(low <= case <= high for case in variants(character))


def negated(predicate: Predicate) -> Predicate:
    """The other characters."""
    return lambda character: not predicate(character)


def any_of(predicates: list[Predicate]) -> Predicate:
    """The characters of several classes."""
    if len(predicates) == 1:
        return predicates[0]
    return lambda character: any(predicate(character) for predicate in predicates)


def category(name: str) -> Predicate | None:
    r"""The class of `\p{name}`, None when there is none."""
    if name.startswith("Is"):
        block = BLOCKS.get(name[2:])
        if block is None:
            return None
        low, high = block
        return lambda character: low <= ord(character) <= high
    if name not in CATEGORIES:
        return None
    return lambda character: unicodedata.category(character).startswith(name)


def _is_space(character: str) -> bool:
    return character in " \t\n\r"


def _is_word(character: str) -> bool:
    return unicodedata.category(character)[0] not in "PZC"


def _is_initial(character: str) -> bool:
    return character in "_:" or unicodedata.category(character) in ("Lu", "Ll", "Lt", "Lo", "Nl")


def _is_name(character: str) -> bool:
    return (
        character in "_:-.\u00b7"
        or unicodedata.category(character)[0] in "LM"
        or unicodedata.category(character) in ("Nd", "Nl")
    )


def _is_digit(character: str) -> bool:
    return unicodedata.category(character) == "Nd"


SHORTHANDS: Final[dict[str, Predicate]] = {
    "s": _is_space,
    "S": negated(_is_space),
    "i": _is_initial,
    "I": negated(_is_initial),
    "c": _is_name,
    "C": negated(_is_name),
    "d": _is_digit,
    "D": negated(_is_digit),
    "w": _is_word,
    "W": negated(_is_word),
}
SINGLES: Final = {"n": "\n", "r": "\r", "t": "\t"} | {
    character: character for character in "\\|.?*+(){}-[]^$"
}
