"""Drills: real pages through the real engine, in words that say so, counted apart."""

import secrets
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from backend.kit.audit import Entry
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor, cancel, owe
from notifications.alerts import repository
from notifications.alerts.models import Alert
from notifications.alerts.raising import raise_alert
from notifications.ladders import drill_repository as schedules
from notifications.ladders import repository as ladders
from notifications.ladders.drills import DrillRule, next_drill
from notifications.ladders.models import DrillSchedule
from tenants.calendars import bank_holidays
from tenants.partnerships import repository as partnerships

HOLD_DRILL: Final = Actor("hold_drill", NOTICES)
# A drill at 14:00 that is only fired at 03:00, after an outage, is left out: it would wake people for nothing.
LATEST: Final = timedelta(minutes=30)

_FINEST: Final = 1 << 32


async def raise_drill(
    session: TenantSession, alert_type: str, *, by: UUID | None, alert_id: UUID, area_ids: tuple[UUID, ...] = ()
) -> Alert | None:
    """Hold a drill of a type now; None where no policy of it is in force. It is about itself, not a case."""
    return await raise_alert(
        session, alert_type, subject_kind="drill", subject_id=alert_id, area_ids=area_ids, drill=True,
        raised_by=by, alert_id=alert_id,
    )  # fmt: skip


async def schedule(
    session: TenantSession, alert_type: str, rule: DrillRule, *, by: UUID, schedule_id: UUID
) -> DrillSchedule:
    """Have drills of a type held by a rule from now on.

    Raises ``Invalid`` for a type without a policy in force and for hours that never come, ``Conflict``
    while the type has a schedule already.
    """
    if await ladders.in_force(session, alert_type) is None:
        raise Invalid([FieldError("type", "has no policy in force; switch one on first")])
    if await schedules.running(session, alert_type) is not None:
        raise Conflict("This type has drills scheduled already. End that schedule first.")
    now = await session.now()
    try:
        made = DrillSchedule(
            tenant_id=session.tenant_id, id=schedule_id, alert_type=alert_type, rule=rule.model_dump(mode="json"),
            next_at=await _next(session, rule, now), created_at=now, created_by=by,
        )  # fmt: skip
    except ValueError as error:
        raise Invalid([FieldError("between", str(error))]) from error
    session.insert(made)
    await owe(session, HOLD_DRILL, made.id, due_at=made.next_at)
    _audit(session, "drill.scheduled", made, by)
    return made


async def end(session: TenantSession, schedule_id: UUID, by: UUID) -> DrillSchedule:
    """Hold no more drills by this schedule. Ending it again is no error. Raises ``NotFound``."""
    found = await schedules.schedule(session, schedule_id, lock=True)
    if found.ended_at is None:
        found.ended_at, found.ended_by = await session.now(), by
        cancel(session, HOLD_DRILL, [found.id])
        _audit(session, "drill.schedule_ended", found, by)
    return found


async def hold(session: TenantSession, schedule_id: UUID) -> None:
    """Hold the drill that is due, unless it is late or people are being called in earnest; plan the next."""
    found = await schedules.schedule(session, schedule_id, lock=True)
    now = await session.now()
    if found.ended_at is not None:
        return
    because = None
    if now - found.next_at > LATEST:
        because = "it was more than half an hour late"
    elif await repository.is_calling(session):
        because = "people were being called in earnest"
    elif await raise_drill(session, found.alert_type, by=None, alert_id=uuid7()) is None:
        because = "no policy was in force"
    if because is None:
        found.held_at = now
    else:
        found.skipped_at, found.skipped_because = now, because
        _audit(session, "drill.skipped", found, None)
    rule = DrillRule.model_validate(found.rule)
    found.next_at = await _next(session, rule, now)
    await owe(session, HOLD_DRILL, found.id, due_at=found.next_at)


async def _next(session: TenantSession, rule: DrillRule, now: datetime) -> datetime:
    """Raises ``ValueError`` for hours that never come."""
    zone, holidays = (await partnerships.own(session)).zone, await bank_holidays.in_force(session)
    return next_drill(rule, now, zone, secrets.randbelow(_FINEST) / _FINEST, holidays)


def _audit(session: TenantSession, action: str, found: DrillSchedule, by: UUID | None) -> None:
    session.audit_entries.append(Entry(action, "drill_schedule", found.id, by, {"type": found.alert_type}))
