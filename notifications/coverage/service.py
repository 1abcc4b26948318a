"""Look ahead over every rota of a partnership, keep the warnings, and tell the rota manager what is new.

Done each day and soon after each change to a rota or to how a person is reached. Any number of times gives
the same warnings: one is raised once, and marked when it has ended.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor, owe_once
from notifications.alerts.service import raise_alert
from notifications.coverage import repository
from notifications.coverage.comparison import Comparison, Known, compare
from notifications.coverage.fairness import Fairness, fairness
from notifications.coverage.findings import Duty, Finding, RotaFacts, WarningKind, findings
from notifications.coverage.models import RotaWarning, WarningOutcome
from notifications.rotas import repository as rotas
from notifications.rotas.eligibility import areas_of, served_by, works_in
from notifications.rotas.expansion import cover_of
from notifications.rotas.models import Rota, Shift
from notifications.rotas.service import HORIZON, rule_of
from tenants.calendars import repository as calendars
from tenants.contacts import repository as contacts

CHECK_COVERAGE: Final = Actor("check_coverage", NOTICES)
"""Looks ahead over all rotas of a partnership; its subject is the partnership itself."""
ROTA_WARNING: Final = "rota-warning"

_ONE_DAY: Final = timedelta(days=1)
# The rest before the first turn ahead counts as well, so the one before it must be known.
_BEFORE: Final = timedelta(days=1)


async def ask_for_check(session: TenantSession, _cause: UUID | None = None) -> None:
    """Have the partnership checked soon after this transaction; many causes at once make one check."""
    await owe_once(session, CHECK_COVERAGE, session.tenant_id)


async def check(session: TenantSession, _partnership_id: UUID) -> Comparison:
    """Bring the partnership's warnings in line with its rotas, ``HORIZON`` ahead; owes itself again tomorrow.

    Each rota with a warning that nobody has been told of gets one notice, whatever the number of them.
    """
    await repository.lock(session)
    now = await session.now()
    found = await _look_ahead(session, now, now + HORIZON)
    stored = {warning.id: warning for warning in await repository.open_warnings(session)}
    seen = compare(found, [_known(warning) for warning in stored.values()], now)
    _store(session, seen, stored, now)
    await session.flush()
    open_now = Counter(finding.kind for finding in found)
    await repository.store_counts(session, {kind: open_now[kind] for kind in WarningKind})
    await _tell(session, seen.new)
    await owe_once(session, CHECK_COVERAGE, session.tenant_id, due_at=now + _ONE_DAY)
    return seen


async def shares(session: TenantSession, rota: Rota, begins: datetime, until: datetime) -> Fairness:
    """How the rota's load is shared in [begins, until), at all its positions."""
    rule = rule_of(rota)
    calendar = await calendars.calendar(session, rule.zone)
    held = [duty_of(shift, held=True) for shift in await rotas.shifts(session, [rota.id], begins, until)]
    return fairness(held, rule.people, begins, until, calendar)


def duty_of(shift: Shift, *, held: bool = False) -> Duty:
    """A shift as a duty: when the person answers, or with ``held`` only while they hold the turn."""
    span = shift.turn if held else shift.during
    if span.lower is None or span.upper is None:
        message = f"shift {shift.id} has no end"
        raise ValueError(message)
    return Duty(shift.rota_id, shift.person_id, span.lower, span.upper, shift.position)


async def _look_ahead(session: TenantSession, begins: datetime, until: datetime) -> list[Finding]:
    known = await rotas.rotas(session)
    shifts = await rotas.shifts(session, [rota.id for rota in known], begins - _BEFORE, until)
    persons = {shift.person_id for shift in shifts}
    areas, served = await areas_of(session, persons), await served_by(session, [rota.id for rota in known])
    elsewhere = {
        rota_id: frozenset(person for person, own in areas.items() if not works_in(own, there))
        for rota_id, there in served.items()
    }
    facts = [await _facts(session, rota, known, persons, elsewhere[rota.id], begins, until) for rota in known]
    # Somebody who has left has no methods there.
    reachable = frozenset(
        person for person, methods in (await contacts.contact_methods(session, persons)).items() if methods
    )
    return findings(facts, [duty_of(shift) for shift in shifts], reachable, begins, until)


async def _facts(
    session: TenantSession,
    rota: Rota,
    known: Sequence[Rota],
    persons: Iterable[UUID],
    elsewhere: frozenset[UUID],
    begins: datetime,
    until: datetime,
) -> RotaFacts:
    rule = rule_of(rota)
    calendar = await calendars.calendar(session, rule.zone)
    # What is not laid out yet is no gap: the rota's own daily work brings it.
    reached = max(begins, min(until, rota.materialised_until or begins))
    return RotaFacts(
        rota_id=rota.id,
        cover={position: cover_of(rule, begins, reached, calendar, position=position) for position in rule.positions},
        members=rule.people,
        qualified=await repository.qualified(session, rota.qualification, persons) if rota.qualification else None,
        # Rotas of one role are those of its sites, and one person may be on call for several sites.
        together_with=frozenset(other.id for other in known if other.role == rota.role),
        elsewhere=elsewhere,
    )


def _known(warning: RotaWarning) -> Known:
    finding = Finding(
        WarningKind(warning.kind), warning.rota_id, warning.person_id, warning.other_rota_id, warning.position,
        warning.begins, warning.until,
    )  # fmt: skip
    return Known(warning.id, finding, warning.first_seen_at)


def _store(session: TenantSession, seen: Comparison, stored: dict[UUID, RotaWarning], now: datetime) -> None:
    for finding, first_seen_at in [*((finding, now) for finding in seen.new), *seen.parts]:
        session.append(
            RotaWarning, kind=finding.kind, rota_id=finding.rota_id, person_id=finding.person_id,
            other_rota_id=finding.other_rota_id, position=finding.position, begins=finding.begins,
            until=finding.until, first_seen_at=first_seen_at,
        )  # fmt: skip
    for known, finding in seen.same:
        warning = stored[known.id]
        # A gap that has begun keeps its beginning: only what is still to come of it was looked at.
        if finding.begins != now or warning.begins is None:
            warning.begins = finding.begins
        warning.until = finding.until
    for ended, outcome in ((seen.mended, WarningOutcome.MENDED), (seen.passed, WarningOutcome.PASSED)):
        for known in ended:
            stored[known.id].ended_at, stored[known.id].outcome = now, outcome


async def _tell(session: TenantSession, new: Iterable[Finding]) -> None:
    """One notice for each rota that something new is said of; it names nobody."""
    rota_ids = sorted({finding.rota_id for finding in new if finding.rota_id is not None})
    for rota_id in rota_ids:
        await raise_alert(session, ROTA_WARNING, subject_kind="rota", subject_id=rota_id)
    if any(finding.rota_id is None for finding in new):
        await raise_alert(session, ROTA_WARNING, subject_kind="partnership", subject_id=session.tenant_id)
