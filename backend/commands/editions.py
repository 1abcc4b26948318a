"""Commands on the editions of a partnership's pathways, as the owner of the database."""

from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Final, TypeVar
from uuid import UUID

import click
from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from backend.commands.owner import as_owner
from backend.kit.problems import NotFound
from backend.kit.session import TenantSession, open_session
from backend.pathways.editions import operating
from tenants.partnerships.models import Partnership

T = TypeVar("T")

_BY_SLUG: Final = select(col(Partnership.id)).where(col(Partnership.slug) == bindparam("slug"))
PARTNERSHIP = click.option("--partnership", "slug", metavar="SLUG", required=True, help="A partnership here.")
NUMBER = click.option("--number", type=click.IntRange(1), help="The edition's number. Default: the newest.")


@click.command()
@click.argument("pathway")
@PARTNERSHIP
@click.option("--overlay", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="An overlay's YAML file.")
def publish(*, pathway: str, slug: str, overlay: Path | None) -> None:
    """Write and check a new edition of PATHWAY, ready to be approved.

    Without --overlay it is the national text as it stands. Choices that are left open are named, and block it.
    """
    text = overlay.read_text("utf-8") if overlay else None
    row = in_partnership(slug, lambda session: operating.publish(session, pathway, text))
    click.echo(f"{slug}: edition {row.number} of {pathway} is checked; approve it to put it in force")


@click.command()
@click.argument("pathway")
@PARTNERSHIP
@NUMBER
@click.option("--from", "day", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The first day.")
@click.option("--role", required=True, help="The role of whoever approved it, such as partnership-chair.")
@click.option("--authority", required=True, help="Where that is minuted.")
def approve(*, pathway: str, slug: str, number: int | None, day: date, role: str, authority: str) -> None:
    """Put an edition of PATHWAY in force from a day on, on a decision that was minuted. Runs stay on theirs."""
    first = date(day.year, day.month, day.day)
    row = in_partnership(slug, lambda session: operating.approve(session, pathway, number, first, role, authority))
    click.echo(f"{slug}: edition {row.number} of {pathway} is in force from {row.in_force_from}")


@click.command()
@click.argument("pathway")
@PARTNERSHIP
@NUMBER
@click.option("--reason", required=True, help="For the record.")
def withdraw(*, pathway: str, slug: str, number: int | None, reason: str) -> None:
    """Let no further case follow an edition of PATHWAY. It stays readable, and runs on it go on."""
    row = in_partnership(slug, lambda session: operating.withdraw(session, pathway, number, reason))
    click.echo(f"{slug}: edition {row.number} of {pathway} is withdrawn")


def in_partnership(slug: str, work: Callable[[TenantSession], Awaitable[T]]) -> T:
    """The result of ``work`` in a partnership, committed. Raises ``NotFound``."""

    async def run(engine: AsyncEngine) -> T:
        async with engine.connect() as connection:
            found: UUID | None = await connection.scalar(_BY_SLUG, {"slug": slug})
        if found is None:
            raise NotFound(f"There is no partnership {slug}. safeguard partnership list shows those there are.")
        async with open_session(found, on=engine) as session:
            row = await work(session)
            await session.commit()
            return row

    return as_owner(run)
