"""Fixtures of folders whose tests can share one database a module."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.kit.database import make_engine
from backend.kit.ids import uuid7
from infra.dev.clock import Clock
from infra.dev.product import process_environment
from infra.dev.services import DevelopmentServices
from support import databases
from support.environment import product_settings


@pytest.fixture(scope="module")
async def environment(
    services: DevelopmentServices, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[dict[str, str]]:
    """The product's variables on a copy of the template for one module; this process's settings follow them."""
    async with databases.copy_of(template, services.environment["POSTGRES_ADMIN_URL"]) as name:
        urls = databases.urls(services.environment, name)
        made = process_environment(services, tmp_path_factory.mktemp("product"), THROTTLING="false", **urls)
        async with product_settings(made):
            yield made


@pytest.fixture
async def clock(environment: dict[str, str]) -> AsyncIterator[Clock]:
    """The module's database clock, which runs again afterwards."""
    made = Clock(environment["DATABASE_OWNER_URL"])
    yield made
    await made.shift(timedelta())


@pytest.fixture
async def owner(environment: dict[str, str]) -> AsyncIterator[AsyncEngine]:
    """An engine as the role that owns the tables."""
    made = make_engine(environment["DATABASE_OWNER_URL"], pool_size=2)
    yield made
    await made.dispose()


@pytest.fixture
def tenant(environment: dict[str, str]) -> UUID:
    """A partnership of this test's own. Nothing of the kit asks whether it is registered."""
    return uuid7()
