"""Bring the file of a manual into a partnership, as the owner of the database."""

from pathlib import Path
from uuid import UUID

import click


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--partnership", "slug", metavar="SLUG", required=True, help="A partnership here.")
@click.option("--manual", metavar="CODE", required=True, help="Code of the manual, such as child-protection.")
@click.option("--title", required=True, help="Of the edition.")
@click.option("--edition", type=click.UUID, help="A draft to read it into anew. Default: a new draft.")
def import_manual(*, file: Path, slug: str, manual: str, title: str, edition: UUID | None) -> None:
    """Store FILE in the partnership's bucket and have a worker read it into a draft edition.

    Whoever writes the manual then corrects the draft in the app; somebody else approves it.
    """
    # Imported here: the other commands of the group need no services.
    from backend.commands.editions import in_partnership  # noqa: PLC0415
    from backend.kit.ids import uuid7  # noqa: PLC0415
    from backend.procedures import importing  # noqa: PLC0415

    data = file.read_bytes()
    told = importing.told_of(data, manual, title, file.name, edition)
    row = in_partnership(slug, lambda session: importing.keep(session, told, data, uuid7()))
    click.echo(f"{slug}: {file.name} is stored, {row.size:,} bytes; import {row.id} waits for a worker")
