"""One key, one thing: whatever is sent again, and however many send it at once."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from backend.kit import idempotency
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict
from backend.kit.session import TenantSession, open_session
from infra.dev.clock import Clock

KEY = "one-action-of-one-person"
PERSON = uuid7()


async def claim(session: TenantSession, result: UUID, **change: Any) -> tuple[UUID, bool]:
    given: dict[str, Any] = {"person_id": PERSON, "key": KEY, "operation": "doThing", "request": {"size": 1}}
    return await idempotency.claim(session, **{**given, **change}, result_id=result)


async def sent(tenant: UUID, **change: Any) -> tuple[UUID, UUID, bool]:
    """One request that is committed: what it would make, what the key stands for, whether it is the first."""
    mine = uuid7()
    async with open_session(tenant) as session:
        stands_for, first = await claim(session, mine, **change)
        await session.commit()
    return mine, stands_for, first


async def test_the_first_request_makes_its_thing_and_the_next_gets_it(tenant: UUID) -> None:
    mine, stands_for, first = await sent(tenant)
    assert (stands_for, first) == (mine, True)
    for _ in range(3):
        assert (await sent(tenant))[1:] == (mine, False)


async def test_twins_at_once_make_one_thing(tenant: UUID) -> None:
    answers = await asyncio.gather(*(sent(tenant) for _ in range(12)))
    made = [mine for mine, _, first in answers if first]
    assert len(made) == 1
    assert {stands_for for _, stands_for, _ in answers} == set(made)


async def test_a_twin_waits_for_the_first_and_gets_its_answer(tenant: UUID) -> None:
    mine = uuid7()
    async with open_session(tenant) as session:
        assert await claim(session, mine) == (mine, True)
        twin = asyncio.create_task(sent(tenant))
        await asyncio.sleep(0.2)
        assert not twin.done()
        await session.commit()
    assert (await twin)[1:] == (mine, False)


async def test_a_twin_takes_the_place_of_a_first_that_fails(tenant: UUID) -> None:
    async with open_session(tenant) as session:
        await claim(session, uuid7())
        twin = asyncio.create_task(sent(tenant))
        await asyncio.sleep(0.2)
        assert not twin.done()
        await session.rollback()
    mine, stands_for, first = await twin
    assert (stands_for, first) == (mine, True)


@pytest.mark.parametrize("leave", ["rollback", "no commit", "error"])
async def test_a_first_try_that_was_rolled_back_leaves_the_key_free(tenant: UUID, leave: str) -> None:
    async def try_once() -> None:
        async with open_session(tenant) as session:
            await claim(session, uuid7())
            if leave == "rollback":
                await session.rollback()
            if leave == "error":
                raise LookupError

    (raised,) = await asyncio.gather(try_once(), return_exceptions=True)
    assert isinstance(raised, LookupError) is (leave == "error")
    # Another request altogether: nothing is left that it could be compared with.
    mine, stands_for, first = await sent(tenant, request={"size": 2})
    assert (stands_for, first) == (mine, True)


@pytest.mark.parametrize("change", [{"request": {"size": 2}}, {"operation": "doAnother"}])
async def test_the_same_key_for_another_request_is_refused(tenant: UUID, change: dict[str, Any]) -> None:
    mine, _, _ = await sent(tenant)
    with pytest.raises(Conflict, match="used for a different request"):
        await sent(tenant, **change)
    assert (await sent(tenant))[1] == mine


async def test_the_order_of_fields_makes_no_other_request(tenant: UUID) -> None:
    mine, _, _ = await sent(tenant, request={"a": 1, "b": 2})
    assert (await sent(tenant, request={"b": 2, "a": 1}))[1:] == (mine, False)


async def test_another_persons_key_is_another_key(tenant: UUID) -> None:
    mine, _, _ = await sent(tenant)
    theirs, stands_for, first = await sent(tenant, person_id=uuid7(), request={"size": 2})
    assert first
    assert stands_for == theirs != mine


async def test_another_partnerships_key_is_another_key(tenant: UUID) -> None:
    await sent(tenant)
    mine, stands_for, first = await sent(uuid7())
    assert (stands_for, first) == (mine, True)


async def test_what_was_sent_is_not_kept(tenant: UUID) -> None:
    """The request may hold a child's name: only its digest is stored."""
    await sent(tenant, request={"childName": "Fernleaf Testchild"})
    async with open_session(tenant) as session:
        row = str((await session.execute(text("SELECT t::text FROM idempotency_key AS t"))).scalar_one())
    assert KEY in row
    assert "Fernleaf" not in row


async def test_a_key_stands_for_its_thing_for_seven_days_and_no_longer(tenant: UUID, clock: Clock) -> None:
    first, _, _ = await sent(tenant)
    await clock.shift(idempotency.KEPT - timedelta(minutes=1))
    assert (await sent(tenant))[1:] == (first, False)
    await clock.shift(idempotency.KEPT + timedelta(minutes=1))
    second, stands_for, is_first = await sent(tenant, request={"size": 2})
    assert (stands_for, is_first) == (second, True)
    assert (await sent(tenant, request={"size": 2}))[1:] == (second, False)


async def test_twins_of_an_expired_key_make_one_thing(tenant: UUID, clock: Clock) -> None:
    await sent(tenant)
    await clock.shift(idempotency.KEPT + timedelta(minutes=1))
    answers = await asyncio.gather(*(sent(tenant) for _ in range(8)))
    assert len([mine for mine, _, first in answers if first]) == 1
    assert len({stands_for for _, stands_for, _ in answers}) == 1


async def test_old_keys_are_cleared_away_and_young_ones_stay(tenant: UUID, clock: Clock) -> None:
    await sent(tenant, key="an-old-key-of-a-person")
    await clock.shift(idempotency.KEPT + timedelta(minutes=1))
    young, _, _ = await sent(tenant)
    async with open_session(tenant) as session:
        assert await idempotency.prune(session, most=10) == 1
        assert await idempotency.prune(session, most=10) == 0
        await session.commit()
    assert (await sent(tenant))[1:] == (young, False)
