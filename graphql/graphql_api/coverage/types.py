"""Warnings about rotas and shares of their load."""

from enum import Enum
from typing import Final
from uuid import UUID

import strawberry

from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.rotas.types import Rota
from graphql_api.scalars import Instant
from notifications.coverage.fairness import OVERLOAD_PERCENT, Fairness, Measure, Share
from notifications.coverage.findings import MINIMUM_REST, WarningKind
from notifications.coverage.models import RotaWarning as WarningRow
from notifications.coverage.models import WarningOutcome
from notifications.rotas.models import Rota as RotaRow

RotaWarningKind: type[Enum] = strawberry.enum(
    WarningKind, name="RotaWarningKind", description="What is wrong with a rota, or with having none."
)
RotaWarningOutcome: type[Enum] = strawberry.enum(
    WarningOutcome, name="RotaWarningOutcome", description="How a warning ended."
)
LoadMeasure: type[Enum] = strawberry.enum(
    Measure,
    name="LoadMeasure",
    description="Which hours on call are counted: all; nights, 22:00 to 07:00; weekends, Saturday and Sunday; bank"
    " holidays. Local wall time; an hour may be several of them and counts in each.",
)

_SAID: Final = {
    WarningKind.NO_ROTA: (
        "This partnership has no rota: nobody is on call.",
        "Set up a rota for each role that its alert policies name.",
    ),
    WarningKind.EMPTY_ROTA: ("The rota has no members or nobody on call.", "Put people on it."),
    WarningKind.UNCOVERED: (
        "Nobody is on call in hours that the rota is to cover.",
        "Assign somebody, or change the hours of cover.",
    ),
    WarningKind.UNREACHABLE_PERSON: (
        "Somebody on the rota has left or has no verified way to be reached.",
        "Let them verify a telephone number or device, or put somebody else on.",
    ),
    WarningKind.UNQUALIFIED_PERSON: (
        "Somebody is on call without the qualification that the rota asks for.",
        "Put somebody qualified on, or record the qualification.",
    ),
    WarningKind.OUT_OF_AREA: (
        "Somebody is on call for an area in which they do not work.",
        "Put somebody else on, or add the area to those that they work in.",
    ),
    WarningKind.DOUBLE_BOOKING: ("One person is on call for two roles at once.", "Put somebody else on one of them."),
    WarningKind.SHORT_REST: (
        f"Somebody has less than {int(MINIMUM_REST.total_seconds()) // 3600} hours' rest between two turns.",
        "Move one of the turns.",
    ),
}


async def rota_of(info: Info, rota_id: UUID | None) -> Rota | None:
    """The rota with an id, where there is one."""
    found = await info.context.loaders.rota.load(rota_id) if rota_id else None
    return Rota.of(found) if found else None


@strawberry.type(description="Something wrong with a rota, seen up to 90 days ahead. Kept when it has ended.")
class RotaWarning:
    id: strawberry.ID
    kind: RotaWarningKind  # type: ignore[valid-type]
    message: str = strawberry.field(description="What is wrong, for a person to read.")
    remedy: str = strawberry.field(description="What to do about it.")
    position: int | None = strawberry.field(description="Which place is uncovered: 1 is first on call.")
    begins: Instant | None = strawberry.field(description="From when it matters; of a short rest, when that begins.")
    until: Instant | None
    first_seen_at: Instant
    ended_at: Instant | None = strawberry.field(description="Null while it is open.")
    outcome: RotaWarningOutcome | None  # type: ignore[valid-type]
    row: strawberry.Private[WarningRow]

    @strawberry.field(description="Null when the partnership has no rota at all.")
    async def rota(self, info: Info) -> Rota | None:
        return await rota_of(info, self.row.rota_id)

    @strawberry.field(description="The rota of the clashing or preceding turn.")
    async def other_rota(self, info: Info) -> Rota | None:
        return await rota_of(info, self.row.other_rota_id)

    @strawberry.field(description="Whom it is about.")
    def person(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.person_id)

    @classmethod
    def of(cls, row: WarningRow) -> "RotaWarning":
        kind = WarningKind(row.kind)
        message, remedy = _SAID[kind]
        return cls(
            id=strawberry.ID(encode("RotaWarning", row.id)), kind=kind, message=message, remedy=remedy,
            position=row.position,
            begins=Instant(row.begins) if row.begins else None, until=Instant(row.until) if row.until else None,
            first_seen_at=Instant(row.first_seen_at), ended_at=Instant(row.ended_at) if row.ended_at else None,
            outcome=WarningOutcome(row.outcome) if row.outcome else None, row=row,
        )  # fmt: skip


@strawberry.type(description="One measure of one person's load.")
class RotaLoad:
    measure: LoadMeasure  # type: ignore[valid-type]
    hours: float
    percent_over_average: float = strawberry.field(description="Negative under the average.")
    overload: bool = strawberry.field(description=f"Whether it is over {OVERLOAD_PERCENT:g} % above the average.")


@strawberry.type(description="One person's share of a rota's load. Members who had none of it are here too.")
class RotaShare:
    loads: list[RotaLoad]
    person_id: strawberry.Private[UUID]

    @strawberry.field(description="Whose share it is.")
    def person(self, info: Info) -> Person | None:
        return person_by_id(info, self.person_id)

    @classmethod
    def of(cls, share: Share) -> "RotaShare":
        loads = [
            RotaLoad(
                measure=measure, hours=share.spent[measure].total_seconds() / 3600,
                percent_over_average=round(share.over[measure], 1), overload=measure in share.overloads,
            )
            for measure in Measure
        ]  # fmt: skip
        return cls(loads=loads, person_id=share.person_id)


@strawberry.type(description="The average of one measure over everybody on the rota.")
class AverageLoad:
    measure: LoadMeasure  # type: ignore[valid-type]
    hours: float


@strawberry.type(description="How a rota's load was or will be shared. The hour of a handover in autumn counts once.")
class RotaFairness:
    rota: Rota
    averages: list[AverageLoad]
    shares: list[RotaShare] = strawberry.field(description="The most loaded first.")

    @classmethod
    def of(cls, rota: RotaRow, found: Fairness) -> "RotaFairness":
        averages = [
            AverageLoad(measure=measure, hours=found.average[measure].total_seconds() / 3600) for measure in Measure
        ]
        return cls(rota=Rota.of(rota), averages=averages, shares=[RotaShare.of(share) for share in found.shares])
