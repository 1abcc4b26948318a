"""The auditor: what should have been sent, escalated and laid out, compared with what was.

It trusts no process and no timer, only rows. It puts back what is safe to put back, which is a
task that is missing, and says so; for everything else it tells people.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import Row

from backend.kit import metrics
from backend.kit.audit import Entry
from backend.kit.session import TenantSession
from backend.kit.tasks import owe
from notifications.alerts.attendance import CONFIRMATION_DUE
from notifications.alerts.offers import OFFER_ENDED
from notifications.alerts.service import CONFIGURATION_ALARM, raise_alert
from notifications.deliveries.service import DELIVER_NOTICES, DELIVER_PAGES, PAGE_ENDED
from notifications.rotas.service import EXTEND_ROTA
from notifications.watch import repository
from notifications.watch.models import FindingKind, WatchFinding

log = structlog.get_logger(__name__)

_PUT_BACK: Final = {
    actor.name: actor
    for actor in (PAGE_ENDED, CONFIRMATION_DUE, OFFER_ENDED, DELIVER_PAGES, DELIVER_NOTICES, EXTEND_ROTA)
}
"""Whose tasks are owed again. Each of these actors finds out for itself that nothing is left to do."""


@dataclass(frozen=True, slots=True)
class Report:
    """What one pass saw in one partnership: faults there now, by kind, and how many of them are new."""

    found: Counter[FindingKind]
    new: int
    repaired: int
    cleared: int


async def audit(session: TenantSession) -> Report:
    """Look once. A fault is recorded when first seen, its partnership told once a kind, and cleared when gone."""
    rows = await repository.find(session)
    known = {(FindingKind(one.kind), one.subject_id): one for one in await repository.open_findings(session)}
    now = await session.now()
    seen = {(FindingKind(row.kind), UUID(str(row.subject_id))): row for row in rows}
    gone = [one for key, one in known.items() if key not in seen]
    for finding in gone:
        finding.cleared_at = now
    repaired = await _repair(session, rows)
    told = {kind for kind, subject in known if (kind, subject) in seen and known[kind, subject].alerted}
    new = [key for key in seen if key not in known]
    for kind, subject_id in new:
        finding_id = session.append(
            WatchFinding, kind=kind, subject_id=subject_id, found_at=now, repaired=(kind, subject_id) in repaired,
            alerted=kind not in told,
        )  # fmt: skip
        metrics.FINDINGS.labels(kind.value).inc()
        log.error("watch_finding", kind=kind.value, tenant_id=str(session.tenant_id))
        if kind not in told:  # a hundred faults of one kind are one message
            told.add(kind)
            await raise_alert(session, CONFIGURATION_ALARM, subject_kind="watch_finding", subject_id=finding_id)
    return Report(Counter(kind for kind, _ in seen), len(new), len(repaired), len(gone))


async def _repair(session: TenantSession, rows: Sequence[Row[Any]]) -> set[tuple[FindingKind, UUID]]:
    """Owe the missing tasks again, each at the moment at which it was due."""
    done: set[tuple[FindingKind, UUID]] = set()
    for row in rows:
        kind, subject_id = FindingKind(row.kind), UUID(str(row.subject_id))
        if row.owed_to is None:
            continue
        actor = _PUT_BACK[row.actor]
        await owe(session, actor, row.owed_to, due_at=row.due_at)
        detail = {"finding": kind.value, "actor": actor.name, "owed_to": str(row.owed_to)}
        session.audit_entries.append(Entry("watch.repaired", kind.value, subject_id, None, detail))
        metrics.REPAIRS.labels(kind.value).inc()
        log.warning("watch_repaired", kind=kind.value, actor=actor.name, tenant_id=str(session.tenant_id))
        done.add((kind, subject_id))
    return done
