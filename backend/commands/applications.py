"""Commands on applications of third parties, as the owner of the database."""

import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import UUID

import click

from backend.applications import registering
from backend.commands.owner import as_owner
from tenants.applications.models import ApplicationState

_CLIENT = click.argument("client_id", type=click.UUID)
_EXPIRES = click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="UTC day from which it counts no more.")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def application() -> None:
    """Register applications of third parties; what each may read, each partnership grants."""


@application.command()
@click.option("--name", required=True)
@click.option("--organisation", required=True, help="Who runs it.")
@click.option("--contact", required=True, help="Where to ask about it: a shared mailbox, nobody's own.")
@click.option("--purpose", required=True, help="What administrators read before they agree.")
@click.option("--scope", "scopes", multiple=True, required=True, help="Repeatable: the most it may be granted.")
def register(name: str, organisation: str, contact: str, purpose: str, scopes: tuple[str, ...]) -> None:
    """Register an application and print its client id. Add a key or a secret next."""
    work = partial(
        registering.register, name=name, organisation=organisation, contact=contact, purpose=purpose, scopes=scopes
    )
    click.echo(as_owner(work))


@application.command(name="add-secret")
@_CLIENT
@_EXPIRES
def add_secret(client_id: UUID, expires: datetime | None) -> None:
    """Make a secret for CLIENT_ID and print it, this once. The other credentials go on counting."""
    credential, secret = as_owner(
        lambda engine: registering.add_secret(engine, client_id, expires.replace(tzinfo=UTC) if expires else None)
    )
    click.echo(f"credential {credential}\nsecret {secret}")


@application.command(name="add-key")
@_CLIENT
@click.argument("jwk", type=_FILE)
@_EXPIRES
def add_key(client_id: UUID, jwk: Path, expires: datetime | None) -> None:
    """Let CLIENT_ID sign in with the private half of the public key in the file JWK."""
    try:
        key = json.loads(jwk.read_text())
    except ValueError as error:
        raise click.ClickException(f"{jwk} is not JSON.") from error
    until = expires.replace(tzinfo=UTC) if expires else None
    click.echo(f"credential {as_owner(lambda engine: registering.add_key(engine, client_id, key, until))}")


@application.command(name="revoke-credential")
@click.argument("credential_id", type=click.UUID)
def revoke_credential(credential_id: UUID) -> None:
    """End a credential at once, with every token that was issued on it."""
    as_owner(lambda engine: registering.revoke_credential(engine, credential_id))
    click.echo(f"{credential_id}: revoked")


@application.command()
@_CLIENT
@click.argument("document", type=_FILE)
def approve(client_id: UUID, document: Path) -> None:
    """Let CLIENT_ID send the document in the file DOCUMENT, and print the id to send it by.

    One that could never run is refused: what the schema does not allow, or no scope opens.
    """
    from graphql_api.applications.admission import approvable  # noqa: PLC0415  # the other commands need no schema
    from graphql_api.document_store import digest  # noqa: PLC0415
    from graphql_api.schema import schema  # noqa: PLC0415

    try:
        content = document.read_bytes().decode()
        approvable(schema.core, content)
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{document} is not text in UTF-8.") from error
    except ValueError as error:
        raise click.ClickException(f"{document}: {error}") from error
    sha256 = digest(content)
    as_owner(lambda engine: registering.approve(engine, client_id, content, sha256))
    click.echo(f"sha256:{sha256}")


@application.command()
@_CLIENT
@click.argument("document_id")
def withdraw(client_id: UUID, document_id: str) -> None:
    """Let CLIENT_ID send the document DOCUMENT_ID no longer, as approve printed it. Its other documents stay."""
    as_owner(lambda engine: registering.withdraw(engine, client_id, document_id.removeprefix("sha256:")))
    click.echo(f"{document_id}: withdrawn")


@application.command()
@_CLIENT
def suspend(client_id: UUID) -> None:
    """Keep CLIENT_ID out of every partnership at once."""
    as_owner(lambda engine: registering.set_state(engine, client_id, ApplicationState.SUSPENDED))
    click.echo(f"{client_id}: suspended")


@application.command()
@_CLIENT
def resume(client_id: UUID) -> None:
    """Let CLIENT_ID in again, wherever it is granted anything."""
    as_owner(lambda engine: registering.set_state(engine, client_id, ApplicationState.ACTIVE))
    click.echo(f"{client_id}: active")


@application.command(name="list")
def list_() -> None:
    """List applications with their credentials, a line each."""
    for row in as_owner(registering.listed):
        counts = {True: "counts", False: "ended", None: ""}[row.usable]
        credential = f"{row.kind} {row.credential} {counts}" if row.credential else "no credential"
        click.echo(f"{row.id}  {row.state}  {row.name} ({row.organisation})  {' '.join(row.scopes)}  {credential}")
