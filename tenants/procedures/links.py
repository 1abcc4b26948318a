"""Links between a manual and the pathways: written in a draft, followed to the text in force on a day."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlmodel import col

from backend.kit.problems import FieldError, Invalid
from backend.kit.reading import by_parent
from backend.kit.session import TenantSession
from backend.kit.texts import text_faults
from tenants.procedures import drafting, repository
from tenants.procedures.citing import Cited, addresses, normal
from tenants.procedures.force import Shelf
from tenants.procedures.link_models import ProcedureLink
from tenants.procedures.models import ProcedureEdition, ProcedureProvision, ProcedureRedirect

MOST: Final = 2_000
_MOST_CHARACTERS: Final = {"pathway": 80, "kind": 20, "code": 80, "source": 300, "place": 80, "address": 300}


@dataclass(frozen=True, slots=True)
class LinkTold:
    """A link in one of the forms of ``ProcedureLink``."""

    address: str | None = None
    pathway: str | None = None
    kind: str | None = None
    code: str | None = None
    source: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A part of a pathway, and when: by the text in force on a day, when it was acted on, or without either now."""

    part: Cited
    when: date | datetime | None = None


async def write(session: TenantSession, edition_id: UUID, told: Sequence[LinkTold], by: UUID) -> ProcedureEdition:
    """Give a draft its links, in place of what it had. Raises as ``opened``, and ``Invalid``.

    Every address must be one of the draft's. Where a provision is renumbered its links go with it.
    """
    row = await drafting.opened(session, edition_id)
    known = await repository.addresses(session, edition_id)
    faults = [fault for number, one in enumerate(told) for fault in _faults(f"links.{number}", one, known)]
    if len(told) > MOST:
        faults.append(FieldError("links", f"must be at most {MOST:,}"))
    if faults:
        raise Invalid(faults)
    await repository.empty(session, edition_id, [ProcedureLink])
    for one in dict.fromkeys(told):
        session.append(
            ProcedureLink, edition_id=edition_id, pathway=one.pathway, kind=one.kind, code=one.code,
            source=one.source, place=normal(one.place) if one.place else None, address=one.address,
        )  # fmt: skip
    drafting.record(session, row, "procedure_edition.linked", by, links=len(told))
    await session.flush()
    return row


def _faults(at: str, one: LinkTold, known: Collection[str]) -> list[FieldError]:
    found = text_faults(**{name: (getattr(one, name), most) for name, most in _MOST_CHARACTERS.items()})
    found = [FieldError(f"{at}.{fault.field}", fault.message) for fault in found]
    part = (one.pathway, one.kind, one.code)
    if any(part) != all(part) or any(part) == (one.source is not None):
        remedy = "give pathway, kind and code; or source, alone or with a place"
        return [*found, FieldError(at, f"names no part of a pathway and no source; {remedy}")]
    if one.place is not None and one.source is None:
        found.append(FieldError(f"{at}.place", "is a place in a source; name the source"))
    alone = one.source is not None and one.place is None
    if alone and one.address is not None:
        found.append(FieldError(f"{at}.address", "belongs to a place; a source alone means that this manual is it"))
    if not alone and one.address is None:
        found.append(FieldError(f"{at}.address", "say which provision binds it"))
    if one.address is not None and one.address not in known:
        found.append(FieldError(f"{at}.address", f"{one.address} is not in this draft"))
    return found


async def carry(session: TenantSession, source_id: UUID, into_id: UUID) -> None:
    """Give a draft the links of the edition before it, by the addresses they have there."""
    for one in await repository.parts(session, ProcedureLink, source_id):
        session.append(
            ProcedureLink, edition_id=into_id, pathway=one.pathway, kind=one.kind, code=one.code, source=one.source,
            place=one.place, address=one.address,
        )  # fmt: skip
    await session.flush()


async def bound(session: TenantSession, asked: Iterable[Asked]) -> dict[Asked, list[ProcedureProvision]]:
    """The provisions that bind each part, in the words in force when it is asked for; by manual, in their order.

    What was cited by an address that nothing has any more is found where it stands now.
    """
    every = list(dict.fromkeys(asked))
    shelf = await repository.shelf(session, date.max)
    now = await session.now()
    texts = {when: _in_force(shelf, when or now) for when in {one.when for one in every}}
    used = {edition.id for found in texts.values() for edition in found}
    links = await _links(session, used)
    wanted = {
        one: [(edition.id, address) for edition in texts[one.when]
              for address in addresses(links.get(edition.id, ()), one.part)]
        for one in every
    }  # fmt: skip
    places = {place for found in wanted.values() for place in found}
    led_on = await _led_on(session, places)
    provisions = await _provisions(session, places | set(led_on.values()))
    found: dict[Asked, list[ProcedureProvision]] = {}
    for one, at in wanted.items():
        there = dict.fromkeys(place if place in provisions else led_on.get(place, place) for place in at)
        found[one] = [provisions[place] for place in there if place in provisions]
    return found


def _in_force(shelf: Shelf, when: date | datetime) -> list[ProcedureEdition]:
    return shelf.at(when) if isinstance(when, datetime) else shelf.on(when)


_Place = tuple[UUID, str]


async def _links(session: TenantSession, edition_ids: Iterable[UUID]) -> dict[UUID, list[ProcedureLink]]:
    return await by_parent(session, ProcedureLink, "edition_id", edition_ids)


async def _led_on(session: TenantSession, places: Collection[_Place]) -> Mapping[_Place, _Place]:
    """Where places stand that were renumbered."""
    if not places:
        return {}
    found = await session.execute(
        select(
            col(ProcedureRedirect.edition_id), col(ProcedureRedirect.old_address), col(ProcedureRedirect.new_address)
        ).where(
            col(ProcedureRedirect.tenant_id) == session.tenant_id,
            tuple_(col(ProcedureRedirect.edition_id), col(ProcedureRedirect.old_address)).in_(places),
        )
    )
    return {(row.edition_id, row.old_address): (row.edition_id, row.new_address) for row in found}


async def _provisions(session: TenantSession, places: Collection[_Place]) -> dict[_Place, ProcedureProvision]:
    if not places:
        return {}
    found = await session.scalars(
        select(ProcedureProvision)
        .where(
            col(ProcedureProvision.tenant_id) == session.tenant_id,
            tuple_(col(ProcedureProvision.edition_id), col(ProcedureProvision.address)).in_(places),
        )
        .order_by(col(ProcedureProvision.position).desc())
    )
    return {(row.edition_id, row.address): row for row in found}
