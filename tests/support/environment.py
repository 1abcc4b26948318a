"""Points this process's settings, engine and broker at other services for a while."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from sqlalchemy import Dialect, event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.kit.broker import broker
from backend.kit.database import driver_url, engine
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
    for cached in (settings, broker):
        cached.cache_clear()
    if engine.cache_info().currsize or "DATABASE_URL" in os.environ:
        await _kept_engine().dispose()


@cache
def _kept_engine() -> AsyncEngine:
    """The process's engine, whose new connections go where the settings of the moment say.

    It is kept for all tests because the statements that it has compiled are: that is most of what a short one costs.
    """
    made = engine()

    @event.listens_for(made.sync_engine, "do_connect")
    def elsewhere(dialect: Dialect, _record: Any, _arguments: Any, parameters: dict[str, Any]) -> None:
        address, _ = driver_url(settings().database_url.get_secret_value())
        parameters.update(dialect.create_connect_args(make_url(address))[1])

    return made
