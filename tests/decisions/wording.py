"""Models with words for people, and questions to them, for the tests."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from tests.decisions.models import make_decision, make_input, make_table
from workflows.decisions import DecisionModel, DecisionResult, evaluate_decision, parse_dmn
from workflows.decisions.what_if import Ask, WhatIf, what_would_change
from workflows.feel import Value, from_json

DMN = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def own(*elements: str) -> str:
    """Doudi's elements as an extension."""
    return f"<extensionElements>{''.join(elements)}</extensionElements>"


def element(name: str, inner: str = "", **attributes: str) -> str:
    """One of Doudi's elements."""
    text = "".join(f' {key.rstrip("_")}="{escape(value)}"' for key, value in attributes.items())
    return f"<doudi:{name}{text}>{inner}</doudi:{name}>"


def worded_model(*parts: str) -> DecisionModel:
    """A model whose parts may say something in Doudi's own elements."""
    start = (
        f'<definitions xmlns="{DMN}" xmlns:doudi="urn:doudi:dmn:1" namespace="urn:test" '
        'name="test">'
    )
    return parse_dmn((start + "".join(parts) + "</definitions>").encode(), file="test.dmn")


def worded(part: str, *elements: str) -> str:
    """An element with Doudi's elements as its first child."""
    end = part.index(">") + 1
    return part[:end] + own(*elements) + part[end:]


GOAL = element("goal", test='class = "yes"', zh="可以得到", en="it would be given")


def asked_model(
    *rows: str, fact: str = "", kind: str = "number", goal: str = GOAL
) -> DecisionModel:
    """A table over one input `x` with the result `class`, yes being favourable."""
    table = make_table(list(rows), inputs={"x": kind}, outputs={"class": "string"})
    data = make_input("x", kind)
    return worded_model(
        worded(data, fact) if fact else data,
        worded(make_decision("result", table, inputs=["x"]), goal),
    )


def asker(model: DecisionModel, counted: list[Any] | None = None) -> Ask:
    """Asks a model without parameters; what was asked is added to `counted`."""

    def ask(key: str, inputs: Mapping[str, Value], assumed: Mapping[str, Value]) -> DecisionResult:
        if counted is not None:
            counted.append((inputs, assumed))
        return evaluate_decision(model, key, inputs, assumed=assumed)

    return ask


def what_if(model: DecisionModel, **inputs: Any) -> WhatIf:
    """What would change the result of the one goal that is not met."""
    (found,) = what_would_change(model, "result", inputs, asker(model))
    return found


def changed(inputs: Any, change: Mapping[str, Any], to: str) -> tuple[Any, dict[str, Value]]:
    """The inputs, and what is taken for given, after a change as the trail keeps it.

    `to` is `new`, or `nearer` for the value that is not enough.
    """
    value = from_json(change[to])
    if change["assumed"]:
        return inputs, {change["place"]: value}
    steps: list[str | int] = []
    for part in change["place"].split("."):
        name, _, index = part.partition("[")
        steps += [name, int(index[:-1]) - 1] if index else [name]
    return _put(inputs, steps, value), {}


def _put(whole: Any, steps: list[str | int], value: Value) -> Any:
    if not steps:
        return value
    if isinstance(whole, list):
        return [
            _put(item, steps[1:], value) if at == steps[0] else item
            for at, item in enumerate(whole)
        ]
    return {**whole, steps[0]: _put(whole[steps[0]], steps[1:], value)}
