"""Work on the database as the role that owns its tables."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.kit.database import make_engine
from backend.kit.settings import settings

ResultT = TypeVar("ResultT")


def as_owner(work: Callable[[AsyncEngine], Awaitable[ResultT]]) -> ResultT:
    """The result of ``work`` on an engine of the owner's, which is closed afterwards."""
    configured = settings().database_owner_url
    url = configured.get_secret_value() if configured else ""
    if not url:
        raise click.ClickException("Set DATABASE_OWNER_URL: this runs as the role that owns the tables.")

    async def run() -> ResultT:
        engine = make_engine(url, pool_size=1)
        try:
            return await work(engine)
        finally:
            await engine.dispose()

    try:
        return asyncio.run(run())
    except OSError as error:
        raise click.ClickException(f"PostgreSQL cannot be reached: {error}") from error
