"""Every query on hand-overs."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from backend.kit.ids import uuid7
from backend.kit.problems import NotFound
from backend.kit.reading import by_parent
from backend.kit.session import TenantSession
from backend.kit.tables import link, table_of
from notifications.alerts.models import Alert, AlertSlot, AlertState, SlotState
from notifications.handovers.models import Handover, HandoverAlert, HandoverMark, HandoverState

MOST_ALERTS = 100

_UNSIGNED = (HandoverState.WAITING, HandoverState.OPEN)


async def handover(session: TenantSession, handover_id: UUID, *, lock: bool = False) -> Handover:
    """The hand-over, locked when asked. Raises ``NotFound``."""
    query = select(Handover).where(col(Handover.tenant_id) == session.tenant_id, col(Handover.id) == handover_id)
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise NotFound("There is no such hand-over in this partnership.")
    return found


async def mark(session: TenantSession, rota_id: UUID, now: datetime) -> HandoverMark:
    """How far the rota has been seen, locked: one writer of a rota's hand-overs at a time. A new one begins now."""
    row = {"tenant_id": session.tenant_id, "id": uuid7(), "rota_id": rota_id, "seen_until": now}
    await session.execute(insert(table_of(HandoverMark)).values(row).on_conflict_do_nothing())
    return (
        await session.scalars(
            select(HandoverMark)
            .where(col(HandoverMark.tenant_id) == session.tenant_id, col(HandoverMark.rota_id) == rota_id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
    ).one()


async def unsigned(session: TenantSession, rota_id: UUID) -> list[Handover]:
    """The rota's hand-overs that lack a signature, latest first, locked."""
    found = await session.scalars(
        select(Handover)
        .where(
            col(Handover.tenant_id) == session.tenant_id,
            col(Handover.rota_id) == rota_id,
            col(Handover.state).in_(_UNSIGNED),
        )
        .order_by(col(Handover.at).desc(), col(Handover.id).desc())
        .with_for_update(key_share=True)
    )
    return list(found)


async def of_duty(
    session: TenantSession, rota_id: UUID, position: int, outgoing_id: UUID, since: datetime
) -> Handover | None:
    """The hand-over of a duty that began at ``since``, made at its end or asked for before."""
    found: Handover | None = await session.scalar(
        select(Handover)
        .where(
            col(Handover.tenant_id) == session.tenant_id,
            col(Handover.rota_id) == rota_id,
            col(Handover.position) == position,
            col(Handover.outgoing_id) == outgoing_id,
            col(Handover.at) > since,
            col(Handover.state) != HandoverState.VOID,
        )
        .order_by(col(Handover.at).desc())
        .limit(1)
        .with_for_update(key_share=True)
    )
    return found


async def latest_of(session: TenantSession, role: str, person_id: UUID) -> Handover:
    """The hand-over of a role that a person had a part in last. Raises ``NotFound``."""
    found: Handover | None = await session.scalar(
        select(Handover)
        .where(col(Handover.tenant_id) == session.tenant_id, col(Handover.role) == role, has_part(person_id))
        .order_by(col(Handover.created_at).desc(), col(Handover.id).desc())
        .limit(1)
    )
    if found is None:
        raise NotFound("There is no such hand-over in this partnership.")
    return found


def has_part(person_id: UUID) -> ColumnElement[bool]:
    """Hand-overs that a person leaves or receives."""
    return or_(col(Handover.outgoing_id) == person_id, col(Handover.incoming_id) == person_id)


async def open_slots(session: TenantSession, role: str, person_id: UUID, since: datetime) -> list[AlertSlot]:
    """Slots that ``person_id`` leaves to who follows: the role's in alerts that are not met, and in alerts that are,
    those still called for and those the person has taken since ``since``. Newest first, at most ``MOST_ALERTS``."""
    waiting = or_(
        and_(col(Alert.state) == AlertState.OPEN, col(AlertSlot.state) != SlotState.CANCELLED),
        and_(col(Alert.state) == AlertState.MET, col(AlertSlot.state) == SlotState.PAGING),
    )
    taken = and_(
        col(Alert.state) == AlertState.MET,
        col(AlertSlot.acknowledged_by) == person_id,
        col(AlertSlot.acknowledged_at) >= since,
    )
    found = await session.scalars(
        select(AlertSlot)
        .join(Alert, link(AlertSlot, "alert_id", Alert))
        .where(
            col(AlertSlot.tenant_id) == session.tenant_id,
            col(AlertSlot.role) == role,
            # A notice waits for nobody's answer, so nobody has it open.
            col(AlertSlot.ladder)["needs_answer"].as_boolean(),
            or_(waiting, taken),
        )
        .order_by(col(Alert.accepted_at).desc(), col(AlertSlot.id))
        .limit(MOST_ALERTS)
    )
    return list(found)


async def list_slots(session: TenantSession, handover_id: UUID, slots: Iterable[AlertSlot], now: datetime) -> None:
    """Add slots to what a hand-over lists; what stands there keeps the state it was listed in."""
    rows = [
        {"tenant_id": session.tenant_id, "id": uuid7(), "handover_id": handover_id, "alert_id": slot.alert_id,
         "slot_id": slot.id, "state": str(slot.state), "listed_at": now}
        for slot in slots
    ]  # fmt: skip
    if rows:
        await session.execute(insert(table_of(HandoverAlert)).values(rows).on_conflict_do_nothing())


async def alerts_of(session: TenantSession, handover_ids: Iterable[UUID]) -> dict[UUID, list[HandoverAlert]]:
    """What hand-overs list, by hand-over."""
    return await by_parent(session, HandoverAlert, "handover_id", handover_ids)


async def references(session: TenantSession, alert_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The references by which people speak of alerts."""
    rows = await session.execute(
        select(col(Alert.id), col(Alert.reference)).where(
            col(Alert.tenant_id) == session.tenant_id, col(Alert.id).in_(set(alert_ids))
        )
    )
    return {row.id: row.reference for row in rows}
