"""Engines of the two roles, on the test's own database."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.kit.database import make_engine


@pytest.fixture
async def owner(environment: dict[str, str]) -> AsyncIterator[AsyncEngine]:
    """An engine as the role that owns the tables."""
    engine = make_engine(environment["DATABASE_OWNER_URL"], pool_size=5)
    yield engine
    await engine.dispose()


@pytest.fixture
async def application(environment: dict[str, str]) -> AsyncIterator[AsyncEngine]:
    """An engine as the role that the API and the workers have."""
    engine = make_engine(environment["DATABASE_URL"], pool_size=5)
    yield engine
    await engine.dispose()
