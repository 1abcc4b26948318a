"""Watch duties until they begin: tell who is not ready, then the rota's manager, then who is on call.

Nothing here trusts what it found earlier. Each check looks at the rota as it is, so a duty that has
passed to somebody else ends in silence, and planning anew finds whoever has it now.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from backend.kit.audit import Entry
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor, cancel, owe
from notifications.alerts.service import raise_alert
from notifications.deliveries import notices
from notifications.deliveries.wording import NOT_READY, ON_CALL
from notifications.readiness import repository
from notifications.readiness.duties import REST, Duty, duties
from notifications.readiness.models import DutyWatch, ReadinessReminder
from notifications.readiness.rules import LEADS, MANAGER_FROM, NOTICE_AHEAD, Lack, missing, next_check, stage_at
from notifications.rotas import repository as rotas

PLAN_DUTIES: Final = Actor("plan_duties", NOTICES)
CHECK_DUTY: Final = Actor("check_duty", NOTICES)
MANAGER_ALERT: Final = "readiness-manager"

AGAIN: Final = timedelta(days=1)
_LATE: Final = timedelta(hours=1)  # a duty taken over at once begins a moment before it is planned


@dataclass(frozen=True, slots=True)
class Readiness:
    """How somebody stands who is on call or soon will be."""

    duty: Duty
    role: str
    lacks: tuple[Lack, ...]


async def upcoming(session: TenantSession, now: datetime, within: timedelta, rota_id: UUID | None = None) -> list[Duty]:
    """Duties that run now or begin ``within``, whole as far back as they have been without a ``REST``."""
    turns = await repository.turns(session, now - REST - _LATE, now + within + REST, rota_id)
    return [duty for duty in duties(turns) if duty.ends > now and duty.answers_from <= now + within]


async def plan(session: TenantSession, rota_id: UUID) -> None:
    """Watch each duty of a rota that begins soon, from its next check on; plan again after ``AGAIN``.

    To be run, too, when the rota has changed: whoever has a duty now is watched, as if they always had it.
    """
    now = await session.now()
    coming = [
        duty for duty in await upcoming(session, now, NOTICE_AHEAD + AGAIN, rota_id) if duty.answers_from > now - _LATE
    ]
    watches = [watch for watch in await repository.watch(session, coming) if watch.told_at is None]
    cancel(session, CHECK_DUTY, [watch.id for watch in watches])
    told = await repository.reminded(session, [watch.id for watch in watches])
    for watch in watches:
        stage = stage_at(watch.begins_at, now)
        at_once = stage is not None and now < watch.begins_at and (watch.id, stage) not in told
        await owe(session, CHECK_DUTY, watch.id, due_at=now if at_once else next_check(watch.begins_at, now))
    cancel(session, PLAN_DUTIES, [rota_id])
    await owe(session, PLAN_DUTIES, rota_id, due_at=now + AGAIN)


async def check(session: TenantSession, watch_id: UUID) -> None:
    """A stage has come, or the duty begins: look at the rota and the person anew, and tell who must know."""
    watch = await repository.locked_watch(session, watch_id)
    now = await session.now()
    duty = await _still(session, watch, now)
    cancel(session, CHECK_DUTY, [watch.id])
    if duty is None or watch.told_at is not None:
        return
    if now >= watch.begins_at:
        watch.told_at = now
        told = await notices.tell(session, [watch.person_id], template=ON_CALL, subject_id=watch.id, until=duty.ends)
        _audit(session, "duty.begun", watch, notices=told)
        return
    await _remind(session, watch, now)
    await owe(session, CHECK_DUTY, watch.id, due_at=next_check(watch.begins_at, now))


async def _still(session: TenantSession, watch: DutyWatch, now: datetime) -> Duty | None:
    """The watched duty as the rota has it now; None once it is over, moved or somebody else's."""
    within = max(watch.begins_at - now, timedelta())
    return next((
        duty for duty in await upcoming(session, now, within, watch.rota_id)
        if (duty.rota_id, duty.person_id, duty.answers_from) == (watch.rota_id, watch.person_id, watch.begins_at)
    ), None)  # fmt: skip


async def _remind(session: TenantSession, watch: DutyWatch, now: datetime) -> None:
    """Say once at each stage that the person is not ready: to them, and when it is late to the manager.

    When nothing reaches the person, it is the manager who must know, however early it is.
    """
    stage = stage_at(watch.begins_at, now)
    if stage is None or (watch.id, stage) in await repository.reminded(session, [watch.id]):
        return
    lacks = missing((await repository.facts(session, [watch.person_id], now))[watch.person_id], now)
    if not lacks:
        return
    reminder = ReadinessReminder(tenant_id=session.tenant_id, watch_id=watch.id, stage=stage, at=now,
                                 missing=[lack.value for lack in lacks], notices=0)  # fmt: skip
    reminder.notices = await notices.tell(session, [watch.person_id], template=NOT_READY, subject_id=reminder.id,
                                          until=watch.begins_at)  # fmt: skip
    reminder.manager_told = LEADS[stage] <= MANAGER_FROM or not reminder.notices
    session.insert(reminder)
    if reminder.manager_told:
        await raise_alert(session, MANAGER_ALERT, subject_kind="readiness_reminder", subject_id=reminder.id)
    _audit(session, "duty.not_ready", watch, stage=stage.value, missing=reminder.missing,
           manager_told=reminder.manager_told)  # fmt: skip


async def readiness(
    session: TenantSession, within: timedelta, *, role: str | None = None, person_id: UUID | None = None
) -> list[Readiness]:
    """How those stand who are on call now or begin ``within``, soonest first; of one role or person when given."""
    now = await session.now()
    roles = {rota.id: rota.role for rota in await rotas.rotas(session, ended=True)}
    found = [
        duty
        for duty in await upcoming(session, now, within)
        if role in {None, roles[duty.rota_id]} and person_id in {None, duty.person_id}
    ]
    facts = await repository.facts(session, {duty.person_id for duty in found}, now)
    ordered = sorted(found, key=lambda duty: (duty.answers_from, roles[duty.rota_id], duty.position))
    return [Readiness(duty, roles[duty.rota_id], missing(facts[duty.person_id], now)) for duty in ordered]


async def lacks_of(session: TenantSession, person_id: UUID) -> tuple[Lack, ...]:
    """What one person lacks now, whether or not they are on any rota."""
    now = await session.now()
    return missing((await repository.facts(session, [person_id], now))[person_id], now)


def _audit(session: TenantSession, action: str, watch: DutyWatch, **detail: object) -> None:
    session.audit_entries.append(
        Entry(action, "duty_watch", watch.id, None, {**detail, "person": str(watch.person_id)})
    )
