"""Which values the published decision tables know for the facts of a household."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from workflows.decisions.model import DecisionTable
from workflows.definitions.policy import Policy
from workflows.feel import compile_expression

_FACT = re.compile(r"(member|income|household)\.([a-z_]+)")
_LITERALS = re.compile(r'"[^"]*"(?:\s*,\s*"[^"]*")*')


@lru_cache(maxsize=8)
def vocabulary(policy: Policy) -> Mapping[str, frozenset[str]]:
    """By fact (`member.status`): the texts that some table lists as the values of its input.

    A fact that every table takes as free text, a number or a boolean is not in it.
    """
    found: dict[str, set[str]] = {}
    for model in {id(model): model for model in policy.decisions.values()}.values():
        for decision in model.all_decisions:
            table = decision.expression
            for column in table.inputs if isinstance(table, DecisionTable) else ():
                fact = column.expression.text.strip()
                allowed = "" if column.allowed is None else column.allowed.text.strip()
                if _FACT.fullmatch(fact) and _LITERALS.fullmatch(allowed):
                    values = compile_expression(f"[{allowed}]").value({})
                    found.setdefault(fact, set()).update(map(str, values))
    return MappingProxyType({fact: frozenset(values) for fact, values in found.items()})
