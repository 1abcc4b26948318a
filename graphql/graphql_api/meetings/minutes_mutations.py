"""Record minutes, approve and circulate them; give actions; decide at a meeting."""

from uuid import UUID

import strawberry

from backend.identity.policies import Permission
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.meetings import acting, circulating, minutes
from backend.meetings.acting import ActionTold
from backend.meetings.circulating import CopyTold
from backend.meetings.minutes import MinutesTold
from backend.meetings.withholding import WithheldTold
from backend.pathways.deciding import DecisionTold
from graphql_api.cases.running import key_of, key_or_none
from graphql_api.context import Info
from graphql_api.meetings.calling_mutations import outcomes
from graphql_api.meetings.inputs import (
    AddMeetingActionInput,
    ApproveMeetingMinutesInput,
    CirculateMeetingMinutesInput,
    ConfirmMinutesReadInput,
    DecideAtMeetingInput,
    MeetingCopyInput,
    RecordMeetingMinutesInput,
)
from graphql_api.meetings.running import MeetingResult, on
from graphql_api.pathways.running import moment


def _copy(given: MeetingCopyInput) -> CopyTold:
    withheld = tuple((key_of("MeetingItem", one.item_id), one.reason) for one in given.withheld or ())
    return CopyTold(key_of("MeetingInvitation", given.invitation_id), withheld,
                    key_or_none("Document", given.document_id), given.sent_how)  # fmt: skip


@strawberry.type
class MeetingMinutesMutations:
    @strawberry.mutation(description="Record a document of the case as the minutes of a meeting that was held.")
    async def record_meeting_minutes(self, info: Info, input: RecordMeetingMinutesInput) -> MeetingResult:
        async def work(session: TenantSession, meeting_id: UUID) -> object:
            withheld = tuple(
                WithheldTold(key_of("MeetingInvitation", one.invitation_id), key_of("MeetingItem", one.item_id),
                             one.reason)
                for one in input.withheld or ()
            )  # fmt: skip
            told = MinutesTold(key_of("Document", input.document_id), outcomes(input.outcomes), withheld)
            return await minutes.record(session, info.context.caller, meeting_id, told, uuid7(), version=input.version)

        return await on(info, "recordMeetingMinutes", input, "Meeting", input.meeting_id, work)

    @strawberry.mutation(description="Approve minutes, as the chair or in a role that the definition names.")
    async def approve_meeting_minutes(self, info: Info, input: ApproveMeetingMinutesInput) -> MeetingResult:
        async def work(session: TenantSession, minutes_id: UUID) -> object:
            return await minutes.approve(session, info.context.caller, minutes_id, uuid7())

        return await on(info, "approveMeetingMinutes", input, "MeetingMinutes", input.minutes_id, work)

    @strawberry.mutation(description="Give approved minutes to recipients, each with what they may read.")
    async def circulate_meeting_minutes(self, info: Info, input: CirculateMeetingMinutesInput) -> MeetingResult:
        async def work(session: TenantSession, minutes_id: UUID) -> object:
            told = [_copy(one) for one in input.copies]
            return await circulating.circulate(session, info.context.caller, minutes_id, told)

        return await on(info, "circulateMeetingMinutes", input, "MeetingMinutes", input.minutes_id, work)

    @strawberry.mutation(description="Say that you have read your copy of minutes.")
    async def confirm_minutes_read(self, info: Info, input: ConfirmMinutesReadInput) -> MeetingResult:
        async def work(session: TenantSession, copy_id: UUID) -> object:
            return await circulating.confirm_read(session, info.context.caller, copy_id, uuid7())

        return await on(
            info, "confirmMinutesRead", input, "MeetingCopy", input.copy_id, work, Permission.ATTEND_MEETINGS
        )

    @strawberry.mutation(description="Give an action of a meeting to somebody: it becomes a task of the run.")
    async def add_meeting_action(self, info: Info, input: AddMeetingActionInput) -> MeetingResult:
        async def work(session: TenantSession, meeting_id: UUID) -> object:
            told = ActionTold(input.text, input.role, key_of("Person", input.owner_id), input.due_at)
            return await acting.add_action(session, info.context.caller, meeting_id, told, uuid7())

        return await on(info, "addMeetingAction", input, "Meeting", input.meeting_id, work)

    @strawberry.mutation(description="Decide a question of the pathway at a meeting that was held.")
    async def decide_at_meeting(self, info: Info, input: DecideAtMeetingInput) -> MeetingResult:
        async def work(session: TenantSession, meeting_id: UUID) -> object:
            told = DecisionTold(input.decision, tuple(input.options), input.reasons, moment(input.occurred_at))
            return await acting.decide(session, info.context.caller, meeting_id, told, uuid7(), version=input.version,
                                       transaction_id=input.idempotency_key)  # fmt: skip

        return await on(info, "decideAtMeeting", input, "Meeting", input.meeting_id, work)
