"""What a posting in public shows: exactly the fields that the table of contents allows."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from models.postings import NAME
from workflows.assistance.context import OperationContext
from workflows.definitions.answering import answer
from workflows.definitions.policy import Policy
from workflows.errors import Fault, Invalid
from workflows.feel import to_json

CONTENT: Final = "publicity_content"
CHECK: Final = "publicity_check"
DAYS: Final = "publicity_days"
#: The signs of a code: no vowels and nothing that looks like something else.
_SIGNS: Final = "23456789BCDFGHJKMNPQRSTVWXZ"
CODE_LENGTH: Final = 12


@dataclass(frozen=True, slots=True)
class Lawful:
    """What the law lets a kind of posting show on a day. `reasons` are for the trail."""

    kind: str
    on: date
    fields: tuple[str, ...]
    #: given names are hidden
    masked: bool
    #: whether anything is posted at all
    publish: bool
    reasons: tuple[Mapping[str, Any], ...]


def lawful_fields(
    law: Policy, kind: str, on: date, *, now: datetime, privacy_harm: bool = False
) -> Lawful:
    """The fields of a kind of posting (57 号 24; 社会救助法 11), by the table of a day.

    Raises:
        DecisionError: for a kind that the table doesn't know.
    """
    notice = {"kind": kind, "privacy_harm": privacy_harm}
    found = answer(law, CONTENT, {"on": on, "notice": notice}, on, now)
    value = found.result.outputs
    return Lawful(
        kind, on, tuple(value["fields"]), bool(value["masked"]), bool(value["publish"]),
        (found.to_json(),),
    )  # fmt: skip


def lawful_content(lawful: Lawful, known: Mapping[str, Any]) -> dict[str, Any]:
    """Of what is known, exactly the lawful fields; the name stays with the household.

    Raises:
        Invalid: `publicity_forbidden` where the table says that nothing is posted.
        Fault: `publicity_field_missing` for a lawful field that isn't known.
    """
    if not lawful.publish:
        raise Invalid(
            "publicity_forbidden",
            "按规定这种情形不公示。",
            "By the rules this isn't made public.",
        )
    wanted = [field for field in lawful.fields if field != NAME]
    missing = [field for field in wanted if field not in known]
    if missing:
        raise Fault(
            "publicity_field_missing",
            f"公示应当写明{'、'.join(missing)}，办件中没有。",
            f"The posting has to show {', '.join(missing)}; the case doesn't know it.",
            details={"fields": missing},
        )
    return {field: plain(known[field]) for field in wanted}


def require_lawful(
    law: Policy,
    kind: str,
    round: int,
    fields: Sequence[str],
    on: date,
    *,
    now: datetime,
) -> Mapping[str, Any]:
    """The last gate before anything is posted: its fields against the table; what the trail keeps.

    Raises:
        Invalid: `publicity_field_unlawful` when a field is shown that the law doesn't name, or one
            is left out.
    """
    notice = {"kind": kind, "round": round, "fields": list(fields)}
    found = answer(law, CHECK, {"on": on, "notice": notice}, on, now)
    value = found.result.outputs
    if value["ok"] is not True:
        extra, missing = value["extra"] or [], value["missing"] or []
        raise Invalid(
            "publicity_field_unlawful",
            f"公示内容不合法：不得公开{'、'.join(extra) or '（无）'}，"
            f"缺少{'、'.join(missing) or '（无）'}。",
            f"The posting isn't lawful: it mustn't show {', '.join(extra) or 'nothing else'}; it"
            f" lacks {', '.join(missing) or 'nothing'}.",
            details={"extra": list(extra), "missing": list(missing)},
        )
    return found.to_json()


def lawful_days(law: Policy, kind: str, round: int, on: date, *, now: datetime) -> int:
    """How many days a posting hangs at least, by the table of a day (57 号 19; 条例 18)."""
    notice = {"kind": kind, "round": round}
    found = answer(law, DAYS, {"on": on, "notice": notice}, on, now)
    return int(found.result.outputs["days"])


def new_code() -> str:
    """A code for a posting: 12 signs that can't be guessed (57 bits)."""
    return "".join(secrets.choice(_SIGNS) for _ in range(CODE_LENGTH))


def content_for(
    context: OperationContext,
    kind: str,
    number: int,
    on: date,
    known: dict[str, Any],
    *,
    privacy_harm: bool = False,
) -> tuple[Lawful, dict[str, Any]]:
    """What a posting of the case shows of what is known, checked against the table, and noted.

    Raises:
        Invalid: `publicity_forbidden`, `publicity_field_unlawful`.
        Fault: `publicity_field_missing`.
    """
    lawful = lawful_fields(context.law, kind, on, now=context.now, privacy_harm=privacy_harm)
    content = lawful_content(lawful, known)
    shown = [NAME, *content] if NAME in lawful.fields else list(content)
    if not privacy_harm:
        context.notes.append(require_lawful(context.law, kind, number, shown, on, now=context.now))
    return lawful, content


def money_text(amount: Decimal) -> str:
    """An amount as a posting shows it: two decimals."""
    return f"{amount:.2f}"


def plain(value: Any) -> Any:
    """One value as a posting keeps it: amounts with two decimals, everything else as text."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value if value is None or isinstance(value, str) else str(to_json(value))
