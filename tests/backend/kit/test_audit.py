"""The audit log holds, and shows where it was tampered with."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.kit import audit
from backend.kit.audit import AuditPending, Entry
from backend.kit.ids import uuid7
from backend.kit.session import open_session
from infra.dev.clock import Clock
from support.partnership import Partnership

ROOT = Path(__file__).parents[3]
SWAPPED = (
    "UPDATE audit_entry SET seq = -2 WHERE seq = 2; UPDATE audit_entry SET seq = 2 WHERE seq = 4;"
    " UPDATE audit_entry SET seq = 4 WHERE seq = -2"
)


def entry(action: str = "thing.done", **detail: object) -> Entry:
    return Entry(action, "thing", uuid7(), uuid7(), detail)


async def write(tenant: UUID, *entries: Entry) -> None:
    async with open_session(tenant) as session:
        session.audit_entries.extend(entries)
        await session.commit()


async def broken(tenant: UUID) -> int | None:
    async with open_session(tenant) as session:
        return await audit.first_broken(session)


async def seqs(tenant: UUID) -> list[int]:
    async with open_session(tenant) as session:
        return list(await session.scalars(text("SELECT seq FROM audit_entry ORDER BY seq")))


async def tamper(owner: AsyncEngine, tenant: UUID, *statements: str) -> None:
    """What only the owner of the tables can do."""
    async with open_session(tenant, on=owner) as session:
        for statement in statements:
            await session.execute(text(statement))
        await session.commit()


@pytest.fixture
async def log_of_five(tenant: UUID) -> UUID:
    for number in range(5):
        await write(tenant, entry(number=number))
    return tenant


async def test_an_untouched_log_holds(log_of_five: UUID) -> None:
    assert await seqs(log_of_five) == [1, 2, 3, 4, 5]
    assert await broken(log_of_five) is None


async def test_an_empty_log_holds(tenant: UUID) -> None:
    assert await broken(tenant) is None


async def test_several_entries_of_one_transaction_keep_their_order(tenant: UUID) -> None:
    await write(tenant, *(entry(f"step.{number}") for number in range(4)))
    async with open_session(tenant) as session:
        found = list(await session.scalars(text("SELECT action FROM audit_entry ORDER BY seq")))
    assert found == ["step.0", "step.1", "step.2", "step.3"]
    assert await broken(tenant) is None


async def test_what_is_stored_is_what_was_hashed(tenant: UUID) -> None:
    """Values that JSON has no type for, and an order of keys that JSONB does not keep."""
    await write(tenant, entry(zulu=1, alpha=uuid7(), nested={"b": [1, 2], "a": None}, word="ťýžďeň", ratio=0.5))
    assert await broken(tenant) is None


@pytest.mark.parametrize("microseconds", [0, 1, 100, 120_000, 123_456, 999_999])
async def test_the_instant_is_hashed_as_it_is_stored(tenant: UUID, clock: Clock, microseconds: int) -> None:
    await clock.freeze(datetime(2031, 3, 30, 1, 0, 0, microseconds, tzinfo=UTC))
    await write(tenant, entry(), entry())
    assert await broken(tenant) is None


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ("DELETE FROM audit_entry WHERE seq = 3", 3),
        ("DELETE FROM audit_entry WHERE seq = 1", 1),
        ("DELETE FROM audit_entry WHERE seq <= 2; UPDATE audit_entry SET seq = seq - 2", 1),
        ("UPDATE audit_entry SET action = 'nothing.done' WHERE seq = 3", 3),
        ("UPDATE audit_entry SET actor_id = NULL WHERE seq = 3", 3),
        ("UPDATE audit_entry SET subject_id = tenant_id WHERE seq = 3", 3),
        ("UPDATE audit_entry SET subject_kind = 'person' WHERE seq = 3", 3),
        ("UPDATE audit_entry SET at = at - interval '1 microsecond' WHERE seq = 3", 3),
        ("""UPDATE audit_entry SET detail = '{"number": 9}' WHERE seq = 3""", 3),
        ("UPDATE audit_entry SET hash = repeat('0', 64) WHERE seq = 3", 3),
        (SWAPPED, 2),
    ],
    ids=["gap", "no first", "renumbered", "action", "actor", "subject", "kind", "instant", "detail", "hash", "order"],
)  # fmt: skip
async def test_the_first_entry_that_was_tampered_with_is_found(
    log_of_five: UUID, owner: AsyncEngine, change: str, at: int
) -> None:
    await tamper(owner, log_of_five, *change.split("; "))
    assert await broken(log_of_five) == at


@pytest.mark.parametrize("relinked", [False, True])
async def test_an_entry_that_was_altered_with_its_hash_breaks_the_next(
    log_of_five: UUID, owner: AsyncEngine, *, relinked: bool
) -> None:
    """Also when the next one is made to name the new hash: its own covers the old."""
    async with open_session(log_of_five, on=owner) as session:
        row = (await session.execute(text("SELECT * FROM audit_entry WHERE seq = 2"))).one()
        forged = {**row._mapping, "action": "nothing.done"}
        values = {"hash": audit.entry_hash(forged)}
        await session.execute(
            text("UPDATE audit_entry SET action = 'nothing.done', hash = :hash WHERE seq = 2"), values
        )
        if relinked:
            await session.execute(text("UPDATE audit_entry SET previous_hash = :hash WHERE seq = 3"), values)
        await session.commit()
    assert await broken(log_of_five) == 3


async def test_an_entry_put_in_between_is_found(log_of_five: UUID, owner: AsyncEngine) -> None:
    await tamper(
        owner, log_of_five,
        "UPDATE audit_entry SET seq = seq + 100 WHERE seq > 2", "UPDATE audit_entry SET seq = seq - 99 WHERE seq > 100",
        "INSERT INTO audit_entry SELECT tenant_id, gen_random_uuid(), 3, at, actor_id, action, subject_kind,"
        " subject_id, detail, hash, repeat('a', 64) FROM audit_entry WHERE seq = 2",
    )  # fmt: skip
    assert await broken(log_of_five) == 3


async def test_writers_at_once_leave_no_gap(tenant: UUID) -> None:
    other = uuid7()
    both = [tenant, other] * 20
    await asyncio.gather(*(write(one, entry(), entry(), entry()) for one in both))
    for one in (tenant, other):
        assert await seqs(one) == list(range(1, 61))
        assert await broken(one) is None


async def test_a_writer_that_gives_up_leaves_no_gap(tenant: UUID) -> None:
    """Its lock goes with it, and its numbers are used by the next."""

    async def give_up() -> None:
        async with open_session(tenant) as session:
            given = bytes(audit.for_database([entry(), entry()])).decode()
            await session.execute(text("SELECT app.append_audit(CAST(:given AS jsonb))"), {"given": given})
            await session.rollback()

    await asyncio.gather(*(act for _ in range(8) for act in (write(tenant, entry()), give_up())))
    assert await seqs(tenant) == list(range(1, 9))
    assert await broken(tenant) is None


async def test_a_writer_that_has_not_committed_keeps_nobody_waiting(tenant: UUID) -> None:
    async with open_session(tenant) as slow:
        slow.append(AuditPending, entries=audit.for_database([entry("slow")]))
        await slow.flush()
        async with asyncio.timeout(60):
            await write(tenant, entry("quick"))
        await slow.commit()
    async with open_session(tenant) as session:
        assert list(await session.scalars(text("SELECT action FROM audit_entry ORDER BY seq"))) == ["quick", "slow"]
        assert await session.scalar(text("SELECT count(*) FROM audit_pending")) == 0
    assert await broken(tenant) is None


async def test_the_command_line_verifies_a_log(
    environment: dict[str, str], owner: AsyncEngine, herts: Partnership
) -> None:
    async def verify() -> tuple[int, str]:
        done = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "backend.cli", "audit", "verify", "hertfordshire",
            env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await done.communicate()
        return done.returncode or 0, said.decode().strip()

    assert await verify() == (0, "hertfordshire: the audit log holds")
    await tamper(owner, herts.id, "UPDATE audit_entry SET action = 'nothing.done' WHERE seq = 4")
    assert await verify() == (1, "safeguard: hertfordshire: the audit log does not hold from entry 4 on.")
