"""Every query on editions and their text; searching is in ``search``."""

from collections.abc import Iterable
from datetime import date
from typing import Final, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, delete, func, select, text
from sqlalchemy.orm import aliased
from sqlmodel import col

from backend.kit.problems import NotFound
from backend.kit.reading import by_key, by_parent
from backend.kit.session import TenantSession
from backend.kit.tables import TenantRow, table_of
from tenants.partnerships.models import Partnership
from tenants.procedures.force import Shelf
from tenants.procedures.link_models import ProcedureLink
from tenants.procedures.models import (
    ProcedureEdition,
    ProcedureHandbookEntry,
    ProcedureProvision,
    ProcedureRedirect,
    ProcedureReference,
    ProcedureReplacement,
    ProcedureTerm,
)
from tenants.procedures.vocabulary import EditionState
from tenants.procedures.working_models import ProcedureCorrection, ProcedureDoubt, ProcedureImport

PartT = TypeVar(
    "PartT", ProcedureProvision, ProcedureReference, ProcedureTerm, ProcedureRedirect, ProcedureReplacement,
    ProcedureDoubt, ProcedureCorrection, ProcedureHandbookEntry, ProcedureLink,
)  # fmt: skip
RowT = TypeVar("RowT", bound=TenantRow)
_UTC: Final = "UTC"
NO_EDITION: Final = "There is no such edition of a manual in this partnership."
NO_PROVISION: Final = "There is no such provision in this edition of the manual."


async def row(session: TenantSession, model: type[RowT], row_id: UUID, missing: str, *, lock: bool = False) -> RowT:
    """A row by its id, locked when asked and then as it is now. Raises ``NotFound``, saying what is ``missing``."""
    await session.flush()  # reading it anew would lose what this transaction has changed
    found = await session.get(
        model,
        (session.tenant_id, row_id),
        with_for_update={"key_share": True} if lock else None,
        populate_existing=lock,
    )
    if found is None:
        raise NotFound(missing)
    return found


async def edition(session: TenantSession, edition_id: UUID, *, lock: bool = False) -> ProcedureEdition:
    """Raises ``NotFound``."""
    return await row(session, ProcedureEdition, edition_id, NO_EDITION, lock=lock)


async def editions_by_id(session: TenantSession, edition_ids: Iterable[UUID]) -> dict[UUID, ProcedureEdition]:
    return await by_key(session, ProcedureEdition, edition_ids)


async def references_of(session: TenantSession, edition_ids: Iterable[UUID]) -> dict[UUID, list[ProcedureReference]]:
    """All cross-references of editions, by edition."""
    return await by_parent(session, ProcedureReference, "edition_id", edition_ids)


async def import_row(session: TenantSession, import_id: UUID, *, lock: bool = False) -> ProcedureImport:
    """Raises ``NotFound``."""
    return await row(session, ProcedureImport, import_id, "There is no such import in this partnership.", lock=lock)


def editions(tenant_id: UUID, manual: str | None = None, *, drafts: bool) -> Select[ProcedureEdition]:
    """All editions, withdrawn ones among them; of those that never came in force only with ``drafts``."""
    query = select(ProcedureEdition).where(col(ProcedureEdition.tenant_id) == tenant_id)
    if manual is not None:
        query = query.where(col(ProcedureEdition.manual) == manual)
    return query if drafts else query.where(col(ProcedureEdition.in_force_from).is_not(None))


def imports(tenant_id: UUID) -> Select[ProcedureImport]:
    return select(ProcedureImport).where(col(ProcedureImport.tenant_id) == tenant_id)


async def parts(session: TenantSession, model: type[PartT], edition_id: UUID) -> list[PartT]:
    """All of one kind that an edition holds: what has a position by it, else as it was made."""
    await session.flush()
    columns = table_of(model).columns
    found = await session.scalars(
        select(model)
        .where(col(model.tenant_id) == session.tenant_id, col(model.edition_id) == edition_id)
        .order_by(*([columns["position"]] if "position" in columns else []), columns["id"])
    )
    return list(found)


async def provision(session: TenantSession, edition_id: UUID, address: str) -> ProcedureProvision | None:
    """The provision at an address; where a draft has several there, the first."""
    found: ProcedureProvision | None = await session.scalar(
        select(ProcedureProvision)
        .where(
            col(ProcedureProvision.tenant_id) == session.tenant_id,
            col(ProcedureProvision.edition_id) == edition_id,
            col(ProcedureProvision.address) == address,
        )
        .order_by(col(ProcedureProvision.position))
        .limit(1)
    )
    return found


def provisions(tenant_id: UUID, edition_id: UUID) -> Select[ProcedureProvision]:
    return select(ProcedureProvision).where(
        col(ProcedureProvision.tenant_id) == tenant_id, col(ProcedureProvision.edition_id) == edition_id
    )


async def addresses(session: TenantSession, edition_id: UUID) -> frozenset[str]:
    found = await session.scalars(
        select(col(ProcedureProvision.address)).where(
            col(ProcedureProvision.tenant_id) == session.tenant_id, col(ProcedureProvision.edition_id) == edition_id
        )
    )
    return frozenset(found)


