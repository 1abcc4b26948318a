"""B5: the first provider for text messages fails in every way it can; how soon the second one's page is there."""

import asyncio
import time
from collections import Counter
from typing import Any

import asyncpg
from load.world import Sample, World

FIRST = "govuk-notify"
WAYS: dict[str, dict[str, Any]] = {
    "timeout": {"mode": "timeout", "seconds": 30},
    "error": {"mode": "error500"},
    "throttled": {"mode": "rate_limit"},
    "unparseable": {"mode": "unparseable"},
    "slow": {"mode": "slow", "seconds": 30},
}
KNOWN_SECONDS = 1.5
"""How long a worker goes on with what it knew of the providers."""


def trouble(world: World) -> dict[str, Any]:
    row: dict[str, Any] = {"missing": 0}
    worst, twice = 0.0, 0
    for name, rule in WAYS.items():
        asyncio.run(forget_evidence(world))
        time.sleep(KNOWN_SECONDS)
        world.stand.clear()
        world.stand.http.post("/dev/behaviour", json={**rule, "provider": FIRST}).raise_for_status()
        samples = [world.report() for _ in range(world.options.trouble)]
        found = world.stand.wait_for({s.reference for s in samples}, 2, 20)
        world.stand.http.delete("/dev/behaviour").raise_for_status()
        seconds = [slowest(sample, found) for sample in samples]
        row["missing"] += seconds.count(None)
        row[f"{name}_s"] = round(max((one for one in seconds if one is not None), default=float("nan")), 2)
        worst = max(worst, row[f"{name}_s"])
        twice = max(twice, most_repeats(world))
    asyncio.run(forget_evidence(world))
    return row | {"worst_s": worst, "most_repeats": twice, "too_many": int(twice > 1)}


def slowest(sample: Sample, found: dict[str, dict[str, list[int]]]) -> float | None:
    """Seconds from the answer until both people's text was there; None when one was not."""
    pages = found.get(sample.reference, {})
    if len(pages) < 2:
        return None
    return float(max(min(times) for times in pages.values()) - sample.answered_ns) / 1e9


def most_repeats(world: World) -> int:
    """How often at most one text came again."""
    messages = world.stand.http.get("/dev/messages").json()
    counted = Counter(message["reference"] for message in messages if message["channel"] == "sms")
    return max(counted.values(), default=1) - 1


async def forget_evidence(world: World) -> None:
    """Let both providers be as good as new, so that each way of failing is met unprepared."""
    connection = await asyncpg.connect(world.product.environment["DATABASE_OWNER_URL"])
    await connection.execute("DELETE FROM routing.provider_state; DELETE FROM routing.provider_tally")
    await connection.close()
