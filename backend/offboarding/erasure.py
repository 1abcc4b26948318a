"""The end of a partnership here: its records, its files and its keys go, once an archive of them is proven whole."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, func, or_, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from backend.changes.models import Change
from backend.kit.audit import AuditEntry
from backend.kit.problems import Conflict
from backend.kit.session import TenantSession, open_session
from backend.offboarding import catalogue
from backend.offboarding.archives import Archive
from tenants.partnerships import removal
from tenants.partnerships import repository as partnerships
from tenants.partnerships.models import Partnership, PartnershipState

_SUSPENDED: Final = f"partnership.{PartnershipState.SUSPENDED.value}"
_FORGET: Final = (
    text("DELETE FROM routing.partnership_area WHERE partnership_id = :tenant"),
    text("DELETE FROM routing.partnership WHERE id = :tenant"),
)


@dataclass(frozen=True, slots=True)
class Erased:
    """How many records and versions of stored files are gone."""

    records: int
    files: int


async def erase(
    engine: AsyncEngine, partnership_id: UUID, archive: Archive, told: Callable[[int, int], None]
) -> Erased:
    """Erase everything that is kept for a partnership. ``told`` hears how many of how many tables are empty.

    ``engine`` is the owner's. Raises ``Conflict``, and erases nothing, unless the partnership is suspended, the
    archive is whole, its own and newer than the last act of anybody, and no file is under a legal hold or must
    still be retained. A run cut short is completed by the next: the register forgets the partnership last.
    """
    async with open_session(partnership_id, on=engine) as session:
        partnership = await partnerships.own(session)
        await _check(session, partnership, archive)
    if held := await asyncio.to_thread(removal.held, partnership):
        raise Conflict(
            f"{len(held)} stored files are under a legal hold or must still be retained, {held[0]} among them."
            " Nothing was erased."
        )
    records = await _erase_records(engine, partnership_id, told)
    files = await asyncio.to_thread(removal.remove, partnership)
    # What was still at work here when the records went may have written some since.
    await _erase_records(engine, partnership_id, told, forget=True)
    return Erased(records, files)


async def _check(session: TenantSession, partnership: Partnership, archive: Archive) -> None:
    if partnership.state is not PartnershipState.SUSPENDED:
        raise Conflict(f"{partnership.slug} is active. Run: safeguard partnership suspend {partnership.slug}")
    if archive.partnership_id != partnership.id:
        raise Conflict(f"The archive is of another partnership, {archive.slug}.")
    if archive.faults:
        raise Conflict(f"The archive is not whole: {archive.faults[0]}. Nothing was erased.")
    # Nobody acts in a partnership that is suspended. What the product still does by itself is not waited for.
    since = await session.scalar(
        select(func.count()).where(
            col(AuditEntry.tenant_id) == partnership.id, col(AuditEntry.at) > archive.at,
            or_(col(AuditEntry.actor_id).is_not(None), col(AuditEntry.action) == _SUSPENDED),
        )
    )  # fmt: skip
    if since:
        raise Conflict(f"{since} acts are newer than the archive. Run: safeguard partnership export {partnership.slug}")


async def _erase_records(
    engine: AsyncEngine, partnership_id: UUID, told: Callable[[int, int], None], *, forget: bool = False
) -> int:
    async with open_session(partnership_id, on=engine) as session:
        found = await catalogue.tables(session)
        erased = 0
        try:
            for number, table in enumerate(_in_order(found), 1):
                done: Any = await session.execute(
                    # Names are the catalogue's.
                    text(f'DELETE FROM "{table.schema}"."{table.name}" WHERE tenant_id = :tenant'),  # noqa: S608
                    {"tenant": partnership_id},
                )
                erased += done.rowcount
                told(number, len(found))
            for statement in _FORGET if forget else ():
                await session.execute(statement, {"tenant": partnership_id})
            await session.commit()
        except IntegrityError as error:
            raise Conflict("Something was being written meanwhile. Nothing was erased; run it again.") from error
    return erased


def _in_order(tables: catalogue.Tables) -> list[Row[Any]]:
    """Each before those that its rows name, and last of all the log in which deletions are noted."""
    by_oid = {table.oid: table for table in tables}
    first: TopologicalSorter[int] = TopologicalSorter()
    for table in tables:
        first.add(table.oid)
        for named in table.named:
            if named in by_oid:
                first.add(named, table.oid)
    ordered = [by_oid[oid] for oid in first.static_order()]
    return sorted(ordered, key=lambda table: table.name == Change.__tablename__)
