"""`doudi demo`, `doudi district` and `doudi account`: the first people of a deployment."""

from __future__ import annotations

import click
from sqlalchemy import select

from models.accounts import Role
from models.offices import Office
from web.cli.application import deployment
from web.database import current_moment
from web.demo import demo_password, make_demo
from web.demo.people import colleagues
from web.formats import ROLE_NAMES
from workflows.access.accounts import create_account, grant_role
from workflows.access.offices import create_district
from workflows.access.passwords import initial_password_with_hash
from workflows.errors import SYSTEM, NotFound
from workflows.transaction import transaction


@click.command("demo")
@click.option("--password", help="One password for all accounts; made up when not given.")
def demo(password: str | None) -> None:
    """Make a demonstration district with accounts of every role; print how to sign in."""
    with deployment() as (session, config):
        chosen = demo_password(config.data, password)
        make_demo(session, config, chosen, now=current_moment())
    click.echo("演示账号（密码相同）：")
    shown: set[Role] = set()
    for colleague in colleagues():
        if colleague.role not in shown:
            shown.add(colleague.role)
            click.echo(f"  {colleague.login:<20} {ROLE_NAMES[colleague.role]}  {colleague.name}")
    click.echo(f"  密码: {chosen}")


@click.group("district")
def district_group() -> None:
    """Districts of the deployment."""


@district_group.command("create")
@click.argument("code")
@click.argument("name")
def create_district_command(code: str, name: str) -> None:
    """Make a district; its townships are added on the pages."""
    with deployment() as (session, _config), transaction(session):
        create_district(session, code=code, name=name, actor=SYSTEM, now=current_moment())


@click.group("account")
def account_group() -> None:
    """Accounts of staff."""


@account_group.command("create")
@click.argument("login")
@click.argument("name")
@click.option("--district", required=True, help="Area code of the district.")
@click.option("--role", type=click.Choice([role.value for role in Role]))
@click.option("--office", help="Area code of the office of the role; the district by default.")
def create_account_command(
    login: str, name: str, district: str, role: str | None, office: str | None
) -> None:
    """Make an account, such as the first security administrator; print its initial password."""
    password, password_hash = initial_password_with_hash()
    now = current_moment()
    with deployment() as (session, _config), transaction(session):
        found = {
            row.code: row
            for row in session.scalars(select(Office).where(Office.code.in_([district, office])))
        }
        if district not in found or (office and office not in found):
            raise NotFound("office.unknown", "找不到该机构。", "There is no such office.")
        account = create_account(
            session,
            district_id=found[district].district_id,
            login=login,
            name=name,
            password_hash=password_hash,
            actor=SYSTEM,
            now=now,
        )
        if role is not None:
            place = found[office or district]
            grant_role(session, account, place, Role(role), actor=SYSTEM, now=now)
    click.echo(f"{login} {password}")
