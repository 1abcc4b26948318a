"""Actors of the look-ahead over rotas."""

from typing import Final
from uuid import UUID

from backend.kit.actors import register_once
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor
from notifications.coverage import service
from notifications.rotas.followers import ROTA_FOLLOWERS

RECHECK_COVERAGE: Final = Actor("recheck_coverage", NOTICES)


async def check(session: TenantSession, partnership_id: UUID) -> None:
    await service.check(session, partnership_id)


register_once(service.CHECK_COVERAGE, check)
register_once(RECHECK_COVERAGE, service.ask_for_check)
ROTA_FOLLOWERS.add(RECHECK_COVERAGE)
