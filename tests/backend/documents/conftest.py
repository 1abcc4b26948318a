"""Storage, a migrated database and one provisioned partnership. Stands until the suite's own fixtures do."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import boto3
import pytest
from mypy_boto3_s3.client import S3Client
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.kit import database
from backend.kit.database import make_engine
from backend.kit.session import TenantSession, open_session
from backend.kit.settings import settings
from infra.dev.services import LAUNCHERS, DevelopmentServices, development_services
from support.documents import Desk, open_desk
from tenants.partnerships import storage

REPOSITORY = Path(__file__).parents[3]
ELSEWHERE = {name: "http://localhost:1" for name in LAUNCHERS if name != "S3_ENDPOINT_URL"}


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevelopmentServices]:
    folder = tmp_path_factory.mktemp("documents")
    with (
        development_services(folder, environment=ELSEWHERE, durable=False) as running,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in running.environment.items():
            patch.setenv(name, value)
        for cached in (settings, database.engine, storage._session):
            cached.cache_clear()
        subprocess.run([sys.executable, "-m", "alembic", "upgrade", "head"], cwd=REPOSITORY, check=True)
        yield running
    for cached in (settings, database.engine, storage._session):
        cached.cache_clear()


@pytest.fixture(scope="session")
async def owner(services: DevelopmentServices) -> AsyncIterator[AsyncEngine]:
    """The role that may write what the application may only read."""
    made = make_engine(services.environment["DATABASE_OWNER_URL"], 2)
    yield made
    await made.dispose()
    await database.engine().dispose()


@pytest.fixture
async def desk(owner: AsyncEngine) -> Desk:
    return await open_desk(owner, "invented-vale")


@pytest.fixture
async def elsewhere(owner: AsyncEngine) -> Desk:
    return await open_desk(owner, "made-up-shire")


@pytest.fixture
async def session(desk: Desk) -> AsyncIterator[TenantSession]:
    """A session of the application role, in the first partnership."""
    async with open_session(desk.partnership.id) as opened:
        yield opened


@pytest.fixture
def operator(services: DevelopmentServices) -> S3Client:
    """An S3 client that may do anything to any bucket."""
    return boto3.Session().client(
        "s3", endpoint_url=services.environment["S3_ENDPOINT_URL"], region_name="eu-west-2"
    )
