"""A shift swap's life: asked for, agreed by the other person or not, and then an adjustment like any other.

A swap names turns of the rule by their identity, so it moves with them when the rota's hours change.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy.dialects.postgresql import Range

from backend.kit.audit import Entry
from backend.kit.problems import Conflict, FieldError, Forbidden, Invalid
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor, cancel, owe
from notifications.deliveries import notices
from notifications.deliveries.wording import SWAP_ASKED, SWAP_ENDED, SWAP_UNDONE
from notifications.rotas import eligibility, repository
from notifications.rotas import swap_repository as swaps
from notifications.rotas.changes import adjustment, changed, hold, refuse_two_places
from notifications.rotas.materialisation import ends_of, resolved, swaps_lost
from notifications.rotas.models import Rota, Shift, ShiftSwap, SwapState
from notifications.rotas.resolution import FOLLOWS_WITHIN, AdjustmentKind

EXPIRE_SWAP: Final = Actor("expire_swap", NOTICES)
SWAP_AGREED: Final = Actor("swap_agreed", NOTICES)
"""Owed on the swap when it is agreed, so that the partnership's rota manager is told."""
PATIENCE: Final = timedelta(days=7)
"""How long a request waits for its answer, or until the first turn in it begins."""


@dataclass(frozen=True, slots=True)
class _Side:
    """One turn of a swap, and who gives it to whom."""

    position: int
    key: str
    begins: datetime
    until: datetime
    giver: UUID
    taker: UUID
    parts: tuple[tuple[datetime, datetime], ...]


async def ask(
    session: TenantSession, shift_id: UUID, other_id: UUID, *, by: UUID, swap_id: UUID,
    return_shift_id: UUID | None = None,
) -> ShiftSwap:  # fmt: skip
    """Ask a colleague to take one's shift, perhaps for one of theirs in the same rota.

    The whole turn is asked for where the shift is a part of it, and the request says so. Raises
    ``NotFound``; ``Forbidden`` for somebody else's shift or people of another role; ``Invalid`` for
    who cannot have it, or has another position at the time; ``Conflict`` for a shift that has begun,
    or a swap that overlaps one not yet answered.
    """
    rota_id = (await repository.shift(session, shift_id)).rota_id
    (rota,) = await hold(session, [rota_id])
    now = await session.now()
    shift = await repository.shift(session, shift_id)
    back = await repository.shift(session, return_shift_id) if return_shift_id else None
    await eligibility.known(session, {other_id})
    if shift.person_id != by:
        raise Forbidden("You can only ask for a swap of your own shift.")
    if other_id == by:
        raise Invalid([FieldError("otherId", "must be somebody else")])
    if back is not None and (back.person_id != other_id or back.rota_id != rota.id):
        raise Invalid([FieldError("returnShiftId", "must be a shift of the other person in the same rota")])
    first_start = min(ends_of(one.during)[0] for one in (shift, back) if one is not None)
    if first_start <= now or not shift.turn_key or (back is not None and not back.turn_key):
        raise Conflict("This shift has begun; it can be taken over, but no longer swapped.")
    swap = ShiftSwap(
        tenant_id=session.tenant_id, id=swap_id, rota_id=rota.id, asker_id=by, other_id=other_id,
        asked_at=now, expires_at=min(now + PATIENCE, first_start), **_turns(shift, back),
    )  # fmt: skip
    sides = await _check(session, rota, swap)
    await _refuse_clash(session, rota, swap, sides)
    # A shift may be a part of its turn; who is asked reads the whole that they would take and give.
    swap.during, *returned = [Range(side.begins, side.until) for side in sides]
    swap.return_during = returned[0] if returned else None
    swap.expires_at = min(swap.expires_at, *(side.begins for side in sides))
    _refuse_overlap(swap, await swaps.open_swaps(session, rota.id))
    session.add(swap)
    await session.flush()
    await owe(session, EXPIRE_SWAP, swap.id, due_at=swap.expires_at)
    await notices.tell(session, [other_id], template=SWAP_ASKED, subject_id=swap.id, until=swap.expires_at)
    _audit(session, "swap.asked", swap, by)
    return swap


def _turns(shift: Shift, back: Shift | None) -> dict[str, Any]:
    return {
        "position": shift.position, "turn_key": shift.turn_key, "during": shift.during,
        "return_position": back.position if back else None, "return_key": back.turn_key if back else None,
        "return_during": back.during if back else None,
    }  # fmt: skip


