"""What one audit costs: ``PYTHONPATH=tests .venv/bin/python -m load.audit_cost``.

Fills one partnership with closed and open alerts as they are after a long time, on the embedded
PostgreSQL, and measures the auditor's question with the plan that PostgreSQL chose for it.
"""

import argparse
import asyncio
import json
import os
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.kit.database import engine, make_engine
from backend.kit.session import TenantSession, open_session
from infra.dev.product import load, process_environment
from infra.dev.services import development_services
from notifications.watch import repository

_SLOT = json.dumps({"needs_answer": True, "role": "sio", "template": "rapid-response-page", "steps": [], "repeat": 0})
# One alert has two slots; each has a page a rung and two messages a page. Closed ones climbed three rungs.
_FILL = """
WITH made AS (
    INSERT INTO alert (tenant_id, id, type, reference, subject_kind, subject_id, policy_version, state, accepted_at,
        area_ids, drill)
    SELECT :tenant, gen_random_uuid(), 'child-death-joint-response', :mark || n, 'case', gen_random_uuid(), 1, :state,
        now() - :age * interval '1 minute' * random(), '[]', false
    FROM generate_series(1, :count) AS n RETURNING id, reference, accepted_at),
slots AS (
    INSERT INTO alert_slot (tenant_id, id, alert_id, role, required, ladder, step, state, climb_from)
    SELECT :tenant, gen_random_uuid(), id, role, true, CAST(:ladder AS jsonb), :rungs - 1, :slot_state, 0
    FROM made, (VALUES ('sio'), ('paediatrician')) AS roles (role) RETURNING id, alert_id),
pages AS (
    INSERT INTO page (tenant_id, id, slot_id, step, purpose, person_id, found_by, paged_at, expires_at, answer)
    SELECT :tenant, gen_random_uuid(), slots.id, rung, 'call', (SELECT id FROM person LIMIT 1), 'rota:sio', now(),
        now() + interval '1 hour', CASE WHEN rung < :rungs - 1 OR :slot_state <> 'paging' THEN 'expired' END
    FROM slots, generate_series(0, :rungs - 1) AS rung RETURNING id, slot_id, step, answer),
timers AS (
    INSERT INTO routing.task (id, tenant_id, queue, actor, subject_id, due_at, wake_at, attempts)
    SELECT gen_random_uuid(), :tenant, 'pages', 'page_ended', id, later, later, 0
    FROM pages, (VALUES (now() + interval '1 hour')) AS times (later) WHERE answer IS NULL)
INSERT INTO delivery (tenant_id, id, alert_id, slot_id, page_id, channel, address, template, reference, raised_at,
    first_page, wanted, state, attempts, created_at, repeated)
SELECT :tenant, gen_random_uuid(), slots.alert_id, slots.id, pages.id, channel, '07700900000', 'rapid-response-page',
    'R', now(), true, true, 'delivered', 1, now(), false
FROM pages JOIN slots ON slots.id = pages.slot_id, (VALUES ('sms'), ('push')) AS channels (channel)
"""


async def fill(session: TenantSession, count: int, *, closed: bool) -> None:
    states = {"state": "closed", "slot_state": "acknowledged", "age": 500_000, "rungs": 3, "mark": "C"}
    if not closed:
        states = {"state": "open", "slot_state": "paging", "age": 60, "rungs": 1, "mark": "O"}
    await session.execute(text(_FILL), {"tenant": session.tenant_id, "count": count, "ladder": _SLOT, **states})


@asynccontextmanager
async def filling() -> AsyncIterator[AsyncEngine]:
    """An engine of the superuser's, on the product's database."""
    path = urlsplit(os.environ["DATABASE_URL"]).path
    made = make_engine(urlsplit(os.environ["POSTGRES_ADMIN_URL"])._replace(path=path).geturl(), pool_size=1)
    yield made
    await made.dispose()


async def measure(closed: int, opened: int, rounds: int) -> None:
    async with engine().connect() as connection:
        tenant = await connection.scalar(text("SELECT id FROM routing.partnership ORDER BY slug LIMIT 1"))
    taken: list[float] = []
    async with filling() as on, open_session(tenant, on=on) as session:
        await session.execute(text("SET session_replication_role = replica"))  # spares the foreign keys' checks
        await fill(session, closed, closed=True)
        await fill(session, opened, closed=False)
        await session.commit()
        await session.execute(text("ANALYZE"))
        await session.commit()
    for number in range(rounds + 3):
        async with open_session(tenant) as session:
            began = time.perf_counter()
            found = await repository.find(session)
            if number >= 3:  # the first ones plan, and fill caches
                taken.append((time.perf_counter() - began) * 1000)
    kinds = sorted({row.kind for row in found})
    print(f"{closed} closed and {opened} open alerts: {statistics.median(taken):.1f} ms an audit, "
          f"{max(taken):.1f} ms at most of {rounds}; findings: {len(found)} {kinds}")  # fmt: skip
    await engine().dispose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path(".dev/audit"), help="where the services keep their data")
    parser.add_argument("--closed", type=int, default=20_000)
    parser.add_argument("--open", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=50)
    arguments = parser.parse_args()
    with development_services(arguments.folder) as services:
        environment = process_environment(services, arguments.folder)
        load(environment)
        os.environ.update(environment)
        asyncio.run(measure(arguments.closed, arguments.open, arguments.rounds))


if __name__ == "__main__":
    main()
