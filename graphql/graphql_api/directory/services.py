"""Services of the directory, how they are reached, and who is to be called now."""

from datetime import date, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

import strawberry
from pydantic import TypeAdapter

from backend.directory.reverifying import interval
from backend.identity.policies import Caller, Permission
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.partnerships.people import people_by_id, person_by_id
from graphql_api.partnerships.types import Area, Person
from graphql_api.policies.types import Hours
from graphql_api.scalars import Instant
from notifications.ladders.hours import Hours as HoursValue
from notifications.who_to_call.resolver import Call, Closed
from tenants.contacts.service_models import DirectoryPoint as PointRow
from tenants.contacts.service_models import DirectoryService as ServiceRow
from tenants.contacts.service_models import PointKind as PointKindValue
from tenants.contacts.service_models import Visibility as VisibilityValue
from tenants.procedures.repository import today

_HOURS: TypeAdapter[tuple[HoursValue, ...]] = TypeAdapter(tuple[HoursValue, ...])
IN_DANGER = "If a child is in immediate danger, call 999 first."

PointKind: type[Enum] = strawberry.enum(
    PointKindValue, name="DirectoryPointKind",
    description="How a service is reached. ROTA and DESK name a role: who is on call for it, or its entry.",
)  # fmt: skip
Visibility: type[Enum] = strawberry.enum(
    VisibilityValue, name="DirectoryVisibility", description="Everybody, members of the partnership, or who manages it."
)


def visible_to(caller: Caller) -> frozenset[VisibilityValue]:
    """What somebody may see of the directory."""
    seen = {VisibilityValue.PUBLIC, VisibilityValue.PROFESSIONAL}
    return frozenset(seen | {VisibilityValue.RESTRICTED} if caller.may(Permission.MANAGE_DIRECTORY) else seen)


async def counts_as_verified(info: Info, verified_on: date | None) -> bool:
    """Whether somebody made sure of it on a day, no longer ago than the partnership allows."""
    if verified_on is None:
        return False
    async with info.context.db() as session:
        days = await interval(session)
        return days is None or (await today(session)) - verified_on <= timedelta(days=days)


@strawberry.type(description="A way to reach a service.")
class DirectoryPoint:
    id: strawberry.ID
    code: str
    kind: PointKind  # type: ignore[valid-type]
    value: str = strawberry.field(description="The number, address or role.")
    label: str
    visibility: Visibility  # type: ignore[valid-type]
    verified_on: date | None
    verified_how: str | None
    row: strawberry.Private[PointRow]

    @strawberry.field(
        description="False until somebody has made sure that it works, and again after the partnership's interval."
    )
    async def verified(self, info: Info) -> bool:
        return await counts_as_verified(info, self.row.verified_on)

    @strawberry.field(description="Where it counts; null: in all areas of the service.")
    async def area(self, info: Info) -> Area | None:
        found = await info.context.loaders.area.load(self.row.area_id) if self.row.area_id else None
        return Area.of(found) if found else None

    @strawberry.field(description="Who verified it; null for what a file says.")
    def verified_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.verified_by)

    @strawberry.field(description="When it answers, by the partnership's clocks; none: always.")
    def hours(self) -> list[Hours]:
        return [Hours.of(hours) for hours in _HOURS.validate_python(self.row.hours)]

    @classmethod
    def of(cls, row: PointRow) -> "DirectoryPoint":
        return cls(
            id=strawberry.ID(encode("DirectoryPoint", row.id)), code=row.code, kind=row.kind, value=row.value,
            label=row.label, visibility=row.visibility, verified_on=row.verified_on, verified_how=row.verified_how,
            row=row,
        )  # fmt: skip


@strawberry.type(description="What an organisation offers, to whom and where.")
class DirectoryService:
    id: strawberry.ID
    code: str
    name: str
    description: str
    website: str | None
    topics: list[str] = strawberry.field(description="What one asks it about.")
    eligibility: str
    minimum_age: int | None
    maximum_age: int | None = strawberry.field(description="5 ends on the sixth birthday.")
    visibility: Visibility  # type: ignore[valid-type]
    row: strawberry.Private[ServiceRow]

    @strawberry.field(description="Who offers it.")
    async def organisation(self, info: Info) -> str | None:
        found = await info.context.loaders.directory_organisation.load(self.row.organisation_id)
        return found.name if found else None

    @strawberry.field(description="Where it serves; none: in all areas.")
    async def areas(self, info: Info) -> list[Area]:
        ids = await info.context.loaders.areas_of_service.load(self.row.id)
        return [Area.of(found) for found in await info.context.loaders.area.load_many(ids) if found]

    @strawberry.field(description="How it is reached, as far as you may know.")
    async def points(self, info: Info) -> list[DirectoryPoint]:
        seen = visible_to(info.context.caller)
        rows = await info.context.loaders.points_of_service.load(self.row.id)
        return [DirectoryPoint.of(row) for row in rows if row.visibility in seen]

    @classmethod
    def of(cls, row: ServiceRow) -> "DirectoryService":
        return cls(
            id=strawberry.ID(encode("DirectoryService", row.id)), code=row.code, name=row.name,
            description=row.description, website=row.website, topics=list(row.topics), eligibility=row.eligibility,
            minimum_age=row.minimum_age, maximum_age=row.maximum_age, visibility=row.visibility, row=row,
        )  # fmt: skip


@strawberry.type(description="One way that is open now.")
class CallOption:
    service: str
    organisation: str
    kind: PointKind  # type: ignore[valid-type]
    value: str | None = strawberry.field(description="The number or address; null for who is on call.")
    label: str
    why: list[str] = strawberry.field(description="Why this one, for a person to read.")
    until: Instant | None = strawberry.field(description="When it closes; null where it does not.")
    stands_in_for: str | None = strawberry.field(description="The service that is closed or comes before it.")
    verified_on: date | None
    call: strawberry.Private[Call]

    @strawberry.field(
        description="False: nobody has made sure of it, or not for longer than the partnership allows; have the next"
        " one at hand."
    )
    async def verified(self, info: Info) -> bool:
        by_rota = self.call.point.kind in {PointKindValue.ROTA, PointKindValue.DESK}
        return by_rota or await counts_as_verified(info, self.verified_on)

    @strawberry.field(description="Who is on call; raise an alert to reach them.")
    async def people(self, info: Info) -> list[Person]:
        return await people_by_id(info, self.call.people)

    @classmethod
    def of(cls, one: Call, zone: str) -> "CallOption":
        until = Instant(one.until.replace(tzinfo=ZoneInfo(zone))) if one.until else None
        return cls(
            service=one.service.name, organisation=one.service.organisation, kind=one.point.kind, value=one.value,
            label=one.point.label, why=list(one.why), until=until, stands_in_for=one.stands_in_for,
            verified_on=one.point.verified_on, call=one,
        )  # fmt: skip


@strawberry.type(description="A service that would be the one, but does not answer now.")
class ClosedService:
    service: str
    opens: Instant | None
    why: str

    @classmethod
    def of(cls, one: Closed, zone: str) -> "ClosedService":
        opens = Instant(one.opens.replace(tzinfo=ZoneInfo(zone))) if one.opens else None
        return cls(service=one.service.name, opens=opens, why=one.why)


@strawberry.type(description="Who is to be called, in the order in which to try.")
class WhoToCall:
    first: CallOption | None = strawberry.field(description="Null when nobody answers: a fault of set-up.")
    next: list[CallOption] = strawberry.field(description="The fall-backs, in order.")
    closed: list[ClosedService]
    in_danger: str = strawberry.field(description="What comes before all of it.")
