"""The API as providers call it, on this test's database."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import httpx
import pytest
from sqlalchemy import text

from backend.asgi import create_app
from support.partnership import Partnership

Api = httpx.AsyncClient
Served = Callable[[], AbstractAsyncContextManager[Api]]


@pytest.fixture
def served(environment: dict[str, str]) -> Served:
    """Makes a client of an application with the settings of the moment."""

    def serve() -> Api:
        app = httpx.ASGITransport(create_app())  # type: ignore[arg-type]
        return Api(transport=app, base_url="http://safeguard.test")

    return serve


@pytest.fixture
async def api(served: Served) -> AsyncIterator[Api]:
    async with served() as client:
        yield client


@pytest.fixture
async def reference(cambs: Partnership) -> str:
    """The reference of a text message that has not been sent yet."""
    await cambs.report_death()
    async with cambs.session() as session:
        found = await session.scalar(text("SELECT id FROM delivery WHERE channel = 'sms' ORDER BY id LIMIT 1"))
    return f"{cambs.id}.{found}"
