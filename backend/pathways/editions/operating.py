"""Editions as an operator brings them about, on decisions that others took: who approved is said, not signed in."""

from datetime import date

from backend.cases.service import local_day
from backend.kit.problems import Conflict, FieldError, Invalid, NotFound
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault
from backend.pathways.editions import repository, service
from backend.pathways.editions.repository import NO_EDITION
from backend.pathways.models import EditionState, PathwayEdition
from tenants.partnerships import repository as partnerships


async def publish(session: TenantSession, pathway: str, overlay_text: str | None) -> PathwayEdition:
    """Write an edition and check it. Raises ``Invalid`` as ``service.draft`` and ``service.check`` do."""
    one = service.compile_text(pathway, overlay_text)
    service.refuse_open_choices(one)
    row = await service.kept(session, one, overlay_text, None, None)
    row.state, row.checked_at = EditionState.CHECKED, row.made_at
    service.record(session, row, "pathway_edition.checked", None)
    return row


async def approve(
    session: TenantSession, pathway: str, number: int | None, day: date, role: str, authority: str
) -> PathwayEdition:
    """Put an edition in force from ``day`` on, which may not lie behind. Raises as ``service.approve`` does."""
    row = await _numbered(session, pathway, number)
    if row.state is not EditionState.CHECKED:
        raise Conflict(f"Edition {row.number} is {row.state.value}; only a checked one can be approved.")
    faults = [
        fault
        for field, text, most in (("role", role, 80), ("authority", authority, 300))
        if (fault := text_fault(field, text, most))
    ]
    now = await session.now()
    if day < local_day(now, (await partnerships.own(session)).zone):
        faults.append(FieldError("from", "must be today or later: cases since then have followed another text"))
    if faults:
        raise Invalid(faults)
    row.state, row.approved_at, row.approved_role = EditionState.APPROVED, now, role
    row.authority, row.in_force_from = authority, day
    service.record(session, row, "pathway_edition.approved", None)
    return row


async def withdraw(session: TenantSession, pathway: str, number: int | None, reason: str) -> PathwayEdition:
    """Let no further case follow an edition. Raises as ``service.withdraw`` does."""
    row = await _numbered(session, pathway, number)
    if row.state is EditionState.WITHDRAWN:
        raise Conflict(f"Edition {row.number} was withdrawn before.")
    if fault := text_fault("reason", reason, 1_000):
        raise Invalid([fault])
    row.state, row.withdrawn_at, row.withdrawal_reason = EditionState.WITHDRAWN, await session.now(), reason
    service.record(session, row, "pathway_edition.withdrawn", None)
    return row


async def _numbered(session: TenantSession, pathway: str, number: int | None) -> PathwayEdition:
    found = await repository.numbered(session, pathway, number)
    if found is None:
        raise NotFound(NO_EDITION)
    return found
