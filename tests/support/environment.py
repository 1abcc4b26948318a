"""Points this process's settings, engine and broker at other services for a while."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import Dialect, event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.kit.broker import broker
from backend.kit.database import engine, make_engine
from backend.kit.database_urls import driver_url
from backend.kit.settings import settings


@asynccontextmanager
async def product_settings(environment: Mapping[str, str]) -> AsyncIterator[None]:
    """Within the block the product's code reads ``environment``."""
    before = dict(os.environ)
    os.environ.update(environment)
    await _read_anew()
    broker()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        await _read_anew()


async def _read_anew() -> None:
    """Settings and broker anew, and the engines' connections.

    The engines themselves stay for all tests, because the statements that they have compiled do: they are much of
    what a short test costs.
    """
    for cached in (settings, broker):
        cached.cache_clear()
    if "DATABASE_URL" in os.environ or engine.cache_info().currsize:
        made = engine()
        if not event.contains(made.sync_engine, "do_connect", _elsewhere):
            event.listen(made.sync_engine, "do_connect", _elsewhere)
        await made.dispose()
    if owner_engine.cache_info().currsize:
        await owner_engine().dispose()


@lru_cache(maxsize=1)
def owner_engine() -> AsyncEngine:
    """As the engine of the product, for the owner of the database."""
    made = make_engine(os.environ["DATABASE_OWNER_URL"], 1)
    event.listen(made.sync_engine, "do_connect", partial(_elsewhere, owner=True))
    return made


def _elsewhere(
    dialect: Dialect, _record: Any, _arguments: Any, parameters: dict[str, Any], *, owner: bool = False
) -> None:
    """Connect to where the environment of the moment says, not to where the engine was made for."""
    url = os.environ["DATABASE_OWNER_URL"] if owner else settings().database_url.get_secret_value()
    parameters.update(dialect.create_connect_args(make_url(driver_url(url)[0]))[1])
