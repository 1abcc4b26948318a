"""Who may see a case, who has, and who broke the glass; teams."""

import strawberry

from backend.cases.access.models import BreakGlass as GlassRow
from backend.cases.access.models import Team as TeamRow
from backend.cases.models import AccessEntry as AccessRow
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.partnerships.people import people_by_id, person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.scalars import Instant


@strawberry.type(description="One look at a case, or at a record that belongs to it.")
class AccessLogEntry:
    at: Instant
    action: str = strawberry.field(description="Such as view, search, download or view_in_emergency.")
    subject_kind: str = strawberry.field(description="What was looked at: case, child, child_death, document.")
    row: strawberry.Private[AccessRow]

    @strawberry.field(description="Who looked.")
    def person(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.person_id)

    @classmethod
    def of(cls, row: AccessRow) -> "AccessLogEntry":
        return cls(at=Instant(row.at), action=row.action, subject_kind=row.subject_kind, row=row)


@strawberry.type(description="Somebody let themselves in to read a case that was not there for them.")
class EmergencyAccess:
    reason: str
    at: Instant
    ends_at: Instant
    row: strawberry.Private[GlassRow]

    @strawberry.field(description="Who it was.")
    def person(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.person_id)

    @classmethod
    def of(cls, row: GlassRow) -> "EmergencyAccess":
        return cls(reason=row.reason, at=Instant(row.at), ends_at=Instant(row.ends_at), row=row)


@strawberry.type(description="People who work on cases together.")
class Team:
    id: strawberry.ID
    code: str
    name: str
    row: strawberry.Private[TeamRow]

    @strawberry.field(description="Who belongs to it now.")
    async def members(self, info: Info) -> list[Person]:
        rows = await info.context.loaders.members_of_team.load(self.row.id)
        return await people_by_id(info, [row.person_id for row in rows])

    @classmethod
    def of(cls, row: TeamRow) -> "Team":
        return cls(id=strawberry.ID(encode("Team", row.id)), code=row.code, name=row.name, row=row)
