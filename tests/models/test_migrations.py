"""The migrations: one head, up and down, and the same tables as the code."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from models.migrations.tables import METADATA
from web.database import downgrade, migrations, newest_revision, upgrade
from workflows.transaction import prepare_engine


def test_the_migrations_are_numbered_and_have_one_head() -> None:
    # given
    script = ScriptDirectory.from_config(migrations())
    # when
    revisions = [revision.revision for revision in script.walk_revisions()][::-1]
    # then
    assert script.get_heads() == [newest_revision()]
    assert revisions == [f"{number:04}" for number in range(1, len(revisions) + 1)]
    for revision in script.walk_revisions():
        assert Path(revision.path).name.startswith(f"{revision.revision}_")


def test_the_migrations_lead_up_to_the_tables_of_the_code_and_down_again(
    empty_database_url: str,
) -> None:
    # given
    engine = create_engine(empty_database_url)
    prepare_engine(engine)
    # when
    upgrade(engine)
    # then
    command.check(migrations(engine))
    assert set(inspect(engine).get_table_names()) == {*METADATA.tables, "alembic_version"}
    downgrade(engine, "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    if engine.dialect.name == "postgresql":
        left = "SELECT count(*) FROM pg_proc WHERE proname LIKE 'trail%'"
        with engine.connect() as connection:
            assert connection.scalar(text(left)) == 0
    upgrade(engine)
    engine.dispose()
