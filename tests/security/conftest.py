"""The two reference partnerships with something of every kind in each, made once a module."""

from collections.abc import AsyncIterator

import pytest

from support.api import Door, open_door
from support.inquiry import Inquiry, State
from support.neighbours import NEIGHBOURS, Things, administrator, may_do_everything, seeded
from support.partnership import Partnership
from support.suite import environment

__all__ = ["environment"]


@pytest.fixture(scope="module")
async def door(environment: dict[str, str]) -> AsyncIterator[Door]:
    """The real application."""
    async with open_door(environment) as opened:
        yield opened


@pytest.fixture(scope="module")
async def things(door: Door) -> dict[str, Things]:
    """What each partnership has."""
    found = {}
    for slug in NEIGHBOURS:
        partnership = await Partnership.named(slug)
        found[slug] = await seeded(partnership)
        await may_do_everything(door, partnership)
    return found


@pytest.fixture(scope="module", params=list(NEIGHBOURS))
async def inquiry(
    request: pytest.FixtureRequest, environment: dict[str, str], door: Door, things: dict[str, Things]
) -> AsyncIterator[Inquiry]:
    """Each partnership in turn, asking for what the other has."""
    own, other = things[request.param], things[NEIGHBOURS[request.param]]
    connection = await administrator(environment)
    yield Inquiry(await door.on_call(own.partnership, "paediatrician"), own, other, State(connection))
    await connection.close()
