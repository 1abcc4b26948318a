"""``safeguard artefacts``: what the makers of a client build from."""

from pathlib import Path

import click

from backend.kit.operations import OPERATIONS


@click.command()
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to write into.")
@click.option(
    "--operations", default=OPERATIONS, show_default=False, type=click.Path(exists=True, path_type=Path),
    help="Folder of trusted documents. Default: those beside the code.",
)  # fmt: skip
def artefacts(out: Path, operations: Path) -> None:
    """Write schema, trusted documents by hash, Apollo's manifest of them and TypeScript types.

    Swift and Kotlin are generated from schema.graphql and the manifest by Apollo's own tools. A document is run by
    its id: {"documentId": "sha256:..."}; its text must be sent as it is, or not at all.
    """
    from graphql_api.artefacts.writing import write  # noqa: PLC0415  # the other commands need no schema
    from graphql_api.schema import schema  # noqa: PLC0415

    try:
        written = write(schema, operations, out)
    except (ValueError, OSError) as error:
        raise click.ClickException(str(error)) from error
    for path in written:
        click.echo(path)
