"""Writing a row that every act changes, without the unit of work of the ORM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Update, bindparam, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from models.base import Base, table_of


def update_of(mapped: type[Base], *columns: str) -> Update:
    """The statement that sets some columns of one row; it is built once."""
    table = table_of(mapped)
    return (
        update(table)
        .where(table.c.id == bindparam("row_id"))
        .values({column: bindparam(column) for column in columns})
    )


def write_row(session: Session, statement: Update, row: Any, values: Mapping[str, Any]) -> None:
    """Set the values in the database and in the loaded object, which isn't dirty by it."""
    session.execute(statement, {"row_id": row.id, **values})
    for name, value in values.items():
        set_committed_value(row, name, value)
