"""Minutes as they were recorded, approved, circulated and read."""

from uuid import UUID

import strawberry

from backend.meetings.circulation import Waiting
from backend.meetings.models import Meeting as MeetingRow
from backend.meetings.record_models import MeetingApproval as ApprovalRow
from backend.meetings.record_models import MeetingCopy as CopyRow
from backend.meetings.record_models import MeetingMinutes as MinutesRow
from graphql_api.alerts.types import Delivery
from graphql_api.context import Info
from graphql_api.documents.types import Document
from graphql_api.ids import encode
from graphql_api.partnerships.people import load_person, person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.scalars import Instant


@strawberry.type(description="To whom minutes go by the definition, and who is still without them.")
class MeetingCirculation:
    what: str
    withheld: str | None = strawberry.field(description="What the source says is left out for them.")
    citation: str
    complete: bool
    waiting_for: list[strawberry.ID] = strawberry.field(description="Invitations without a copy.")
    unnamed_roles: list[str] = strawberry.field(description="Roles that nobody is named in: name a recipient.")

    @classmethod
    def of(cls, one: Waiting) -> "MeetingCirculation":
        rule = one.circulation
        return cls(
            what=rule.what, withheld=rule.withheld, citation=rule.citation, complete=one.complete,
            waiting_for=[strawberry.ID(encode("MeetingInvitation", each)) for each in one.invitations],
            unnamed_roles=list(one.roles),
        )  # fmt: skip


@strawberry.type(description="Minutes as they went to one recipient.")
class MeetingCopy:
    id: strawberry.ID
    invitation_id: strawberry.ID = strawberry.field(description="Whose copy it is.")
    sent_how: str | None = strawberry.field(description="How it went to somebody outside.")
    due_at: Instant | None = strawberry.field(description="By when it had to go.")
    late: bool = strawberry.field(description="It went after that.")
    circulated_at: Instant
    row: strawberry.Private[CopyRow]
    case_id: strawberry.Private[UUID]

    @strawberry.field(description="The file that was given: the minutes, a version of them, or none.")
    async def document(self, info: Info) -> Document | None:
        return await _document(info, self.case_id, self.row.document_id)

    @strawberry.field(description="The messages that said so.")
    async def messages(self, info: Info) -> list[Delivery]:
        return [Delivery.of(row) for row in await info.context.loaders.notices_about.load(self.row.id)]

    @strawberry.field(description="When the recipient said that they had read it.")
    async def read_at(self, info: Info) -> Instant | None:
        rows = await info.context.loaders.readings_of_meeting.load(self.row.meeting_id)
        return next((Instant(row.read_at) for row in rows if row.copy_id == self.row.id), None)

    @classmethod
    def of(cls, row: CopyRow, case_id: UUID) -> "MeetingCopy":
        return cls(
            id=strawberry.ID(encode("MeetingCopy", row.id)),
            invitation_id=strawberry.ID(encode("MeetingInvitation", row.invitation_id)), sent_how=row.sent_how,
            due_at=Instant(row.due_at) if row.due_at else None, late=row.late,
            circulated_at=Instant(row.circulated_at), row=row, case_id=case_id,
        )  # fmt: skip


@strawberry.type(description="A document of the case as the minutes of a meeting.")
class MeetingMinutes:
    id: strawberry.ID
    number: int = strawberry.field(description="Counts what was recorded as minutes; the highest holds.")
    role: str = strawberry.field(description="The role in which they were recorded.")
    recorded_at: Instant
    row: strawberry.Private[MinutesRow]
    case_id: strawberry.Private[UUID]

    @strawberry.field(description="Who recorded them.")
    def recorded_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.recorded_by)

    @strawberry.field(description="All of the minutes; null for somebody of whom something of them is withheld.")
    async def document(self, info: Info) -> Document | None:
        return await _document(info, self.case_id, self.row.document_id)

    @strawberry.field(description="Null until they were approved.")
    async def approved_at(self, info: Info) -> Instant | None:
        found = await self._approval(info)
        return Instant(found.approved_at) if found else None

    @strawberry.field(description="Who approved them.")
    async def approved_by(self, info: Info) -> Person | None:
        found = await self._approval(info)
        return await load_person(info, found.approved_by if found else None)

    @strawberry.field(description="To whom they went.")
    async def copies(self, info: Info) -> list[MeetingCopy]:
        rows = await info.context.loaders.copies_of_meeting.load(self.row.meeting_id)
        return [MeetingCopy.of(row, self.case_id) for row in rows if row.minutes_id == self.row.id]

    async def _approval(self, info: Info) -> ApprovalRow | None:
        rows = await info.context.loaders.approvals_of_meeting.load(self.row.meeting_id)
        return next((row for row in rows if row.minutes_id == self.row.id), None)

    @classmethod
    def of(cls, row: MinutesRow, meeting: MeetingRow) -> "MeetingMinutes":
        return cls(
            id=strawberry.ID(encode("MeetingMinutes", row.id)), number=row.number, role=row.role,
            recorded_at=Instant(row.recorded_at), row=row, case_id=meeting.case_id,
        )  # fmt: skip


async def _document(info: Info, case_id: UUID, document_id: UUID | None) -> Document | None:
    """A document of a case, from among those that the caller may have."""
    rows = await info.context.loaders.documents_of_case.load(case_id)
    return next((Document.of(row) for row in rows if row.id == document_id), None)
