"""Editions of pathways: the text a partnership runs, with where each value comes from."""

from datetime import date
from enum import Enum
from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from backend.pathways.definitions.difference import Difference
from backend.pathways.definitions.effective import Provenance
from backend.pathways.editions.stored import effective_of
from backend.pathways.models import EditionState as EditionStateValue
from backend.pathways.models import PathwayEdition as EditionRow
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.nodes import Node
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.pathways import previews
from graphql_api.scalars import Instant

EditionState: type[Enum] = strawberry.enum(
    EditionStateValue, name="PathwayEditionState", description="How far a text has come. Only APPROVED is in force."
)


@strawberry.type(description="One value of a definition, and where it comes from.")
class PathwayValue:
    path: str = strawberry.field(description="By the ids on it, such as clocks.referral-decided.limit.value.")
    value: JSON | None
    origin: str = strawberry.field(description="baseline, local, or inferred where no source prints it.")
    edition: str = strawberry.field(description="The text it is from.")
    citation: str | None
    replaced: JSON | None = strawberry.field(description="The national value in its place.")
    ground: str | None = strawberry.field(description="Why the partnership departs from the national value.")
    authority: str | None = strawberry.field(description="Who decided it, where something binding is loosened.")

    @classmethod
    def of(cls, path: str, value: object, found: Provenance) -> "PathwayValue":
        return cls(
            path=path, value=JSON(value), origin=found.origin, edition=found.edition, citation=found.citation,
            replaced=JSON(found.replaced), ground=found.ground, authority=found.authority,
        )  # fmt: skip


@strawberry.type(description="What differs between two editions in one value.")
class PathwayDifference:
    path: str
    change: str = strawberry.field(description="added, removed or changed.")
    before: JSON | None
    after: JSON | None
    citation: str | None = strawberry.field(description="Of the newer value.")

    @classmethod
    def of(cls, one: Difference) -> "PathwayDifference":
        return cls(path=one.place, change=one.change, before=JSON(one.before), after=JSON(one.after),
                   citation=one.provenance.citation)  # fmt: skip


@strawberry.type(description="A choice that only the partnership can make, and has not made.")
class PathwayChoice:
    setting: str
    wording: str = strawberry.field(description="The words of the source that have no figure, or the question.")


@strawberry.type(description="A pathway's text in the partnership. It never changes: a correction is another edition.")
class PathwayEdition(Node):
    id: strawberry.ID
    pathway: str
    kind: str = strawberry.field(description="pathway, overlay, decision-record, register, cycle or alert.")
    title: str
    number: int
    state: EditionState  # type: ignore[valid-type]
    baseline_edition: str = strawberry.field(description="The national text it is compiled from.")
    local_edition: str | None = strawberry.field(description="The partnership's own text over it.")
    overlay_text: str | None = strawberry.field(description="The partnership's overlay as it was written.")
    in_force_from: date | None = strawberry.field(description="The first day on which a case follows it.")
    approved_role: str | None
    authority: str | None = strawberry.field(description="Who decided to put it in force, and where that is minuted.")
    made_at: Instant
    checked_at: Instant | None
    approved_at: Instant | None
    withdrawn_at: Instant | None
    withdrawal_reason: str | None
    row: strawberry.Private[EditionRow]

    @strawberry.field(description="Who wrote it; null for an operator.")
    def made_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.made_by)

    @strawberry.field(description="Who checked it; null for an operator.")
    def checked_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.checked_by)

    @strawberry.field(description="Who approved it; null for an operator.")
    def approved_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.approved_by)

    @strawberry.field(description="The compiled definition.")
    def definition(self) -> JSON:
        return JSON(self.row.definition)

    @strawberry.field(description="Choices that are open: they block its check and approval.")
    def open_choices(self) -> list[PathwayChoice]:
        return [PathwayChoice(setting=one.setting, wording=one.wording) for one in effective_of(self.row).unset]

    @strawberry.field(description="The values of one list of the definition, each with where it comes from.")
    def values(
        self, section: Annotated[str, strawberry.argument(description="Such as clocks, obligations or stages.")]
    ) -> list[PathwayValue]:
        return [
            PathwayValue.of(".".join(str(part) for part in path), value, provenance)
            for path, value, provenance in effective_of(self.row).values()
            if path[0] == section
        ]

    @strawberry.field(description="Its stages with their clocks; null for what has no stages.")
    def drawing(
        self, format: Annotated[previews.DrawingFormat, strawberry.argument(description="How it is drawn.")]
    ) -> str | None:
        return previews.drawing(effective_of(self.row), format)

    @strawberry.field(description="Every clock that it holds, one row a limit.")
    def clock_table(self) -> list[previews.PathwayClockRow]:
        return previews.table(effective_of(self.row))

    @strawberry.field(description="What would be due when, in the partnership's calendar. Nothing is recorded.")
    async def simulation(
        self, info: Info, starts: previews.Starts, facts: previews.Facts = None, at: previews.AskedAt = None
    ) -> list[previews.PathwayOutcome]:
        return await previews.simulated(info, effective_of(self.row), starts, facts or [], at)

    @classmethod
    def of(cls, row: EditionRow) -> "PathwayEdition":
        return cls(
            id=strawberry.ID(encode("PathwayEdition", row.id)), pathway=row.pathway, kind=row.kind, title=row.title,
            number=row.number, state=EditionStateValue(row.state), baseline_edition=row.baseline_edition,
            local_edition=row.local_edition, overlay_text=row.overlay_text, in_force_from=row.in_force_from,
            approved_role=row.approved_role, authority=row.authority, made_at=Instant(row.made_at),
            checked_at=Instant(row.checked_at) if row.checked_at else None,
            approved_at=Instant(row.approved_at) if row.approved_at else None,
            withdrawn_at=Instant(row.withdrawn_at) if row.withdrawn_at else None,
            withdrawal_reason=row.withdrawal_reason, row=row,
        )  # fmt: skip
