"""What a process remembers of a partnership's configuration, and when it asks again."""

import asyncio
import json
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.kit.configuration import remembered
from backend.kit.session import TenantSession, open_session
from support.partnership import Partnership

KEY = "of_this_test"
_SET = text("""
    INSERT INTO partnership_setting (tenant_id, id, key, value, origin, citation)
    VALUES (:tenant, gen_random_uuid(), :key, CAST(:value AS jsonb), 'local', '')
    ON CONFLICT (tenant_id, key) DO UPDATE SET value = excluded.value
""")
_GET = text("SELECT value FROM partnership_setting WHERE key = :key")


class Reader:
    """Reads this test's setting through what is remembered, and counts how often it was really asked for."""

    def __init__(self, tenant: UUID) -> None:
        self.tenant, self.asked = tenant, 0

    async def read(self) -> object:
        async with open_session(self.tenant) as session:
            return await self.within(session)

    async def within(self, session: TenantSession) -> object:
        return await remembered(session, (Reader, id(self)), self._load)

    async def _load(self, session: TenantSession) -> object:
        self.asked += 1
        return await session.scalar(_GET, {"key": KEY})


@pytest.fixture
async def reader(environment: dict[str, str]) -> Reader:
    return Reader((await Partnership.named("cambs-peterborough")).id)


async def put(session: TenantSession, value: object) -> None:
    await session.execute(_SET, {"tenant": session.tenant_id, "key": KEY, "value": json.dumps(value)})


async def change(owner: AsyncEngine, tenant: UUID, value: object) -> None:
    async with open_session(tenant, on=owner) as session:
        await put(session, value)
        await session.commit()


async def test_what_nobody_changed_is_asked_for_once(reader: Reader, owner: AsyncEngine) -> None:
    await change(owner, reader.tenant, "first")
    assert [await reader.read() for _ in range(3)] == ["first"] * 3
    assert reader.asked == 1


async def test_a_change_is_seen_by_the_next_transaction(reader: Reader, owner: AsyncEngine) -> None:
    await change(owner, reader.tenant, "first")
    await reader.read()
    await change(owner, reader.tenant, "second")
    assert await reader.read() == "second"


async def test_a_transaction_reads_its_own_change_and_nobody_reads_one_rolled_back(
    reader: Reader, owner: AsyncEngine
) -> None:
    await change(owner, reader.tenant, "first")
    async with open_session(reader.tenant, on=owner) as session:
        assert await reader.within(session) == "first"
        await put(session, "never")
        await session.flush()
        assert await reader.within(session) == "never"
        await session.rollback()
        assert await reader.within(session) == "first"
    await change(owner, reader.tenant, "second")
    async with open_session(reader.tenant, on=owner) as session:
        assert await reader.within(session) == "second"


async def test_a_change_committed_while_it_is_read_is_not_remembered_as_the_old_one(
    reader: Reader, owner: AsyncEngine
) -> None:
    await change(owner, reader.tenant, "first")
    async with open_session(reader.tenant) as session:
        await session.revision()
        await change(owner, reader.tenant, "second")
        assert await reader.within(session) == "second"
    assert (await reader.read(), await reader.read(), reader.asked) == ("second", "second", 2)


async def test_another_partnerships_change_asks_nothing_anew_and_its_values_stay_its_own(
    reader: Reader, owner: AsyncEngine
) -> None:
    other = Reader((await Partnership.named("hertfordshire")).id)
    await change(owner, reader.tenant, "ours")
    await reader.read()
    await change(owner, other.tenant, "theirs")
    assert (await reader.read(), await other.read(), reader.asked) == ("ours", "theirs", 1)


async def test_a_change_taken_back_by_a_deletion_is_seen(reader: Reader, owner: AsyncEngine) -> None:
    await change(owner, reader.tenant, "first")
    await reader.read()
    async with open_session(reader.tenant, on=owner) as session:
        await session.execute(text("DELETE FROM partnership_setting WHERE key = :key"), {"key": KEY})
        await session.commit()
    assert await reader.read() is None


async def test_two_changes_at_once_leave_the_later_one(reader: Reader, owner: AsyncEngine) -> None:
    await asyncio.gather(*(change(owner, reader.tenant, number) for number in range(8)))
    async with open_session(reader.tenant) as session:
        stored = await session.scalar(_GET, {"key": KEY})
    assert await reader.read() == stored
