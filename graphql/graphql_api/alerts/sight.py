"""Which alerts are there for a caller: not those about a case that is not, unless they were called for them."""

from functools import cache, lru_cache
from typing import Final, TypeAlias
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    func,
    literal,
    not_,
    or_,
    select,
)
from sqlmodel import col

from backend.cases.access.repository import shown_through
from backend.cases.policies import Scope, reach
from backend.identity.policies import Caller, Permission
from backend.kit.ids import quoted
from backend.kit.problems import NotFound
from backend.kit.session import TenantSession
from backend.kit.tables import link
from notifications.alerts import repository as alerts
from notifications.alerts.models import Alert, AlertSlot, SlotOffer

_CALLER: Final = bindparam("caller", type_=Uuid())
Look: TypeAlias = tuple[Scope | None] | None
"""How far somebody's sight of cases goes, by which they see alerts; None for who sees their own calls alone."""


def may_look(caller: Caller) -> None:
    """Raise ``Forbidden`` unless the caller may see alerts, or may be called for one."""
    if not caller.may(Permission.ANSWER_ALERTS):
        caller.require(Permission.VIEW_ALERTS)


def in_sight(caller: Caller, *, mine: bool = False) -> ColumnElement[bool]:
    """A condition on alerts. Whoever was called must be able to answer; the case stays closed to them.

    Of somebody who may not see alerts, those that they were called for, or answered for in, and are not kept out of
    since. Of anybody, only those where ``mine``, and they are looked up once.
    """
    return _in_sight(_look(caller), caller.person_id, mine=mine)


def _look(caller: Caller) -> Look:
    return (reach(caller),) if caller.may(Permission.VIEW_ALERTS) else None


# Kept for the people who ask most: putting the condition together takes longer than the database takes to answer it.
@lru_cache(maxsize=128)
def _in_sight(look: Look, person_id: UUID | BindParameter[UUID], *, mine: bool = False) -> ColumnElement[bool]:
    person = literal(person_id, Uuid()) if isinstance(person_id, UUID) else person_id
    let_in = not_(func.jsonb_exists(col(Alert.never_ids), cast(person, Text())))
    called = alerts.concerning(person_id)
    if look is None:
        return and_(called, let_in)
    shown = or_(col(Alert.subject_kind) != "case", shown_through(*look, person_id, col(Alert.subject_id)))
    return and_(called, or_(shown, let_in)) if mine else or_(shown, and_(called, let_in))


# Made once: each is asked for at every answer from a phone.
@cache
def _alert_in_sight(look: Look, by: str) -> Select[Alert]:
    return select(Alert).where(
        col(Alert.tenant_id) == bindparam("tenant"), getattr(Alert, by) == bindparam("asked"), _in_sight(look, _CALLER)
    )


@cache
def _slot_in_sight(look: Look) -> Select[Alert, AlertSlot]:
    return (
        select(Alert, AlertSlot)
        .join(AlertSlot, link(AlertSlot, "alert_id", Alert))
        .where(
            col(AlertSlot.tenant_id) == bindparam("tenant"),
            col(AlertSlot.id) == bindparam("slot"),
            _in_sight(look, _CALLER),
        )
    )


async def require_alert(session: TenantSession, caller: Caller, alert_id: UUID) -> Alert:
    """The alert. Raises ``NotFound`` for one that is not there for the caller."""
    return await _alert(session, caller, "id", alert_id)


async def require_alert_quoted(session: TenantSession, caller: Caller, reference: str) -> Alert:
    """The alert whose messages quote ``reference``. Raises ``NotFound`` as ``require_alert``."""
    return await _alert(session, caller, "reference", quoted(reference))


async def _alert(session: TenantSession, caller: Caller, by: str, asked: UUID | str) -> Alert:
    given = {"tenant": session.tenant_id, "caller": caller.person_id, "asked": asked}
    await session.flush()
    found: Alert | None = await session.scalar(_alert_in_sight(_look(caller), by), given)
    if found is None:
        raise NotFound(alerts.NO_ALERT)
    return found


async def require_slot(session: TenantSession, caller: Caller, slot_id: UUID) -> tuple[Alert, AlertSlot]:
    """A slot and its alert. Raises ``NotFound`` for one that is not there for the caller."""
    asked = {"tenant": session.tenant_id, "caller": caller.person_id, "slot": slot_id}
    await session.flush()
    found = (await session.execute(_slot_in_sight(_look(caller)), asked)).one_or_none()
    if found is None:
        raise NotFound(alerts.NO_SLOT)
    return found[0], found[1]


async def require_offer(session: TenantSession, caller: Caller, offer_id: UUID) -> tuple[Alert, AlertSlot]:
    """The slot of an offer and its alert.

    Raises ``NotFound``, unless it was made to the caller or by them, as ``require_slot``.
    """
    row = await session.get(SlotOffer, (session.tenant_id, offer_id))
    if row is None:
        raise NotFound(alerts.NO_OFFER)
    if caller.person_id in (row.giver_id, row.receiver_id):
        slot = await session.get_one(AlertSlot, (session.tenant_id, row.slot_id))
        return await alerts.alert(session, slot.alert_id), slot
    try:
        return await require_slot(session, caller, row.slot_id)
    except NotFound:
        raise NotFound(alerts.NO_OFFER) from None
