"""The application over HTTP, a partnership with storage, and the joint response in another on a Tuesday noon."""

from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.asgi import create_app
from infra.dev.clock import Clock
from support.documents import Desk, open_desk
from support.environment import owner_engine
from support.partnership import Partnership
from support.scene import Phones, Scene, coming, forget_daily_work
from support.work import Work


@pytest.fixture
async def owner(environment: dict[str, str]) -> AsyncEngine:
    """The role that may write what the application may only read."""
    assert environment
    return owner_engine()


@pytest.fixture
async def desk(owner: AsyncEngine) -> Desk:
    """A partnership with storage, a practitioner and a case."""
    return await open_desk(owner, "invented-vale")


@pytest.fixture
async def scene(cambs: Partnership, environment: dict[str, str], clock: Clock, work: Work, phones: Phones) -> Scene:
    """``cambs-peterborough`` with everybody reachable and nothing sent yet."""
    await forget_daily_work(cambs)
    await clock.freeze(coming(weekday=1, hour=12))
    return Scene(cambs, environment, clock, work, phones)


@pytest.fixture
def phones(carrier: httpx.Client) -> Phones:
    """What the provider stand-in has received."""
    return Phones(carrier)


@pytest.fixture
async def browser(environment: dict[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody's browser, or a machine that fetches links."""
    transport = httpx.ASGITransport(create_app())  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://safeguard.test") as client:
        yield client
