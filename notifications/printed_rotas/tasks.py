"""Actors of the printed rota."""

from typing import Final
from uuid import UUID

from backend.kit.actors import register_once
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor
from notifications.coverage.service import ask_for_check
from notifications.ladders import reliance
from notifications.ladders.changes import LADDERS_CHANGED
from notifications.printed_rotas import service
from notifications.rotas.followers import ROTA_FOLLOWERS
from tenants.contacts.changes import CONTACTS_CHANGED

REPRINT_ROTAS: Final = Actor("reprint_rotas", NOTICES)


async def issue(session: TenantSession, partnership_id: UUID) -> None:
    await service.issue(session, partnership_id)


async def contacts_changed(session: TenantSession, _partnership_id: UUID) -> None:
    """Somebody may have become unreachable, a ladder may lean on nobody, and the numbers on paper are old."""
    await ask_for_check(session)
    await reliance.ask_for_check(session)
    await service.ask_for_issue(session)


register_once(service.PRINT_ROTAS, issue)
register_once(REPRINT_ROTAS, service.ask_for_issue)
register_once(CONTACTS_CHANGED, contacts_changed)
register_once(LADDERS_CHANGED, service.ask_for_issue)
ROTA_FOLLOWERS.add(REPRINT_ROTAS)
