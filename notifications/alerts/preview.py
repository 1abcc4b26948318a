"""Who would be told, when and how, if an alert were raised at a given moment and nobody answered.

The preview climbs with the functions that call people, so what it shows is what would happen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from backend.kit.session import TenantSession
from notifications.alerts.climbing import Rung, climb
from notifications.alerts.raising import frozen
from notifications.alerts.responders import Responders, resolve
from notifications.ladders.policy import SlotPolicy

MOST_RUNGS: Final = 60


@dataclass(frozen=True, slots=True)
class PreviewedRung:
    """A rung ``offset`` seconds after the alert, and after how many seconds each it would be paged again."""

    offset: int
    rung: Rung
    again_at: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PreviewedSlot:
    """A slot's rungs in time. ``exhausted_at`` is when nobody would be left to try, in seconds, if ever.

    ``cut`` is true for a ladder of more than ``MOST_RUNGS`` rungs.
    """

    plan: SlotPolicy
    rungs: tuple[PreviewedRung, ...]
    exhausted_at: int | None
    cut: bool


class _Moments:
    """Who answers at each moment, asked once for all the ladders that come by it."""

    def __init__(
        self, session: TenantSession, plans: Sequence[SlotPolicy], areas: Sequence[UUID], at: datetime
    ) -> None:
        self._session, self._plans, self._areas, self._at = session, plans, areas, at
        self._known: dict[int, Responders] = {}

    async def after(self, seconds: int) -> Responders:
        if seconds not in self._known:
            moment = self._at + timedelta(seconds=seconds)
            self._known[seconds] = await resolve(self._session, self._plans, self._areas, moment)
        return self._known[seconds]


async def preview(
    session: TenantSession, slots: Iterable[dict[str, Any]], at: datetime, area_ids: Sequence[UUID]
) -> list[PreviewedSlot]:
    """What the policy with these ``slots`` would do from ``at`` on. Nobody's turn is taken, nothing written."""
    said = [SlotPolicy.model_validate(slot) for slot in slots]
    plans = await frozen(session, said, {}, drill=False, take_turns=False)
    moments = _Moments(session, plans, area_ids, at)
    return [await _previewed(plan, moments) for plan in plans]


async def _previewed(plan: SlotPolicy, moments: _Moments) -> PreviewedSlot:
    rungs: list[PreviewedRung] = []
    number, offset = 0, 0
    while len(rungs) < MOST_RUNGS:
        went = climb(plan, number, await moments.after(offset))
        rungs += [PreviewedRung(offset, rung, ()) for rung in went.passed]
        if went.paged is None:
            return PreviewedSlot(plan, tuple(rungs), offset, cut=False)
        step = went.paged.step
        rungs.append(PreviewedRung(offset, went.paged, _again(offset, step.page_again_every, step.acknowledge_within)))
        if step.acknowledge_within is None:
            return PreviewedSlot(plan, tuple(rungs), None, cut=False)
        number, offset = went.paged.number + 1, offset + step.acknowledge_within
    return PreviewedSlot(plan, tuple(rungs), None, cut=True)


def _again(offset: int, every: int | None, within: int | None) -> tuple[int, ...]:
    return tuple(range(offset + every, offset + within, every)) if every and within else ()
