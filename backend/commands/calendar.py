"""Commands on the national list of bank holidays, as the owner of the database."""

from datetime import date, datetime
from functools import partial

import click

from backend.commands.owner import as_owner
from tenants.calendars import bank_holidays

_DAY = click.DateTime(formats=["%Y-%m-%d"])
_SOURCE = click.option("--source", required=True, help="Where it is announced, such as The Gazette and its issue.")


@click.group()
def calendar() -> None:
    """List England's bank holidays; enter one that is proclaimed, or take one back, for every partnership."""


@calendar.command(name="list")
@click.option("--from", "first", type=_DAY, help="Default: the first day of this year.")
@click.option("--to", "last", type=_DAY, help="Default: the last day of the year after that of --from.")
def list_(first: datetime | None, last: datetime | None) -> None:
    """List bank holidays, and days that ceased to be, with their source."""
    begins = first.date() if first else date(datetime.now().astimezone().year, 1, 1)
    ends = last.date() if last else date(begins.year + 1, 12, 31)
    for row in as_owner(partial(bank_holidays.entries, first=begins, last=ends)):
        told = f"{row.source}, {row.fetched_at:%Y-%m-%d}, {row.checksum[:12]}"
        click.echo(f"{row.day} {row.day:%a}  {row.entry:<10}  {row.name}  ({told})")


@calendar.command()
@click.argument("day", type=_DAY, metavar="DATE")
@click.option("--name", required=True, help="What it is for.")
@_SOURCE
def proclaim(day: datetime, name: str, source: str) -> None:
    """Make DATE a bank holiday. Open clocks that count working days are counted anew, each with an audit line."""
    owed = as_owner(partial(bank_holidays.proclaim, day=day.date(), name=name, source=source))
    click.echo(f"{day:%Y-%m-%d}: a bank holiday from now on; {owed} partnerships count their open clocks anew")


@calendar.command()
@click.argument("day", type=_DAY, metavar="DATE")
@_SOURCE
def withdraw(day: datetime, source: str) -> None:
    """Make DATE an ordinary day again, as when a holiday is moved."""
    owed = as_owner(partial(bank_holidays.withdraw, day=day.date(), source=source))
    click.echo(f"{day:%Y-%m-%d}: an ordinary day from now on; {owed} partnerships count their open clocks anew")
