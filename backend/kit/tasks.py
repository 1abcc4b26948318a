"""Durable tasks: rows in PostgreSQL are the queue of record, Dramatiq messages only wake a worker.

A task row says *which actor* has work on *which row* of *which partnership*, and when. It is
written in the transaction of the fact that calls for it. After the commit a message with its ids
goes to Valkey; the actor deletes the row in the transaction that does the work, so the work takes
effect once however often it is woken. A message that is lost, or a worker that dies, leaves the
row, and the scheduler wakes it again. Timers are the same rows with ``due_at`` in the future.

The table lies in the schema ``routing``, outside row-level security, because the scheduler reads
it for every partnership; it therefore holds identifiers and instants, nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import dramatiq
import redis
import structlog
from sqlalchemy import Index, text, update
from sqlmodel import Field, col

from backend.kit import queues
from backend.kit.broker import broker
from backend.kit.ids import uuid7
from backend.kit.tables import Row, instant

if TYPE_CHECKING:
    from backend.kit.session import TenantSession

log = structlog.get_logger(__name__)

PAGES: Final = queues.PAGES  # first pages and escalations: woken at once, by whoever committed them
NOTICES: Final = queues.NOTICES  # all else: woken by the scheduler, which lets pages go first

# How long a woken worker has before the scheduler wakes the task again.
GRACE: Final = timedelta(seconds=3)


class Task(Row, table=True):
    """One piece of work that is owed. Its row is gone once the work has taken effect."""

    __table_args__ = (
        Index(None, "wake_at"),
        Index(None, "queue", "due_at"),
        Index(None, "subject_id"),
        {"schema": "routing"},
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID
    queue: str
    actor: str
    subject_id: UUID
    due_at: datetime = instant()
    wake_at: datetime = instant()
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Wake:
    """What a message carries: ids, never data."""

    queue: str
    actor: str
    tenant_id: UUID
    task_id: UUID


async def owe(session: TenantSession, actor: Actor, subject_id: UUID, *, due_at: datetime | None = None) -> UUID:
    """Record that ``actor`` must run on ``subject_id``, at once or at ``due_at``. Returns the task's id."""
    now = await session.now()
    due = now if due_at is None else max(due_at, now)
    at_once = actor.queue != NOTICES and due == now
    task_id = session.append(
        Task, queue=actor.queue, actor=actor.name, subject_id=subject_id, due_at=due,
        wake_at=now + GRACE if at_once else due,
    )  # fmt: skip
    if at_once:
        session.wakes.append(Wake(actor.queue, actor.name, session.tenant_id, task_id))
    return task_id


async def owe_once(session: TenantSession, actor: Actor, subject_id: UUID, *, due_at: datetime | None = None) -> None:
    """As ``owe``, unless the same is owed already and no later.

    What is owed already will see all that this transaction writes: its row is locked until then. A row
    that a worker holds at this moment may not, so it does not count and another is written.
    """
    await session.flush()
    due = due_at or await session.now()
    waiting = await session.scalar(_WAITING, {
        "tenant": session.tenant_id, "actor": actor.name, "subject": subject_id, "due": due,
    })  # fmt: skip
    if waiting is None:
        await owe(session, actor, subject_id, due_at=due)


_WAITING: Final = text(
    "SELECT id FROM routing.task WHERE subject_id = :subject AND tenant_id = :tenant AND actor = :actor"
    " AND due_at <= :due LIMIT 1 FOR UPDATE SKIP LOCKED"
)


def cancel(session: TenantSession, actor: Actor, subject_ids: Iterable[UUID]) -> None:
    """Forget what ``actor`` owes on ``subject_ids`` by now, but for what a worker holds when this is written.

    Waiting for that worker would be a deadlock, for it waits for the row that we have locked and come from. What it
    holds runs once this transaction has ended: every actor locks what it works on and looks at what is there then.
    """
    session.forget(actor.name, subject_ids)


FORGET: Final = """
    forgotten AS (DELETE FROM routing.task WHERE id IN (
        SELECT id FROM routing.task WHERE tenant_id = :tenant AND subject_id = ANY(:subjects)
            AND (actor, subject_id) IN (SELECT * FROM unnest(CAST(:actors AS text[]), :subjects))
        FOR UPDATE SKIP LOCKED))
"""
"""Part of the statement by which a session writes (``TenantSession.flush``)."""


async def take(session: TenantSession, task_id: UUID) -> UUID | None:
    """Take a due task off the queue within this transaction; None when it is done, early or held.

    Returns the subject's id. Rolling back puts the task back.
    """
    taken = (await session.execute(_TAKE, {"id": task_id, "tenant": session.tenant_id})).one_or_none()
    if taken is None:
        return None
    session.know_now(taken.now)
    return UUID(str(taken.subject_id))


_TAKE: Final = text(
    "DELETE FROM routing.task WHERE id = (SELECT id FROM routing.task WHERE id = :id AND tenant_id = :tenant"
    " AND due_at <= app.now() FOR UPDATE SKIP LOCKED) RETURNING subject_id, app.now() AS now"
)


async def postpone(session: TenantSession, task_id: UUID, wake_at: datetime) -> None:
    """Leave the task on the queue and wake it no sooner than ``wake_at``."""
    await session.execute(update(Task).where(col(Task.id) == task_id).values(wake_at=wake_at))


@dataclass(frozen=True, slots=True)
class Actor:
    """A task's kind: the name its rows carry and the queue it waits in."""

    name: str
    queue: str


def wake(wakes: Iterable[Wake]) -> None:
    """Tell the broker. A broker that is down costs latency only: the scheduler wakes the rows again."""
    for item in wakes:
        message: dramatiq.Message[Any] = dramatiq.Message(
            queue_name=item.queue, actor_name=item.actor, args=(str(item.tenant_id), str(item.task_id)),
            kwargs={}, options={},
        )  # fmt: skip
        try:
            broker().enqueue(message)
        except (redis.RedisError, dramatiq.errors.BrokerConnectionError) as error:
            log.warning("wake_failed", actor=item.actor, error=type(error).__name__)
            return


_background: set[asyncio.Future[None]] = set()


def wake_soon(wakes: list[Wake]) -> None:
    """As ``wake``, from a thread: a slow broker never holds up the answer to a request."""
    if wakes:
        future = asyncio.get_running_loop().run_in_executor(None, wake, wakes)
        _background.add(future)
        future.add_done_callback(_background.discard)
