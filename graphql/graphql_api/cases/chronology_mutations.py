"""Entering significant events, and correcting them."""

from typing import Annotated
from uuid import UUID

import strawberry

from backend.cases import service as cases
from backend.cases.chronology import repository, service
from backend.cases.chronology.models import ChronologyEntry as EntryRow
from backend.cases.chronology.models import EventKind as EventKindValue
from backend.cases.chronology.service import EventTold
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from graphql_api.cases.chronology import ChronologyEntry, EventKind
from graphql_api.cases.inputs import CASE
from graphql_api.cases.opening import CasePayload
from graphql_api.cases.running import key_of, key_or_none, run, within
from graphql_api.context import Info
from graphql_api.problems import ONCE, ConflictProblem, ForbiddenProblem, NotFoundProblem, ValidationProblem
from graphql_api.scalars import Instant


@strawberry.input(description="A significant event. Give occurredAt or, where only a date is known, occurred.")
class SignificantEventInput:
    kind: EventKind = strawberry.field(description="What kind of event.")  # type: ignore[valid-type]
    title: str = strawberry.field(description="Up to 200 characters.")
    text: str = strawberry.field(description="What happened, up to 10,000 characters.")
    occurred_at: Instant | None = strawberry.field(default=None, description="The moment, if it is known.")
    occurred: str | None = strawberry.field(
        default=None, description="As exactly as it is known: 2026-03-02, 2026-03, 2026-spring or 2026."
    )
    child_id: strawberry.ID | None = strawberry.field(default=None, description="The subject it is about, if one.")
    source: str | None = strawberry.field(default=None, description="Where it is known from, up to 200 characters.")


@strawberry.input(description="Enter a significant event in the chronology of a case.")
class AddChronologyEntryInput:
    case_id: strawberry.ID = strawberry.field(description=CASE)
    event: SignificantEventInput = strawberry.field(description="What happened.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Put a new entry in the place of an older one. Both stay readable.")
class CorrectChronologyEntryInput:
    entry_id: strawberry.ID = strawberry.field(description="An entry made by hand that was not corrected before.")
    event: SignificantEventInput = strawberry.field(description="All of it as it should have been.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="The new entry and the case.")
class ChronologyEntryPayload(CasePayload):
    entry: ChronologyEntry


ChronologyEntryResult = Annotated[
    ChronologyEntryPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("ChronologyEntryResult", description="The new entry, or why it was refused."),
]


def _told(given: SignificantEventInput) -> EventTold:
    return EventTold(
        EventKindValue(given.kind), given.title, given.text, given.occurred_at, given.occurred,
        key_or_none("Child", given.child_id), given.source,
    )  # fmt: skip


@strawberry.type
class ChronologyMutations:
    @strawberry.mutation(description="Enter a significant event in the chronology of a case.")
    async def add_chronology_entry(self, info: Info, input: AddChronologyEntryInput) -> ChronologyEntryResult:
        async def work(session: TenantSession, entry_id: UUID) -> ChronologyEntryPayload:
            case_id, told = key_of("Case", input.case_id), _told(input.event)
            with within("event"):
                return _shown(info, await service.enter(session, info.context.caller, case_id, told, entry_id))

        async def again(session: TenantSession, entry_id: UUID) -> ChronologyEntryPayload:
            return await _again(info, session, entry_id)

        return await run(info, "addChronologyEntry", input, uuid7(), work, again)

    @strawberry.mutation(description="Correct an entry by a new one that names it.")
    async def correct_chronology_entry(
        self, info: Info, input: CorrectChronologyEntryInput
    ) -> ChronologyEntryResult:  # fmt: skip
        async def work(session: TenantSession, entry_id: UUID) -> ChronologyEntryPayload:
            older, told = key_of("ChronologyEntry", input.entry_id), _told(input.event)
            with within("event"):
                return _shown(info, await service.correct(session, info.context.caller, older, told, entry_id))

        async def again(session: TenantSession, entry_id: UUID) -> ChronologyEntryPayload:
            return await _again(info, session, entry_id)

        return await run(info, "correctChronologyEntry", input, uuid7(), work, again)


def _shown(info: Info, row: EntryRow) -> ChronologyEntryPayload:
    return ChronologyEntryPayload(key=row.case_id, entry=ChronologyEntry.of(row, info.context.partnership.zone))


async def _again(info: Info, session: TenantSession, entry_id: UUID) -> ChronologyEntryPayload:
    row = await repository.entry(session, entry_id)
    await cases.seen(session, info.context.caller, row.case_id, otherwise=repository.NO_ENTRY)
    return _shown(info, row)
