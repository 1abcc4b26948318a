"""B10: five hundred acknowledgements at once, for one alert and for as many alerts."""

import asyncio
import uuid
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any

import asyncpg
from load.figures import percentile
from load.paging import as_fast_as_possible
from load.world import Sample, World

ACKNOWLEDGE = """mutation Acknowledge($input: AcknowledgeAlertInput!) {
  acknowledgeAlert(input: $input) {
    __typename
    ... on AlertAnswerPayload { slot { state } }
    ... on Problem { message }
  }
}"""
WHO = '{ onCallNow(role: "sio") { people { name } } }'


def storm(world: World, samples: list[Sample], count: int) -> dict[str, float]:
    """``count`` acknowledgements of the investigating officers' slots, from 32 connections."""
    officer = on_call_officer(world)
    slots = [samples[number % len(samples)].slots["sio"] for number in range(count)]

    def acknowledge(slot: str) -> float:
        given = {"slotId": slot, "idempotencyKey": str(uuid.uuid4())}
        caller = world.caller(officer)
        began = perf_counter()
        told = caller.run(ACKNOWLEDGE, input=given)["acknowledgeAlert"]
        if told["__typename"] != "AlertAnswerPayload":
            raise RuntimeError(f"refused: {told}")
        return (perf_counter() - began) * 1000

    began = perf_counter()
    with ThreadPoolExecutor(32) as pool:
        took = list(pool.map(acknowledge, slots))
    return {"per_s": round(count / (perf_counter() - began), 1), "ms_p50": round(percentile(took, 0.5), 1),
            "ms_p95": round(percentile(took, 0.95), 1)}  # fmt: skip


def acknowledge_storm(world: World) -> dict[str, Any]:
    count = world.options.storm
    samples = as_fast_as_possible(world, count + 1, world.options.clients, "juniper.blythe")
    world.wait_until_quiet()  # the storm is measured, not what five hundred reports lead to meanwhile
    one = storm(world, samples[:1], count)
    many = storm(world, samples[1:], count)
    row = {f"{name}_one_alert": value for name, value in one.items()}
    row |= {f"{name}_as_many": value for name, value in many.items()}
    return row | {"acknowledgements": count, "double": asyncio.run(doubles(world))}


def on_call_officer(world: World) -> str:
    """The subject of whoever is on call now: ``Detective Inspector Bram Cartwheel`` signs in as bram.cartwheel."""
    name = world.caller("juniper.blythe").run(WHO)["onCallNow"]["people"][0]["name"]
    return ".".join(name.split()[-2:]).lower()


async def doubles(world: World) -> int:
    """Slots whose acknowledgement the audit log holds more than once."""
    connection = await asyncpg.connect(world.product.environment["DATABASE_OWNER_URL"])
    found = 0
    for tenant in await connection.fetch("SELECT id FROM routing.partnership"):
        async with connection.transaction():
            await connection.execute("SELECT set_config('app.tenant_id', $1, true)", str(tenant["id"]))
            found += await connection.fetchval(
                "SELECT count(*) FROM (SELECT FROM audit_entry WHERE action = 'slot.acknowledged'"
                " GROUP BY subject_id, detail HAVING count(*) > 1) AS twice"
            )
    await connection.close()
    return found
