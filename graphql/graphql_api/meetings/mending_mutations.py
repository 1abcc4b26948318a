"""Take an invitation back; put right who came."""

from uuid import UUID

import strawberry

from backend.kit.session import TenantSession
from backend.meetings import correcting, recalling
from backend.meetings.holding import AttendanceTold
from backend.meetings.record_models import Attendance
from graphql_api.cases.running import key_of
from graphql_api.context import Info
from graphql_api.meetings.inputs import CorrectMeetingAttendanceInput, RemoveMeetingInviteeInput
from graphql_api.meetings.running import MeetingResult, on


@strawberry.type
class MeetingMendingMutations:
    @strawberry.mutation(description="Take an invitation back. Whoever has read theirs is told.")
    async def remove_meeting_invitee(self, info: Info, input: RemoveMeetingInviteeInput) -> MeetingResult:
        async def work(session: TenantSession, invitation_id: UUID) -> object:
            return await recalling.remove(
                session, info.context.caller, invitation_id, input.reason, version=input.version
            )

        return await on(info, "removeMeetingInvitee", input, "MeetingInvitation", input.invitation_id, work)

    @strawberry.mutation(description="Put right who came to a meeting that was held; its quorum is found anew.")
    async def correct_meeting_attendance(self, info: Info, input: CorrectMeetingAttendanceInput) -> MeetingResult:
        async def work(session: TenantSession, meeting_id: UUID) -> object:
            told = tuple(
                AttendanceTold(key_of("MeetingInvitation", one.invitation_id), Attendance(one.attendance),
                               one.deputy_name)
                for one in input.attendance
            )  # fmt: skip
            return await correcting.correct_attendance(
                session, info.context.caller, meeting_id, told, input.reason, version=input.version,
                exception_reason=input.exception_reason,
            )  # fmt: skip

        return await on(info, "correctMeetingAttendance", input, "Meeting", input.meeting_id, work)
