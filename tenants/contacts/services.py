"""Verify how services are reached: who made sure, when and how."""

from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.kit.audit import Entry
from backend.kit.problems import Conflict, Invalid
from backend.kit.session import TenantSession
from backend.kit.tasks import owe_once
from backend.kit.texts import text_fault
from tenants.contacts import service_repository as repository
from tenants.contacts.changes import REVERIFY_CONTACTS
from tenants.contacts.service_models import DirectoryChange, DirectoryPoint
from tenants.partnerships import repository as partnerships

MOST_WORDS: Final = 300


async def verify(session: TenantSession, point_id: UUID, how: str, *, by: UUID) -> DirectoryPoint:
    """Note that somebody made sure today that a way to reach a service works, and how they did.

    Raises ``NotFound``, ``Conflict`` for one that is retired, ``Invalid`` for the words.
    """
    row = await repository.point(session, point_id, lock=True)
    if row.retired_at is not None:
        raise Conflict("This way to reach a service is retired. Enter it again first.")
    if fault := text_fault("how", how, MOST_WORDS):
        raise Invalid([fault])
    now = await session.now()
    row.verified_on = now.astimezone(ZoneInfo((await partnerships.own(session)).zone)).date()
    row.verified_by, row.verified_how = by, how
    session.append(DirectoryChange, service_id=row.service_id, point=row.code, action="verified", fields=[],
                   made_by=by, made_at=now)  # fmt: skip
    session.audit_entries.append(Entry("directory_point.verified", "directory_point", row.id, by, {}))
    await session.flush()
    await owe_once(session, REVERIFY_CONTACTS, session.tenant_id)
    return row
