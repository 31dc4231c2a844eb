"""What a fresh form shows: its starts before what the process knows, that before defaults."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest

from web.forms_html.shown import start_values
from workflows.decisions.forms import Form
from workflows.decisions.forms.reading import parse_form

NOW = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)  # the 24th in Chongqing


def made(kind: str, **more: Any) -> Form:
    component = {"type": kind, "key": "one", "id": "Field_one", "label": "甲", **more}
    document = {"type": "default", "id": "form", "components": [component]}
    return parse_form(orjson.dumps(document), file="form.form")


MONEY = {"kind": "money"}


@pytest.mark.parametrize(
    ("form", "scope", "shown"),
    [
        (made("datetime", subtype="date", properties={"start": "today"}), {}, "2026-11-24"),
        (
            made("datetime", subtype="date", properties={"start": "today"}),
            {"one": date(2026, 10, 1)},
            "2026-11-24",
        ),
        (made("taglist", properties={"kind": "surveyors", "start": "me"}), {}, ["my-id"]),
        (
            made("textfield", properties={**MONEY, "start": "sum"}),
            {"sum": Decimal(1200)},
            "1200.00",
        ),
        (made("textfield", properties=MONEY), {"one": Decimal("0.5")}, "0.50"),
        (made("textarea", properties={"start": "nothing"}), {"one": "第一次走访"}, None),
        (made("textfield", properties={"start": "sum"}), {}, None),
        (made("textfield", defaultValue="乙"), {}, "乙"),
    ],
)
def test_a_fresh_form_shows(form: Form, scope: dict[str, Any], shown: Any) -> None:
    # when
    values = start_values(form, scope, now=NOW, me="my-id")
    # then
    assert values.get("one") == shown
