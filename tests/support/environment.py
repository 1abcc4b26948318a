"""Points this process's settings, engine and broker at other services for a while."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from backend.kit.broker import broker
from backend.kit.database import engine
from backend.kit.settings import settings


@asynccontextmanager
async def product_settings(environment: Mapping[str, str]) -> AsyncIterator[None]:
    """Within the block the product's code reads ``environment``."""
    before = dict(os.environ)
    os.environ.update(environment)
    for cached in (settings, engine, broker):
        cached.cache_clear()
    broker()
    try:
        yield
    finally:
        await engine().dispose()
        for cached in (settings, engine, broker):
            cached.cache_clear()
        os.environ.clear()
        os.environ.update(before)
