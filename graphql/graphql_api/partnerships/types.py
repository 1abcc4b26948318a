"""Types of the partnership and its people."""

from collections.abc import Iterable
from enum import Enum

import strawberry

from graphql_api.ids import encode
from notifications.rotas.roster import OnDuty
from tenants.contacts.models import Person as PersonRow
from tenants.partnerships.models import Area as AreaRow
from tenants.partnerships.models import AreaKind as AreaKindValue
from tenants.partnerships.models import Partnership as PartnershipRow

AreaKind: type[Enum] = strawberry.enum(AreaKindValue, description="What kind of ground an area is.")


@strawberry.type(description="A part of the partnership's ground.")
class Area:
    id: strawberry.ID
    kind: AreaKind  # type: ignore[valid-type]
    code: str = strawberry.field(description="What a report of a death names the area by.")
    name: str

    @classmethod
    def of(cls, row: AreaRow) -> "Area":
        return cls(
            id=strawberry.ID(encode("Area", row.id)),
            kind=AreaKindValue(row.kind),
            code=row.code,
            name=row.name,
        )


@strawberry.type(description="A practitioner of this partnership.")
class Person:
    id: strawberry.ID
    name: str
    post: str
    active: bool = strawberry.field(description="False for somebody who has left.")

    @classmethod
    def of(cls, row: PersonRow | OnDuty) -> "Person":
        return cls(id=strawberry.ID(encode("Person", row.id)), name=row.name, post=row.post, active=row.active)


@strawberry.type(description="The partnership this request is made in.")
class Partnership:
    slug: str
    name: str
    zone: str = strawberry.field(description="IANA time zone in which local rules are read.")
    areas: list[Area]

    @classmethod
    def of(cls, row: PartnershipRow, areas: Iterable[AreaRow]) -> "Partnership":
        return cls(slug=row.slug, name=row.name, zone=row.zone, areas=[Area.of(area) for area in areas])


@strawberry.type(description="Who you are in this partnership.")
class Me:
    person: Person
    partnership: str = strawberry.field(description="The partnership's slug.")
    roles: list[str]
    permissions: list[str] = strawberry.field(description="What your roles let you do.")
