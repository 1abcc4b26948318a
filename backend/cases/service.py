"""Open a case, add to its timeline, log who looks."""

from datetime import datetime
from typing import Any
from uuid import UUID

from backend.cases.models import AccessEntry, CaseEvent, CaseFile
from backend.kit.ids import spoken_reference
from backend.kit.session import TenantSession


async def open_case(session: TenantSession, pathway: str, area_id: UUID | None, case_id: UUID) -> CaseFile:
    """A new case file on ``pathway``."""
    case = CaseFile(
        tenant_id=session.tenant_id, id=case_id, pathway=pathway, reference=spoken_reference(),
        area_id=area_id, opened_at=await session.now(),
    )  # fmt: skip
    session.insert(case)
    return case


async def add_event(
    session: TenantSession, case_id: UUID, kind: str, actor_id: UUID | None, *,
    occurred_at: datetime | None = None, detail: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """Append to the timeline. ``detail`` holds ids, codes and instants, never a child's data."""
    now = await session.now()
    session.append(
        CaseEvent, case_id=case_id, kind=kind, actor_id=actor_id,
        occurred_at=occurred_at or now, recorded_at=now, detail=detail or {},
    )  # fmt: skip


async def log_access(session: TenantSession, person_id: UUID, subject_kind: str, subject_id: UUID, action: str) -> None:
    """Note that a person looked at a record; committed with the answer that shows it."""
    session.append(
        AccessEntry, person_id=person_id, subject_kind=subject_kind, subject_id=subject_id,
        action=action, at=await session.now(),
    )  # fmt: skip
