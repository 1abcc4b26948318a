"""Engines of the two roles, on the test's own database."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.kit.database import engine
from support.environment import owner_engine


@pytest.fixture
async def owner(environment: dict[str, str]) -> AsyncEngine:
    """An engine as the role that owns the tables."""
    assert environment
    return owner_engine()


@pytest.fixture
async def application(environment: dict[str, str]) -> AsyncEngine:
    """An engine as the role that the API and the workers have."""
    assert environment
    return engine()
