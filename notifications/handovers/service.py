"""Write a hand-over, sign it, and remind who has not.

A note is the outgoing person's: only they write it, and what both have signed is never changed.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

from backend.kit.audit import Entry
from backend.kit.problems import Conflict, FieldError, Forbidden, Invalid
from backend.kit.session import TenantSession
from backend.kit.tasks import cancel, owe
from notifications.alerts.service import raise_alert
from notifications.handovers import repository
from notifications.handovers.changes import LOOK_AHEAD, LOOK_BACK, REMIND_HANDOVER, list_open, start
from notifications.handovers.models import Handover, HandoverState
from notifications.handovers.settings import acknowledge_within
from notifications.notices import service as notices
from notifications.notices.wording import HANDOVER
from notifications.readiness import repository as duties
from notifications.readiness.duties import Change, changes
from notifications.rotas import repository as rotas

UNSIGNED_ALERT: Final = "handover-unsigned"
_NOTICE_LASTS: Final = timedelta(days=1)


async def write(session: TenantSession, role: str, person_id: UUID, note: str | None) -> Handover:
    """The person's present hand-over in a role, begun now unless it was before, with ``note`` if one is given.

    The outgoing person writes; the incoming one may begin it without a note. A note written anew
    must be signed anew. Raises ``Invalid`` for a role without a rota, ``Forbidden`` for anybody else
    and for a note by the incoming person, ``Conflict`` when both have signed.
    """
    found = await _present(session, role, person_id)
    if note is not None:
        if found.outgoing_id != person_id:
            raise Forbidden("Only the person who hands over writes the note.")
        found.note, found.written_at = note, await session.now()
        found.outgoing_signed_at = found.incoming_signed_at = None
        _audit(session, "handover.written", found, person_id)
    return found


async def _present(session: TenantSession, role: str, person_id: UUID) -> Handover:
    """The hand-over that the person has a part in now, in whichever rota of the role they are."""
    found = [rota for rota in await rotas.rotas(session) if rota.role == role]
    if not found:
        raise Invalid([FieldError("role", "is no role with a rota in this partnership")])
    now = await session.now()
    for rota in found:
        await repository.mark(session, rota.id, now)
        waiting = await _unsigned_of(session, rota.id, person_id)
        if waiting is not None:
            return waiting
    for rota in found:
        change = await _coming(session, rota.id, person_id)
        if change is not None:
            return await _begun(session, role, change, person_id)
    raise Forbidden("Only who is on call in this role, or follows next, begins its hand-over.")


async def _begun(session: TenantSession, role: str, change: Change, person_id: UUID) -> Handover:
    out = change.outgoing
    found = await repository.of_duty(session, out.rota_id, out.position, out.person_id, out.begins)
    if found is not None:
        raise Conflict("Both have signed this hand-over; it is not changed any more.")
    found = await start(session, role, change, person_id)
    await list_open(session, found, out.begins)
    return found


async def _unsigned_of(session: TenantSession, rota_id: UUID, person_id: UUID) -> Handover | None:
    """The latest hand-over that waits for the person: theirs to write first, theirs to receive after."""
    waiting = await repository.unsigned(session, rota_id)
    leaving = [one for one in waiting if one.outgoing_id == person_id]
    coming = [one for one in waiting if one.incoming_id == person_id]
    return next(iter(leaving + coming), None)


async def _coming(session: TenantSession, rota_id: UUID, person_id: UUID) -> Change | None:
    """The change at the end of the duty that runs now, when the person leaves or follows in it."""
    now = await session.now()
    turns = await duties.turns(session, now - LOOK_BACK, now + LOOK_AHEAD, rota_id)
    for change in changes(turns):
        out, into = change.outgoing, change.incoming
        if out.begins <= now < out.ends and person_id in {out.person_id, into and into.person_id}:
            return change
    return None


async def acknowledge(session: TenantSession, handover_id: UUID, person_id: UUID) -> Handover:
    """Sign as the outgoing or incoming person; when both have, the hand-over is closed.

    Signing twice is no error. Raises ``NotFound``, ``Forbidden`` for anybody else, ``Conflict`` for
    a void one.
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
        found.outgoing_signed_at = now
    else:
        found.incoming_signed_at = now
    _audit(session, "handover.acknowledged", found, person_id)
    if found.outgoing_signed_at is not None and found.incoming_signed_at is not None:
        found.state = HandoverState.SIGNED
        await cancel(session, REMIND_HANDOVER, [found.id])
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
