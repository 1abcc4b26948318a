"""Every query on case files and their timelines."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, union_all
from sqlalchemy.sql.selectable import Subquery
from sqlmodel import col

from backend.cases.models import CaseEvent, CaseFile
from backend.kit.audit import AuditEntry
from backend.kit.problems import NotFound
from backend.kit.session import TenantSession
from backend.kit.tables import link
from notifications.alerts.models import Alert


async def case(session: TenantSession, case_id: UUID) -> CaseFile:
    """The case file. Raises ``NotFound``."""
    found = await session.get(CaseFile, (session.tenant_id, case_id))
    if found is None:
        raise NotFound("There is no such case in this partnership.")
    return found


def timeline(tenant_id: UUID, case_id: UUID) -> Subquery:
    """All that happened on a case: its own events, and those of the alerts about it."""
    own: Any = select(
        col(CaseEvent.id).label("id"), col(CaseEvent.recorded_at).label("at"), col(CaseEvent.kind).label("kind"),
        col(CaseEvent.occurred_at).label("occurred_at"), col(CaseEvent.actor_id).label("actor_id"),
        col(CaseEvent.detail).label("detail"),
    ).where(col(CaseEvent.tenant_id) == tenant_id, col(CaseEvent.case_id) == case_id)  # fmt: skip
    alerts = (
        select(
            col(AuditEntry.id), col(AuditEntry.at), col(AuditEntry.action), col(AuditEntry.at),
            col(AuditEntry.actor_id), col(AuditEntry.detail),
        )
        .join(Alert, link(AuditEntry, "subject_id", Alert))
        .where(col(AuditEntry.tenant_id) == tenant_id, col(Alert.subject_id) == case_id)
    )  # fmt: skip
    return union_all(own, alerts).subquery("timeline")
