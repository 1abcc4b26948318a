"""An engine of the application's role, on the test's own database."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.kit.database import engine


@pytest.fixture
async def application(environment: dict[str, str]) -> AsyncEngine:
    """An engine as the role that the API and the workers have."""
    assert environment
    return engine()
