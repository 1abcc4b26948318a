"""The rotas of a reference partnership, changed as its people would."""

import pytest
from sqlalchemy import text

from support.rota_desk import Desk
from support.scene import Scene


@pytest.fixture
async def desk(scene: Scene) -> Desk:
    """``cambs-peterborough`` on a Tuesday at noon."""
    async with scene.partnership.session() as session:
        rows = await session.execute(text("SELECT code, id FROM person"))
        return Desk(scene, {row.code: row.id for row in rows}, await session.now())
