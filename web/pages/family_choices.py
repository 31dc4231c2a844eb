"""The people that a form of a household's change offers, with their names.

A process knows people by id, relation and month of birth; their names are added on the page only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select

from models.households import Person
from web.config import settings
from web.database import db_session
from workflows.runtime.inbox.people import shown_person

#: Variables that hold people to choose from, as [{value, label}].
_LISTS: Final = ("people", "newcomers")


def with_names(scope: Mapping[str, Any]) -> Mapping[str, Any]:
    """The scope with names before the labels of people. One SELECT, none where it has no people."""
    lists = {name: found for name in _LISTS if isinstance(found := scope.get(name), list) and found}
    if not lists:
        return scope
    ids = {str(one["value"]) for found in lists.values() for one in found}
    keys = settings().keys.ring
    names = {}
    for person in db_session().scalars(select(Person).where(Person.id.in_(ids))):
        shown = shown_person(person.id, person.data_key, person.identity, keys)
        names[person.id] = "" if shown is None else f"{shown.name} · "
    named = {
        name: [
            {"value": one["value"], "label": names.get(str(one["value"]), "") + str(one["label"])}
            for one in found
        ]
        for name, found in lists.items()
    }
    return {**scope, **named}