async def agree(session: TenantSession, swap_id: UUID, *, by: UUID) -> ShiftSwap:
    """Take the other's turn: from here on the swap is in force, and a manager is told.

    Raises ``NotFound``, ``Forbidden`` for anybody but the person asked, ``Conflict`` when the swap
    has ended or its turns are no longer those that were asked for, and ``Invalid``.
    """
    rota, swap = await _open(session, swap_id)
    if swap.other_id != by:
        raise Forbidden("Only the person who was asked can agree to a swap.")
    sides = await _check(session, rota, swap)
    for side in sides:
        made = await adjustment(
            session, rota.id, AdjustmentKind.SWAPPED, side.begins, side.until, position=side.position,
            person_id=side.giver, instead_id=side.taker, turn_key=side.key, swap_id=swap.id, reason="", made_by=by,
        )  # fmt: skip
        session.add(made)
    await session.flush()
    first, last = min(side.begins for side in sides), max(side.until for side in sides)
    await refuse_two_places(session, rota, [swap.asker_id, swap.other_id], first, last, "swapId")
    await _end(session, swap, SwapState.AGREED, tell=[swap.asker_id])
    await owe(session, SWAP_AGREED, swap.id)
    await changed(session, [rota], "swap.agreed", "shift_swap", swap.id, by)
    return swap


async def decline(session: TenantSession, swap_id: UUID, *, by: UUID) -> ShiftSwap:
    """Refuse a swap that one was asked for. Raises as ``agree`` does."""
    return await _refuse(session, swap_id, SwapState.DECLINED, by)


async def withdraw(session: TenantSession, swap_id: UUID, *, by: UUID) -> ShiftSwap:
    """End a request before it is answered; either person may. Raises as ``agree`` does."""
    return await _refuse(session, swap_id, SwapState.WITHDRAWN, by)


async def end_requests(session: TenantSession, rota_id: UUID, *, of: UUID | None = None, by: UUID) -> None:
    """End the requests on a held rota that ends, or those of somebody who has left, and tell whoever is still there.

    Nobody could answer them any more.
    """
    for swap in await swaps.open_swaps(session, rota_id):
        both = {swap.asker_id, swap.other_id}
        if of is None or of in both:
            await _end(session, swap, SwapState.WITHDRAWN, tell=both - {of})
            _audit(session, "swap.withdrawn", swap, by)


async def undo(session: TenantSession, swap_id: UUID, *, by: UUID | None) -> None:
    """End an agreed swap from now on, both of its sides, and tell the two people. What has passed stays.

    The caller holds the rota and makes its shifts anew.
    """
    swap, now = await swaps.swap(session, swap_id), await session.now()
    for made in await swaps.adjustments_of(session, swap_id):
        made.withdrawn_at, made.withdrawn_by = now, by
    await _end(session, swap, SwapState.UNDONE, tell=[swap.asker_id, swap.other_id])
    _audit(session, "swap.undone", swap, by)


async def undo_lost(session: TenantSession, rota: Rota, *, by: UUID | None) -> None:
    """Undo the swaps of a held rota whose turn a change beneath them has moved far away or given to another.

    The two people thought that it was settled; each learns now that it is not.
    """
    # To undo one may be what takes the turn from a swap that was made over it.
    while lost := await swaps_lost(session, rota):
        swap_id = (await repository.adjustment(session, lost[0])).swap_id
        assert swap_id is not None  # noqa: S101  # a row of this kind is one side of a swap
        await undo(session, swap_id, by=by)


async def expire(session: TenantSession, swap_id: UUID) -> None:
    """End a request that nobody answered in time."""
    swap = await swaps.swap(session, swap_id)
    if swap.state == SwapState.ASKED and swap.expires_at <= await session.now():
        await _end(session, swap, SwapState.EXPIRED, tell=[swap.asker_id])
        _audit(session, "swap.expired", swap, None)


async def _refuse(session: TenantSession, swap_id: UUID, state: SwapState, by: UUID) -> ShiftSwap:
    _, swap = await _open(session, swap_id)
    if by not in ({swap.other_id} if state is SwapState.DECLINED else {swap.asker_id, swap.other_id}):
        raise Forbidden("This swap is between other people.")
    await _end(session, swap, state, tell={swap.asker_id, swap.other_id} - {by})
    _audit(session, f"swap.{state.value}", swap, by)
    return swap


