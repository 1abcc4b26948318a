"""Commands on alerts and their messages: what happened, evidence of it, and what is stuck.

Across partnerships only ids are printed. Whoever runs these holds the owner's password; making
evidence is put on the partnership's audit log all the same.
"""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import click
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from backend.commands.owner import as_owner
from backend.kit.problems import NotFound
from backend.kit.session import TenantSession, open_session
from notifications.alerts import repository as alerts_repository
from notifications.evidence import seal, service
from notifications.evidence.story import told
from notifications.watch import overview
from tenants.partnerships import repository as partnerships
from tenants.partnerships.models import Partnership

ResultT = TypeVar("ResultT")
_SLUG = click.option("--partnership", "slug", required=True, metavar="SLUG", help="Whose alert it is.")


@click.group()
def alerts() -> None:
    """Explain alerts, make and verify evidence, show what is stuck."""


@alerts.command()
@click.argument("alert", metavar="ID-OR-REFERENCE")
@_SLUG
def explain(alert: str, slug: str) -> None:
    """Tell what happened in an alert, in sentences, with local times and the time since it began."""

    async def work(session: TenantSession) -> service.Story:
        return await service.story(session, await _alert_id(session, alert))

    found = _within(slug, work)
    for at, elapsed, said in told(found.events, found.zone):
        click.echo(f"{at}  {elapsed}  {said}")


@alerts.command()
@click.argument("alert", metavar="ID-OR-REFERENCE")
@_SLUG
@click.option("--format", "style", type=click.Choice(["json", "pdf"]), default="json", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File to write.")
def evidence(alert: str, slug: str, style: str, output: Path) -> None:
    """Write signed evidence of an alert to a file. That it was made is on the audit log."""

    async def work(session: TenantSession) -> bytes:
        made = await service.evidence(session, await _alert_id(session, alert), asked_by=None)
        content = made.content if style == "json" else await service.printed(made)
        await session.commit()
        return content

    output.write_bytes(_within(slug, work))
    click.echo(f"{output}: written")


@alerts.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--key", "key_file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Public key as JWK, which needs nothing else. Default: ask for that of the partnership named in it.",
)  # fmt: skip
def verify(file: Path, key_file: Path | None) -> None:
    """Check that evidence in JSON is as it was sealed; else name the first entry that is not."""
    try:
        document = json.loads(file.read_bytes())
        key = _public_key(_named(document)) if key_file is None else OKPKey.import_key(json.loads(key_file.read_text()))
    except (JoseError, LookupError, ValueError, TypeError) as error:
        raise click.ClickException("The file or the key is not JSON of the kind that is wanted.") from error
    try:
        count = seal.verify(document, key)
    except seal.Broken as broken:
        raise click.ClickException(f"{file}: {broken}") from broken
    click.echo(f"{file}: all {count} entries hold, signed by {key.thumbprint()}")


@alerts.command(name="key")
@click.option("--partnership", "slug", metavar="SLUG", help="Whose evidence. Default: any without a key of its own.")
def public_key(slug: str | None) -> None:
    """Print the public key by which others can verify evidence."""
    click.echo(json.dumps(_public_key(slug).as_dict(private=False)))


@alerts.command()
def stuck() -> None:
    """Show, over all partnerships, what should have been done and has not: ids only."""
    rows = as_owner(_stuck)
    for row in rows:
        click.echo(
            f"{row.tenant_id}  {row.actor}  {row.subject_id}  {row.late_seconds:.0f} s late  tried {row.attempts}"
        )
    if not rows:
        click.echo("nothing is stuck")


@click.group()
def deliveries() -> None:
    """Show messages."""


@deliveries.command(name="list")
@_SLUG
@click.option("--state", help="Such as failed or unknown.")
@click.option("--channel", help="Such as sms.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z"]), help="Made at or after; UTC.")
@click.option("--stuck", is_flag=True, help="Only those that wait too long.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
def list_(*, slug: str, state: str | None, channel: str | None, since: Any, stuck: bool, limit: int) -> None:
    """List a partnership's messages, newest first. Addresses are not shown."""
    wanted = overview.Wanted(state=state, channel=channel, since=since, stuck=stuck)

    async def work(session: TenantSession) -> list[Any]:
        query = overview.deliveries(session, wanted).order_by(overview.NEWEST.desc()).limit(limit)
        return list((await session.scalars(query)).all())

    for row in _within(slug, work):
        failure = f"  {row.failure}" if row.failure else ""
        click.echo(f"{row.created_at:%Y-%m-%dT%H:%M:%SZ}  {row.id}  {row.reference}  {row.channel}  {row.state}"
                   f"  tried {row.attempts}{failure}")  # fmt: skip


def _within(slug: str, work: Callable[[TenantSession], Awaitable[ResultT]]) -> ResultT:
    async def run(engine: AsyncEngine) -> ResultT:
        async with engine.connect() as connection:
            found = await connection.scalar(select(col(Partnership.id)).where(col(Partnership.slug) == slug))
        if found is None:
            raise NotFound(f"There is no partnership {slug}.")
        async with open_session(found, on=engine) as session:
            return await work(session)

    return as_owner(run)


def _public_key(slug: str | None) -> OKPKey:
    async def work(session: TenantSession) -> OKPKey:
        return await service.public_key(await partnerships.own(session))

    return service.signing_key() if slug is None else _within(slug, work)


def _named(document: Any) -> str:
    """The partnership that a document says it is of: it chooses among our keys and brings none."""
    try:
        return str(document["heading"]["partnership"]["slug"])
    except (LookupError, TypeError):
        raise ValueError from None


async def _alert_id(session: TenantSession, named: str) -> UUID:
    try:
        return UUID(named)
    except ValueError:
        found = await alerts_repository.id_of(session, named)
    if found is None:
        raise NotFound(f"There is no alert {named} in this partnership.")
    return found


async def _stuck(engine: AsyncEngine) -> list[Any]:
    return await overview.overdue(engine)
