"""A person as those who keep the partnership's people see them."""

import strawberry

from backend.identity import service as identity
from backend.identity.models import Membership as MembershipRow
from backend.identity.models import MembershipState
from backend.identity.policies import Permission
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.partnerships.types import Area, Person
from graphql_api.rotas.types import Rota, Shift
from graphql_api.scalars import Instant
from notifications.rotas import repository as rotas
from notifications.rotas.eligibility import unfit_ahead
from notifications.rotas.materialisation import rule_of
from tenants.contacts.models import Agency as AgencyRow
from tenants.contacts.models import Person as PersonRow
from tenants.qualifications.models import Qualification as QualificationRow


@strawberry.type(description="A body that people of the partnership work for.")
class Agency:
    code: str = strawberry.field(description="What a person is entered under it by.")
    name: str
    kind: str

    @classmethod
    def of(cls, row: AgencyRow) -> "Agency":
        return cls(code=row.code, name=row.name, kind=row.kind.value)


@strawberry.type(description="How somebody signs in, and what they may do.")
class Membership:
    subject: str = strawberry.field(description="What the identity provider calls them.")
    roles: list[str]
    active: bool = strawberry.field(description="False while they are kept out.")

    @classmethod
    def of(cls, row: MembershipRow) -> "Membership":
        return cls(subject=row.subject, roles=list(row.roles), active=row.state == MembershipState.ACTIVE)


@strawberry.type(description="What somebody is qualified for, by the partnership's own code.")
class Qualification:
    code: str
    valid_until: Instant | None = strawberry.field(description="Null: for good. One that has passed stays on record.")

    @classmethod
    def of(cls, row: QualificationRow) -> "Qualification":
        return cls(code=row.code, valid_until=Instant(row.valid_until) if row.valid_until else None)


@strawberry.type(description="A person, with all that puts them on call.")
class PersonRecord:
    id: strawberry.ID = strawberry.field(description="The person's own.")
    person: Person
    code: str = strawberry.field(description="What alert policies call them by. It stays as it is.")
    created_at: Instant
    left_at: Instant | None = strawberry.field(description="Null for somebody who is here.")
    row: strawberry.Private[PersonRow]

    @strawberry.field(description="Whom they work for.")
    async def agency(self, info: Info) -> Agency | None:
        found = await info.context.loaders.agency.load(self.row.agency_id)
        return Agency.of(found) if found else None

    @strawberry.field(description="Null for somebody who cannot sign in, and unless you manage people.")
    async def membership(self, info: Info) -> Membership | None:
        if not info.context.caller.may(Permission.MANAGE_PEOPLE):
            return None
        found = await info.context.loaders.membership_of_person.load(self.row.id)
        return Membership.of(found) if found else None

    @strawberry.field(description="By code, those that have ended among them.")
    async def qualifications(self, info: Info) -> list[Qualification]:
        found = await info.context.loaders.qualifications_of_person.load(self.row.id)
        return [Qualification.of(row) for row in found]

    @strawberry.field(description="Where they work; none means in all areas.")
    async def areas(self, info: Info) -> list[Area]:
        served = await info.context.loaders.areas_of_person.load(self.row.id)
        found = await info.context.loaders.area.load_many(served)
        return [Area.of(area) for area in found if area]

    @strawberry.field(description="Rotas whose rules name them, whether or not they are still here.")
    async def rotas(self, info: Info) -> list[Rota]:
        async with info.context.db() as session:
            known = await rotas.rotas(session)
        return [Rota.of(row) for row in known if self.row.id in rule_of(row).people]

    @strawberry.field(
        description="Their turns ahead that they could not be given now, and all of them while they may not sign in and"
        " answer alerts: put somebody else on."
    )
    async def unfit_shifts(self, info: Info) -> list[Shift]:
        async with info.context.db() as session:
            answers = await identity.person_may(session, self.row.id, Permission.ANSWER_ALERTS)
            return [Shift.of(row) for row in await unfit_ahead(session, self.row.id, may_answer=answers)]

    @classmethod
    def of(cls, row: PersonRow) -> "PersonRecord":
        return cls(
            id=strawberry.ID(encode("Person", row.id)), person=Person.of(row), code=row.code,
            created_at=Instant(row.created_at), left_at=Instant(row.left_at) if row.left_at else None, row=row,
        )  # fmt: skip
