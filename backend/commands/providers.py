"""Commands on the providers that carry messages, as the owner of the database."""

from datetime import datetime
from functools import partial
from typing import Any

import click
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.commands.owner import as_owner
from notifications.channels import repository, service
from notifications.channels.health import Evidence, State
from notifications.channels.models import Condition
from notifications.channels.providers import names
from tenants.contacts.models import Channel

_CHANNELS = click.Choice([channel.value for channel in service.CHOICE])
_REASON = click.option("--reason", required=True, help="For the history.")


@click.group()
def providers() -> None:
    """Show which provider carries each channel; pin one, or let the evidence decide."""


@providers.command(name="list")
def list_() -> None:
    """List providers by channel, the one at rest first, with what was seen in the last five minutes."""
    click.echo(as_owner(_listed))


@providers.command()
@click.option("--count", default=20, show_default=True, type=click.IntRange(1, 1000))
def history(count: int) -> None:
    """List the latest changes, newest first."""
    for row in as_owner(partial(_changes, count=count)):
        click.echo(f"{_instant(row.at)}  {row.channel}  {row.provider}  {row.change}  {row.reason}".rstrip())


@providers.command()
@click.argument("channel", type=_CHANNELS, metavar="CHANNEL")
@click.argument("provider")
@_REASON
def pin(channel: str, provider: str, reason: str) -> None:
    """Use PROVIDER for CHANNEL first, whatever the evidence. A page it does not take still goes by the other."""
    as_owner(lambda engine: service.pin(engine, Channel(channel), provider, reason))
    click.echo(f"{channel}: pinned to {provider}")


@providers.command()
@click.argument("channel", type=_CHANNELS, metavar="CHANNEL")
@_REASON
def unpin(channel: str, reason: str) -> None:
    """Let the evidence decide about CHANNEL again."""
    freed = as_owner(lambda engine: service.unpin(engine, Channel(channel), reason))
    click.echo(f"{channel}: {'unpinned' if freed else 'nothing was pinned'}")


async def _listed(engine: AsyncEngine) -> str:
    lines = [("CHANNEL", "PROVIDER", "CONDITION", "SINCE", "SEEN", "REASON")]
    async with engine.connect() as on:
        states = await repository.states(on)
        reasons = {(row.channel, row.provider): row.reason for row in await repository.rows(on)}
        for channel in service.CHOICE:
            seen = await repository.evidence(on, channel.value)
            for name in names(channel):
                state = states.get(channel.value, {}).get(name)
                words = seen.get(name, Evidence()).words()
                reason = reasons.get((channel.value, name), "")
                lines.append((channel.value, name, *_condition(state), words, reason))
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _condition(state: State | None) -> tuple[str, str]:
    if state is None:
        return Condition.WORKING.value, "-"
    return state.condition.value + (", pinned" if state.pinned else ""), _instant(state.since)


async def _changes(engine: AsyncEngine, *, count: int) -> list[Row[Any]]:
    async with engine.connect() as on:
        return await repository.changes(on, count)


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
