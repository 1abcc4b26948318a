"""An engine of the owner's, and the application, on the test's own database."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.kit.database import make_engine


@pytest.fixture
async def owner(environment: dict[str, str]) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(environment["DATABASE_OWNER_URL"], pool_size=2)
    yield engine
    await engine.dispose()
