"""The one SQLAlchemy registry: `db`, `Base` and the naming convention of constraints."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Enum, MetaData, Table
from sqlalchemy.orm import DeclarativeBase, registry

from models.types import Money, UTCDateTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table's base."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={datetime: UTCDateTime(), Decimal: Money()},
    )


db = SQLAlchemy(model_class=Base)
#: Flask-SQLAlchemy makes a metadata of its own beside an explicit registry; there is only this one.
db.metadatas[None] = Base.metadata


def table_of(mapped: type[Base]) -> Table:
    """The table behind a mapped class, for statements that need no objects."""
    table = mapped.__table__
    assert isinstance(table, Table)
    return table


def one_of(kind: type) -> Enum:
    """A column type for a `StrEnum`: its value as text, with a CHECK in the database."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=40,
        validate_strings=True,
        values_callable=lambda members: [member.value for member in members],
        name=kind.__name__.lower(),
    )
