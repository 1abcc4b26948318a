"""Commands on sandboxes: partnerships of generated cases, as the owner of the database."""

import os
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import Final

import click
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.applications.signing import signing
from backend.commands.owner import as_owner
from backend.kit.problems import NotFound
from backend.kit.settings import settings
from backend.onboarding import files
from backend.onboarding import service as onboarding
from backend.onboarding.archetype import Archetype
from backend.sandbox.applications import Granted, grant_application
from backend.sandbox.service import Wanted, prepare, settle
from backend.sandbox.together import Failed, fill_together
from tenants.applications.scopes import SCOPES

_MOST: Final = 100_000
HEADER: Final = "Safeguard-Partnership"
"""The header by which whoever may enter several partnerships names one."""
_PARTNERSHIP = click.option("--partnership", "slug", metavar="SLUG", required=True, help="The sandbox's slug.")
_ARCHETYPE = click.option("--archetype", help="Create it from this archetype, or bring it in line.")
_SEED = click.option("--seed", type=int, default=7, show_default=True, help="The same seed gives the same families.")
_PROCESSES = click.option(
    "--processes", type=click.IntRange(1, 16), default=lambda: min(os.cpu_count() or 1, 4),
    help="That write at once. Default: one a processor, at most four.",
)  # fmt: skip


@click.group()
def sandbox() -> None:
    """Fill partnerships with plainly invented cases, to measure, to try and to develop against."""


@sandbox.command()
@_PARTNERSHIP
@click.option("--cases", type=click.IntRange(1, _MOST), default=10_000, show_default=True)
@_SEED
@_ARCHETYPE
@_PROCESSES
def generate(*, slug: str, cases: int, seed: int, archetype: str | None, processes: int) -> None:
    """Bring a partnership to so many generated cases, of a year that ends now.

    The partnership becomes a sandbox, for good: nothing is sent from it any more. One that holds cases of its own is
    refused. A run that is broken off is gone on with by the same command.
    """
    _generate(slug, cases, seed, archetype, processes)


@sandbox.command()
@_PARTNERSHIP
@click.option("--cases", type=click.IntRange(1, _MOST), default=500, show_default=True)
@_SEED
@_ARCHETYPE
@_PROCESSES
@click.option("--scope", "scopes", multiple=True, type=click.Choice(list(SCOPES)), help="Repeatable. Default: all.")
@click.option("--name", default="Sandbox client", show_default=True, help="What the application is called.")
def create(
    *, slug: str, cases: int, seed: int, archetype: str | None, processes: int, scopes: tuple[str, ...], name: str
) -> None:
    """As generate, and let a new application in; print how it asks, with a secret that is shown this once."""
    ours = signing()
    if ours is None:
        raise click.ClickException("Set APPLICATION_TOKEN_KEYS and APP_URL: no application could sign in here.")
    _generate(slug, cases, seed, archetype, processes)
    work = partial(grant_application, slug=slug, issuer=ours.issuer, name=name, scopes=scopes or tuple(SCOPES))
    for line in _howto(as_owner(work), ours.issuer):
        click.echo(line)


def _generate(slug: str, cases: int, seed: int, archetype: str | None, processes: int) -> None:
    configured = settings().database_owner_url
    url = configured.get_secret_value() if configured else ""
    if archetype is not None:
        plan = files.load(archetype)
        as_owner(partial(_created, slug=slug, plan=plan))
    as_owner(partial(prepare, slug=slug, seed=seed))
    began = time.monotonic()
    # More processes than there is work for would cost more than they spare.
    processes = min(processes, max(1, cases // 50))
    shown = (
        click.progressbar(length=cases, label="Generating", file=sys.stderr) if sys.stderr.isatty() else nullcontext()
    )
    with shown as bar:
        update: Callable[[int], None] = bar.update if bar is not None else lambda _: None
        try:
            there = fill_together(url, slug, Wanted(cases, seed), processes, update)
        except Failed as failure:
            raise click.ClickException(f"{slug}: {failure} Run the same command to go on.") from failure
    as_owner(settle)
    click.echo(f"{slug}: {there:,} generated cases of seed {seed}, {time.monotonic() - began:,.0f} s")


async def _created(engine: AsyncEngine, *, slug: str, plan: Archetype) -> None:
    """Make the partnership where there is none; one that is there stays as it is."""
    try:
        await onboarding.existing_id(engine, slug)
    except NotFound:
        await onboarding.load_archetype(engine, plan, issuer=settings().oidc_issuer, slug=slug)


def _howto(granted: Granted, address: str) -> list[str]:
    client, secret = granted.client_id, granted.secret
    query = '{"query": "{ partnership { name } }"}'
    headers = f"-H 'Content-Type: application/json' -H '{HEADER}: {granted.slug}'"
    return [
        f"client id  {client}",
        f"secret     {secret}",
        "",
        "A token, for ten minutes:",
        f"  curl -s -u '{client}:{secret}' -d grant_type=client_credentials {address}/oauth/token",
        "A question, with the token in TOKEN:",
        f"  curl -s {address}/graphql -H \"Authorization: Bearer $TOKEN\" {headers} -d '{query}'",
        f"Guides and the contract: {address}/developers. With GRAPHIQL=sandbox, {address}/graphql is GraphiQL.",
    ]
