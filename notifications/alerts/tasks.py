"""Actors of the alerts."""

from typing import Final
from uuid import UUID

from backend.kit.actors import register_once
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor
from notifications.alerts import attendance, drills, escalation, ladder_check, offers, paging
from notifications.deliveries.service import PAGE_ENDED
from notifications.ladders.reliance import CHECK_LADDERS, ask_for_check
from notifications.rotas.followers import ROTA_FOLLOWERS

RECHECK_LADDERS: Final = Actor("recheck_ladders", NOTICES)


async def check_ladders(session: TenantSession, partnership_id: UUID) -> None:
    await ladder_check.check(session, partnership_id)


register_once(PAGE_ENDED, escalation.escalate)
register_once(paging.PAGE_AGAIN, escalation.page_again)
register_once(attendance.CONFIRMATION_DUE, attendance.lapse)
register_once(offers.OFFER_ENDED, offers.expire)
register_once(drills.HOLD_DRILL, drills.hold)
register_once(CHECK_LADDERS, check_ladders)
register_once(RECHECK_LADDERS, ask_for_check)
ROTA_FOLLOWERS.add(RECHECK_LADDERS)
