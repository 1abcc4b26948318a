"""What is owed is done once: however often a worker is woken, and whoever falls over on the way."""

import asyncio
import contextlib
import json
import os
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from backend import scheduler
from backend.kit import broker as broker_module
from backend.kit import tasks
from backend.kit.actors import RUNS, register_once
from backend.kit.audit import Entry
from backend.kit.broker import broker
from backend.kit.database import engine
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession, open_session
from backend.kit.settings import settings
from backend.kit.tasks import NOTICES, PAGES, Actor, cancel, owe, owe_once
from infra.dev.clock import Clock
from infra.dev.supervisor import free_port

NOON = datetime(2031, 1, 1, 12, tzinfo=UTC)


class Faulty:
    """Work that fails as often as it is told to, after it has written something."""

    def __init__(self) -> None:
        self.failures = 0

    async def __call__(self, session: TenantSession, subject_id: UUID) -> None:
        session.audit_entries.append(Entry("work.done", "thing", subject_id, None))
        await session.execute(text("SELECT 1"))
        if self.failures:
            self.failures -= 1
            raise LookupError


@pytest.fixture
def work() -> Faulty:
    return Faulty()


@pytest.fixture
def actor(work: Faulty) -> Iterator[Actor]:
    """An actor of this test's own, in a queue that nothing reads."""
    made = Actor(f"test_{uuid4().hex}", f"test-{uuid4().hex}")
    register_once(made, work)
    yield made
    del RUNS[made]


async def owed(tenant: UUID, actor: Actor, due_at: datetime | None = None, subject: UUID | None = None) -> UUID:
    """A committed task."""
    async with open_session(tenant) as session:
        task_id = await owe(session, actor, subject or uuid7(), due_at=due_at)
        await session.commit()
    await asyncio.gather(*tasks._background)
    return task_id


async def done(tenant: UUID) -> int:
    """How often the work took effect."""
    async with open_session(tenant) as session:
        return int(await session.scalar(text("SELECT count(*) FROM audit_entry WHERE action = 'work.done'")) or 0)


async def left(actor: Actor) -> int:
    async with engine().connect() as connection:
        query = text("SELECT count(*) FROM routing.task WHERE actor = :actor")
        return int(await connection.scalar(query, {"actor": actor.name}) or 0)


def messages(queue: str) -> list[tuple[str, list[str]]]:
    """Actor and arguments of every message that waits in a queue, first to last."""
    client = broker().client
    ids = client.lrange(f"safeguard:{queue}", 0, -1)
    found = [json.loads(client.hget(f"safeguard:{queue}.msgs", one) or b"") for one in ids]
    return [(message["actor_name"], message["args"]) for message in found]


async def test_a_commit_wakes_the_actor_with_ids_and_nothing_else(tenant: UUID, actor: Actor) -> None:
    task_id = await owed(tenant, actor)
    assert messages(actor.queue) == [(actor.name, [str(tenant), str(task_id)])]


async def test_woken_many_times_at_once_the_work_takes_effect_once(tenant: UUID, actor: Actor) -> None:
    task_id = await owed(tenant, actor)
    await asyncio.gather(*(RUNS[actor](tenant, task_id) for _ in range(25)))
    assert (await done(tenant), await left(actor)) == (1, 0)
    await RUNS[actor](tenant, task_id)
    assert await done(tenant) == 1


async def test_while_one_worker_holds_a_task_another_leaves_it(tenant: UUID, actor: Actor) -> None:
    task_id = await owed(tenant, actor)
    async with open_session(tenant) as holder, open_session(tenant) as other:
        assert await tasks.take(holder, task_id) is not None
        async with asyncio.timeout(60):
            assert await tasks.take(other, task_id) is None


async def test_work_that_was_rolled_back_stays_owed(tenant: UUID, actor: Actor, work: Faulty) -> None:
    task_id = await owed(tenant, actor)
    work.failures = 2
    for _ in range(2):
        with pytest.raises(LookupError):
            await RUNS[actor](tenant, task_id)
        assert (await done(tenant), await left(actor)) == (0, 1)
    await RUNS[actor](tenant, task_id)
    assert (await done(tenant), await left(actor)) == (1, 0)


