"""Who is asked to a meeting: invited, told, answered, came."""

from enum import Enum

import strawberry

from backend.meetings.models import Meeting as MeetingRow
from backend.meetings.models import MeetingInvitation as InvitationRow
from backend.meetings.models import Part as PartValue
from backend.meetings.record_models import Answer as AnswerValue
from backend.meetings.record_models import Attendance as AttendanceValue
from backend.meetings.record_models import MeetingAnswer as AnswerRow
from backend.meetings.record_models import MeetingAttendance as AttendanceRow
from backend.meetings.record_models import MeetingRemoval as RemovalRow
from graphql_api.alerts.types import Delivery
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.meetings.shown import kept_from_caller
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.scalars import Instant

Part: type[Enum] = strawberry.enum(
    PartValue, name="MeetingPart", description="A RECIPIENT is not asked to come, and gets the papers."
)
Answer: type[Enum] = strawberry.enum(AnswerValue, name="MeetingAnswerKind", description="What was answered.")
Attendance: type[Enum] = strawberry.enum(
    AttendanceValue, name="MeetingAttendanceKind",
    description="Who came. A deputy counts for their agency, a report that was sent does not.",
)  # fmt: skip


@strawberry.type(description="An answer to an invitation.")
class MeetingAnswer:
    answer: Answer  # type: ignore[valid-type]
    deputy_name: str | None
    note: str | None
    planned_at: Instant = strawberry.field(description="The instant that it was an answer for.")
    answered_at: Instant
    row: strawberry.Private[AnswerRow]

    @strawberry.field(description="Who recorded it: the one who was asked, or somebody for them.")
    def answered_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.answered_by)

    @classmethod
    def of(cls, row: AnswerRow) -> "MeetingAnswer":
        return cls(answer=AnswerValue(row.answer), deputy_name=row.deputy_name, note=row.note,
                   planned_at=Instant(row.planned_at), answered_at=Instant(row.answered_at), row=row)  # fmt: skip


@strawberry.type(description="An item that somebody may not read.")
class MeetingWithheld:
    item_id: strawberry.ID
    reason: str
    withheld_at: Instant


@strawberry.type(description="Whether somebody came, as it was recorded.")
class MeetingAttendance:
    attendance: Attendance  # type: ignore[valid-type]
    deputy_name: str | None
    reason: str | None = strawberry.field(description="Why an earlier record was put right; null for the first.")
    recorded_at: Instant
    row: strawberry.Private[AttendanceRow]

    @strawberry.field(description="Who recorded it.")
    def recorded_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.recorded_by)

    @classmethod
    def of(cls, row: AttendanceRow) -> "MeetingAttendance":
        return cls(attendance=AttendanceValue(row.attendance), deputy_name=row.deputy_name, reason=row.reason,
                   recorded_at=Instant(row.recorded_at), row=row)  # fmt: skip


@strawberry.type(description="That an invitation was taken back.")
class MeetingRemoval:
    reason: str
    notices: int = strawberry.field(description="How many messages said so; none where the invitation never left.")
    removed_at: Instant

    @classmethod
    def of(cls, row: RemovalRow) -> "MeetingRemoval":
        return cls(reason=row.reason, notices=row.notices, removed_at=Instant(row.removed_at))


@strawberry.type(description="Somebody who is asked to a meeting, or gets its papers.")
class MeetingInvitation:
    id: strawberry.ID
    part: Part  # type: ignore[valid-type]
    outside_name: str | None = strawberry.field(description="Of somebody from outside the partnership.")
    role: str
    agency: str = strawberry.field(description="The agency they count for.")
    told_how: str | None = strawberry.field(description="How somebody outside was told.")
    outside_email: str | None = strawberry.field(description="Where somebody outside is sent messages.")
    notices: int = strawberry.field(
        description="How many messages were sent; none where there is no way to reach them."
    )
    invited_at: Instant
    row: strawberry.Private[InvitationRow]
    meeting: strawberry.Private[MeetingRow]

    @strawberry.field(description="Null for somebody outside.")
    def person(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.person_id)

    @strawberry.field(description="The messages that told them, with what became of each.")
    async def messages(self, info: Info) -> list[Delivery]:
        return [Delivery.of(row) for row in await info.context.loaders.notices_about.load(self.row.id)]

    @strawberry.field(description="When a provider first took a message to them.")
    async def told_at(self, info: Info) -> Instant | None:
        rows = await info.context.loaders.notices_about.load(self.row.id)
        first = min((row.handed_over_at for row in rows if row.handed_over_at), default=None)
        return Instant(first) if first else None

    @strawberry.field(description="The answer that stands: the latest for the instant that is planned.")
    async def answer(self, info: Info) -> MeetingAnswer | None:
        found = [row for row in await self._answers(info) if row.planned_at == self.meeting.planned_at]
        return MeetingAnswer.of(found[-1]) if found else None

    @strawberry.field(description="Every answer, first to last.")
    async def answers(self, info: Info) -> list[MeetingAnswer]:
        return [MeetingAnswer.of(row) for row in await self._answers(info)]

    @strawberry.field(description="Null until the meeting was held.")
    async def attendance(self, info: Info) -> Attendance | None:  # type: ignore[valid-type]
        rows = await self._attendances(info)
        return AttendanceValue(rows[-1].attendance) if rows else None

    @strawberry.field(description="Who came instead.")
    async def deputy_name(self, info: Info) -> str | None:
        rows = await self._attendances(info)
        return rows[-1].deputy_name if rows else None

    @strawberry.field(description="Every record of whether they came, first to last: the last holds.")
    async def attendances(self, info: Info) -> list[MeetingAttendance]:
        return [MeetingAttendance.of(row) for row in await self._attendances(info)]

    @strawberry.field(description="That it was taken back; null while it stands.")
    async def removal(self, info: Info) -> MeetingRemoval | None:
        rows = await info.context.loaders.removals_of_meeting.load(self.meeting.id)
        return next((MeetingRemoval.of(row) for row in rows if row.invitation_id == self.row.id), None)

    @strawberry.field(description="What is withheld from them; shown to nobody of whom anything is withheld.")
    async def withheld(self, info: Info) -> list[MeetingWithheld]:
        if await kept_from_caller(info, self.meeting.id):
            return []
        return [
            MeetingWithheld(item_id=strawberry.ID(encode("MeetingItem", row.item_id)), reason=row.reason,
                            withheld_at=Instant(row.withheld_at))
            for row in await info.context.loaders.withholdings_of_meeting.load(self.meeting.id)
            if row.invitation_id == self.row.id
        ]  # fmt: skip

    async def _attendances(self, info: Info) -> list[AttendanceRow]:
        rows = await info.context.loaders.attendances_of_meeting.load(self.meeting.id)
        own = [row for row in rows if row.invitation_id == self.row.id]
        return sorted(own, key=lambda row: (row.recorded_at, row.id))

    async def _answers(self, info: Info) -> list[AnswerRow]:
        rows = await info.context.loaders.answers_of_meeting.load(self.meeting.id)
        return [row for row in rows if row.invitation_id == self.row.id]

    @classmethod
    def of(cls, row: InvitationRow, meeting: MeetingRow) -> "MeetingInvitation":
        return cls(
            id=strawberry.ID(encode("MeetingInvitation", row.id)), part=PartValue(row.part),
            outside_name=row.outside_name, outside_email=row.outside_email,
            role=row.role, agency=row.agency, told_how=row.told_how,
            notices=row.notices, invited_at=Instant(row.invited_at), row=row, meeting=meeting,
        )  # fmt: skip
