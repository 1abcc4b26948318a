"""B16: each statistic over a generated year of 10,000 cases, and how long it took to generate."""

import asyncio
import time as stopwatch
from datetime import timedelta
from typing import Any, Final

from load.figures import percentile
from load.world import World
from sqlalchemy import text

from backend.identity.policies import Caller
from backend.kit.database import make_engine
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession, open_session
from backend.onboarding import files
from backend.onboarding import service as onboarding
from backend.sandbox.service import Wanted, prepare, settle
from backend.sandbox.together import fill_together
from backend.statistics import service
from backend.statistics.asked import AgeBand, Asked
from backend.statistics.definitions import Code
from support.environment import product_settings

SLUG: Final = "bench-sandbox"
SEED: Final = 7
ROUNDS: Final = 7
PROCESSES: Final = 2


def statistics(world: World) -> dict[str, Any]:
    """Milliseconds of each statistic over the year, and of the slowest for one age band."""
    return asyncio.run(_row(world.product.environment, world.options.cases))


async def _row(environment: dict[str, str], cases: int) -> dict[str, Any]:
    async with product_settings(environment):
        return {**await _generated(environment, cases), **await _measured(environment["DATABASE_URL"])}


async def _generated(environment: dict[str, str], cases: int) -> dict[str, Any]:
    """By the owner, in two processes, as the command does it."""
    url = environment["DATABASE_OWNER_URL"]
    owner = make_engine(url, 1)
    try:
        archetype = files.load("cambs-peterborough")
        await onboarding.load_archetype(owner, archetype, issuer=environment["OIDC_ISSUER"], slug=SLUG)
        await prepare(owner, SLUG, SEED)
        began = stopwatch.perf_counter()
        there = await asyncio.to_thread(fill_together, url, SLUG, Wanted(cases, SEED), PROCESSES, lambda _: None)
        took = stopwatch.perf_counter() - began
        await settle(owner)
    finally:
        await owner.dispose()
    return {"cases": there, "generated_s": round(took), "cases_a_second": round(there / took, 1)}


async def _measured(url: str) -> dict[str, Any]:
    """As the application's own role, so that row-level security costs what it costs."""
    engine = make_engine(url, 1)
    row: dict[str, Any] = {}
    try:
        async with engine.connect() as connection:
            tenant = await connection.scalar(
                text("SELECT id FROM routing.partnership WHERE slug = :slug"), {"slug": SLUG}
            )
        async with open_session(tenant, on=engine) as session:
            caller = Caller(tenant, SLUG, uuid7(), ("performance_officer",))
            today = (await session.now()).date()
            year = Asked(today - timedelta(days=365), today)
            aged = Asked(year.from_on, year.until_on, None, AgeBand.FROM_5_TO_9)
            for code in Code:
                times = await _asked(session, caller, code, year)
                row[f"{code}_ms"] = round(percentile(times, 0.5))
                row[f"{code}_first_ms"] = round(times[0])
            row["slowest_of_an_age_ms"] = round(
                max([percentile(await _asked(session, caller, code, aged), 0.5) for code in Code])
            )
    finally:
        await engine.dispose()
    row["slowest_ms"] = max(row[f"{code}_ms"] for code in Code)
    return row


async def _asked(session: TenantSession, caller: Caller, code: Code, asked: Asked) -> list[float]:
    times = []
    for _ in range(ROUNDS):
        began = stopwatch.perf_counter()
        table = await service.table(session, caller, code, asked)
        times.append((stopwatch.perf_counter() - began) * 1000)
        if not table.lines:
            message = f"nothing of {code} was generated"
            raise RuntimeError(message)
    return times
