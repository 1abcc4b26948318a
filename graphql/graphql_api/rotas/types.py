"""Types of the rotas: rules and their layers, what is laid over them, and who in fact answers."""

from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry
from sqlalchemy import ColumnElement, func
from sqlmodel import col

from backend.identity.policies import Permission
from backend.kit.problems import FieldError, Invalid
from backend.kit.tables import INSTANT
from graphql_api.connections import (
    After,
    Before,
    Connection,
    First,
    Last,
    Order,
    Window,
    connection,
    cursor,
    fetch,
    listed,
)
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.nodes import Node
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Area, Person
from graphql_api.scalars import Instant
from notifications.rotas import repository as rotas
from notifications.rotas import rules
from notifications.rotas.materialisation import HORIZON, ends_of, rule_of
from notifications.rotas.models import Rota as RotaRow
from notifications.rotas.models import RotaAdjustment as AdjustmentRow
from notifications.rotas.models import Shift as ShiftRow
from notifications.rotas.resolution import AdjustmentKind as AdjustmentKindValue

AdjustmentKind: type[Enum] = strawberry.enum(AdjustmentKindValue, description="What is laid over a rota's rule.")
BankHolidays: type[Enum] = strawberry.enum(
    rules.BankHolidays, description="Whether hours of cover apply on bank holidays."
)
PeriodUnit: type[Enum] = strawberry.enum(rules.PeriodUnit, description="What the turns of a rotation are counted in.")

Begins = Annotated[Instant | None, strawberry.argument(description="On at or after this moment; default now.")]
Until = Annotated[Instant | None, strawberry.argument(description="Begun before this moment; default 90 days later.")]


@strawberry.type(description="Hours of cover on some weekdays, in the rota's local time.")
class CoverHours:
    weekdays: list[int] = strawberry.field(description="0 is Monday.")
    start: str = strawberry.field(description="Such as 09:00.")
    end: str = strawberry.field(description="At or before the start: on the next day.")
    bank_holidays: BankHolidays  # type: ignore[valid-type]

    @classmethod
    def of(cls, window: rules.Window) -> "CoverHours":
        return cls(
            weekdays=sorted(window.weekdays), start=window.start.isoformat("minutes"),
            end=window.end.isoformat("minutes"), bank_holidays=rules.BankHolidays(window.bank_holidays),
        )  # fmt: skip


@strawberry.type(description="People who take turns over some hours. A later layer of a position wins.")
class RotaLayer:
    name: str
    position: int = strawberry.field(description="1 is first on call, 2 second.")
    first_handover: str = strawberry.field(description="Local date and time at which the first turn begins.")
    period_unit: PeriodUnit  # type: ignore[valid-type]
    period_every: int = strawberry.field(description="Units between two handovers.")
    cover: list[CoverHours]
    layer: strawberry.Private[rules.Layer]

    @strawberry.field(description="Who takes turns, in order; null is a turn that a lower layer answers.")
    async def members(self, info: Info) -> list[Person | None]:
        members = self.layer.rotation.members
        found = await info.context.loaders.person.load_many([member for member in members if member])
        people = {row.id: Person.of(row) for row in found if row}
        return [people.get(member) if member else None for member in members]

    @classmethod
    def of(cls, layer: rules.Layer) -> "RotaLayer":
        rotation = layer.rotation
        return cls(
            name=layer.name, position=layer.position, first_handover=rotation.first_handover.isoformat(),
            period_unit=rules.PeriodUnit(rotation.period.unit), period_every=rotation.period.every,
            cover=[CoverHours.of(window) for window in layer.cover], layer=layer,
        )  # fmt: skip


@strawberry.type(description="Something laid over a rota's rule for a time. Withdrawn, it stays on record.")
class RotaAdjustment:
    id: strawberry.ID
    kind: AdjustmentKind  # type: ignore[valid-type]
    position: int | None = strawberry.field(description="Null: every position.")
    begins: Instant
    until: Instant
    made_at: Instant
    withdrawn_at: Instant | None
    row: strawberry.Private[AdjustmentRow]

    @strawberry.field(description="Who would have answered.")
    def person(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.person_id)

    @strawberry.field(description="Who answers instead.")
    def instead(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.instead_id)

    @strawberry.field(description="Who made it.")
    def made_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.made_by)

    @strawberry.field(description="Why. A person's leave tells its reason to them and to rota managers only.")
    def reason(self, info: Info) -> str | None:
        caller = info.context.caller
        concerned = caller.person_id in {self.row.person_id, self.row.made_by}
        private = self.row.kind in {AdjustmentKindValue.LEAVE, AdjustmentKindValue.LEFT, AdjustmentKindValue.ASSIGNED}
        return self.row.reason if concerned or not private or caller.may(Permission.MANAGE_ROTAS) else None

    @classmethod
    def of(cls, row: AdjustmentRow) -> "RotaAdjustment":
        begins, until = ends_of(row.during)
        return cls(
            id=strawberry.ID(encode("RotaAdjustment", row.id)), kind=AdjustmentKindValue(row.kind),
            position=row.position, begins=Instant(begins), until=Instant(until), made_at=Instant(row.made_at),
            withdrawn_at=Instant(row.withdrawn_at) if row.withdrawn_at else None, row=row,
        )  # fmt: skip


