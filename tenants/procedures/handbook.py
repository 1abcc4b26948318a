"""The practitioners' handbook: critical procedures only, issued with its manual (Hertfordshire manual 2006 ¶1.7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from backend.kit.problems import FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault
from tenants.procedures import drafting, repository
from tenants.procedures.models import ProcedureEdition, ProcedureHandbookEntry, ProcedureProvision
from tenants.procedures.vocabulary import Kind

MOST: Final = 200
"""It fits a pocket; a handbook of everything is a manual."""


@dataclass(frozen=True, slots=True)
class EntryTold:
    """Short words over one or more procedures of the edition."""

    heading: str
    text: str
    addresses: tuple[str, ...]


async def write(session: TenantSession, edition_id: UUID, told: Sequence[EntryTold], by: UUID) -> ProcedureEdition:
    """Give a draft its handbook, in place of what it had. Raises as ``opened``, and ``Invalid``.

    An entry that cites no provision, or one that is no procedure, is refused.
    """
    row = await drafting.opened(session, edition_id)
    kinds = {one.address: one.kind for one in await repository.parts(session, ProcedureProvision, edition_id)}
    faults = [fault for number, one in enumerate(told) for fault in _faults(f"entries.{number}", one, kinds)]
    if len(told) > MOST:
        faults.append(FieldError("entries", f"must be at most {MOST}"))
    if faults:
        raise Invalid(faults)
    await repository.empty(session, edition_id, [ProcedureHandbookEntry])
    for position, one in enumerate(told, 1):
        session.append(ProcedureHandbookEntry, edition_id=edition_id, position=position, heading=one.heading,
                       text=one.text, addresses=list(one.addresses))  # fmt: skip
    drafting.record(session, row, "procedure_edition.handbook_written", by, entries=len(told))
    await session.flush()
    return row


def _faults(at: str, one: EntryTold, kinds: dict[str, Kind]) -> list[FieldError]:
    found = [fault for name, text, most in (("heading", one.heading, 200), ("text", one.text, 2_000))
             if (fault := text_fault(f"{at}.{name}", text, most))]  # fmt: skip
    if not one.addresses:
        found.append(FieldError(f"{at}.addresses", "cite at least one procedure"))
    for address in one.addresses:
        if address not in kinds:
            found.append(FieldError(f"{at}.addresses", f"{address} is not in this draft"))
        elif kinds[address] is not Kind.PROCEDURE:
            found.append(FieldError(f"{at}.addresses", f"{address} is {kinds[address].value}; cite procedures only"))
    return found
