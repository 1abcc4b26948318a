"""Rotas with what can be done about a turn, and alerts that somebody is called by."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import Range

from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from notifications.alerts import drills, offers
from notifications.alerts import repository as alerts
from notifications.alerts.service import override, raise_alert
from notifications.coverage.findings import WarningKind
from notifications.coverage.models import RotaWarning
from notifications.feeds import service as feeds
from notifications.ladders.drills import DrillRule
from notifications.rotas import repository as rotas
from notifications.rotas import service as rota_service
from notifications.rotas import swaps
from notifications.rotas.materialisation import ends_of
from notifications.rotas.models import Shift
from support.partnership import Partnership


async def rota_things(session: TenantSession) -> None:
    """A swap that waits for its answer, somebody's leave, and a shift that is over."""
    rota = next(rota for rota in await rotas.rotas(session) if rota.role == "sio")
    now = await session.now()
    found = await rotas.shifts(session, [rota.id], now, now + timedelta(days=60))
    mine, theirs = [shift for shift in found if ends_of(shift.during)[0] > now][:2]
    await swaps.ask(session, mine.id, theirs.person_id, by=mine.person_id, swap_id=uuid7())
    off = now + timedelta(days=80)
    await rota_service.leave(session, mine.person_id, off, off + timedelta(days=1), by=mine.person_id, reason="Away")
    # The newest of the shifts, which is tried first, is over: what is asked of it is refused and it stays.
    over = Range(now - timedelta(days=2000), now - timedelta(days=1999))
    session.add(Shift(tenant_id=session.tenant_id, rota_id=rota.id, person_id=mine.person_id, during=over, turn=over))
    await session.flush()


async def rota_views(session: TenantSession, partnership: Partnership) -> None:
    """A warning about each rota, and a calendar feed of whoever is on call."""
    found, now = await rotas.rotas(session), await session.now()
    for rota in found:
        session.append(RotaWarning, kind=WarningKind.EMPTY_ROTA, rota_id=rota.id, first_seen_at=now)
    owner = await partnership.on_call("paediatrician")
    await feeds.create(session, feed_id=uuid7(), owner_id=owner, rota_id=found[0].id)


async def seed_alerts(session: TenantSession, person_id: UUID) -> None:
    """An offered slot, a schedule of drills, and an alarm of a type without a policy."""
    await raise_alert(session, "never-heard-of", subject_kind="test", subject_id=uuid7())
    made = await raise_alert(session, "child-death-police-oncall-alert", subject_kind="test", subject_id=uuid7())
    assert made is not None
    await session.flush()
    slot = (await alerts.slots(session, [made.id]))[made.id][0]
    giver, receiver = list(
        await session.scalars(text("SELECT id FROM person WHERE post = 'Senior investigating officer' LIMIT 2"))
    )
    await override(session, slot.id, giver, person_id, "seeded")
    await session.flush()
    await offers.offer(session, slot.id, giver, receiver, within=3_600, offer_id=uuid7())
    rule = DrillRule.model_validate({"pattern": "weekly", "weekday": 2, "at": "14:00"})
    await drills.schedule(session, "missing-from-care", rule, by=person_id, schedule_id=uuid7())
    await raise_alert(
        session, "missing-from-care", subject_kind="drill", subject_id=uuid7(), drill=True, raised_by=person_id
    )
    await session.flush()
