"""Triggers of the trail: what is written stays, chains stay whole, the sealer misses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection

#: Tables whose rows are never changed and never deleted.
APPEND_ONLY: Final = ("trail_entries", "access_log", "tree_leaves", "tree_nodes", "tree_heads")
_REFUSAL: Final = "the trail is append-only"
_BROKEN: Final = "the entry does not continue its subject''s chain"
_ZEROS: Final = "00" * 32


def _sqlite() -> Iterator[str]:
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            )
    # Without recursive triggers INSERT OR REPLACE deletes silently, so a taken key is refused here.
    for table, key in (
        ("trail_entries", "id"),
        ("access_log", "id"),
        ("tree_leaves", "leaf_index"),
        ("tree_leaves", "entry_id"),
        ("tree_heads", "size"),
    ):
        yield (
            f"CREATE TRIGGER {table}_no_replace_{key} BEFORE INSERT ON {table}"
            f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"
            f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        )
    yield f"""CREATE TRIGGER trail_entries_continue BEFORE INSERT ON trail_entries
WHEN NEW.sequence <> 1 + COALESCE((SELECT length FROM trail_subjects
    WHERE subject_kind = NEW.subject_kind AND subject_id = NEW.subject_id), 0)
  OR NEW.previous_hash <> COALESCE((SELECT head_hash FROM trail_subjects
    WHERE subject_kind = NEW.subject_kind AND subject_id = NEW.subject_id), x'{_ZEROS}')
BEGIN SELECT RAISE(ABORT, '{_BROKEN}'); END"""
    yield """CREATE TRIGGER trail_entries_head AFTER INSERT ON trail_entries BEGIN
  INSERT INTO trail_subjects (subject_kind, subject_id, district_id, length, head_hash)
  VALUES (NEW.subject_kind, NEW.subject_id, NEW.district_id, NEW.sequence, NEW.hash)
  ON CONFLICT (subject_kind, subject_id)
  DO UPDATE SET length = excluded.length, head_hash = excluded.head_hash;
  INSERT INTO trail_unsealed (entry_id, source) VALUES (NEW.id, 'entry');
END"""
    yield """CREATE TRIGGER access_log_unsealed AFTER INSERT ON access_log BEGIN
  INSERT INTO trail_unsealed (entry_id, source) VALUES (NEW.id, 'access');
END"""


def _postgresql() -> Iterator[str]:
    yield f"""CREATE FUNCTION trail_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$"""
    for table in APPEND_ONLY:
        yield (
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION trail_refuse()"
        )
        yield (
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION trail_refuse()"
        )
    yield f"""CREATE FUNCTION trail_continue() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE known_length bigint; known_hash bytea;
BEGIN
  SELECT length, head_hash INTO known_length, known_hash FROM trail_subjects
    WHERE subject_kind = NEW.subject_kind AND subject_id = NEW.subject_id FOR UPDATE;
  IF NEW.sequence <> COALESCE(known_length, 0) + 1
    OR NEW.previous_hash <> COALESCE(known_hash, decode('{_ZEROS}', 'hex')) THEN
    RAISE EXCEPTION '{_BROKEN}' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF known_length IS NULL THEN
    INSERT INTO trail_subjects (subject_kind, subject_id, district_id, length, head_hash)
    VALUES (NEW.subject_kind, NEW.subject_id, NEW.district_id, NEW.sequence, NEW.hash);
  ELSE
    UPDATE trail_subjects SET length = NEW.sequence, head_hash = NEW.hash
      WHERE subject_kind = NEW.subject_kind AND subject_id = NEW.subject_id;
  END IF;
  INSERT INTO trail_unsealed (entry_id, source) VALUES (NEW.id, 'entry');
  RETURN NEW;
END $$"""
    yield (
        "CREATE TRIGGER trail_entries_continue BEFORE INSERT ON trail_entries"
        " FOR EACH ROW EXECUTE FUNCTION trail_continue()"
    )
    yield """CREATE FUNCTION trail_access_unsealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO trail_unsealed (entry_id, source) VALUES (NEW.id, 'access');
  RETURN NEW;
END $$"""
    yield (
        "CREATE TRIGGER access_log_unsealed BEFORE INSERT ON access_log"
        " FOR EACH ROW EXECUTE FUNCTION trail_access_unsealed()"
    )


SQLITE_TRIGGERS: Final = tuple(_sqlite())
POSTGRESQL_TRIGGERS: Final = tuple(_postgresql())
TRIGGERS: Final = {"sqlite": SQLITE_TRIGGERS, "postgresql": POSTGRESQL_TRIGGERS}
#: After the tables are dropped; SQLite drops triggers with their tables.
POSTGRESQL_DROP: Final = tuple(
    f"DROP FUNCTION IF EXISTS {name}()"
    for name in ("trail_refuse", "trail_continue", "trail_access_unsealed")
)


def create_triggers(connection: Connection) -> None:
    """Create the triggers on a database whose trail tables exist and have none."""
    for statement in TRIGGERS[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def drop_functions(connection: Connection) -> None:
    """Drop what outlives the trail's tables on PostgreSQL."""
    if connection.dialect.name == "postgresql":
        for statement in POSTGRESQL_DROP:
            connection.exec_driver_sql(statement)
