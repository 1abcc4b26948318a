"""A scheduler's second duty: to audit every partnership each minute, to clear away what is kept for a time alone,
and to say outside that all is well.
"""

import asyncio
import contextlib
import time
from collections import Counter
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.changes import repository as changes
from backend.kit import idempotency, metrics
from backend.kit.broker import broker
from backend.kit.database import engine
from backend.kit.session import open_session
from notifications.channels.providers import silent
from notifications.watch import heartbeat, repository, service
from notifications.watch.models import FindingKind
from notifications.webhooks import pruning as webhooks

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 5.0
_CLEARED: Final = 5_000  # rows of a table and partnership in one turn
# A rota that is laid out for ten weeks yet puts no page at risk tonight.
_CAN_WAIT: Final = frozenset({FindingKind.ROTA_NOT_EXTENDED})


async def run(stopping: asyncio.Event) -> None:
    """Audit whenever it is this process's turn, until told to stop. Nothing that fails here ends it."""
    while not stopping.is_set():
        try:
            if await repository.claim(engine()):
                await audit_all(engine())
        except Exception as error:  # whatever it is, the next turn must come
            log.warning("audit_failed", exc_info=error)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), LOOK_SECONDS)


async def audit_all(on: AsyncEngine) -> str:
    """Audit every partnership, then send the heartbeat or withhold it. Gives what came of the heartbeat."""
    began = time.perf_counter()
    found: Counter[FindingKind] = Counter()
    failed = 0
    for tenant_id in await repository.partnerships(on):
        try:
            async with open_session(tenant_id, on=on) as session:
                report = await service.audit(session)
                await session.commit()
            found.update(report.found)
            await _clear(tenant_id, on)
        except Exception as error:  # one partnership's trouble hides no other's
            failed += 1
            log.warning("audit_failed", exc_info=error, tenant_id=str(tenant_id))
    for kind in FindingKind:
        metrics.OPEN_FINDINGS.labels(kind.value).set(found[kind])
    metrics.AUDIT_SECONDS.observe(time.perf_counter() - began)
    trouble = ["audit_failed"] * failed
    if not failed:
        await repository.finish(on, found.total())
        metrics.AUDITED_AT.set_to_current_time()
    trouble += [kind.value for kind in found if kind not in _CAN_WAIT]
    return await heartbeat.beat(trouble + await _trouble(on))


async def _clear(tenant_id: UUID, on: AsyncEngine) -> None:
    """Delete what no phone and no other system can ask for any more. It may fail, and is done in another turn."""
    try:
        async with open_session(tenant_id, on=on) as session:
            await changes.prune(session, most=_CLEARED)
            await idempotency.prune(session, most=_CLEARED)
            await webhooks.prune(session, most=_CLEARED)
            await session.commit()
    except Exception as error:
        log.warning("clearing_failed", exc_info=error, tenant_id=str(tenant_id))


async def _trouble(on: AsyncEngine) -> list[str]:
    """What else would keep a page from leaving. The audit has already shown that the database takes writes."""
    signs = await repository.signs(on)
    trouble = [code for code, seen in (
        ("audit_stale", not signs.audited), ("scheduler_silent", not signs.swept), ("page_overdue", signs.page_overdue),
    ) if seen]  # fmt: skip
    if not await _broker_answers():
        trouble.append("broker_away")
    away = await silent()
    for provider in away:
        log.error("provider_silent", provider=provider)
    return [*trouble, *(["provider_away"] if away else [])]


async def _broker_answers() -> bool:
    try:
        return bool(await asyncio.wait_for(asyncio.to_thread(broker().client.ping), 2))
    except Exception:  # whatever is wrong, it does not answer
        return False
