"""PostgreSQL, storage and an issuer for the tests of this folder, with the tables in place."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.kit.database import make_engine
from infra.dev.services import DevelopmentServices, development_services

MIGRATIONS = Path(__file__).parents[2] / "alembic"


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevelopmentServices]:
    with development_services(tmp_path_factory.mktemp("services"), durable=False) as running:
        yield running


@pytest.fixture(scope="session")
def environment(services: DevelopmentServices) -> dict[str, str]:
    """The variables of the running services, also set for this process, and a migrated database."""
    os.environ.update(services.environment)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    command.upgrade(config, "head")
    return services.environment


@pytest.fixture(scope="session")
async def owner(environment: dict[str, str]) -> AsyncIterator[AsyncEngine]:
    """An engine as the role that owns the tables."""
    engine = make_engine(environment["DATABASE_OWNER_URL"], pool_size=5)
    yield engine
    await engine.dispose()


@pytest.fixture(scope="session")
async def application(environment: dict[str, str]) -> AsyncIterator[AsyncEngine]:
    """An engine as the role that the API and the workers have."""
    engine = make_engine(environment["DATABASE_URL"], pool_size=5)
    yield engine
    await engine.dispose()