async def _open(session: TenantSession, swap_id: UUID) -> tuple[Rota, ShiftSwap]:
    """A request that still waits, and its rota, both held. Raises ``NotFound`` and ``Conflict``."""
    rota_id = (await swaps.swaps_by_id(session, [swap_id], or_refuse=True))[swap_id].rota_id
    (rota,) = await hold(session, [rota_id])
    swap = await swaps.swap(session, swap_id)
    # Its timer may not have fired yet.
    if swap.state != SwapState.ASKED or swap.expires_at <= await session.now():
        raise Conflict("This swap has been answered, withdrawn, or has expired.")
    return rota, swap


async def _check(session: TenantSession, rota: Rota, swap: ShiftSwap) -> list[_Side]:
    """Both sides where they lie now. Raises as ``ask`` and ``agree`` say."""
    sides = [await _side(session, rota, swap.position, swap.turn_key, swap.during, swap.asker_id, swap.other_id)]
    if swap.return_key and swap.return_during and swap.return_position:
        sides.append(await _side(session, rota, swap.return_position, swap.return_key, swap.return_during,
                                 swap.other_id, swap.asker_id))  # fmt: skip
    for side in sides:
        await eligibility.check_own(session, rota, side.taker, side.until, _field(swap, side))
    return sides


async def _side(
    session: TenantSession, rota: Rota, position: int, key: str, during: Range[datetime], giver: UUID, taker: UUID
) -> _Side:
    begins, until = ends_of(during)
    near = await resolved(session, rota, begins - FOLLOWS_WITHIN, until + FOLLOWS_WITHIN)
    parts = [one.turn for one in near if one.position == position and one.turn.key == key and one.turn.person == giver]
    if not parts or min(part.starts_at for part in parts) <= await session.now():
        raise Conflict("The turn has begun, or is no longer this person's. Look at the rota again.")
    starts, ends = min(part.starts_at for part in parts), max(part.ends_at for part in parts)
    spans = tuple((part.handed_over_at, part.ends_at) for part in parts)
    return _Side(position, key, starts, ends, giver, taker, spans)


def _field(swap: ShiftSwap, side: _Side) -> str:
    return "otherId" if side.taker == swap.other_id else "returnShiftId"


async def _refuse_clash(session: TenantSession, rota: Rota, swap: ShiftSwap, sides: Iterable[_Side]) -> None:
    """Raise ``Invalid`` when one of the two would be first and second on call of the rota at the same time."""
    given = {(side.position, side.key) for side in sides}
    for side in sides:
        for one in await resolved(session, rota, side.begins, side.until):
            if one.turn.person != side.taker or one.position == side.position or (one.position, one.turn.key) in given:
                continue
            if any(one.turn.handed_over_at < until and begins < one.turn.ends_at for begins, until in side.parts):
                fault = "would put one person at two positions of this rota at the same time; choose another"
                raise Invalid([FieldError(_field(swap, side), fault)])


def _refuse_overlap(swap: ShiftSwap, waiting: list[ShiftSwap]) -> None:
    """Raise ``Conflict`` when one of the two people already waits for an answer about the same time."""
    people = {swap.asker_id, swap.other_id}
    for other in waiting:
        if people.isdisjoint({other.asker_id, other.other_id}):
            continue
        spans = [span for span in (swap.during, swap.return_during) if span is not None]
        theirs = [span for span in (other.during, other.return_during) if span is not None]
        if any(one.overlaps(their) for one in spans for their in theirs):
            raise Conflict("A swap of the same time is waiting for its answer. Withdraw that one first.")


async def _end(session: TenantSession, swap: ShiftSwap, state: SwapState, *, tell: Iterable[UUID]) -> None:
    """End a request, or a swap, and tell those who have not done it themselves."""
    now = await session.now()
    swap.state, swap.ended_at = state, now
    cancel(session, EXPIRE_SWAP, [swap.id])
    await session.flush()
    template = SWAP_UNDONE if state is SwapState.UNDONE else SWAP_ENDED
    await notices.tell(session, tell, template=template, subject_id=swap.id, until=now + PATIENCE)


def _audit(session: TenantSession, action: str, swap: ShiftSwap, by: UUID | None) -> None:
    session.audit_entries.append(Entry(action, "shift_swap", swap.id, by, {"rota": str(swap.rota_id)}))
