"""What the codes of a household's facts are called: the labels of the published forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from web.forms_html.known import plain_text
from workflows.decisions.forms import Form
from workflows.definitions.policy import Policy

MEMBER, INCOME, PROPERTY = "household-member", "household-income", "household-property"


@dataclass(frozen=True, slots=True)
class Words:
    """Labels by form, field and code; a code without a label is shown as it is."""

    labels: Mapping[str, str]
    options: Mapping[tuple[str, str], str]

    def label(self, key: str) -> str:
        """The name of a fact."""
        return self.labels.get(key, key)

    def value(self, key: str, value: Any) -> str:
        """The value of a fact in words."""
        code = f"{value:f}" if isinstance(value, Decimal) else str(value)
        found = self.options.get((key, code))
        return found if found is not None else plain_text(value)


@lru_cache(maxsize=8)
def _words(forms: tuple[Form, ...]) -> Words:
    labels: dict[str, str] = {}
    options: dict[tuple[str, str], str] = {}
    for form in forms:
        for key, found in form.fields.items():
            labels.setdefault(key, found.label)
            for option in found.options:
                options.setdefault((_fact(form, key), str(option.value)), option.label)
            labels.setdefault(_fact(form, key), found.label)
    return Words(labels, options)


def _fact(form: Form, key: str) -> str:
    """Facts of incomes and property are told apart from a member's by their form."""
    prefix = {INCOME: "income.", PROPERTY: "property."}.get(form.key, "")
    return f"{prefix}{key}"


def household_words(policy: Policy) -> Words:
    """The words of a policy."""
    return _words(
        tuple(policy.forms[key] for key in (MEMBER, INCOME, PROPERTY) if key in policy.forms)
    )
