"""Two partnerships with storage of their own, and a session in the first."""

from collections.abc import AsyncIterator

import boto3
import pytest
from mypy_boto3_s3.client import S3Client
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.kit.session import TenantSession, open_session
from infra.dev.services import DevelopmentServices
from support.documents import Desk, open_desk


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
    return boto3.Session().client("s3", endpoint_url=services.environment["S3_ENDPOINT_URL"], region_name="eu-west-2")
