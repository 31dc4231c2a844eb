"""Every sentence of the pages has an English one with the same places for values."""

from __future__ import annotations

import re

from babel.messages.pofile import read_po

from web.cli.texts import CATALOGUE, missing_texts, updated_catalogue


def test_the_english_catalogue_is_complete_and_up_to_date() -> None:
    # given
    with CATALOGUE.open("rb") as file:
        kept = {entry.id for entry in read_po(file, locale="en") if entry.id}
    # when
    wanted = updated_catalogue()
    # then
    assert missing_texts(wanted) == [], "run `doudi texts update` and translate"
    assert kept == {entry.id for entry in wanted if entry.id}, "run `doudi texts update`"


def test_a_translation_names_the_same_values() -> None:
    # given
    place = re.compile(r"%\(\w+\)s|\{\w*\}")
    # when
    wrong = [
        entry.id
        for entry in updated_catalogue()
        if isinstance(entry.id, str)
        and set(place.findall(entry.id)) != set(place.findall(str(entry.string)))
    ]
    # then
    assert wrong == []
