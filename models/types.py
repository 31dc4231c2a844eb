"""Column types: moments in UTC, money in fen, JSON documents, identifiers."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import BigInteger, Dialect, LargeBinary, String
from sqlalchemy import DateTime as SqlDateTime
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.types import TypeDecorator
from uuid_utils import uuid7


def new_id() -> str:
    """A UUIDv7 as text (36 characters): sorts by the moment it was made (RFC 9562)."""
    return str(uuid7())


class Id(TypeDecorator[str]):
    """A UUID as text, the same in SQLite and PostgreSQL."""

    impl = String(36)
    cache_ok = True


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC with microseconds; a naive one is refused."""

    impl = SqlDateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Money(TypeDecorator[Decimal]):
    """Yuan as Decimal in Python, whole fen (BIGINT) in the database; a third decimal fails."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if not isinstance(value, Decimal):
            raise TypeError("money is a Decimal")
        fen = value * 100
        if fen != fen.to_integral_value():
            raise ValueError("money has at most two decimals; round where the clause says")
        return int(fen)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-2)


class Document(TypeDecorator[Any]):
    """A JSON document, stored as the bytes that orjson wrote; numbers that matter are strings."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(BYTEA())
        return dialect.type_descriptor(LargeBinary())

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else orjson.dumps(value, option=orjson.OPT_SORT_KEYS)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(bytes(value))
