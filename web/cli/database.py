"""`doudi db` and `doudi keys`."""

from __future__ import annotations

import click
from alembic import command

from models.base import db
from web.cli.application import deployment
from web.database import current_revision, downgrade, migrations, newest_revision, upgrade
from web.keys import add_master_key


@click.group("db")
def db_group() -> None:
    """The tables of the database."""


@db_group.command("upgrade")
@click.argument("revision", default="head")
def upgrade_command(revision: str) -> None:
    """Bring the tables to a revision, the newest by default."""
    with deployment(any_revision=True) as (session, _config):
        upgrade(db.engine, revision)
        click.echo(f"revision {current_revision(session)}")


@db_group.command("downgrade")
@click.argument("revision")
@click.confirmation_option(prompt="Tables and what they hold may be lost. Go on?")
def downgrade_command(revision: str) -> None:
    """Take the tables back to a revision; `base` removes them."""
    with deployment(any_revision=True) as (session, _config):
        downgrade(db.engine, revision)
        click.echo(f"revision {current_revision(session)}")


@db_group.command("check")
def check_command() -> None:
    """Fail unless the database is at the newest revision."""
    with deployment(any_revision=True) as (session, _config):
        revision = current_revision(session)
    click.echo(f"revision {revision}, newest {newest_revision()}")
    if revision != newest_revision():
        raise SystemExit(1)


@db_group.command("revision")
@click.argument("message")
@click.option("--number", required=True, help="The new revision's number, such as 0002.")
def revision_command(message: str, number: str) -> None:
    """Write a migration from the difference between the tables and the code."""
    with deployment(any_revision=True):
        command.revision(migrations(db.engine), message, rev_id=number, autogenerate=True)


@click.group("keys")
def keys_group() -> None:
    """The key file."""


@keys_group.command("rotate")
def rotate_command() -> None:
    """Add a master key for personal data; restart web and worker afterwards."""
    with deployment(any_revision=True) as (_session, config):
        version = add_master_key(config.data / "keys.json")
    click.echo(f"master key {version} is current; older ones stay to open what they sealed")
