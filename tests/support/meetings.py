"""A pathway with a strategy discussion, and the people who hold it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from backend.cases import service as cases
from backend.cases.people import practitioners
from backend.cases.people.practitioners import AssignmentTold
from backend.documents.models import Document, DocumentState
from backend.identity.policies import Caller
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.meetings import calling, holding, repository
from backend.meetings.agenda import OutcomeTold
from backend.meetings.calling import CallTold, PlanTold
from backend.meetings.holding import AttendanceTold, HeldTold
from backend.meetings.inviting import InviteeTold
from backend.meetings.models import ItemState, Meeting, MeetingInvitation, MeetingItem
from backend.meetings.record_models import Attendance
from backend.pathways import opening
from backend.pathways.opening import EntryTold
from support.casework import put_in_force
from support.partnership import Partnership

ENQUIRY = "enquiry-of-a-test"
CODE = "strategy-discussion"
FRIDAY = datetime(2027, 4, 30, 14, tzinfo=UTC)
"""In the afternoon before the bank holiday of early May."""
_SOURCE = "Working Together 2005 ¶5.56"


def _clock(clock_id: str, start: str, met_by: str, value: int) -> dict[str, Any]:
    return {
        "id": clock_id, "action": f"{clock_id} in time", "role": "social-care-manager", "force": "should",
        "citation": _SOURCE, "start": {"event": start, "of": "last"},
        "limit": {"value": value, "unit": "working_days"}, "met_by": met_by,
    }  # fmt: skip


PATHWAY: dict[str, Any] = {
    "id": ENQUIRY, "kind": "pathway", "title": "Section 47 enquiry", "edition": "Working Together 2005",
    "summary": "Whether a child suffers significant harm.", "citation": _SOURCE,
    "entry": {
        "trigger": "A child may suffer significant harm.",
        "criteria": [{"id": "harm", "text": "There may be harm.", "citation": _SOURCE}],
    },
    "stages": [
        {"id": "strategy", "title": "Strategy", "lead": "social-care-manager", "actors": ["sio"], "leads_to": [],
         "ends": True},
    ],
    "events": [
        {"id": "harm-suspected", "title": "Harm is suspected", "recorded_by": [{"stage": "strategy"}]},
        {"id": "discussion-held", "title": "The strategy discussion is held", "recorded_by": [{"meeting": CODE}]},
        {"id": "record-circulated", "title": "The record is with everybody",
         "recorded_by": [{"by_hand": "social-care-manager"}]},
    ],
    "clocks": [
        _clock("hold-strategy-discussion", "harm-suspected", "discussion-held", 1),
        _clock("circulate-strategy-record", "discussion-held", "record-circulated", 1),
    ],
    "obligations": [
        {"id": "discuss-strategy", "stage": "strategy", "text": "Hold a strategy discussion.",
         "roles": ["social-care-manager"], "force": "must", "citation": _SOURCE,
         "clocks": ["hold-strategy-discussion"], "meetings": [CODE]},
    ],
    "decisions": [
        {"id": "enquire", "stage": "strategy", "question": "Shall there be an enquiry?", "citation": _SOURCE,
         "force": "must", "deciders": ["social-care-manager"],
         "options": [{"id": "enquiry", "text": "Enquire."}, {"id": "no-enquiry", "text": "Do not."}]},
    ],
    "meetings": [
        {"id": CODE, "title": "Strategy discussion", "stage": "strategy", "called_by": "social-care-manager",
         "chair": "social-care-manager", "attend": ["social-worker", "sio"], "may_attend": ["paediatrician"],
         "quorum": {"at_least": 2, "agencies": ["social-care", "police"],
                    "text": "Social care and the police at least.", "fewer_if": "The child is in danger at once.",
                    "citation": _SOURCE},
         "agenda": [
             {"text": "What is known"},
             {"text": "Earlier harm", "never_empty": True, "force": "must"},
             {"text": "What the police do next"},
         ],
         "minutes": {"by": "social-care-manager", "citation": _SOURCE},
         "circulation": [{"what": "The record", "who": "attended-and-invited", "clocks": ["circulate-strategy-record"],
                          "citation": _SOURCE}],
         "clocks": ["hold-strategy-discussion"], "repeats": True, "force": "must", "citation": _SOURCE},
    ],
}  # fmt: skip
ROLES = {"social-care-manager": "duty_manager", "social-worker": "social_worker", "sio": "sio",
         "paediatrician": "paediatrician"}  # fmt: skip


@dataclass(frozen=True)
class Enquiry:
    """A run that has begun, and its people by their role in it."""

    partnership: Partnership
    people: dict[str, Caller]
    case_id: UUID
    run_id: UUID

    @property
    def manager(self) -> Caller:
        return self.people["social-care-manager"]

    def invitees(self, *roles: str) -> tuple[InviteeTold, ...]:
        return tuple(InviteeTold(role, person_id=self.people[role].person_id) for role in roles)

    async def call(
        self, planned_at: datetime, *roles: str, more: Iterable[InviteeTold] = (), by: Caller | None = None
    ) -> Meeting:
        """Call a strategy discussion with people of these roles, and commit."""
        async with self.partnership.session() as session:
            told = CallTold(CODE, PlanTold(planned_at, joining="By telephone"),
                            invitees=(*self.invitees(*roles), *more))  # fmt: skip
            made = await calling.call(session, by or self.manager, self.run_id, told, uuid7())
            await session.commit()
        return made

    async def hold(self, meeting: Meeting, held_at: datetime, *absent: str, **told: Any) -> Meeting:
        """Record that everybody came but those of these roles, and that no earlier harm was found; and commit."""
        async with self.partnership.session() as session:
            made = await holding.hold(
                session, self.manager, meeting.id, await self.held(session, meeting, held_at, *absent, **told),
                version=meeting.version, transaction_id=str(uuid7()),
            )  # fmt: skip
            await session.commit()
        return made

    async def held(
        self, session: TenantSession, meeting: Meeting, held_at: datetime, *absent: str, **told: Any
    ) -> HeldTold:
        asked = await repository.of_meeting(session, MeetingInvitation, meeting.id)
        attendance = tuple(
            AttendanceTold(row.id, Attendance.ABSENT if row.role in absent else Attendance.ATTENDED) for row in asked
        )
        outcomes = (OutcomeTold((await self.item(meeting, 2)).id, ItemState.NOTHING_FOUND, "No earlier harm on file."),)
        return HeldTold(held_at, told.pop("attendance", attendance), told.pop("outcomes", outcomes), **told)

    async def item(self, meeting: Meeting, number: int) -> MeetingItem:
        async with self.partnership.session() as session:
            rows = await repository.of_meeting(session, MeetingItem, meeting.id)
        return next(row for row in rows if row.number == number)

    async def invitation(self, meeting: Meeting, role: str) -> MeetingInvitation:
        async with self.partnership.session() as session:
            rows = await repository.of_meeting(session, MeetingInvitation, meeting.id)
        return next(row for row in rows if row.role == role)

    async def document(self, title: str = "Record of the discussion") -> UUID:
        """A document of the case that has arrived."""
        async with self.partnership.session() as session:
            made = await arrived(session, self.case_id, self.manager, title)
            await session.commit()
        return made


async def arrived(session: TenantSession, case_id: UUID, by: Caller, title: str) -> UUID:
    """A document whose upload is complete, as far as its row says."""
    row = Document(
        tenant_id=session.tenant_id, id=uuid7(), case_id=case_id, title=title, content_type="application/pdf", size=3,
        sha256="a" * 64, object_key=f"cases/{uuid7()}", version_id="1", state=DocumentState.AVAILABLE,
        uploaded_by=by.person_id, started_at=await session.now(), completed_at=await session.now(),
    )  # fmt: skip
    session.insert(row)
    await session.flush()
    return row.id


async def begun(session: TenantSession, people: dict[str, Caller], run_id: UUID, case_id: UUID) -> None:
    """An enquiry on a case with these people by their roles; the first of them puts the others on it."""
    owner = next(iter(people.values()))
    for role, person in people.items():
        told = AssignmentTold(role, person_id=person.person_id)
        await practitioners.assign(session, owner, case_id, told, uuid7())
    await opening.start(session, owner, case_id, EntryTold(ENQUIRY, ("harm",)), run_id, str(uuid7()))


async def enquiry(partnership: Partnership) -> Enquiry:
    """An enquiry that begins now, in a partnership that runs such a pathway."""
    people = {role: await partnership.member(member) for role, member in ROLES.items()}
    run_id = uuid7()
    async with partnership.session() as session:
        if await session.scalar(text("SELECT 1 FROM pathway_edition WHERE pathway = :code"), {"code": ENQUIRY}) is None:
            await put_in_force(session, PATHWAY)
        case = await cases.open_by_hand(session, people["social-care-manager"], cases.Opening(ENQUIRY), uuid7())
        await session.flush()
        await begun(session, people, run_id, case.id)
        await session.commit()
    return Enquiry(partnership, people, case.id, run_id)
