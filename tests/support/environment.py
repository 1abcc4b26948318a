"""Points this process's settings, engine and broker at other services for a while."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Dialect, event, make_url

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
    """Settings and broker anew, and the engine's connections.

    The engine itself stays for all tests, because the statements that it has compiled do: they are much of what a
    short test costs.
    """
    for cached in (settings, broker):
        cached.cache_clear()
    if "DATABASE_URL" in os.environ or engine.cache_info().currsize:
        made = engine()
        if not event.contains(made.sync_engine, "do_connect", _elsewhere):
            event.listen(made.sync_engine, "do_connect", _elsewhere)
        await made.dispose()


def _elsewhere(dialect: Dialect, _record: Any, _arguments: Any, parameters: dict[str, Any]) -> None:
    """Connect to where the settings of the moment say, not to where the engine was made for."""
    address, _ = driver_url(settings().database_url.get_secret_value())
    parameters.update(dialect.create_connect_args(make_url(address))[1])