async def test_a_timer_does_nothing_before_it_is_due(tenant: UUID, actor: Actor, clock: Clock) -> None:
    await clock.freeze(NOON)
    task_id = await owed(tenant, actor, due_at=NOON + timedelta(hours=12))
    assert messages(actor.queue) == [], "a timer wakes nobody when it is set"
    await clock.freeze(NOON + timedelta(hours=12, microseconds=-1))
    await RUNS[actor](tenant, task_id)
    assert (await done(tenant), await left(actor)) == (0, 1)
    await clock.freeze(NOON + timedelta(hours=12))
    await RUNS[actor](tenant, task_id)
    assert (await done(tenant), await left(actor)) == (1, 0)


async def test_what_was_due_before_it_was_written_is_woken_at_once(tenant: UUID, actor: Actor) -> None:
    await owed(tenant, actor, due_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert len(messages(actor.queue)) == 1


async def test_a_cancelled_task_is_not_done(tenant: UUID, actor: Actor) -> None:
    subject = uuid7()
    task_id = await owed(tenant, actor, subject=subject)
    kept = await owed(tenant, actor)
    async with open_session(tenant) as session:
        cancel(session, actor, [subject])
        await session.commit()
    await RUNS[actor](tenant, task_id)
    assert (await done(tenant), await left(actor)) == (0, 1)
    await RUNS[actor](tenant, kept)
    assert await done(tenant) == 1


async def test_cancelling_reaches_neither_other_actors_nor_other_partnerships(tenant: UUID, actor: Actor) -> None:
    subject = uuid7()
    await owed(tenant, actor, subject=subject)
    for where, which in ((uuid7(), actor), (tenant, Actor("another", actor.queue))):
        async with open_session(where) as session:
            cancel(session, which, [subject])
            await session.commit()
    assert await left(actor) == 1


async def test_a_cancellation_that_was_rolled_back_cancels_nothing(tenant: UUID, actor: Actor) -> None:
    subject = uuid7()
    task_id = await owed(tenant, actor, subject=subject)
    async with open_session(tenant) as session:
        cancel(session, actor, [subject])
    await RUNS[actor](tenant, task_id)
    assert await done(tenant) == 1


async def test_what_is_owed_anew_is_not_cancelled_by_what_cancelled_the_old(tenant: UUID, actor: Actor) -> None:
    subject = uuid7()
    await owed(tenant, actor, subject=subject)
    async with open_session(tenant) as session:
        cancel(session, actor, [subject])
        anew = await owe(session, actor, subject, due_at=NOON)
        await session.commit()
        assert list(
            await session.scalars(text("SELECT id FROM routing.task WHERE subject_id = :id"), {"id": subject})
        ) == [anew]


async def test_what_is_taken_back_cancels_nothing(tenant: UUID, actor: Actor) -> None:
    subject = uuid7()
    await owed(tenant, actor, subject=subject)
    async with open_session(tenant) as session:
        async with session.on_trial():
            cancel(session, actor, [subject])
        with contextlib.suppress(LookupError), session.tentatively():
            cancel(session, actor, [subject])
            raise LookupError
        await session.commit()
    assert await left(actor) == 1


async def test_cancelling_does_not_wait_for_the_worker_that_holds_the_task(tenant: UUID, actor: Actor) -> None:
    """A page is answered while the worker that goes up the ladder waits for the slot that the answer has locked."""
    subject = uuid7()
    task_id = await owed(tenant, actor, subject=subject)
    async with open_session(tenant) as working, open_session(tenant) as answering:
        assert await tasks.take(working, task_id) == subject
        cancel(answering, actor, [subject])
        await asyncio.wait_for(answering.commit(), 60)
        await working.rollback()
    await RUNS[actor](tenant, task_id)
    assert await done(tenant) == 1, "what was held is run, and looks for itself whether it is still wanted"


async def test_another_partnerships_worker_cannot_take_a_task(tenant: UUID, actor: Actor) -> None:
    task_id = await owed(tenant, actor)
    stranger = uuid7()
    await RUNS[actor](stranger, task_id)
    assert (await done(stranger), await left(actor)) == (0, 1)


# The scheduler.


async def sweep_all(sweepers: int = 1) -> None:
    """Sweep until nothing is due, with several sweepers side by side."""
    while any(await asyncio.gather(*(scheduler.sweep(engine()) for _ in range(sweepers)))):
        pass


async def test_several_sweepers_wake_each_due_task_once(tenant: UUID, actor: Actor, clock: Clock) -> None:
    await clock.freeze(NOON)
    await sweep_all()
    due = {str(await owed(tenant, actor, due_at=NOON + timedelta(seconds=1))) for _ in range(40)}
    later = await owed(tenant, actor, due_at=NOON + timedelta(hours=1))
    await sweep_all()
    assert messages(actor.queue) == []
    await clock.freeze(NOON + timedelta(seconds=1))
    await sweep_all(sweepers=6)
    woken = [arguments[1] for _, arguments in messages(actor.queue)]
    assert sorted(woken) == sorted(due)
    assert str(later) not in woken


async def test_a_sweep_gives_workers_their_time_first(tenant: UUID, actor: Actor, clock: Clock) -> None:
    """The commit woke a worker already; the scheduler comes in only when that came to nothing."""
    await clock.freeze(NOON)
    await owed(tenant, actor)
    await sweep_all()
    assert len(messages(actor.queue)) == 1
    await clock.advance(tasks.GRACE)
    await sweep_all()
    assert len(messages(actor.queue)) == 2


@pytest.mark.parametrize(("queue", "pauses"), [(PAGES, [4, 4, 4, 4, 4, 4, 4]), (NOTICES, [4, 8, 16, 32, 60, 60, 60])])
async def test_a_task_that_is_not_done_is_woken_again_later_each_time(
    tenant: UUID, clock: Clock, queue: str, pauses: list[int]
) -> None:
    await clock.freeze(NOON)
    await forget_everything()
    task_id = await owed(tenant, Actor(f"test_{uuid4().hex}", queue), due_at=NOON + timedelta(seconds=1))
    await clock.advance(timedelta(seconds=1))
    found = []
    for _ in pauses:
        await sweep_all()
        async with engine().connect() as connection:
            pause = text("SELECT extract(epoch FROM wake_at - app.now())::int FROM routing.task WHERE id = :id")
            found.append(int(await connection.scalar(pause, {"id": task_id}) or 0))
        await clock.advance(timedelta(seconds=found[-1]))
    assert found == pauses


async def forget_everything() -> None:
    """An empty queue: tests of this module share a database, and some leave tasks undone."""
    async with engine().begin() as connection:
        await connection.execute(text("DELETE FROM routing.task"))


async def test_notices_wait_while_a_page_has_yet_to_leave_but_not_for_ever(tenant: UUID, clock: Clock) -> None:
    await clock.freeze(NOON)
    await forget_everything()
    notice = Actor(f"test_{uuid4().hex}", NOTICES)
    notice_id = await owed(tenant, notice)
    page_id = await owed(tenant, Actor("test_page", PAGES))

    async def woken() -> int:
        async with engine().connect() as connection:
            attempts = text("SELECT attempts FROM routing.task WHERE id = :id")
            return int(await connection.scalar(attempts, {"id": notice_id}) or 0)

    await sweep_all()
    assert await woken() == 0
    await clock.advance(scheduler.PATIENCE)
    await sweep_all()
    assert await woken() == 1
    await clock.advance(timedelta(minutes=2))
    async with open_session(tenant) as session:
        await tasks.take(session, page_id)
        await session.commit()
    await sweep_all()
    assert await woken() == 2


async def test_a_notice_leaves_its_first_wake_up_to_the_scheduler(tenant: UUID, clock: Clock) -> None:
    await clock.freeze(NOON)
    async with open_session(tenant) as session:
        await owe(session, Actor("test_notice", NOTICES), uuid7())
        assert session.wakes == []
        await owe(session, Actor("test_page", PAGES), uuid7())
        assert [wake.actor for wake in session.wakes] == ["test_page"]


async def test_pages_are_woken_before_notices(tenant: UUID, clock: Clock) -> None:
    await clock.freeze(NOON)
    await sweep_all()
    at = NOON + timedelta(seconds=1)
    await owed(tenant, Actor("test_notice", NOTICES), due_at=at)
    await owed(tenant, Actor("test_page", PAGES), due_at=at + timedelta(milliseconds=1))
    await clock.advance(timedelta(seconds=2))
    async with engine().begin() as connection:
        row = (await connection.execute(scheduler._DUE, {"batch": 1})).one()
    assert row.actor == "test_page"


async def test_partnerships_take_turns_however_much_one_of_them_is_owed(
    tenant: UUID, actor: Actor, clock: Clock
) -> None:
    await clock.freeze(NOON)
    other, due = uuid7(), NOON + timedelta(seconds=1)
    for number in range(5):
        await owed(tenant, actor, due_at=due + timedelta(milliseconds=number))
    await owed(other, actor, due_at=due + timedelta(milliseconds=9))
    await clock.advance(timedelta(seconds=2))
    await sweep_all()
    woken = [arguments[0] for _, arguments in messages(actor.queue)]
    assert len(woken) == 6
    assert str(other) in woken[:2]


# The broker only wakes: without it everything is later, nothing is lost.


@contextmanager
def broker_at(port: int) -> Iterator[None]:
    """Let this process's broker be at another address."""
    before = os.environ["BROKER_URL"]
    os.environ["BROKER_URL"] = f"redis://127.0.0.1:{port}/0"
    for cached in (settings, broker):
        cached.cache_clear()
    broker()  # made now: a thread that made it later could leave it behind for other tests
    try:
        yield
    finally:
        os.environ["BROKER_URL"] = before
        for cached in (settings, broker):
            cached.cache_clear()


@asynccontextmanager
async def deaf_server() -> AsyncIterator[socket.socket]:
    """A server that takes connections and never answers: worse than one that refuses them."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0)
        yield listening
    await asyncio.gather(*tasks._background)


@pytest.mark.parametrize("fault", ["refuses", "never answers"])
async def test_a_broker_that_is_away_does_not_fail_or_delay_the_commit(
    tenant: UUID, actor: Actor, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker_module, "_IDLE_SECONDS", 58.0)
    async with deaf_server() as deaf:
        with broker_at(free_port() if fault == "refuses" else deaf.getsockname()[1]):
            async with open_session(tenant) as session:
                await owe(session, actor, uuid7())
                before = time.monotonic()
                await session.commit()
                assert time.monotonic() - before < 20  # a client that waited for an answer would take a minute
            assert await left(actor) == 1
            if fault == "refuses":
                await asyncio.gather(*tasks._background)
            else:
                asked, _ = await asyncio.get_running_loop().sock_accept(deaf)
                asked.close()
    assert messages(actor.queue) == []


async def test_what_a_broker_never_heard_of_is_woken_by_the_scheduler(tenant: UUID, actor: Actor, clock: Clock) -> None:
    await clock.freeze(NOON)
    with broker_at(free_port()):
        task_id = await owed(tenant, actor)
        await clock.advance(timedelta(seconds=5))
        await scheduler.sweep(engine())
    assert messages(actor.queue) == []
    await clock.advance(timedelta(seconds=5))
    await sweep_all()
    assert messages(actor.queue) == [(actor.name, [str(tenant), str(task_id)])]


async def test_a_wiped_broker_costs_time_only(tenant: UUID, actor: Actor, clock: Clock) -> None:
    await clock.freeze(NOON)
    task_id = await owed(tenant, actor)
    broker().client.flushdb()
    assert messages(actor.queue) == []
    await clock.advance(timedelta(seconds=5))
    await sweep_all()
    assert messages(actor.queue) == [(actor.name, [str(tenant), str(task_id)])]


async def test_what_is_owed_once_is_owed_once_and_no_later(tenant: UUID, actor: Actor) -> None:
    subject, tomorrow = uuid7(), datetime.now(UTC) + timedelta(days=1)
    for due, number in ((tomorrow, 1), (tomorrow, 1), (tomorrow + timedelta(hours=1), 1), (None, 2), (None, 2)):
        async with open_session(tenant) as session:
            await owe_once(session, actor, subject, due_at=due)
            await owe_once(session, actor, subject, due_at=due)
            await session.commit()
        assert await left(actor) == number
    async with open_session(uuid7()) as session:
        await owe_once(session, actor, subject)
        await session.commit()
    assert await left(actor) == 3


async def test_what_a_worker_holds_may_not_see_this_change_so_it_is_owed_again(tenant: UUID, actor: Actor) -> None:
    subject = uuid7()
    task_id = await owed(tenant, actor, subject=subject)
    async with open_session(tenant) as working, open_session(tenant) as changing:
        assert await tasks.take(working, task_id) == subject
        await owe_once(changing, actor, subject)
        await changing.commit()
        await working.commit()
    assert await left(actor) == 1


async def test_what_waits_is_not_taken_before_the_change_it_stands_for_is_there(tenant: UUID, actor: Actor) -> None:
    subject = uuid7()
    task_id = await owed(tenant, actor, subject=subject)
    async with open_session(tenant) as changing, open_session(tenant) as working:
        await owe_once(changing, actor, subject)
        assert await tasks.take(working, task_id) is None
        await changing.commit()
        assert await tasks.take(working, task_id) == subject
