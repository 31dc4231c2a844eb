"""`doudi calendar`: the working calendar in force, and a year's notice entered from a file."""

from __future__ import annotations

from typing import Any

import click
import yaml

from web.cli.application import deployment
from web.database import current_moment
from workflows.calendar import DayStatus
from workflows.decisions import load_yaml
from workflows.definitions.arrangement_reading import read_arrangement
from workflows.definitions.release import current_policy
from workflows.definitions.year_arrangement import YearArrangement
from workflows.errors import SYSTEM
from workflows.runtime.calendar_years import YearPreview, preview_year, publish_year
from workflows.runtime.calendar_years import year_as_it_stands as standing
from workflows.transaction import transaction

_STATUSES = {
    DayStatus.WORKDAY: "工作日",
    DayStatus.MAKE_UP_WORKDAY: "调休上班",
    DayStatus.WEEKEND: "周末",
    DayStatus.HOLIDAY: "放假",
}


@click.group("calendar")
def calendar_group() -> None:
    """The working calendar: a year as it stands, and a year's notice entered."""


@calendar_group.command("show")
@click.argument("year", type=click.IntRange(2004, 2099))
def show_command(year: int) -> None:
    """Print a year as a file for `publish`; a year without a notice is computed."""
    with deployment() as (session, _config):
        policy = current_policy(session, None)
    known = policy.calendar
    if year > known.published_until.year:
        click.echo(f"# 暂定：{year}年尚未公布，按法定节假日推算；请按通知改正")
    click.echo(_text(standing(policy, year)), nl=False)


@calendar_group.command("publish")
@click.argument("file", type=click.File("rb"))
@click.option("--reason", default="", help="Why; kept in the trail.")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
def publish_command(file: Any, reason: str, dry_run: bool) -> None:
    """Publish a year's notice; the worker then counts the open clocks again."""
    arrangement = read_arrangement(load_yaml(file.read(), file="calendar"))
    now = current_moment()
    with deployment() as (session, _config), transaction(session):
        found = preview_year(session, arrangement, district_id=None, now=now)
        if not dry_run:
            release = publish_year(
                session, arrangement, reason=reason, shown=found.release_id, district_id=None,
                actor=SYSTEM, now=now,
            )  # fmt: skip
        _say(found)
        if not dry_run:
            click.echo(f"release {release.id} {release.content_hash[:12]}")


def _say(found: YearPreview) -> None:
    for change in found.turned:
        click.echo(f"{change.day} {_STATUSES[change.was]} → {_STATUSES[change.is_now]}")
    click.echo(f"{len(found.turned)}天有变化，约{found.clocks}个未办结的时限需要重新计算")


class _Plain(yaml.SafeDumper):
    """Writes the same day twice instead of referring to it, which our reader refuses."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _text(arrangement: YearArrangement) -> str:
    return yaml.dump(
        {
            "year": arrangement.year,
            "source": arrangement.source,
            "holidays": [
                {
                    "name": holiday.name,
                    "first_on": holiday.first_on,
                    "last_on": holiday.last_on,
                    "workdays": list(holiday.workdays),
                }
                for holiday in arrangement.holidays
            ],
        },
        Dumper=_Plain,
        allow_unicode=True,
        sort_keys=False,
        default_flow_style=None,
        width=200,
    )
