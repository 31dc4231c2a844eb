"""The migrations: one head, up and down, and the same tables as the code."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from models.migrations.tables import METADATA
from web.database import downgrade, migrations, newest_revision, upgrade
from workflows.transaction import prepare_engine

#: the revision before a person belongs to one household
BEFORE_FAMILIES = "0008"


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


def test_people_in_two_households_stop_the_upgrade_with_their_number(
    empty_database_url: str,
) -> None:
    # given: a database of the version before, with somebody in two households
    engine = create_engine(empty_database_url)
    prepare_engine(engine)
    upgrade(engine, BEFORE_FAMILIES)
    rows = (
        "INSERT INTO offices (id, district_id, level, code, name, active)"
        " VALUES ('o', 'o', 'district', '500154', '区', true)",
        "INSERT INTO persons (id, district_id, id_number_index, name_index, identity, created_at)"
        " VALUES ('p', 'o', '', '', '', '2021-01-01 00:00:00')",
        *(
            f"INSERT INTO households (id, district_id, township_id, village_id, area,"
            f" head_person_id, created_at)"
            f" VALUES ('h{place}', 'o', 'o', 'o', 'rural', 'p', '2021-01-01 00:00:00')"
            for place in (1, 2)
        ),
        *(
            f"INSERT INTO household_members (id, household_id, person_id, relation, facts,"
            f" recorded_at) VALUES ('m{place}', 'h{place}', 'p', 'self', '', '2021-01-01 00:00:00')"
            for place in (1, 2)
        ),
    )
    with engine.begin() as connection:
        for row in rows:
            connection.execute(text(row))
    # when
    with pytest.raises(RuntimeError, match="1 people are present members of two households") as no:
        upgrade(engine)
    # then
    assert "persons p" in str(no.value) and "请先在原版本上更正" in str(no.value)
    assert "household_changes" not in inspect(engine).get_table_names()
    # when: one of the memberships has ended
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE household_members SET superseded_at = '2021-02-01' WHERE id = 'm2'")
        )
    upgrade(engine)
    # then
    assert "household_changes" in inspect(engine).get_table_names()
    engine.dispose()
