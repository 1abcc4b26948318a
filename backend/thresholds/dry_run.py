"""What would change if an edition were in force: the last year's cases under it and under the present one.

Each case is judged on the day on which something was last recorded or decided on it, so that ages and look-backs
are those of that day. What people decided is not touched.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from backend.cases.models import CaseFile
from backend.cases.service import local_day
from backend.identity.policies import Caller, Permission
from backend.kit.problems import Conflict
from backend.kit.session import TenantSession
from backend.thresholds import repository
from backend.thresholds.models import ThresholdDecision, ThresholdIndicator
from backend.thresholds.observing import observed, of_children, today
from tenants.partnerships import repository as partnerships
from tenants.thresholds import repository as editions
from tenants.thresholds.continuum import Continuum
from tenants.thresholds.evaluation import Observed, OfChild, suggest

LOOKS_BACK: Final = timedelta(days=365)
MOST_CASES: Final = 20_000
_AT_ONCE: Final = 500
MOST_NAMED: Final = 100


@dataclass(frozen=True, slots=True)
class Known:
    """A case as it stood on a day."""

    case_id: UUID
    area_id: UUID | None
    day: date
    observed: Sequence[Observed]
    children: Sequence[OfChild]


@dataclass(frozen=True, slots=True)
class Change:
    """So many cases of an area that would be suggested another level, or open other pathways."""

    area_id: UUID | None
    before: str | None
    after: str | None
    opens: tuple[str, ...]
    opens_no_more: tuple[str, ...]
    cases: int


@dataclass(frozen=True, slots=True)
class DryRun:
    """What differs. ``case_ids`` are those of the changed cases that are there for whoever asks, at most 100."""

    since: date
    cases: int
    changed: int
    changes: tuple[Change, ...]
    case_ids: tuple[UUID, ...]


_Difference = tuple[UUID | None, str | None, str | None, tuple[str, ...], tuple[str, ...]]


def differing(
    present: Continuum | None, proposed: Continuum, known: Iterable[Known]
) -> tuple[Counter[_Difference], list[UUID]]:
    """How many cases change in which way, and which they are. Pure."""
    counted: Counter[_Difference] = Counter()
    case_ids: list[UUID] = []
    for case in known:
        before, opened = _said(present, case) if present is not None else (None, set[str]())
        after, opens = _said(proposed, case)
        if (before, opened) != (after, opens):
            more, less = tuple(sorted(opens - opened)), tuple(sorted(opened - opens))
            counted[case.area_id, before, after, more, less] += 1
            case_ids.append(case.case_id)
    return counted, case_ids


def _said(continuum: Continuum, case: Known) -> tuple[str | None, set[str]]:
    found = suggest(continuum, case.observed, case.children, case.day)
    return found.level, {each.pathway for one in found.met for each in one.criterion.opens}


async def dry_run(session: TenantSession, caller: Caller, edition_id: UUID) -> DryRun:
    """Raises ``Forbidden``, ``NotFound``, ``Conflict`` where the year holds more cases than can be tried at once."""
    caller.require(Permission.VIEW_THRESHOLD_FIGURES)
    row = await editions.edition(session, edition_id)
    day = await today(session)
    now = await session.now()
    present = await editions.in_force(session, row.scheme, day)
    files = await repository.with_anything_since(session, row.scheme, now - LOOKS_BACK)
    if len(files) > MOST_CASES:
        raise Conflict(f"The year holds {len(files):,} cases; {MOST_CASES:,} can be tried at once. Ask your operator.")
    proposed = Continuum.model_validate(row.content)
    counted: Counter[_Difference] = Counter()
    case_ids: list[UUID] = []
    for first in range(0, len(files), _AT_ONCE):
        known = await _known(session, files[first : first + _AT_ONCE], row.scheme)
        # In a thread: whoever raises an alert meanwhile does not wait for it.
        found = await asyncio.to_thread(differing, present.continuum if present else None, proposed, known)
        counted += found[0]
        case_ids += found[1]
    seen = await repository.seen_among(session, caller, case_ids)
    changes = [Change(*difference, cases=number) for difference, number in counted.most_common()]
    named = [one for one in case_ids if one in seen][:MOST_NAMED]
    return DryRun(day - LOOKS_BACK, len(files), len(case_ids), tuple(changes), tuple(named))


async def _known(session: TenantSession, files: Sequence[CaseFile], scheme: str) -> list[Known]:
    ids = [case.id for case in files]
    recorded = await repository.indicators(session, ids, scheme)
    decided = await repository.decisions(session, ids, scheme)
    born = await repository.born(session, ids)
    zone = (await partnerships.own(session)).zone
    found = []
    for case in files:
        rows, decisions = recorded.get(case.id, []), decided.get(case.id, [])
        day = _last_day(rows, decisions, zone)
        found.append(Known(case.id, case.area_id, day, observed(rows), of_children(born.get(case.id, []))))
    return found


def _last_day(rows: Sequence[ThresholdIndicator], decisions: Sequence[ThresholdDecision], zone: str) -> date:
    moments = [row.recorded_at for row in rows] + [row.decided_at for row in decisions]
    return local_day(max(moments), zone)
