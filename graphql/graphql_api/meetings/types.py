"""A meeting as those see it who see its case, without what is withheld from them."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from backend.meetings.agenda import standing
from backend.meetings.circulation import CAME, waiting
from backend.meetings.filling import filled_form
from backend.meetings.models import Meeting as MeetingRow
from backend.meetings.models import MeetingState as MeetingStateValue
from backend.meetings.standing import latest
from backend.pathways.definitions.records import Meeting as Definition
from backend.pathways.editions.stored import effective_of
from backend.pathways.standing import roles_of, working
from graphql_api.cases.types import case_by_id
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.meetings.minutes import MeetingCirculation, MeetingMinutes
from graphql_api.meetings.parts import MeetingItem, MeetingStep
from graphql_api.meetings.people import MeetingInvitation
from graphql_api.meetings.shown import kept_from_caller
from graphql_api.nodes import Node
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.pathways.records import PathwayDecision, hidden_items
from graphql_api.pathways.tasks import PathwayTask
from graphql_api.pathways.types import PathwayRun, run_by_id
from graphql_api.scalars import Instant

if TYPE_CHECKING:
    from graphql_api.cases.types import Case

MeetingState: type[Enum] = strawberry.enum(
    MeetingStateValue,
    name="MeetingState",
    description="ADJOURNED is put off to another instant, and may still be held.",
)


@strawberry.type(description="What the pathway says of such a meeting.")
class MeetingRules:
    aliases: list[str] = strawberry.field(description="Other names that the sources give it.")
    attend: list[str] = strawberry.field(description="Roles that are always asked.")
    may_attend: list[str]
    invited_if: str | None
    mode_rule: str | None = strawberry.field(description="Whether it may be held by telephone.")
    quorum: str | None
    fewer_if: str | None = strawberry.field(description="When fewer than the quorum will do.")
    minutes: list[str] = strawberry.field(description="What the minutes have to say.")
    skipped_if: str | None
    citation: str

    @classmethod
    def of(cls, one: Definition) -> "MeetingRules":
        return cls(
            aliases=list(one.aliases), attend=list(one.attend), may_attend=list(one.may_attend),
            invited_if=one.invited_if, mode_rule=one.mode_rule, quorum=one.quorum.text if one.quorum else None,
            fewer_if=one.quorum.fewer_if if one.quorum else None,
            minutes=list(one.minutes.rules) if one.minutes else [], skipped_if=one.skipped_if, citation=one.citation,
        )  # fmt: skip


@strawberry.type(description="What was found of the quorum when it was held. Agencies count, not people.")
class MeetingQuorum:
    met: bool
    present: list[str] = strawberry.field(description="Codes of the agencies that were there.")
    missing: list[str] = strawberry.field(description="Codes of those that have to be and were not.")
    wanted: int | None = strawberry.field(description="How many agencies there have to be.")
    exception_reason: str | None = strawberry.field(description="Why it was held without one.")

    @classmethod
    def of(cls, row: MeetingRow) -> "MeetingQuorum | None":
        found = row.quorum
        if found is None:
            return None
        return cls(met=bool(row.quorate), present=found["present"], missing=found["missing"], wanted=found["wanted"],
                   exception_reason=row.exception_reason)  # fmt: skip


@strawberry.type(description="The form of a meeting's minutes, filled as a proposal: complete it, then send it.")
class MeetingMinutesForm:
    code: str = strawberry.field(description="The form of the definition; send it with completePathwayForm.")
    title: str
    answers: JSON = strawberry.field(description="By item: attendance, decisions, actions and what is minuted.")
    lacking: list[str] = strawberry.field(description="Items that nothing is recorded of yet.")


@strawberry.type(description="A meeting of a run: called, held with a quorum or the reason for none, minuted.")
class Meeting(Node):
    id: strawberry.ID
    code: str = strawberry.field(description="The meeting of the definition.")
    title: str
    state: MeetingState  # type: ignore[valid-type]
    version: int = strawberry.field(description="Send it with a change.")
    planned_at: Instant
    place: str | None
    joining: str | None = strawberry.field(description="How to join from elsewhere.")
    chair_role: str
    called_at: Instant
    held_at: Instant | None
    quorum: MeetingQuorum | None
    row: strawberry.Private[MeetingRow]

    @strawberry.field(description="Null where nobody on the case holds the chair's role, or did when it was held.")
    def chair(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.chair_id)

    @strawberry.field(description="Who called it.")
    def called_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.called_by)

    @strawberry.field(description="The case. Looking is logged.")
    async def case(self, info: Info) -> Annotated["Case", strawberry.lazy("graphql_api.cases.types")] | None:
        return await case_by_id(info, self.row.case_id)

    @strawberry.field(description="The run it is a meeting of. Looking is logged.")
    async def run(self, info: Info) -> PathwayRun | None:
        return await run_by_id(info, self.row.run_id)

    @strawberry.field(description="What the edition says that it was called under.")
    async def rules(self, info: Info) -> MeetingRules:
        return MeetingRules.of(await definition_of(info, self.row))

    @strawberry.field(description="The agenda with what is minuted of each item.")
    async def agenda(self, info: Info) -> list[MeetingItem]:
        hidden = await kept_from_caller(info, self.row.id)
        found = standing(await info.context.loaders.outcomes_of_meeting.load(self.row.id))
        rows = await info.context.loaders.items_of_meeting.load(self.row.id)
        return [
            MeetingItem.of(row, found.get(row.id))
            for row in sorted(rows, key=lambda each: each.number)
            if row.id not in hidden
        ]

    @strawberry.field(description="Who is asked, told and has answered; and who only gets the papers.")
    async def invitations(self, info: Info) -> list[MeetingInvitation]:
        rows = await info.context.loaders.invitations_of_meeting.load(self.row.id)
        return [MeetingInvitation.of(row, self.row) for row in rows]

    @strawberry.field(description="What became of it, first to last.")
    async def steps(self, info: Info) -> list[MeetingStep]:
        return [MeetingStep.of(row) for row in await info.context.loaders.steps_of_meeting.load(self.row.id)]

    @strawberry.field(description="Its minutes, first to last: the last are what holds.")
    async def minutes(self, info: Info) -> list[MeetingMinutes]:
        rows = await info.context.loaders.minutes_of_meeting.load(self.row.id)
        return [MeetingMinutes.of(row, self.row) for row in sorted(rows, key=lambda each: each.number)]

    @strawberry.field(description="The duty to write the minutes and circulate them, with its limit.")
    async def minutes_task(self, info: Info) -> PathwayTask | None:
        rows = await info.context.loaders.tasks_of_run.load(self.row.run_id)
        return next((PathwayTask.of(row) for row in rows if row.id == self.row.minutes_task_id), None)

    @strawberry.field(description="To whom the minutes go by the definition, and who is still without them.")
    async def circulation(self, info: Info) -> list[MeetingCirculation]:
        loaders, key = info.context.loaders, self.row.id
        minutes = await loaders.minutes_of_meeting.load(key)
        newest = max(minutes, key=lambda each: each.number, default=None)
        served = {row.invitation_id for row in await loaders.copies_of_meeting.load(key)
                  if newest is not None and row.minutes_id == newest.id}  # fmt: skip
        attended = latest(await loaders.attendances_of_meeting.load(key))
        came = {one for one, row in attended.items() if row.attendance in CAME}
        taken = {row.invitation_id for row in await loaders.removals_of_meeting.load(key)}
        asked = [row for row in await loaders.invitations_of_meeting.load(key) if row.id not in taken]
        return [MeetingCirculation.of(one) for one in waiting(await definition_of(info, self.row), asked, came, served)]

    @strawberry.field(
        description="The form of its minutes, filled from what is recorded; null where the pathway names none."
    )
    async def minutes_form(self, info: Info) -> "MeetingMinutesForm | None":
        hidden = await kept_from_caller(info, self.row.id)
        async with info.context.db() as session:
            found = await filled_form(session, self.row, hidden)
            roles = roles_of(info.context.caller, await working(session, self.row.case_id))
        if found is None:
            return None
        kept = hidden_items(found.definition, info.context.caller, roles)
        return MeetingMinutesForm(
            code=found.form.id, title=found.form.title,
            answers=JSON({code: value for code, value in found.answers.items() if code not in kept}),
            lacking=list(found.lacking),
        )  # fmt: skip

    @strawberry.field(description="Actions that it gave to people.")
    async def actions(self, info: Info) -> list[PathwayTask]:
        own = {row.task_id for row in await info.context.loaders.actions_of_meeting.load(self.row.id)}
        rows = await info.context.loaders.tasks_of_run.load(self.row.run_id)
        return [PathwayTask.of(row) for row in rows if row.id in own]

    @strawberry.field(description="Decisions that were taken at it.")
    async def decisions(self, info: Info) -> list[PathwayDecision]:
        own = {row.decision_id for row in await info.context.loaders.decisions_of_meeting.load(self.row.id)}
        rows = await info.context.loaders.decisions_of_run.load(self.row.run_id)
        return [PathwayDecision.of(row) for row in rows if row.id in own]

    @classmethod
    def of(cls, row: MeetingRow) -> "Meeting":
        return cls(
            id=strawberry.ID(encode("Meeting", row.id)), code=row.code, title=row.title,
            state=MeetingStateValue(row.state), version=row.version, planned_at=Instant(row.planned_at),
            place=row.place, joining=row.joining, chair_role=row.chair_role, called_at=Instant(row.called_at),
            held_at=Instant(row.held_at) if row.held_at else None, quorum=MeetingQuorum.of(row), row=row,
        )  # fmt: skip


async def definition_of(info: Info, row: MeetingRow) -> Definition:
    """The meeting in the edition that it was called under."""
    edition: Any = await info.context.loaders.pathway_edition.load(row.edition_id)  # never None: a foreign key
    return next(one for one in effective_of(edition).definition.meetings if one.id == row.code)


async def meeting_by_id(info: Info, meeting_id: UUID) -> Meeting | None:
    """The meeting, after noting the look at its case; None when the case is not there for the caller."""
    row = await info.context.loaders.meeting.load(meeting_id)
    if row is None or await case_by_id(info, row.case_id) is None:
        return None
    return Meeting.of(row)
