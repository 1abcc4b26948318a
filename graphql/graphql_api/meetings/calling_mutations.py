"""Call a meeting, ask people, answer, record that it was held, put it off or call it off."""

from collections.abc import Iterable
from uuid import UUID

import strawberry

from backend.identity.policies import Permission
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.meetings import answering, calling, calling_off, holding
from backend.meetings.agenda import OutcomeTold
from backend.meetings.answering import AnswerTold
from backend.meetings.calling import CallTold, PlanTold
from backend.meetings.holding import AttendanceTold, HeldTold
from backend.meetings.inviting import InviteeTold
from backend.meetings.models import ItemState
from backend.meetings.record_models import Answer, Attendance
from graphql_api.cases.running import key_of, key_or_none
from graphql_api.context import Info
from graphql_api.meetings.inputs import (
    AdjournMeetingInput,
    AnswerMeetingInvitationInput,
    CallMeetingInput,
    CancelMeetingInput,
    HoldMeetingInput,
    InviteToMeetingInput,
    MeetingInviteeInput,
    MeetingOutcomeInput,
)
from graphql_api.meetings.running import MeetingResult, on, on_new


def outcomes(given: Iterable[MeetingOutcomeInput] | None) -> tuple[OutcomeTold, ...]:
    return tuple(OutcomeTold(key_of("MeetingItem", one.item_id), ItemState(one.state), one.text) for one in given or ())


def _invitees(given: Iterable[MeetingInviteeInput] | None) -> tuple[InviteeTold, ...]:
    return tuple(
        InviteeTold(one.role, key_or_none("Person", one.person_id), one.outside_name, one.agency_kind, one.told_how,
                    papers_only=one.papers_only, outside_email=one.outside_email)
        for one in given or ()
    )  # fmt: skip


@strawberry.type
class MeetingCallingMutations:
    @strawberry.mutation(description="Call a meeting of a run: its agenda is the definition's, and people are asked.")
    async def call_meeting(self, info: Info, input: CallMeetingInput) -> MeetingResult:
        async def work(session: TenantSession, meeting_id: UUID) -> object:
            told = CallTold(
                input.meeting, PlanTold(input.planned_at, input.place, input.joining),
                key_or_none("Person", input.chair_id), tuple(input.items or ()), _invitees(input.invitees),
            )  # fmt: skip
            run_id = key_of("PathwayRun", input.run_id)
            return await calling.call(session, info.context.caller, run_id, told, meeting_id)

        return await on_new(info, "callMeeting", input, work)

    @strawberry.mutation(description="Ask more people to a meeting, or name who gets its papers.")
    async def invite_to_meeting(self, info: Info, input: InviteToMeetingInput) -> MeetingResult:
        async def work(session: TenantSession, meeting_id: UUID) -> object:
            told = _invitees(input.invitees)
            return await calling.invite(session, info.context.caller, meeting_id, told, version=input.version)

        return await on(info, "inviteToMeeting", input, "Meeting", input.meeting_id, work)

    @strawberry.mutation(description="Answer an invitation. The latest answer for the planned instant stands.")
    async def answer_meeting_invitation(self, info: Info, input: AnswerMeetingInvitationInput) -> MeetingResult:
        async def work(session: TenantSession, invitation_id: UUID) -> object:
            told = AnswerTold(Answer(input.answer), input.deputy_name, input.note)
            return await answering.answer(session, info.context.caller, invitation_id, told, uuid7())

        return await on(
            info, "answerMeetingInvitation", input, "MeetingInvitation", input.invitation_id, work,
            Permission.ATTEND_MEETINGS,
        )  # fmt: skip

    @strawberry.mutation(description="Record that a meeting was held, with who came: clocks follow at once.")
    async def hold_meeting(self, info: Info, input: HoldMeetingInput) -> MeetingResult:
        async def work(session: TenantSession, meeting_id: UUID) -> object:
            attendance = tuple(
                AttendanceTold(key_of("MeetingInvitation", one.invitation_id), Attendance(one.attendance),
                               one.deputy_name)
                for one in input.attendance
            )  # fmt: skip
            told = HeldTold(input.held_at, attendance, outcomes(input.outcomes), input.exception_reason)
            return await holding.hold(session, info.context.caller, meeting_id, told, version=input.version,
                                      transaction_id=input.idempotency_key)  # fmt: skip

        return await on(info, "holdMeeting", input, "Meeting", input.meeting_id, work)

    @strawberry.mutation(description="Put a meeting off, with the reason. Everybody who was asked is told.")
    async def adjourn_meeting(self, info: Info, input: AdjournMeetingInput) -> MeetingResult:
        async def work(session: TenantSession, meeting_id: UUID) -> object:
            to = PlanTold(input.planned_at, input.place, input.joining)
            return await calling_off.adjourn(session, info.context.caller, meeting_id, input.reason, to,
                                             version=input.version)  # fmt: skip

        return await on(info, "adjournMeeting", input, "Meeting", input.meeting_id, work)

    @strawberry.mutation(description="Call a meeting off, with the reason. Everybody who was asked is told.")
    async def cancel_meeting(self, info: Info, input: CancelMeetingInput) -> MeetingResult:
        async def work(session: TenantSession, meeting_id: UUID) -> object:
            return await calling_off.cancel(
                session, info.context.caller, meeting_id, input.reason, version=input.version
            )

        return await on(info, "cancelMeeting", input, "Meeting", input.meeting_id, work)
