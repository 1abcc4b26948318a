"""A partnership with storage, where manuals are written and approved."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from support.documents import Desk, open_desk
from support.environment import owner_engine


@pytest.fixture
async def owner(environment: dict[str, str]) -> AsyncEngine:
    """The role that may write what the application may only read."""
    assert environment
    return owner_engine()


@pytest.fixture
async def desk(owner: AsyncEngine) -> Desk:
    return await open_desk(owner, "invented-vale")
