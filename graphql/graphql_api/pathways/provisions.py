"""What of the partnership's manuals binds a part of a run: in force today, on a day, or when somebody acted."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry

from backend.pathways.editions.stored import effective_of
from backend.procedures.linking import PARTS
from graphql_api.context import Info
from graphql_api.procedures.types import ProcedureProvision
from tenants.procedures.citing import Cited
from tenants.procedures.links import Asked

OnDay = Annotated[
    date | None,
    strawberry.argument(description="As in force on this day. Default: when it was acted on, else now."),
]
BINDING = "Provisions of the partnership's manuals that bind it, each with its edition."


async def binding(info: Info, part: Cited, acted_at: datetime | None, on: date | None) -> list[ProcedureProvision]:
    """In the words in force on a day; without one, when it was acted on; and while it was not, now."""
    found = await info.context.loaders.provisions_binding.load(Asked(part, on or acted_at))
    return [ProcedureProvision.of(row) for row in found]


async def part_of(info: Info, run_id: UUID, kind: str, code: str, citation: str | None = None) -> Cited | None:
    """A part of a run's definition, cited as the definition does unless a citation is given."""
    run = await info.context.loaders.pathway_run.load(run_id)
    if run is None:
        return None
    if citation is None and (edition := await info.context.loaders.pathway_edition.load(run.edition_id)):
        items = getattr(effective_of(edition).definition, PARTS.get(kind, ""), ())
        citation = next((getattr(one, "citation", None) for one in items if one.id == code), None)
    return Cited(run.pathway, kind, code, citation)


async def binding_of(
    info: Info, run_id: UUID, kind: str, code: str, acted_at: datetime | None, on: date | None,
    citation: str | None = None,
) -> list[ProcedureProvision]:  # fmt: skip
    """``binding`` of a part of a run."""
    part = await part_of(info, run_id, kind, code, citation)
    return await binding(info, part, acted_at, on) if part is not None else []
