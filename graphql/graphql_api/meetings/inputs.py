"""What is told of a meeting."""

from typing import Final

import strawberry

from graphql_api.meetings.parts import ItemState
from graphql_api.meetings.people import Answer, Attendance
from graphql_api.problems import ONCE
from graphql_api.scalars import Instant

MEETING: Final = "A meeting of a case that you may change."
VERSION: Final = "The meeting's version that you last had: if it has moved on, this is a conflict."
PLANNED: Final = "For when; a discussion that was held at once may lie in the past."
PLACE: Final = "Where; up to 300 characters. Give it, joining, or both."
JOINING: Final = "How to join from elsewhere; up to 500 characters."


@strawberry.input(description="Somebody to ask: a practitioner of the case, or by name somebody from outside.")
class MeetingInviteeInput:
    role: str = strawberry.field(description="Code of their role at the meeting, such as social-care-manager.")
    person_id: strawberry.ID | None = strawberry.field(default=None, description="Somebody who works on the case.")
    outside_name: str | None = strawberry.field(default=None, description="Somebody outside the partnership.")
    agency_kind: str | None = strawberry.field(
        default=None, description="Code of the kind of agency, such as police, where the role is of any."
    )
    told_how: str | None = strawberry.field(default=None, description="How somebody outside was told.")
    papers_only: bool = strawberry.field(default=False, description="Not asked to come; gets the papers.")
    outside_email: str | None = strawberry.field(
        default=None, description="Where somebody outside is sent the invitation; it says nothing of any child."
    )


@strawberry.input(description="Call a meeting of a run.")
class CallMeetingInput:
    run_id: strawberry.ID = strawberry.field(description="A run on a case that you may change.")
    meeting: str = strawberry.field(description="Code of a meeting of the definition.")
    planned_at: Instant = strawberry.field(description=PLANNED)
    place: str | None = strawberry.field(default=None, description=PLACE)
    joining: str | None = strawberry.field(default=None, description=JOINING)
    chair_id: strawberry.ID | None = strawberry.field(
        default=None, description="Who works on the case in the chair's role; default whoever holds it first."
    )
    items: list[str] | None = strawberry.field(default=None, description="Added to the agenda that the definition has.")
    invitees: list[MeetingInviteeInput] | None = strawberry.field(default=None, description="Whom to ask at once.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Ask more people to a meeting.")
class InviteToMeetingInput:
    meeting_id: strawberry.ID = strawberry.field(description=MEETING)
    version: int = strawberry.field(description=VERSION)
    invitees: list[MeetingInviteeInput] = strawberry.field(description="Whom to ask.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Answer an invitation: your own, or for somebody who has told you.")
class AnswerMeetingInvitationInput:
    invitation_id: strawberry.ID = strawberry.field(description="An invitation to a meeting that is to come.")
    answer: Answer = strawberry.field(description="What they say.")  # type: ignore[valid-type]
    deputy_name: str | None = strawberry.field(default=None, description="Who comes instead, for SENDS_DEPUTY.")
    note: str | None = strawberry.field(default=None, description="Up to 1,000 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Whether somebody came.")
class MeetingAttendanceInput:
    invitation_id: strawberry.ID = strawberry.field(description="An invitation to this meeting.")
    attendance: Attendance = strawberry.field(description="Whether they came.")  # type: ignore[valid-type]
    deputy_name: str | None = strawberry.field(default=None, description="Who came instead, for DEPUTY.")


@strawberry.input(description="What is minuted of an item of the agenda.")
class MeetingOutcomeInput:
    item_id: strawberry.ID = strawberry.field(description="An item of this meeting's agenda.")
    state: ItemState = strawberry.field(description="Anything but OPEN.")  # type: ignore[valid-type]
    text: str | None = strawberry.field(
        default=None, description="Up to 10,000 characters; for NOTHING_FOUND, what was looked for."
    )


@strawberry.input(description="Record that a meeting was held. Its run gets the events of it, and clocks follow.")
class HoldMeetingInput:
    meeting_id: strawberry.ID = strawberry.field(description=MEETING)
    version: int = strawberry.field(description=VERSION)
    held_at: Instant = strawberry.field(description="When it was held, not in the future.")
    attendance: list[MeetingAttendanceInput] = strawberry.field(description="Of everybody who was asked to come.")
    outcomes: list[MeetingOutcomeInput] | None = strawberry.field(default=None, description="What is minuted so far.")
    exception_reason: str | None = strawberry.field(
        default=None, description="Why it was held without a quorum, and only then."
    )
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Put a meeting off. Everybody who was asked is told, and asked anew.")
class AdjournMeetingInput:
    meeting_id: strawberry.ID = strawberry.field(description=MEETING)
    version: int = strawberry.field(description=VERSION)
    reason: str = strawberry.field(description="Up to 2,000 characters.")
    planned_at: Instant = strawberry.field(description="For when instead; it lies ahead.")
    place: str | None = strawberry.field(default=None, description=PLACE)
    joining: str | None = strawberry.field(default=None, description=JOINING)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Call a meeting off. Everybody who was asked is told.")
