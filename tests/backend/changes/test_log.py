"""The log of changes: nothing is skipped, in whatever order transactions commit."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from backend.changes import repository
from backend.changes.cursors import KEPT_LONGER, Place, Stale, decode, encode
from backend.changes.models import ChangeKind
from backend.changes.repository import Narrowing
from backend.kit.session import TenantSession
from support.partnership import Partnership
from support.transactions import earlier_ended

METHODS = Narrowing({ChangeKind.CONTACT_METHOD})


async def methods(partnership: Partnership) -> list[UUID]:
    async with partnership.session() as session:
        found = await session.scalars(text("SELECT id FROM contact_method ORDER BY id"))
        return list(found)


async def touch(session: TenantSession, method_id: UUID) -> None:
    await session.execute(
        text("UPDATE contact_method SET preference = preference WHERE id = :id AND tenant_id = :tenant"),
        {"id": method_id, "tenant": session.tenant_id},
    )


async def horizon(partnership: Partnership) -> Place:
    async with partnership.session() as session:
        return Place((await repository.log(session)).horizon)


async def read(
    partnership: Partnership, after: Place, narrowing: Narrowing = METHODS, *, most: int = 1_000
) -> tuple[Sequence[Any], Place]:
    """What lies after a place, and where to go on."""
    async with partnership.session() as session:
        log = await repository.log(session)
        rows = await repository.rows(session, after, log.horizon, narrowing, most=most)
    reached = Place(rows[-1].transaction, rows[-1].number) if len(rows) == most else Place(log.horizon)
    return rows, max(after, reached)


async def told(partnership: Partnership, after: Place) -> list[UUID]:
    """What the changes after a place are of."""
    await earlier_ended()
    rows, _ = await read(partnership, after)
    return [row.subject_id for row in rows]


async def test_what_commits_first_waits_for_the_transaction_that_began_before_it(cambs: Partnership) -> None:
    """Served at once, the later row would move the cursor past the earlier one, which would never be seen."""
    one, other, *_ = await methods(cambs)
    place = await horizon(cambs)
    async with cambs.session() as slow, cambs.session() as quick:
        await touch(slow, one)
        await touch(quick, other)
        await quick.commit()
        rows, place = await read(cambs, place)
        assert rows == []
        async with cambs.session() as session:
            assert await repository.beyond(session, place.transaction), "it is known that something waits"
        await slow.commit()
    assert await told(cambs, place) == [one, other]


async def test_what_is_rolled_back_is_not_told(cambs: Partnership) -> None:
    one, other, *_ = await methods(cambs)
    place = await horizon(cambs)
    async with cambs.session() as session:
        await touch(session, one)
        await session.rollback()
        await touch(session, other)
        await session.commit()
    assert await told(cambs, place) == [other]


async def test_a_reader_beside_many_writers_misses_nothing_and_meets_nothing_twice(cambs: Partnership) -> None:
    """Writers that begin, commit and give up in a random order, and a reader that follows in small pages."""
    chance = random.Random(20261122)  # noqa: S311  # no secret
    ids = await methods(cambs)
    start = await horizon(cambs)
    committed: list[UUID] = []
    met: list[UUID] = []
    place, done = start, asyncio.Event()

    async def write(method_id: UUID) -> None:
        async with cambs.session() as session:
            await touch(session, method_id)
            await asyncio.sleep(chance.random() / 20)
            if chance.random() < 0.2:
                await session.rollback()
                return
            await session.commit()
            committed.append(method_id)

    async def follow() -> None:
        nonlocal place
        while True:
            last = done.is_set()
            rows, place = await read(cambs, place, most=3)
            met.extend(row.subject_id for row in rows)
            if last and not rows:
                return
            await asyncio.sleep(0.002)

    async with AsyncExitStack() as stack:
        stack.callback(done.set)
        following = asyncio.create_task(follow())
        for _ in range(6):
            await asyncio.gather(*(write(method_id) for method_id in chance.sample(ids, 6)))
        await earlier_ended()
        done.set()
        await asyncio.wait_for(following, 30)
    assert sorted(met) == sorted(committed)
    assert len(committed) > 20


async def test_a_change_is_in_the_log_of_its_own_partnership_alone(cambs: Partnership, herts: Partnership) -> None:
    place = await horizon(cambs)
    async with cambs.session() as session:
        await touch(session, (await methods(cambs))[0])
        await session.commit()
    await earlier_ended()
    assert len((await read(cambs, place))[0]) == 1
    assert (await read(herts, place))[0] == []


async def test_a_standby_that_takes_over_is_another_log(cambs: Partnership) -> None:
    """Its timeline is a new one, and part of what a cursor is good for."""
    async with cambs.session() as session:
        known = await repository.log(session)
        timeline = await session.scalar(text("SELECT timeline_id FROM pg_control_checkpoint()"))
    assert known.system & 0xFFFFFFFF == timeline
    promoted = replace(known, system=known.system + 1)
    with pytest.raises(Stale):
        decode(encode(known, Place(known.horizon), 1), promoted, 1)


async def test_old_rows_go_and_those_a_cursor_may_lead_to_stay(cambs: Partnership) -> None:
    await cambs.report_death()
    await earlier_ended()
    start = Place(0)
    everything = Narrowing()
    before, _ = await read(cambs, start, everything)
    assert before
    async with cambs.session() as session:
        assert await repository.prune(session, most=1_000) == 0
        await session.commit()
    async with cambs.session() as session:
        session.know_now(await session.now() + KEPT_LONGER + timedelta(minutes=1))
        assert await repository.prune(session, most=2) == 2
        assert await repository.prune(session, most=100_000) == len(before) - 2
