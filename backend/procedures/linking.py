"""A draft's links to pathways, checked against the definitions that they name."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from backend.kit.problems import FieldError, Invalid
from backend.kit.session import TenantSession
from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.faults import choose
from backend.pathways.definitions.library import shipped
from backend.pathways.departing import SUBJECTS
from backend.pathways.editions import repository as editions
from backend.pathways.editions.stored import effective_of
from tenants.procedures import links, repository
from tenants.procedures.links import LinkTold
from tenants.procedures.models import ProcedureEdition

PARTS: Final[Mapping[str, str]] = {**SUBJECTS, "decision": "decisions"}
"""What may be bound, by the section of the definition that it stands in."""


async def write(session: TenantSession, edition_id: UUID, told: Sequence[LinkTold], by: UUID) -> ProcedureEdition:
    """Give a draft its links. Raises as ``links.write``, and ``Invalid`` for a part that no pathway has.

    A pathway is the partnership's edition in force today; of one without, the national definition.
    """
    faults = []
    day = await repository.today(session)
    known: dict[str, Definition | None] = {}
    for number, one in enumerate(told):
        if one.pathway is None or one.kind is None or one.code is None:
            continue
        if one.pathway not in known:
            edition = await editions.in_force(session, one.pathway, day)
            entry = shipped().entries.get(one.pathway)
            national = entry.definition if entry is not None else None
            known[one.pathway] = effective_of(edition).definition if edition is not None else national
        if fault := _fault(f"links.{number}", one.pathway, one.kind, one.code, known[one.pathway]):
            faults.append(fault)
    if faults:
        raise Invalid(faults)
    return await links.write(session, edition_id, told, by)


def _fault(at: str, pathway: str, kind: str, code: str, definition: Definition | None) -> FieldError | None:
    if definition is None:
        return FieldError(f"{at}.pathway", f"is not written; {choose(pathway, shipped().entries)}")
    if kind not in PARTS:
        return FieldError(f"{at}.kind", f"must be one of {', '.join(PARTS)}")
    codes = [one.id for one in getattr(definition, PARTS[kind])]
    if code not in codes:
        return FieldError(f"{at}.code", f"is no {kind} of {pathway}; {choose(code, codes)}")
    return None