class CancelMeetingInput:
    meeting_id: strawberry.ID = strawberry.field(description=MEETING)
    version: int = strawberry.field(description=VERSION)
    reason: str = strawberry.field(description="Up to 2,000 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="An item that somebody may not read.")
class MeetingWithheldInput:
    invitation_id: strawberry.ID = strawberry.field(description="An invitation to this meeting.")
    item_id: strawberry.ID = strawberry.field(description="An item of this meeting's agenda.")
    reason: str = strawberry.field(description="Up to 1,000 characters.")


@strawberry.input(description="Record a document of the case as the minutes of a meeting that was held.")
class RecordMeetingMinutesInput:
    meeting_id: strawberry.ID = strawberry.field(description=MEETING)
    version: int = strawberry.field(description=VERSION)
    document_id: strawberry.ID = strawberry.field(description="A document of the case whose upload is complete.")
    outcomes: list[MeetingOutcomeInput] | None = strawberry.field(
        default=None, description="Items that are never left empty have to be minuted by now."
    )
    withheld: list[MeetingWithheldInput] | None = strawberry.field(
        default=None, description="What somebody may not read, from now on: the document is kept from them too."
    )
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Approve minutes as the chair.")
class ApproveMeetingMinutesInput:
    minutes_id: strawberry.ID = strawberry.field(description="The newest minutes of a meeting.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="An item that is left out of a copy.")
class MeetingCopyWithheldInput:
    item_id: strawberry.ID = strawberry.field(description="An item of this meeting's agenda.")
    reason: str = strawberry.field(description="Up to 1,000 characters.")


@strawberry.input(description="What one recipient gets of the minutes.")
class MeetingCopyInput:
    invitation_id: strawberry.ID = strawberry.field(description="Whose copy it is.")
    withheld: list[MeetingCopyWithheldInput] | None = strawberry.field(
        default=None, description="What they may not read."
    )
    document_id: strawberry.ID | None = strawberry.field(
        default=None, description="A version of the minutes without what is withheld; else they get no file."
    )
    sent_how: str | None = strawberry.field(default=None, description="How it went to somebody outside.")


@strawberry.input(description="Give approved minutes to recipients, who are told that they are there.")
class CirculateMeetingMinutesInput:
    minutes_id: strawberry.ID = strawberry.field(description="The newest minutes of a meeting, approved.")
    copies: list[MeetingCopyInput] = strawberry.field(description="One for each recipient.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Say that you have read your copy of minutes.")
class ConfirmMinutesReadInput:
    copy_id: strawberry.ID = strawberry.field(description="A copy of yours.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Give an action of a meeting to somebody. It becomes a task of the run.")
class AddMeetingActionInput:
    meeting_id: strawberry.ID = strawberry.field(description="A meeting that was held.")
    text: str = strawberry.field(description="What is to be done; up to 2,000 characters.")
    role: str = strawberry.field(description="Code of the role in which they do it, one they have on the case.")
    owner_id: strawberry.ID = strawberry.field(description="Somebody who works on the case.")
    due_at: Instant = strawberry.field(description="By when; it lies ahead.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Decide a question of the pathway at a meeting.")
class DecideAtMeetingInput:
    meeting_id: strawberry.ID = strawberry.field(description="A meeting that was held.")
    version: int = strawberry.field(description="The run's version that you last had.")
    decision: str = strawberry.field(description="Code of a question that is open where the run stands.")
    options: list[str] = strawberry.field(description="Codes of the answers.")
    reasons: str = strawberry.field(description="For the record, in words; also where nothing is done.")
    occurred_at: Instant | None = strawberry.field(default=None, description="When it was decided; default now.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Take an invitation back: one that has not left never does.")
class RemoveMeetingInviteeInput:
    invitation_id: strawberry.ID = strawberry.field(description="An invitation to a meeting that is to come.")
    version: int = strawberry.field(description=VERSION)
    reason: str = strawberry.field(description="Up to 2,000 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Put right who came. What was recorded first stays on record.")
class CorrectMeetingAttendanceInput:
    meeting_id: strawberry.ID = strawberry.field(description="A meeting that was held.")
    version: int = strawberry.field(description=VERSION)
    attendance: list[MeetingAttendanceInput] = strawberry.field(description="Of those whose attendance was wrong.")
    reason: str = strawberry.field(description="Why it was wrong; up to 2,000 characters.")
    exception_reason: str | None = strawberry.field(
        default=None, description="Why it was held without a quorum, where it turns out that there was none."
    )
    idempotency_key: str = strawberry.field(description=ONCE)
