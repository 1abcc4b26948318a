"""Create partnerships, load archetypes into them, suspend and resume them.

Everything may be run again: a second run finishes what a broken first one left, and otherwise
changes nothing. All rows of a run are one transaction. Storage follows in a second one, because a
bucket made inside the first would be left behind, named after no partnership, when that fails.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from backend.directory.listing import Listing
from backend.kit import audit
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, FieldError, Invalid, NotFound
from backend.kit.session import TenantSession, open_session
from backend.kit.tasks import owe_once
from backend.onboarding import people
from backend.onboarding.agency import AgencyArchetype
from backend.onboarding.archetype import Archetype, AreaPlan, checked_slug
from backend.onboarding.duty import bring_policies, bring_rotas
from backend.onboarding.manuals import ManualPlan, bring_manual
from backend.onboarding.pathways import adopt_baseline, bring_overlays, bring_pathways
from backend.onboarding.rows import Report, Rows
from backend.onboarding.services import bring_services
from backend.onboarding.thresholds import bring_thresholds
from backend.pathways.definitions.archetypes import OverlayFile
from notifications.alerts import repository as alerts_repository
from notifications.coverage.service import CHECK_COVERAGE
from notifications.printed_rotas.service import PRINT_ROTAS
from tenants.calendars.bank_holidays import RECOUNT
from tenants.contacts.changes import REVERIFY_CONTACTS
from tenants.partnerships import repository as partnerships_repository
from tenants.partnerships import signing, storage
from tenants.partnerships.models import Area, Partnership, PartnershipSetting, PartnershipState
from tenants.thresholds.continuum import Continuum

_LONGEST_NAME: Final = 200


async def create_partnership(
    engine: AsyncEngine, *, slug: str, name: str, areas: Sequence[AreaPlan], zone: str = "Europe/London"
) -> Report:
    """Register a partnership with its areas, the baseline settings and its own storage.

    ``engine`` is the owner's. Raises ``Invalid`` for a slug that cannot name a bucket, an empty name or an
    area's code that is given twice, ``Conflict`` while another run creates the same partnership.
    """
    _check_slug(slug)
    name = name.strip()
    if not 1 <= len(name) <= _LONGEST_NAME:
        raise Invalid([FieldError("name", f"must be 1 to {_LONGEST_NAME} characters")])
    codes = [area.code for area in areas]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise Invalid([FieldError("areas", f"{code} is given twice; rename or remove one") for code in twice])

    async def work(rows: Rows) -> None:
        await _bring_areas(rows, areas)

    return await _onboard(engine, slug, name, zone, work)


async def load_archetype(engine: AsyncEngine, archetype: Archetype, *, issuer: str, slug: str | None = None) -> Report:
    """Bring a partnership, by default the archetype's own, in line with the archetype.

    ``issuer`` is the identity provider that its people sign in at. The file wins over what is
    stored for everything that it names; what it does not name is left alone.
    """
    name = slug or archetype.slug
    _check_slug(name)

    await people.check_webhooks(archetype)

    async def work(rows: Rows) -> None:
        areas = await _bring_areas(rows, archetype.areas)
        settings = [setting.model_dump() for setting in archetype.settings]
        await rows.bring(PartnershipSetting, ("key",), settings)
        persons = await people.bring_people(rows, archetype, issuer)
        await people.bring_directory(rows, archetype, areas)
        await bring_rotas(rows, archetype, persons, areas)
        await bring_policies(rows, archetype)
        await bring_pathways(rows, archetype)
        await bring_thresholds(rows, archetype.thresholds, archetype.zone)
        await bring_services(rows, archetype.services)

    return await _onboard(engine, name, archetype.name, archetype.zone, work)


async def load_files(
    engine: AsyncEngine, *, slug: str, issuer: str, listing: Listing | None, continuum: Continuum | None,
    agencies: Sequence[AgencyArchetype], manual: ManualPlan | None = None, overlays: Sequence[OverlayFile] = (),
    baseline: bool = False,
) -> Report:  # fmt: skip
    """Bring agencies, services, a threshold document, overlays and a manual into a partnership, in one transaction.

    ``baseline`` puts every national pathway in force that leaves no choice to make.

    Running it again changes nothing. Raises ``NotFound`` for a partnership that is not there, ``Invalid``.
    """
    for agency in agencies:
        await people.check_webhooks(agency)
    async with open_session(await existing_id(engine, slug), on=engine) as session:
        rows = Rows(session, slug)
        partnership = await partnerships_repository.own(session)
        areas = {area.code: area.id for area in await partnerships_repository.areas(session)}
        for agency in agencies:
            await people.bring_people(rows, agency, issuer)
            await people.bring_directory(rows, agency, areas)
            await bring_thresholds(rows, agency.thresholds, partnership.zone)
        if listing is not None:
            await bring_services(rows, listing)
        if continuum is not None:
            await bring_thresholds(rows, [continuum], partnership.zone)
        if overlays:
            await bring_overlays(rows, overlays, partnership.zone)
        if baseline:
            await adopt_baseline(rows, partnership.zone)
        if manual is not None:
            await bring_manual(rows, manual)
        rows.report.unplanned.clear()  # these files are about little of what is there
        if not rows.report.nothing_changed:
            await owe_once(session, CHECK_COVERAGE, session.tenant_id)
        await session.commit()
        return rows.report


async def suspend(engine: AsyncEngine, slug: str) -> bool:
    """Keep everybody of the partnership out; False when it was suspended before. Raises ``NotFound``."""
    return await _set_state(engine, slug, PartnershipState.SUSPENDED)


async def alerts_calling(engine: AsyncEngine, slug: str) -> int:
    """How many of the partnership's alerts call somebody in earnest. Raises ``NotFound``."""
    async with open_session(await existing_id(engine, slug), on=engine) as session:
        return await alerts_repository.count_calling(session)


