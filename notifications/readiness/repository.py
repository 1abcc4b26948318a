"""Every query on watched duties, and the facts of readiness."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.kit.tables import table_of
from notifications.alerts.models import Page
from notifications.deliveries import repository as deliveries
from notifications.readiness.duties import Duty, Turn
from notifications.readiness.models import DutyWatch, ReadinessReminder
from notifications.readiness.rules import ANSWERS_WITHIN, Facts, Method, Stage
from notifications.rotas import repository as rotas
from notifications.rotas.models import Shift
from tenants.contacts import repository as contacts


async def turns(session: TenantSession, since: datetime, until: datetime, rota_id: UUID | None = None) -> list[Turn]:
    """The shifts that touch a span of time, of one rota or of all."""
    ids = [rota.id for rota in await rotas.rotas(session)] if rota_id is None else [rota_id]
    return [turn_of(shift) for shift in await rotas.shifts(session, ids, since, until)]


def turn_of(shift: Shift) -> Turn:
    """A stored shift. Raises ``ValueError`` for one without an end, which is never written."""
    begins, ends, answers_from = shift.turn.lower, shift.turn.upper, shift.during.lower
    if begins is None or ends is None or answers_from is None:
        message = f"shift {shift.id} has no bounds"
        raise ValueError(message)
    return Turn(shift.rota_id, shift.position, shift.person_id, answers_from, begins, ends)


async def watch(session: TenantSession, duties: Iterable[Duty]) -> list[DutyWatch]:
    """The watches of these duties, made where there is none yet, and locked."""
    wanted = {(duty.rota_id, duty.person_id, duty.answers_from) for duty in duties}
    if not wanted:
        return []
    rows = [
        {"tenant_id": session.tenant_id, "id": uuid7(), "rota_id": rota, "person_id": person, "begins_at": begins}
        for rota, person, begins in sorted(wanted)
    ]
    await session.execute(insert(table_of(DutyWatch)).values(rows).on_conflict_do_nothing())
    found = await session.scalars(
        select(DutyWatch)
        .where(
            col(DutyWatch.tenant_id) == session.tenant_id,
            col(DutyWatch.begins_at).in_({begins for _, _, begins in wanted}),
        )
        .order_by(col(DutyWatch.id))
        .with_for_update(key_share=True)
    )
    return [one for one in found if (one.rota_id, one.person_id, one.begins_at) in wanted]


async def locked_watch(session: TenantSession, watch_id: UUID) -> DutyWatch:
    return (
        await session.scalars(
            select(DutyWatch)
            .where(col(DutyWatch.tenant_id) == session.tenant_id, col(DutyWatch.id) == watch_id)
            .with_for_update(key_share=True)
        )
    ).one()


async def reminded(session: TenantSession, watch_ids: Iterable[UUID]) -> set[tuple[UUID, Stage]]:
    """At which stages of which watches somebody was told that the person is not ready."""
    found = await session.execute(
        select(col(ReadinessReminder.watch_id), col(ReadinessReminder.stage)).where(
            col(ReadinessReminder.tenant_id) == session.tenant_id,
            col(ReadinessReminder.watch_id).in_(list(watch_ids)),
        )
    )
    return {(row.watch_id, Stage(row.stage)) for row in found}


async def facts(session: TenantSession, person_ids: Iterable[UUID], now: datetime) -> dict[UUID, Facts]:
    """What readiness is judged by, for each of ``person_ids``."""
    ids = set(person_ids)
    members = await contacts.able_to_sign_in(session, ids)
    methods = await contacts.every_method(session, ids)
    answered = await _answered(session, ids, now - ANSWERS_WITHIN)
    return {
        person: Facts(
            person in members,
            tuple(
                Method(one.channel, one.verified_at is not None, one.retired_at is not None,
                       max(filter(None, (one.verified_at, answered.get((one.channel, one.address)))), default=None))
                for one in methods.get(person, [])
            ),
        )
        for person in ids
    }  # fmt: skip


async def _answered(session: TenantSession, person_ids: set[UUID], since: datetime) -> dict[tuple[str, str], datetime]:
    """When a message of a recent page last arrived, by channel and address."""
    slots = await session.scalars(
        select(col(Page.slot_id))
        .where(
            col(Page.tenant_id) == session.tenant_id,
            col(Page.person_id).in_(person_ids),
            # A message may arrive a while after its page.
            col(Page.paged_at) > since - timedelta(days=1),
        )
        .distinct()
    )
    return await deliveries.last_arrived(session, list(slots), since)
