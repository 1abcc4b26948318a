"""Record an event by hand, correct one, or say that it did not happen. What stood before stays readable."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias
from uuid import UUID

from backend.cases import service as cases
from backend.clocks.recording import Cause
from backend.identity.policies import Caller
from backend.kit.problems import Conflict, FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_faults
from backend.pathways import repository
from backend.pathways.clock_gates import refuse_events
from backend.pathways.definitions.faults import choose
from backend.pathways.following import outgoing
from backend.pathways.models import PathwayEvent, RunState, Source
from backend.pathways.moments import MomentTold, moment_fault, standing
from backend.pathways.noting import note
from backend.pathways.repository import no_such
from backend.pathways.standing import Standing, entered
from backend.pathways.taking import finish, send

Follower: TypeAlias = Callable[[TenantSession, PathwayEvent, PathwayEvent], Awaitable[None]]
"""Takes the event as it stood, and the correction of it."""
_followers: list[Follower] = []


def corrected_with_events(follower: Follower) -> None:
    """Have something that keeps the moment of an event put right in the transaction that corrects the event."""
    if follower not in _followers:
        _followers.append(follower)


async def record_event(
    session: TenantSession, caller: Caller, run_id: UUID, code: str, moment: MomentTold, reason: str | None,
    event_id: UUID,
) -> PathwayEvent:  # fmt: skip
    """Record that an event of the definition happened, or is to come (a birth, a move).

    Raises ``NotFound``, ``Forbidden``, ``Conflict`` for a closed run, ``Invalid`` for an event that the definition
    does not know or a moment that cannot be, ``Refused`` for what a gate holds back.
    """
    at = await entered(session, caller, run_id)
    _refuse_closed(at)
    known = [one.id for one in at.definition.events]
    faults = text_faults(reason=(reason, 1_000))
    if code not in known:
        faults.append(FieldError("code", f"is no event of this pathway; {choose(code, known)}"))
    if fault := moment_fault(moment, "", at.now):
        faults.append(FieldError(fault.field.lstrip("."), fault.message))
    if faults:
        raise Invalid(faults)
    await refuse_events(session, at, [code])
    row = await note(session, at, code, moment, Source.HAND, event_id=event_id, reason=reason)
    await cases.record(session, at.run.case_id, "pathway.event_recorded", caller, run=run_id, event=code)
    await send(session, at, outgoing(at.definition, None, [code]), f"event:{event_id}")
    await finish(session, at)
    return row


async def correct_event(
    session: TenantSession, caller: Caller, event_id: UUID, moment: MomentTold | None, reason: str, correction_id: UUID
) -> PathwayEvent:
    """Say when an event really happened or, without a ``moment``, that it did not. Clocks are worked out anew.

    Notifications that went out are not called back. Raises as ``record_event`` does, and ``Conflict`` for an event
    that was corrected before: then the correction is what may be corrected.
    """
    known = await repository.row(session, PathwayEvent, event_id)
    at = await entered(session, caller, known.run_id, otherwise=no_such(PathwayEvent))
    faults = text_faults(reason=(reason, 1_000))
    if moment is not None and (fault := moment_fault(moment, "", at.now)):
        faults.append(FieldError(fault.field.lstrip("."), fault.message))
    if faults:
        raise Invalid(faults)
    _refuse_closed(at)
    events = await repository.of_run(session, PathwayEvent, known.run_id)
    if known.id not in {row.id for row in standing(events)}:
        raise Conflict("This event was corrected before. Correct the newest entry of it.")
    row = await note(
        session, at, known.code, moment or MomentTold(), Source.HAND, event_id=correction_id, corrects=known,
        withdrawn=moment is None, reason=reason,
    )  # fmt: skip
    await cases.record(session, at.run.case_id, "pathway.event_corrected", caller, run=known.run_id, event=known.code,
                       corrects=known.id, withdrawn=row.withdrawn)  # fmt: skip
    for follower in _followers:
        await follower(session, known, row)
    await finish(session, at, Cause("correction", caller.person_id, reason))
    return row


def _refuse_closed(at: Standing) -> None:
    if at.run.state is not RunState.OPEN:
        raise Conflict("This run is closed. Start the pathway anew if it is needed again.")
