"""How Alembic runs the migrations: in one transaction, on the caller's engine or the app's."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from models.base import db
from models.migrations.tables import METADATA
from models.types import Document, Id, Money, UTCDateTime

#: Migrations name plain types, so that they don't change when a column type of the code does.
_PLAIN = {
    Id: "sa.String(length=36)",
    UTCDateTime: "sa.DateTime(timezone=True)",
    Money: "sa.BigInteger()",
    Document: "sa.LargeBinary()",
}


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """How `doudi db revision` writes a column type."""
    return _PLAIN.get(type(item)) or False if kind == "type" else False


def run() -> None:
    """Run the migrations that the command asks for."""
    engine = context.config.attributes.get("engine") or db.engine
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=METADATA,
            render_item=render_item,
            compare_server_default=False,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