async def resume(engine: AsyncEngine, slug: str) -> bool:
    """Let the partnership's people in again; False when it was active. Raises ``NotFound``."""
    return await _set_state(engine, slug, PartnershipState.ACTIVE)


async def partnerships(engine: AsyncEngine) -> list[Partnership]:
    """Every partnership, by slug."""
    async with engine.connect() as connection:
        rows = await connection.execute(
            select(*Partnership.__table__.c).order_by(col(Partnership.slug))  # type: ignore[attr-defined]
        )
        return [Partnership(**row) for row in rows.mappings()]


async def first_broken_audit_entry(engine: AsyncEngine, slug: str) -> int | None:
    """Where the partnership's audit chain breaks first, or None when it holds. Raises ``NotFound``."""
    async with open_session(await existing_id(engine, slug), on=engine) as session:
        return await audit.first_broken(session)


async def _onboard(
    engine: AsyncEngine, slug: str, name: str, zone: str, work: Callable[[Rows], Awaitable[None]]
) -> Report:
    """Register ``slug`` and do ``work`` in one transaction, then see that storage is there."""
    partnership_id = await _id_of(engine, slug) or uuid7()
    async with open_session(partnership_id, on=engine) as session:
        rows = Rows(session, slug)
        partnership = await _register(rows, slug, name, zone)
        await work(rows)
        if not rows.report.nothing_changed:
            await owe_once(session, CHECK_COVERAGE, session.tenant_id)
            await owe_once(session, RECOUNT, session.tenant_id)
            await owe_once(session, REVERIFY_CONTACTS, session.tenant_id)
            if partnership.bucket:
                await owe_once(session, PRINT_ROTAS, session.tenant_id)
        await session.commit()
    await _provide_storage(engine, partnership, rows.report)
    return rows.report


async def _register(rows: Rows, slug: str, name: str, zone: str) -> Partnership:
    """The partnership's row, locked: a second run of the same partnership waits here or is refused."""
    session = rows.session
    row = {"id": session.tenant_id, "slug": slug, "name": name, "zone": zone,
           "state": PartnershipState.ACTIVE, "created_at": await session.now()}  # fmt: skip
    made = insert(Partnership).values(row).on_conflict_do_nothing().returning(col(Partnership.id))
    if await session.scalar(made) is not None:
        rows.report.added["partnership"] += 1
        rows.record("partnership.added", "partnership", session.tenant_id)
    partnership = await _locked(session)
    if partnership is None:
        raise Conflict(f"Another run is creating {slug}. Run this again.")
    differing = [field for field in ("name", "zone") if getattr(partnership, field) != row[field]]
    if differing:
        partnership.name, partnership.zone = name, zone
        rows.report.changed["partnership"] += 1
        rows.record("partnership.changed", "partnership", session.tenant_id, fields=differing)
    return partnership


async def _bring_areas(rows: Rows, areas: Sequence[AreaPlan]) -> dict[str, UUID]:
    stored = await rows.bring(Area, ("kind", "code"), [area.model_dump() for area in areas])
    return {area.code: area.id for area in stored}


async def _provide_storage(engine: AsyncEngine, partnership: Partnership, report: Report) -> None:
    """Make the storage and its keys or put their protection back, and record where they are."""
    made = await asyncio.to_thread(storage.provision, partnership.id, partnership.slug, bucket=partnership.bucket)
    evidence_key = await asyncio.to_thread(signing.provision, partnership.id)
    async with open_session(partnership.id, on=engine) as session:
        stored = await _locked(session)
        provided = (made.bucket, made.kms_key_id, evidence_key)
        if stored is None or (stored.bucket, stored.kms_key_id, stored.evidence_key_id) == provided:
            return
        stored.bucket, stored.kms_key_id, stored.evidence_key_id = provided
        Rows(session, partnership.slug).record("partnership.storage_set", "partnership", partnership.id)
        await owe_once(session, PRINT_ROTAS, session.tenant_id)
        await session.commit()
    outcome = report.changed if partnership.bucket else report.added
    outcome["storage"] += 1


async def _set_state(engine: AsyncEngine, slug: str, state: PartnershipState) -> bool:
    async with open_session(await existing_id(engine, slug), on=engine) as session:
        partnership = await _locked(session)
        if partnership is None or partnership.state == state:
            return False
        partnership.state = state
        Rows(session, slug).record(f"partnership.{state.value}", "partnership", partnership.id)
        await session.commit()
        return True


async def _locked(session: TenantSession) -> Partnership | None:
    return await session.get(
        Partnership, session.tenant_id, with_for_update={"key_share": True}, populate_existing=True
    )


async def _id_of(engine: AsyncEngine, slug: str) -> UUID | None:
    async with engine.connect() as connection:
        found: UUID | None = await connection.scalar(
            select(Partnership.id).where(col(Partnership.slug) == slug)  # type: ignore[call-overload]
        )
        return found


async def existing_id(engine: AsyncEngine, slug: str) -> UUID:
    """The partnership's id. Raises ``NotFound``."""
    found = await _id_of(engine, slug)
    if found is None:
        raise NotFound(f"There is no partnership {slug}. See: safeguard partnership list")
    return found


def _check_slug(slug: str) -> None:
    try:
        checked_slug(slug)
    except ValueError as error:
        raise Invalid([FieldError("slug", str(error))]) from error
