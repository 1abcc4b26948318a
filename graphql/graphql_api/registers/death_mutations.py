"""Keeping the register of deaths."""

from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry

from backend.identity.policies import Permission
from backend.kit.session import TenantSession
from backend.registers.deaths import repository, service
from backend.registers.deaths.models import DeathNotice as NoticeRow
from backend.registers.deaths.models import MatchOutcome as OutcomeValue
from backend.registers.deaths.models import NoticeSource as SourceValue
from backend.registers.deaths.models import StepKind as KindValue
from backend.registers.deaths.service import NoticeTold, StepTold
from graphql_api.context import Info
from graphql_api.ids import key_of
from graphql_api.problems import ONCE, ConflictProblem, ForbiddenProblem, NotFoundProblem, ValidationProblem, mutate
from graphql_api.registers.deaths import (
    DeathEntry,
    DeathNotice,
    DeathStepKind,
    MatchOutcome,
    NoticeSource,
    log_deaths,
    notices_shown,
)
from graphql_api.scalars import Instant

_K = Permission.KEEP_DEATH_REGISTER


@strawberry.input(description="Enter a notice of a child's death as it came. A second one of the same death is wanted.")
class RecordDeathNoticeInput:
    source: NoticeSource = strawberry.field(description="Who told us.")  # type: ignore[valid-type]
    told_by: str = strawberry.field(description="Their name or office, up to 200 characters.")
    received_at: Instant = strawberry.field(description="When it came.")
    idempotency_key: str = strawberry.field(description=ONCE)
    their_reference: str | None = strawberry.field(default=None, description="What they call it.")
    child_name: str | None = strawberry.field(default=None, description="As they gave it.")
    date_of_birth: date | None = strawberry.field(default=None, description="As they gave it.")
    died_on: date | None = strawberry.field(default=None, description="As they gave it.")
    place_of_death: str | None = strawberry.field(default=None, description="Up to 500 characters.")
    usual_home: str | None = strawberry.field(default=None, description="Up to 500 characters.")
    area_of_death_id: strawberry.ID | None = strawberry.field(default=None, description="Where it is one of ours.")
    home_area_id: strawberry.ID | None = strawberry.field(default=None, description="Where it is one of ours.")


@strawberry.input(description="Say what a notice is of. The latest word holds.")
class MatchDeathNoticeInput:
    notice_id: strawberry.ID = strawberry.field(description="A notice.")
    outcome: MatchOutcome = strawberry.field(description="What it is.")  # type: ignore[valid-type]
    reason: str = strawberry.field(description="Up to 1,000 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)
    death_id: strawberry.ID | None = strawberry.field(default=None, description="With MATCHED the reported death.")


@strawberry.input(description="Enter a step towards the review of a reported death.")
class RecordDeathStepInput:
    death_id: strawberry.ID = strawberry.field(description="A reported death.")
    kind: DeathStepKind = strawberry.field(description="What was done.")  # type: ignore[valid-type]
    idempotency_key: str = strawberry.field(description=ONCE)
    body: str | None = strawberry.field(default=None, description="The panel that was told, or whose form B it is.")
    other_id: strawberry.ID | None = strawberry.field(default=None, description="Another report, with SAME_DEATH_AS.")
    note: str | None = strawberry.field(default=None, description="Up to 10,000 characters.")
    done_at: Instant | None = strawberry.field(default=None, description="Default now.")


@strawberry.type(description="The notice, and what it was found to be.")
class DeathNoticePayload:
    notice: DeathNotice


@strawberry.type(description="The entry of the register as it stands.")
class DeathEntryPayload:
    entry: DeathEntry


DeathNoticeResult = Annotated[
    DeathNoticePayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("DeathNoticeResult", description="The notice, or why it was refused."),
]
DeathEntryResult = Annotated[
    DeathEntryPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("DeathEntryResult", description="The entry, or why the step was refused."),
]


@strawberry.type
class DeathRegisterMutations:
    @strawberry.mutation(description="Enter a notice of a child's death.")
    async def record_death_notice(self, info: Info, input: RecordDeathNoticeInput) -> DeathNoticeResult:
        async def work(session: TenantSession, notice_id: UUID) -> DeathNotice:
            told = NoticeTold(
                SourceValue(input.source), input.told_by, input.received_at, input.their_reference,
                child_name=input.child_name, date_of_birth=input.date_of_birth, died_on=input.died_on,
                place_of_death=input.place_of_death, usual_home=input.usual_home,
                area_of_death_id=_area(input.area_of_death_id), home_area_id=_area(input.home_area_id),
            )  # fmt: skip
            return await _notice(info, session, await service.receive(session, told, notice_id, by=info.context.caller))

        async def again(session: TenantSession, notice_id: UUID) -> DeathNotice:
            return await _notice(info, session, await repository.notice(session, info.context.caller, notice_id))

        return await mutate(info, input, work, again=again, answer=_noticed, needs=_K)

    @strawberry.mutation(description="Say what a notice of a death is of.")
    async def match_death_notice(self, info: Info, input: MatchDeathNoticeInput) -> DeathNoticeResult:
        caller = info.context.caller

        async def work(session: TenantSession, notice_id: UUID) -> DeathNotice:
            death = key_of("ChildDeath", input.death_id) if input.death_id is not None else None
            outcome = OutcomeValue(input.outcome)
            return await _notice(
                info, session, await service.match(session, caller, notice_id, outcome, death, input.reason)
            )

        async def again(session: TenantSession, notice_id: UUID) -> DeathNotice:
            return await _notice(info, session, await repository.notice(session, caller, notice_id))

        about = ("DeathNotice", input.notice_id)
        return await mutate(info, input, work, again=again, answer=_noticed, needs=_K, about=about)

    @strawberry.mutation(description="Enter what was done for the review of a death.")
    async def record_death_step(self, info: Info, input: RecordDeathStepInput) -> DeathEntryResult:
        caller = info.context.caller

        async def again(session: TenantSession, death_id: UUID) -> DeathEntry:
            found = await service.entries(session, caller, [await service.seen(session, caller, death_id)])
            await log_deaths(info, session, found, "register")
            return DeathEntry.of(found[0])

        async def work(session: TenantSession, death_id: UUID) -> DeathEntry:
            other = key_of("ChildDeath", input.other_id) if input.other_id is not None else None
            told = StepTold(KindValue(input.kind), input.body, other, input.note, input.done_at)
            await service.record_step(session, caller, death_id, told)
            return await again(session, death_id)

        return await mutate(
            info, input, work, again=again, answer=lambda entry: DeathEntryPayload(entry=entry), needs=_K,
            about=("ChildDeath", input.death_id),
        )  # fmt: skip


def _area(given: str | None) -> UUID | None:
    return key_of("Area", given) if given is not None else None


def _noticed(notice: DeathNotice) -> DeathNoticePayload:
    return DeathNoticePayload(notice=notice)


async def _notice(info: Info, session: TenantSession, row: NoticeRow) -> DeathNotice:
    return (await notices_shown(info, session, [row]))[0]
