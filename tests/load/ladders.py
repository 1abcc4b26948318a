"""B6: thousands of ladders at once: no rung early, none after an answer, and how late the late ones are."""

import asyncio
import json
import random
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
from load.figures import percentile
from load.world import World

from backend.kit.ids import uuid7
from backend.kit.session import open_session
from notifications.alerts import repository as alerts
from notifications.alerts.service import acknowledge, raise_alert
from support.environment import product_settings

TYPE = "benchmark-ladder"
STEP = {"target": {"kind": "rota", "role": "sio"}, "channels": ["sms"], "acknowledge_within": 60}
SLOT = {"role": "sio", "template": "rapid-response-page", "steps": [STEP, STEP]}
AT_ONCE = 8
ANSWERED = 0.3
_POLICY = """
    INSERT INTO alert_policy (tenant_id, id, alert_type, version, title, citation, manual, slots, state, created_at)
    VALUES ($1, gen_random_uuid(), $2, 1, 'Ladders', '', false, $3, 'in_force', now())
"""
_RUNGS = """
    SELECT extract(epoch FROM later.paged_at - first.expires_at) AS late, slot.acknowledged_at < later.paged_at AS after
    FROM page AS later JOIN page AS first USING (tenant_id, slot_id) JOIN alert_slot AS slot
        ON slot.tenant_id = later.tenant_id AND slot.id = later.slot_id
    JOIN alert ON alert.tenant_id = slot.tenant_id AND alert.id = slot.alert_id
    WHERE alert.type = $1 AND first.step = 0 AND later.step = 1
"""


def ladders(world: World) -> dict[str, Any]:
    return asyncio.run(_ladders(world, world.tenant()))


async def _ladders(world: World, tenant: UUID) -> dict[str, Any]:
    database = await asyncpg.connect(world.admin_url)
    await database.execute(_POLICY, tenant, TYPE, json.dumps([SLOT]))
    count = world.options.ladders
    async with product_settings(world.product.environment):
        raised = await _raise(tenant, count)
        chosen = random.Random(6).sample(raised, int(count * ANSWERED))  # noqa: S311  # a fixed choice
        answered = sum(
            await asyncio.gather(*(_answer(tenant, slot, number % 50) for number, slot in enumerate(chosen)))
        )
    until = time.monotonic() + 120
    while True:
        rungs = await database.fetch(_RUNGS, TYPE)
        if len(rungs) >= count - answered or time.monotonic() > until:
            break
        await asyncio.sleep(1)
    await database.close()
    late = [float(rung["late"]) for rung in rungs] or [float("nan")]
    return {
        "ladders": count, "answered_in_time": answered, "climbed": len(rungs),
        "late_s_p50": round(percentile(late, 0.5), 3), "late_s_p95": round(percentile(late, 0.95), 3),
        "early": sum(value < 0 for value in late), "after_an_answer": sum(bool(rung["after"]) for rung in rungs),
        "missing": count - answered - len(rungs),
    }  # fmt: skip


async def _raise(tenant: UUID, count: int) -> list[UUID]:
    """Slots of new alerts, raised as another domain would, a few at a time."""
    made: list[UUID] = []

    async def some(numbers: range) -> None:
        for _ in numbers:
            async with open_session(tenant) as session:
                alert = await raise_alert(session, TYPE, subject_kind="benchmark", subject_id=uuid7())
                await session.commit()
                if alert is None:
                    raise RuntimeError("the benchmark's policy is not in force")
                made.extend(slot.id for slot in (await alerts.slots(session, [alert.id]))[alert.id])

    await asyncio.gather(*(some(range(first, count, AT_ONCE)) for first in range(AT_ONCE)))
    return made


async def _answer(tenant: UUID, slot_id: UUID, after: float) -> bool:
    """Acknowledge for whoever was paged, some time later; whether that was before the next rung."""
    await asyncio.sleep(timedelta(seconds=after).total_seconds())
    async with open_session(tenant) as session:
        pages = (await alerts.pages(session, [slot_id]))[slot_id]
        person = pages[0].person_id
        if person is None:
            raise RuntimeError("the benchmark's rota paged no person")
        slot = await acknowledge(session, slot_id, person)
        await session.commit()
        return slot.step == 0
