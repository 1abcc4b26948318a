"""The unit of work: the database's clock, the audit entries, the wake-ups, all or nothing."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import text

from backend.kit import tasks
from backend.kit.audit import Entry
from backend.kit.broker import broker
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession, open_session
from backend.kit.tasks import Actor, owe
from infra.dev.clock import Clock


async def counts(tenant: UUID) -> tuple[int, int]:
    """Audit entries and tasks of a partnership, as another transaction sees them."""
    async with open_session(tenant) as session:
        query = "SELECT (SELECT count(*) FROM audit_entry), (SELECT count(*) FROM routing.task WHERE tenant_id = :t)"
        row = (await session.execute(text(query), {"t": tenant})).one()
    return row[0], row[1]


async def woken(queue: str) -> int:
    """Messages that reached the broker, once all that were to be sent have been."""
    await asyncio.gather(*tasks._background)
    return int(broker().client.llen(f"safeguard:{queue}"))


async def work(session: TenantSession, queue: str) -> None:
    """Something that is audited and wakes a worker."""
    session.audit_entries.append(Entry("thing.done", "thing", uuid7(), None))
    await owe(session, Actor("test_session", queue), uuid7())


def fresh_queue() -> str:
    return f"test-{uuid4().hex}"


async def test_time_is_the_databases(tenant: UUID, clock: Clock) -> None:
    at = datetime(2031, 3, 30, 0, 59, 59, 123456, tzinfo=UTC)
    await clock.freeze(at)
    async with open_session(tenant) as session:
        now = await session.now()
    assert (now, now.tzinfo) == (at, UTC)


async def test_time_stands_still_within_a_transaction_and_goes_on_after_it(tenant: UUID, clock: Clock) -> None:
    await clock.freeze(datetime(2031, 1, 1, tzinfo=UTC))
    async with open_session(tenant) as session:
        first = await session.now()
        later = await clock.advance(timedelta(minutes=5))
        assert await session.now() == first
        await session.commit()
        assert await session.now() == later
        latest = await clock.advance(timedelta(minutes=5))
        await session.rollback()
        assert await session.now() == latest


async def test_audit_entries_bear_the_time_of_what_they_record(tenant: UUID, clock: Clock) -> None:
    at = datetime(2031, 1, 1, 3, tzinfo=UTC)
    await clock.freeze(at)
    async with open_session(tenant) as session:
        await work(session, fresh_queue())
        await session.commit()
        assert await session.scalar(text("SELECT at FROM audit_entry")) == at


async def test_a_commit_writes_audit_and_task_and_wakes_a_worker(tenant: UUID) -> None:
    queue = fresh_queue()
    async with open_session(tenant) as session:
        await work(session, queue)
        assert await woken(queue) == 0, "woken before the row was durable"
        await session.commit()
    assert await counts(tenant) == (1, 1)
    assert await woken(queue) == 1


async def test_leaving_without_a_commit_does_nothing(tenant: UUID) -> None:
    queue = fresh_queue()
    async with open_session(tenant) as session:
        await work(session, queue)
    assert await counts(tenant) == (0, 0)
    assert await woken(queue) == 0


async def test_a_rollback_forgets_audit_and_wake_ups_for_good(tenant: UUID) -> None:
    queue = fresh_queue()
    async with open_session(tenant) as session:
        await work(session, queue)
        await session.rollback()
        await session.commit()
    assert await counts(tenant) == (0, 0)
    assert await woken(queue) == 0


async def test_a_second_commit_repeats_nothing(tenant: UUID) -> None:
    queue = fresh_queue()
    async with open_session(tenant) as session:
        await work(session, queue)
        await session.commit()
        await session.commit()
    assert await counts(tenant) == (1, 1)
    assert await woken(queue) == 1


async def test_a_commit_that_fails_wakes_nobody(tenant: UUID) -> None:
    queue = fresh_queue()
    taken = uuid7()
    async with open_session(tenant) as session:
        await work(session, queue)
        # Breaks when the constraint is checked, which is at the commit.
        await session.execute(text("CREATE TEMP TABLE late (id uuid UNIQUE DEFERRABLE INITIALLY DEFERRED)"))
        await session.execute(text("INSERT INTO late VALUES (:id), (:id)"), {"id": taken})
        (raised,) = await asyncio.gather(session.commit(), return_exceptions=True)
    assert raised is not None
    assert await counts(tenant) == (0, 0)
    assert await woken(queue) == 0


async def test_statements_are_planned_once_for_any_values_unless_the_transaction_asks_otherwise(tenant: UUID) -> None:
    mode = text("SHOW plan_cache_mode")
    async with open_session(tenant) as session:
        assert await session.scalar(mode) == "force_generic_plan"
        async with session.on_trial():
            await session.plan_for_values()
            assert await session.scalar(mode) == "force_custom_plan"
        assert await session.scalar(mode) == "force_generic_plan"
        await session.plan_for_values()
        assert await session.scalar(mode) == "force_custom_plan"
        await session.commit()
        assert await session.scalar(mode) == "force_generic_plan"
        await session.plan_for_values()
        assert await session.scalar(mode) == "force_custom_plan", "each transaction may ask"
