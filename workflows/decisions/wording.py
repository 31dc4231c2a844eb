"""What people call the facts, codes and results of a model: Doudi's own elements in DMN files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from lxml import etree

from workflows.decisions.document import child, line_of, local_name, namespace_of

#: The namespace of Doudi's own elements in decision models.
DOUDI: Final = "urn:doudi:dmn:1"
_LANGUAGES: Final = ("zh", "en")
_ATTRIBUTES: Final = {
    "fact": frozenset({"zh", "en", "unit", "unit_en", "step", "least", "most", "from", "fixed"}),
    "value": frozenset({"of", "zh", "en"}),
    "change": frozenset({"zh", "en"}),
    "item": frozenset({"zh", "en"}),
    "sentence": frozenset({"zh", "en", "when"}),
    "goal": frozenset({"test", "zh", "en"}),
}
#: Says something about an element: code, Chinese, English, element.
Refusal = Callable[[str, str, str, etree._Element], None]


@dataclass(frozen=True, slots=True)
class Words:
    """The same in Chinese and in English; in a template, FEEL stands in braces."""

    zh: str
    en: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class FactWording:
    """What a fact is called and how it can change.

    `step` is the smallest difference of a number, in its unit; `least` and `most` bound it;
    `from_most` tries a missing number from its largest value on. A fixed fact can't be changed by
    anybody. `values` are its codes with their names; `change` says what one has to do, and `item`
    names one item of a list, both as templates.
    """

    name: Words | None = None
    unit: Words | None = None
    step: Decimal | None = None
    least: Decimal | None = None
    most: Decimal | None = None
    from_most: bool = False
    fixed: bool = False
    values: tuple[tuple[str, Words], ...] = ()
    change: Words | None = None
    item: Words | None = None


@dataclass(frozen=True, slots=True)
class Goal:
    """A favourable result: `test` is FEEL over the decision's outputs, `name` what it means."""

    test: str
    name: Words
    line: int = 0


@dataclass(frozen=True, slots=True)
class DecisionWording:
    """What a decision tells people: a sentence, goals, and what its result is called.

    The sentence is said when the FEEL in `when`, if there is any, is true. With `fact` the result
    itself may be taken for given when it is asked what would change.
    """

    sentence: Words | None = None
    when: str = ""
    goals: tuple[Goal, ...] = ()
    fact: FactWording | None = None
    values: tuple[tuple[str, Words], ...] = ()


NOTHING: Final = DecisionWording()


def read_fact(part: etree._Element, report: Refusal) -> FactWording | None:
    """What an item component, input or decision says of itself as a fact."""
    found = next(_own(part, "fact", report), None)
    if found is None:
        return None
    unit = found.get("unit")
    first = found.get("from", "least")
    if first not in {"least", "most"}:
        report("dmn.wording", f"from 不能是 {first}。", f"from cannot be {first}.", found)
    fixed = found.get("fixed", "false")
    if fixed not in {"true", "false"}:
        report("dmn.wording", f"fixed 不能是 {fixed}。", f"fixed cannot be {fixed}.", found)
    if (unit is None) != (found.get("unit_en") is None):
        report(
            "dmn.wording_language", "单位须有中文和英文。", "A unit needs both languages.", found
        )
    step = _number(found, "step", report)
    if step is not None and step <= 0:
        report("dmn.wording", "step 须大于零。", "A step is greater than zero.", found)
        step = None
    return FactWording(
        name=_words(found, report) if {"zh", "en"} & set(found.attrib) else None,
        unit=None if unit is None else Words(unit, found.get("unit_en", unit)),
        step=step,
        least=_number(found, "least", report),
        most=_number(found, "most", report),
        from_most=first == "most",
        fixed=fixed == "true",
        values=_values(found, report),
        change=_first_words(found, "change", report),
        item=_first_words(found, "item", report),
    )


def read_decision(part: etree._Element, report: Refusal) -> DecisionWording:
    """What a decision tells people beside its rows."""
    goals = tuple(
        Goal(found.get("test", ""), _words(found, report), line_of(found))
        for found in _own(part, "goal", report)
    )
    said = next(_own(part, "sentence", report), None)
    wording = DecisionWording(
        sentence=None if said is None else _words(said, report),
        when="" if said is None else said.get("when", ""),
        goals=goals,
        fact=read_fact(part, report),
        values=_values_of(part, report),
    )
    return NOTHING if wording == NOTHING else wording


def check_own(part: etree._Element, report: Refusal) -> None:
    """Report elements of Doudi's namespace that nothing knows, and attributes of theirs."""
    for found in _extensions(part):
        for one in found.iter():
            if namespace_of(one) != DOUDI:
                continue
            name = local_name(one)
            if name not in _ATTRIBUTES:
                report("dmn.wording", f"不认识的元素 {name}。", f"Unknown element {name}.", one)
                continue
            for extra in sorted({str(key) for key in one.attrib} - _ATTRIBUTES[name]):
                report(
                    "dmn.wording",
                    f"{name} 没有属性 {extra}。",
                    f"{name} has no attribute {extra}.",
                    one,
                )


def _extensions(part: etree._Element) -> Iterator[etree._Element]:
    box = child(part, "extensionElements")
    for found in () if box is None else box:
        if namespace_of(found) == DOUDI:
            yield found


def _own(part: etree._Element, name: str, report: Refusal) -> Iterator[etree._Element]:
    if name == "fact":
        check_own(part, report)
    return (found for found in _extensions(part) if local_name(found) == name)


def _inner(part: etree._Element, name: str) -> Iterator[etree._Element]:
    for found in part:
        if namespace_of(found) == DOUDI and local_name(found) == name:
            yield found


def _words(part: etree._Element, report: Refusal) -> Words:
    missing = [language for language in _LANGUAGES if not (part.get(language) or "").strip()]
    if missing:
        report(
            "dmn.wording_language",
            f"{local_name(part)} 须有中文（zh）和英文（en），缺 {'、'.join(missing)}。",
            f"{local_name(part)} needs Chinese (zh) and English (en); missing: "
            f"{', '.join(missing)}.",
            part,
        )
    return Words(part.get("zh", ""), part.get("en", ""), line_of(part))


def _first_words(part: etree._Element, name: str, report: Refusal) -> Words | None:
    return next((_words(found, report) for found in _inner(part, name)), None)


def _values(part: etree._Element, report: Refusal) -> tuple[tuple[str, Words], ...]:
    return tuple((one.get("of", ""), _words(one, report)) for one in _inner(part, "value"))


def _values_of(part: etree._Element, report: Refusal) -> tuple[tuple[str, Words], ...]:
    return tuple(
        (one.get("of", ""), _words(one, report))
        for one in _extensions(part)
        if local_name(one) == "value"
    )


def _number(part: etree._Element, name: str, report: Refusal) -> Decimal | None:
    text = part.get(name)
    if text is None:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        report("dmn.wording", f"{name} 不是数：{text}。", f"{name} is no number: {text}.", part)
        return None
    return number
