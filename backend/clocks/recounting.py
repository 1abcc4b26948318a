"""Count open clocks anew when the working days change."""

from uuid import UUID

from backend.clocks import repository
from backend.clocks.deadlines import due_at, reminder_at
from backend.clocks.limits import Lead, Span, Unit
from backend.clocks.service import CLOCK_BREACH, CLOCK_REMINDER, record, set_timers
from backend.kit.session import TenantSession
from backend.kit.tasks import cancel
from tenants.calendars import repository as calendars
from tenants.partnerships import repository as partnerships


async def recount(session: TenantSession, _partnership_id: UUID) -> None:
    """Move the due instant and timers of each running clock that counts working days, with an audit line each.

    A clock that comes out as it was is left alone, so doing it again changes nothing. A breach stays one.
    """
    zone = (await partnerships.own(session)).zone
    calendar, receipt = await calendars.practice(session, zone)
    for clock in await repository.running(session, Unit.WORKING_DAYS):
        span = Span(value=clock.rule["value"], unit=clock.rule["unit"])
        due = due_at(clock.started_at, span, calendar, receipt)
        if due == clock.due_at:
            continue
        before, clock.due_at = clock.due_at, due
        leads = [Lead.model_validate(lead) for lead in clock.rule.get("warn_before", [])]
        warn_at = [] if clock.reminded_at else [reminder_at(clock.started_at, due, lead, calendar) for lead in leads]
        await cancel(session, CLOCK_REMINDER, [clock.id])
        await cancel(session, CLOCK_BREACH, [clock.id])
        await set_timers(session, clock.id, due, sorted(warn_at))
        await record(session, clock, "clock.recounted", None, was_due_at=before.isoformat())