@strawberry.type(description="One person's time on call, as it in fact is. A change may replace it by another.")
class Shift:
    id: strawberry.ID
    position: int = strawberry.field(description="1 is first on call, 2 second.")
    starts_at: Instant
    handed_over_at: Instant = strawberry.field(
        description="Later than the start only in the hour that comes twice in autumn, when two people answer."
    )
    ends_at: Instant
    layer: str = strawberry.field(description="The layer of the rule that it comes from, or the kind of adjustment.")
    row: strawberry.Private[ShiftRow]

    @strawberry.field(description="Who answers.")
    def person(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.person_id)

    @strawberry.field(description="What put this person there in place of the rule's.")
    async def adjustment(self, info: Info) -> RotaAdjustment | None:
        if self.row.adjustment_id is None:
            return None
        found = await info.context.loaders.rota_adjustment.load(self.row.adjustment_id)
        return RotaAdjustment.of(found) if found else None

    @strawberry.field(description="The rota it belongs to.")
    async def rota(self, info: Info) -> "Rota | None":
        found = await info.context.loaders.rota.load(self.row.rota_id)
        return Rota.of(found) if found else None

    @classmethod
    def of(cls, row: ShiftRow) -> "Shift":
        starts_at, ends_at = ends_of(row.during)
        return cls(
            id=strawberry.ID(encode("Shift", row.id)), position=row.position, starts_at=Instant(starts_at),
            handed_over_at=Instant(ends_of(row.turn)[0]), ends_at=Instant(ends_at), layer=row.layer, row=row,
        )  # fmt: skip


@strawberry.type(description="Who takes turns in a role, and in what hours.")
class Rota(Node):
    id: strawberry.ID
    code: str
    role: str
    name: str
    zone: str = strawberry.field(description="IANA time zone of its hours.")
    uncovered_role: str | None = strawberry.field(description="The role that answers when this rota has nobody.")
    qualification: str | None = strawberry.field(description="Without it nobody is put on call here.")
    layers: list[RotaLayer] = strawberry.field(description="The rule, lowest layer first.")
    ended_at: Instant | None = strawberry.field(description="Since when it puts nobody on call; null while it does.")
    end_reason: str | None = strawberry.field(description="Why it ended; null while it has not.")
    row: strawberry.Private[RotaRow]

    @strawberry.field(description="The areas and sites it serves; none means all of them.")
    async def areas(self, info: Info) -> list[Area]:
        served = await info.context.loaders.areas_of_rota.load(self.row.id)
        found = await info.context.loaders.area.load_many(served)
        return [Area.of(area) for area in found if area]

    @strawberry.field(description="Who in fact answers at some moment between two, by start.")
    async def shifts(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None,
        begins: Begins = None, until: Until = None,
    ) -> Connection[Shift]:  # fmt: skip
        mine = col(ShiftRow.rota_id) == self.row.id
        return await shift_page(info, mine, begins, until, Window(first, after, last, before))

    @strawberry.field(description="All that was ever laid over the rule, leave of people included, newest first.")
    async def adjustments(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[RotaAdjustment]:
        query = rotas.adjustments_about(info.context.caller.tenant_id, self.row.id, rule_of(self.row).people)
        order = Order(col(AdjustmentRow.made_at), col(AdjustmentRow.id), newest_first=True)
        async with info.context.db() as session:
            return await listed(session, query, order, Window(first, after, last, before), RotaAdjustment.of)

    @classmethod
    def of(cls, row: RotaRow) -> "Rota":
        rule = rule_of(row)
        return cls(
            id=strawberry.ID(encode("Rota", row.id)), code=row.code, role=row.role, name=row.name, zone=rule.zone,
            uncovered_role=row.uncovered_role, qualification=row.qualification,
            layers=[RotaLayer.of(layer) for layer in rule.layers],
            ended_at=Instant(row.ended_at) if row.ended_at else None, end_reason=row.end_reason, row=row,
        )  # fmt: skip


async def shift_page(
    info: Info, which: ColumnElement[bool], begins: datetime | None, until: datetime | None, window: Window
) -> Connection[Shift]:
    """A page of the shifts that are on in [begins, until). Raises ``Invalid`` for an end before the beginning."""
    order = Order(func.lower(col(ShiftRow.during), type_=INSTANT), col(ShiftRow.id))
    async with info.context.db() as session:
        start = begins or await session.now()
        end = until or start + HORIZON
        if end <= start:
            raise Invalid([FieldError("until", "must be after the beginning")])
        query = rotas.shifts_between(info.context.caller.tenant_id, start, end).where(which)
        page = await fetch(session, query, order, window)
    rows = [row for (row,) in page.rows]
    return connection([(cursor(ends_of(row.during)[0], row.id), Shift.of(row)) for row in rows], page)
