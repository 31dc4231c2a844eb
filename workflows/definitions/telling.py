"""An explanation as people read it: sentence, numbers put in, clauses by title, parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from workflows.decisions.explanation import Language
from workflows.decisions.sentences import shown
from workflows.definitions.registers import Clause
from workflows.feel import from_json

_WORDS: Final = {
    "zh": {
        "basis": "依据：", "numbers": "所用数值：", "from": "自 {} 起",
        "default": "默认值，尚无本地依据", "joint": "；", "comma": "，", "end": "。",
        "listed": "、", "open": "（", "close": "）",
    },
    "en": {
        "basis": "Basis: ", "numbers": "Numbers used: ", "from": "from {}",
        "default": "default, no local source yet", "joint": "; ", "comma": ", ", "end": ".",
        "listed": ", ", "open": " (", "close": ")",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """What one decision decided, in both languages, with what it rests on.

    `inputs` are the single values that were put in, `clauses` ids, `basis` text and article of
    each, `parameters` as the explanation keeps them.
    """

    decision: str
    name: str
    sentence: Mapping[str, str]
    inputs: tuple[tuple[str, Any], ...]
    result: Any
    clauses: tuple[str, ...]
    basis: tuple[str, ...]
    parameters: tuple[Mapping[str, Any], ...]
    #: whether it lists several values by their names, for want of a sentence of the policy
    plain: bool = False

    def text(self, language: Language) -> str:
        """The sentence alone."""
        return self.sentence.get(language, "")

    def basis_text(self, language: Language) -> str:
        """The clauses as one sentence, empty without any."""
        words = _WORDS[language]
        if not self.basis:
            return ""
        return f"{words['basis']}{words['listed'].join(self.basis)}{words['end']}"

    def numbers(self, language: Language) -> list[str]:
        """Each number that was used, with its first day and whether it is only a default."""
        words = _WORDS[language]
        return [
            _number(used, words, language)
            for used in self.parameters
            if isinstance(from_json(used["value"]), Decimal)
        ]

    def numbers_text(self, language: Language) -> str:
        """The numbers as one sentence, empty without any."""
        words, used = _WORDS[language], self.numbers(language)
        return f"{words['numbers']}{words['joint'].join(used)}{words['end']}" if used else ""

    def whole(self, language: Language) -> str:
        """Sentence, basis and numbers as one paragraph."""
        parts = [self.text(language), self.basis_text(language), self.numbers_text(language)]
        return ("" if language == "zh" else " ").join(part for part in parts if part)

    def to_json(self) -> dict[str, Any]:
        """For programs and the trail."""
        return {
            "decision": self.decision,
            "name": self.name,
            "sentence": dict(self.sentence),
            "inputs": [list(pair) for pair in self.inputs],
            "result": self.result,
            "clauses": list(self.clauses),
            "basis": list(self.basis),
            "parameters": [dict(used) for used in self.parameters],
        }


def told(explanation: Mapping[str, Any], clauses: Mapping[str, Clause]) -> tuple[Told, ...]:
    """What an explanation, as the trail keeps it, tells people; each decision once.

    A sentence also rests on the parameters of the steps before it that say nothing themselves. An
    explanation without any sentence tells the last decision with its name and result.
    """
    steps = [step for step in explanation.get("steps", ()) if step["kind"] == "decision"]
    found = list(_said(steps, clauses))
    if found or not steps:
        return tuple(found)
    last = _told(steps[-1], _plainly(steps[-1]), _distinct(steps), clauses)
    return (replace(last, plain=not _single(last.result)),)


def basis_of(ids: Sequence[str], clauses: Mapping[str, Clause]) -> tuple[str, ...]:
    """Text and article of each clause that the register knows."""
    return tuple(f"{clauses[one].text} {clauses[one].article}" for one in ids if one in clauses)


def _said(steps: Sequence[Mapping[str, Any]], clauses: Mapping[str, Clause]) -> Iterator[Told]:
    silent: list[Mapping[str, Any]] = []
    seen: set[tuple[str, str]] = set()
    for step in steps:
        silent.append(step)
        sentence = step.get("sentence") or {}
        said = (step["id"], sentence.get("zh", ""))
        if sentence and said not in seen:
            seen.add(said)
            yield _told(step, sentence, _distinct(silent), clauses)
            silent = []


def _told(
    step: Mapping[str, Any],
    sentence: Mapping[str, str],
    parameters: tuple[Mapping[str, Any], ...],
    clauses: Mapping[str, Clause],
) -> Told:
    ids = tuple(dict.fromkeys(one for rule in step["rules"] for one in rule["clauses"]))
    return Told(
        decision=step["id"],
        name=step["name"],
        sentence=sentence,
        inputs=tuple((text, value) for text, value in step["inputs"] if _single(value)),
        result=step["result"],
        clauses=ids,
        basis=basis_of(ids, clauses),
        parameters=parameters,
    )


def _single(value: Any) -> bool:
    return not isinstance(from_json(value), dict | list)


def _distinct(steps: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for step in steps:
        for used in step["parameters"]:
            found.setdefault((used["key"], used["valid_from"]), used)
    return tuple(found.values())


def _plainly(step: Mapping[str, Any]) -> Mapping[str, str]:
    """A decision without words of its own, by its name and its result."""
    result = from_json(step["result"])
    return {
        "zh": f"{step['name']}：{_listed(result, 'zh')}。",
        "en": f"{step['id'].replace('_', ' ')}: {_listed(result, 'en')}.",
    }


def _listed(value: Any, language: Language) -> str:
    if isinstance(value, dict):
        joint = "，" if language == "zh" else ", "
        return joint.join(f"{name} = {_listed(part, language)}" for name, part in value.items())
    return shown(value, language)


def _number(used: Mapping[str, Any], words: Mapping[str, str], language: Language) -> str:
    value = from_json(used["value"])
    unit = used["unit"] or ""
    form = "money" if isinstance(value, Decimal) and unit.startswith("元") else ""
    notes = [words["from"].format(used["valid_from"])]
    if used["certainty"] == "default":
        notes.append(words["default"])
    told_value = f"{shown(value, language, form)} {unit}".strip()
    return (
        f"{used['label']} {told_value}{words['open']}{words['comma'].join(notes)}{words['close']}"
    )