async def redirected(session: TenantSession, edition_id: UUID, address: str) -> str:
    """Where an address of an earlier text stands in this one; itself where nothing leads on."""
    found = await session.scalar(
        select(col(ProcedureRedirect.new_address)).where(
            col(ProcedureRedirect.tenant_id) == session.tenant_id,
            col(ProcedureRedirect.edition_id) == edition_id,
            col(ProcedureRedirect.old_address) == address,
        )
    )
    return found or address


async def followed(session: TenantSession, into_id: UUID, source_id: UUID, address: str) -> str:
    """Where an address of one text stands in a later one that was made from it, text by text.

    A number that one of them has given to something else misleads nobody so. A text that was not made from the other
    is asked by itself.
    """
    line: list[UUID] = []
    current: UUID | None = into_id
    while current is not None and current != source_id and current not in line:
        line.append(current)
        current = (await edition(session, current)).based_on_id
    for step in reversed(line) if current is not None else (into_id,):
        address = await redirected(session, step, address)
    return address


async def standing(session: TenantSession, edition_id: UUID, address: str) -> ProcedureProvision | None:
    """The provision at an address, or else the one that an earlier text had there."""
    found = await provision(session, edition_id, address)
    return found or await provision(session, edition_id, await redirected(session, edition_id, address))


async def in_force(session: TenantSession, day: date, manual: str | None = None) -> list[ProcedureEdition]:
    """The texts in force on a day, one of each manual; see ``Shelf.on``."""
    found = (await shelf(session, day)).on(day)
    return [one for one in found if manual in (None, one.manual)]


async def to_come(session: TenantSession, manual: str, after: date) -> list[tuple[date, ProcedureEdition]]:
    """The texts of a manual that are approved to come in force after a day, each with its day, the next one first."""
    whole = await shelf(session, date.max)
    days = {one.in_force_from for one in whole.editions if one.manual == manual and one.in_force_from is not None}
    return [(day, one) for day in sorted(days) if day > after for one in whole.on(day) if one.manual == manual]


_earlier = aliased(ProcedureEdition)
_ZONE: Final = (
    select(col(Partnership.zone)).where(col(Partnership.id) == col(ProcedureEdition.tenant_id)).scalar_subquery()
)
# The manuals that an edition replaces.
_REPLACED: Final = (
    select(func.array_agg(col(_earlier.manual)))
    .where(
        col(ProcedureReplacement.tenant_id) == col(ProcedureEdition.tenant_id),
        col(ProcedureReplacement.edition_id) == col(ProcedureEdition.id),
        col(_earlier.tenant_id) == col(ProcedureReplacement.tenant_id),
        col(_earlier.id) == col(ProcedureReplacement.replaced_id),
    )
    .correlate(ProcedureEdition)
    .scalar_subquery()
)


async def shelf(session: TenantSession, until: date) -> Shelf:
    """All texts that came in force by a day; asked for with each search, so in one statement."""
    found = await session.execute(
        select(ProcedureEdition, _ZONE.label("zone"), _REPLACED.label("replaced")).where(
            col(ProcedureEdition.tenant_id) == session.tenant_id,
            col(ProcedureEdition.in_force_from) <= until,
            col(ProcedureEdition.state) != EditionState.DRAFT,
        )
    )
    rows = found.all()
    replaced = {edition.id: frozenset(manuals) for edition, _, manuals in rows if manuals}
    return Shelf([edition for edition, _, _ in rows], replaced, ZoneInfo(rows[0].zone if rows else _UTC))


async def today(session: TenantSession) -> date:
    """The partnership's day by the database clock."""
    zone = await session.scalar(select(col(Partnership.zone)).where(col(Partnership.id) == session.tenant_id))
    return (await session.now()).astimezone(ZoneInfo(zone or _UTC)).date()


async def next_number(session: TenantSession, manual: str) -> int:
    """The number of a manual's next edition; whoever else numbers one of the same waits until this commits."""
    await session.execute(_ALONE, {"key": f"procedure-edition {session.tenant_id} {manual}"})
    await session.flush()
    last = await session.scalar(
        select(func.max(ProcedureEdition.number)).where(
            col(ProcedureEdition.tenant_id) == session.tenant_id, col(ProcedureEdition.manual) == manual
        )
    )
    return (last or 0) + 1


async def next_amendment(session: TenantSession, manual: str, number: int) -> int:
    """The next amendment level of an edition; as ``next_number``."""
    await session.execute(_ALONE, {"key": f"procedure-edition {session.tenant_id} {manual}"})
    await session.flush()
    last = await session.scalar(
        select(func.max(ProcedureEdition.amendment)).where(
            col(ProcedureEdition.tenant_id) == session.tenant_id,
            col(ProcedureEdition.manual) == manual,
            col(ProcedureEdition.number) == number,
        )
    )
    return (last or 0) + 1


_ALONE: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")


async def empty(session: TenantSession, edition_id: UUID, models: Iterable[type[TenantRow]]) -> None:
    """Remove what a draft holds of these kinds."""
    await session.flush()
    for model in models:
        table = table_of(model).c
        await session.execute(
            delete(model)
            .where(table.tenant_id == session.tenant_id, table.edition_id == edition_id)
            .execution_options(synchronize_session="fetch")
        )
