"""Questions to the policy without a case: what a decision gives on a day, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Final

from workflows.calendar import LOCAL_ZONE
from workflows.decisions import DecisionResult, ParameterTable, ParameterValue
from workflows.decisions.catalogue import Entry, Fact, catalogue_entry, read_facts
from workflows.decisions.what_if import WhatIf
from workflows.definitions.asking import ask_decision, ask_what_if
from workflows.definitions.packs import Pack, PickingDate
from workflows.definitions.policy import Policy
from workflows.errors import Finding, Invalid, NotFound
from workflows.feel import Value

_KINDS: Final[Mapping[str, type]] = {
    "number": Decimal, "string": str, "boolean": bool, "date": date, "list": list, "context": dict,
}  # fmt: skip
#: So many facts that were not given are named in a refusal.
_MOST_NAMED: Final = 20


@dataclass(frozen=True, slots=True)
class Reply:
    """What a decision gives: `packs` are in force on the day, the newest last.

    `what_if` is None unless it was asked for.
    """

    entry: Entry
    on: date
    result: DecisionResult
    parameters: tuple[ParameterValue, ...]
    packs: tuple[Pack, ...]
    picked: PickingDate | None
    what_if: tuple[WhatIf, ...] | None = None

    @property
    def rests_on_defaults(self) -> bool:
        """Whether a value that was read has no source of the place."""
        return any(used.certainty == "default" for used in self.parameters)


def reply_to(
    policy: Policy,
    key: str,
    given: object,
    *,
    on: date,
    changes: Mapping[str, Any] | None = None,
    place: str = "",
    what_if: bool = False,
) -> Reply:
    """A decision by its key or name for facts as YAML or JSON give them; the law is that of `on`.

    `changes` sets parameters to another value on every day: what would hold under another answer
    to an open question. `place` goes before the fields of findings. `what_if` asks besides what
    would change an unfavourable result.

    Raises:
        NotFound: `decision.unknown`, `parameter.unknown`.
        Invalid: `facts.invalid`, `parameter.no_value`, or the decision has no result; a finding
            `facts.not_given` names the facts that were not given.
    """
    entry = catalogue_entry(policy.decisions, key)
    facts = read_facts(entry, given, on=on, place=place)
    law = replace(policy, parameters=changed_parameters(policy.parameters, changes or {}))
    # A rule is asked as of a day; noon keeps that day in every zone of the country.
    noon = datetime.combine(on, time(12), tzinfo=LOCAL_ZONE)
    try:
        result, recorder = ask_decision(law, entry.key, facts, on, noon)
        found = ask_what_if(law, entry.key, facts, on, noon) if what_if else None
    except Invalid as error:
        missing = tuple(_not_given(entry.inputs, facts, place))
        if not missing or not error.code.startswith("decision."):
            raise
        raise type(error)(
            error.code,
            error.message,
            error.message_en,
            details=error.details,
            findings=[*error.findings, _missing(missing)],
        ) from error
    return Reply(
        entry,
        on,
        result,
        tuple(recorder.uses),
        policy.packs.in_force(on),
        policy.packs.picking_date(entry.key),
        found,
    )


def changed_parameters(table: ParameterTable, changes: Mapping[str, Any]) -> ParameterTable:
    """The parameters with some at another value on all days, marked as supposed.

    Raises:
        NotFound: `parameter.unknown`.
        Invalid: `parameter.wrong_type` for a value of another type.
    """
    changed = dict(table.parameters)
    for key, value in changes.items():
        found = changed.get(key)
        if found is None:
            near = get_close_matches(key, changed, n=1)
            hint = (f"是不是 {near[0]}？", f" Did you mean {near[0]}?") if near else ("", "")
            raise NotFound(
                "parameter.unknown",
                f"没有参数 {key}。{hint[0]}",
                f"There is no parameter {key}.{hint[1]}",
            )
        if type(value) is not _KINDS.get(found.type):
            raise Invalid(
                "parameter.wrong_type",
                f"参数 {key} 的值应为 {found.type}。",
                f"The parameter {key} takes a {found.type}.",
            )
        supposed = replace(
            found.entries[0],
            value=value,
            valid_from=date.min,
            valid_until=None,
            certainty="default",
            note="假设的值",
        )
        changed[key] = replace(found, entries=(supposed,))
    return ParameterTable(changed)


def _not_given(facts: tuple[Fact, ...], given: Mapping[str, Value], place: str) -> Iterator[str]:
    """The paths of facts that are null, items of a list by their number."""
    for fact in facts:
        value, path = given.get(fact.name), f"{place}.{fact.name}".strip(".")
        if value is None:
            yield path
        elif fact.parts and isinstance(value, Mapping):
            yield from _not_given(fact.parts, value, path)
        elif fact.parts and isinstance(value, list):
            for position, item in enumerate(value, 1):
                if isinstance(item, Mapping):
                    yield from _not_given(fact.parts, item, f"{path}.{position}")


def _missing(paths: tuple[str, ...]) -> Finding:
    shown = paths[:_MOST_NAMED]
    more = len(paths) - len(shown)
    return Finding(
        "facts.not_given",
        f"没有给出的有：{'、'.join(shown)}" + (f"等{len(paths)}项。" if more else "。"),
        f"Not given: {', '.join(shown)}" + (f" and {more} more." if more else "."),
    )
