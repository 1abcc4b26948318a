"""The joint response in a reference partnership, on a Tuesday noon in its near future."""

import httpx
import pytest
from sqlalchemy import text

from infra.dev.clock import Clock
from support.partnership import Partnership
from support.rota_desk import Desk
from support.scene import Phones, Scene, coming, forget_daily_work
from support.work import Work


@pytest.fixture
async def scene(
    cambs: Partnership, environment: dict[str, str], clock: Clock, work: Work, carrier: httpx.Client
) -> Scene:
    """``cambs-peterborough`` with everybody reachable and nothing sent yet."""
    await forget_daily_work(cambs)
    await clock.freeze(coming(weekday=1, hour=12))
    return Scene(cambs, environment, clock, work, Phones(carrier))


@pytest.fixture
async def desk(scene: Scene) -> Desk:
    """The rotas of ``cambs-peterborough`` on a Tuesday at noon, changed as its people would."""
    async with scene.partnership.session() as session:
        rows = await session.execute(text("SELECT code, id FROM person"))
        return Desk(scene, {row.code: row.id for row in rows}, await session.now())
