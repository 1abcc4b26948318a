"""Write a hand-over, sign it, and remind who has not.

A note is the outgoing person's: only they write it, and what both have signed is never changed.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from backend.kit.audit import Entry
from backend.kit.problems import Conflict, FieldError, Forbidden, Invalid
from backend.kit.session import TenantSession
from backend.kit.tasks import cancel, owe
from notifications.alerts.service import raise_alert
from notifications.deliveries import notices
from notifications.deliveries.wording import HANDOVER
from notifications.handovers import repository
from notifications.handovers.changes import LOOK_AHEAD, LOOK_BACK, REMIND_HANDOVER, list_open, start
from notifications.handovers.models import Handover, HandoverState
from notifications.handovers.settings import acknowledge_within
from notifications.readiness import repository as duties
from notifications.readiness.duties import Change, changes
from notifications.rotas import repository as rotas

UNSIGNED_ALERT: Final = "handover-unsigned"
_NOTICE_LASTS: Final = timedelta(days=1)
_SIGNED: Final = "Both have signed this hand-over; it is not changed any more."
_NO_PART: Final = "Only who is on call in this role, was last, or follows next has a hand-over to write."


async def write(session: TenantSession, role: str, person_id: UUID, note: str | None) -> Handover:
    """The person's present hand-over in a role, begun now unless it was before, with ``note`` if one is given.

    Who is on call, or was last, writes; who follows next may begin it without a note. A note written
    anew must be signed anew. Raises ``Invalid`` for a role without a rota, ``Forbidden`` for anybody
    else and for a note by who follows, ``Conflict`` when both have signed.
    """
    ids = [rota.id for rota in await rotas.rotas(session, ended=True) if rota.role == role]
    if not ids:
        raise Invalid([FieldError("role", "is no role with a rota in this partnership")])
    now = await session.now()
    for rota_id in ids:
        await repository.mark(session, rota_id, now)
    if note is None:
        return await _asked_for(session, role, ids, person_id)
    found = await _own(session, role, ids, person_id)
    found.note, found.written_at = note, now
    found.outgoing_signed_at = found.incoming_signed_at = None
    found.outgoing_device_at = found.incoming_device_at = None
    _audit(session, "handover.written", found, person_id)
    return found


async def _own(session: TenantSession, role: str, rota_ids: list[UUID], person_id: UUID) -> Handover:
    """The hand-over that is the person's to write: of the duty that runs, else of their last."""
    running = await _running(session, rota_ids)
    for change in running:
        if change.outgoing.person_id == person_id:
            return await _begun(session, role, change, person_id)
    waiting = [one for rota_id in rota_ids for one in await repository.unsigned(session, rota_id)]
    for one in waiting:
        if one.outgoing_id == person_id:
            if await repository.of_duty(session, one.rota_id, one.position, person_id, one.at) is not None:
                raise Conflict(_SIGNED)
            return one
    follows = [change for change in running if change.incoming and change.incoming.person_id == person_id]
    if follows or person_id in {one.incoming_id for one in waiting}:
        raise Forbidden("Only the person who hands over writes the note.")
    raise Forbidden(_NO_PART)


async def _asked_for(session: TenantSession, role: str, rota_ids: list[UUID], person_id: UUID) -> Handover:
    """The hand-over of the duty that the person follows next, else one that they have not signed, else their own."""
    running = await _running(session, rota_ids)
    for change in running:
        if change.incoming is not None and change.incoming.person_id == person_id:
            return await _begun(session, role, change, person_id)
    for rota_id in rota_ids:
        for one in await repository.unsigned(session, rota_id):
            if person_id in {one.outgoing_id, one.incoming_id}:
                return one
    for change in running:
        if change.outgoing.person_id == person_id:
            return await _begun(session, role, change, person_id)
    raise Forbidden(_NO_PART)


async def _running(session: TenantSession, rota_ids: list[UUID]) -> list[Change]:
    """The changes at the ends of the duties that run now."""
    now = await session.now()
    turns = [
        turn for rota_id in rota_ids for turn in await duties.turns(session, now - LOOK_BACK, now + LOOK_AHEAD, rota_id)
    ]
    return [change for change in changes(turns) if change.outgoing.begins <= now < change.outgoing.ends]


async def _begun(session: TenantSession, role: str, change: Change, person_id: UUID) -> Handover:
    """The hand-over of a duty that runs. Raises ``Conflict`` when both have signed it."""
    out = change.outgoing
    found = await repository.of_duty(session, out.rota_id, out.position, out.person_id, out.begins)
    if found is not None and found.state is HandoverState.SIGNED:
        raise Conflict(_SIGNED)
    found = found or await start(session, role, change, person_id)
    await list_open(session, found, out.begins)
    return found


async def acknowledge(
    session: TenantSession, handover_id: UUID, person_id: UUID, device_at: datetime | None = None
) -> Handover:
    """Sign as the outgoing or incoming person; when both have, the hand-over is closed.

    ``device_at`` is when the phone of who was offline says that they signed. Signing twice is no error. Raises
    ``NotFound``, ``Forbidden`` for anybody else, ``Conflict`` for a void one.
    """
    found = await repository.handover(session, handover_id, lock=True)
    if person_id not in {found.outgoing_id, found.incoming_id}:
        raise Forbidden("Only the two people of a hand-over sign it.")
    if found.state is HandoverState.VOID:
        raise Conflict("This hand-over is void: its writer came back before anybody took over.")
    leaving = person_id == found.outgoing_id
    if (found.outgoing_signed_at if leaving else found.incoming_signed_at) is not None:
        return found
    now = await session.now()
    if leaving:
        found.outgoing_signed_at, found.outgoing_device_at = now, device_at
    else:
        found.incoming_signed_at, found.incoming_device_at = now, device_at
    _audit(session, "handover.acknowledged", found, person_id)
    if found.outgoing_signed_at is not None and found.incoming_signed_at is not None:
        found.state = HandoverState.SIGNED
        cancel(session, REMIND_HANDOVER, [found.id])
        _audit(session, "handover.signed", found, None)
    return found


async def remind(session: TenantSession, handover_id: UUID) -> None:
    """The time for signing has passed: remind who has not, and after as long again tell the manager."""
    found = await repository.handover(session, handover_id, lock=True)
    if found.state in {HandoverState.SIGNED, HandoverState.VOID} or found.manager_told_at is not None:
        return
    now = await session.now()
    owing = [person for person, signed in ((found.outgoing_id, found.outgoing_signed_at),
                                           (found.incoming_id, found.incoming_signed_at))
             if person is not None and signed is None]  # fmt: skip
    if not owing:
        return  # who takes over will be given their time
    if found.reminded_at is None:
        found.reminded_at = now
        told = await notices.tell(session, owing, template=HANDOVER, subject_id=found.id, until=now + _NOTICE_LASTS)
        _audit(session, "handover.reminded", found, None)
        within = await acknowledge_within(session)
        if told and within is not None:
            await owe(session, REMIND_HANDOVER, found.id, due_at=now + within)
            return
    found.manager_told_at = now
    await raise_alert(session, UNSIGNED_ALERT, subject_kind="handover", subject_id=found.id)
    _audit(session, "handover.manager_told", found, None)


def _audit(session: TenantSession, action: str, found: Handover, actor_id: UUID | None) -> None:
    session.audit_entries.append(Entry(action, "handover", found.id, actor_id, {"rota": str(found.rota_id)}))
