"""Commands on a partnership's directory of services, as the owner of the database."""

from functools import partial
from pathlib import Path

import click
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.commands.owner import as_owner
from backend.directory import importing, stored
from backend.directory.files import read_file, style_of
from backend.directory.importing import Outcome
from backend.directory.listing import Listing
from backend.kit.session import open_session
from backend.onboarding import service

_PARTNERSHIP = click.option("--partnership", "slug", required=True, help="The partnership's slug.")
_FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@click.group()
def directory() -> None:
    """Import and export a partnership's services and how they are reached.

    A FILE that ends in .csv has a row for each way to reach a service; one that ends in .json is Open Referral UK
    (HSDS 3.0). A file with a fault ends the command with code 2 and a line for each fault.
    """


@directory.command(name="import")
@_PARTNERSHIP
@_FILE
@click.option("--replace", is_flag=True, help="Let the file win over numbers that were verified since.")
@click.option("--whole", is_flag=True, help="FILE is the whole directory: what it does not name is retired.")
def import_(slug: str, file: Path, *, replace: bool, whole: bool) -> None:
    """Bring the directory in line with FILE. What FILE does not name is left alone; running it again is safe."""
    listing = read_file(file)
    outcome = as_owner(partial(bring, slug=slug, listing=listing, replace=replace, whole=whole))
    for line in outcome.lines():
        click.echo(f"{slug}: {line}")


@directory.command()
@_PARTNERSHIP
@_FILE
def export(slug: str, file: Path) -> None:
    """Write the whole directory, restricted entries too, to FILE."""
    text = as_owner(partial(_exported, slug=slug, style=style_of(file)))
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}.") from error
    click.echo(f"{slug}: written to {file}")


async def bring(
    engine: AsyncEngine, slug: str, listing: Listing, *, replace: bool = False, whole: bool = False
) -> Outcome:
    """Import in one transaction."""
    partnership_id = await service.existing_id(engine, slug)
    async with open_session(partnership_id, on=engine) as session:
        outcome = await importing.bring(session, listing, replace=replace, whole=whole)
        await session.commit()
    return outcome


async def _exported(engine: AsyncEngine, slug: str, style: str) -> str:
    partnership_id = await service.existing_id(engine, slug)
    async with open_session(partnership_id, on=engine) as session:
        return await stored.written(session, as_csv=style == ".csv")
