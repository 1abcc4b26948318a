"""A partnership with storage, where manuals are written and approved."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.kit.database import make_engine
from support.documents import Desk, open_desk


@pytest.fixture
async def owner(environment: dict[str, str]) -> AsyncIterator[AsyncEngine]:
    """The role that may write what the application may only read."""
    made = make_engine(environment["DATABASE_OWNER_URL"], 2)
    yield made
    await made.dispose()


@pytest.fixture
async def desk(owner: AsyncEngine) -> Desk:
    return await open_desk(owner, "invented-vale")
