"""Start a run and take it on: stages, forms, notifications, sign-offs, gates, the end, another edition."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias
from uuid import UUID

import strawberry

from backend.kit.ids import uuid7
from backend.kit.problems import FieldError, Invalid
from backend.kit.session import TenantSession
from backend.pathways import casework, migrating, opening
from backend.pathways.casework import NoticeTold
from backend.pathways.forms import FormTold
from backend.pathways.opening import EntryTold
from graphql_api.cases.running import key_of
from graphql_api.context import Info
from graphql_api.pathways.inputs import (
    ClosePathwayInput,
    CompletePathwayFormInput,
    GivePathwayNoticeInput,
    MigratePathwayInput,
    MovePathwayInput,
    OpenPathwayGateInput,
    SignOffPathwayInput,
    StartPathwayInput,
)
from graphql_api.pathways.running import (
    PathwayRunPayload,
    PathwayRunResult,
    change,
    known,
    moment,
    run_again,
)

Work: TypeAlias = Callable[[TenantSession, UUID], Awaitable[object]]


async def _on_run(info: Info, operation: str, given: Any, work: Work) -> PathwayRunResult:
    """Do ``work`` on the run that the input names, and give it as it is then."""

    async def done(session: TenantSession, run_id: UUID) -> PathwayRunPayload:
        await work(session, run_id)
        return PathwayRunPayload(key=run_id)

    async def again(session: TenantSession, run_id: UUID) -> PathwayRunPayload:
        return await run_again(info, session, run_id)

    return await change(info, operation, given, lambda: key_of("PathwayRun", given.run_id), done, again)


@strawberry.type
class PathwayRunMutations:
    @strawberry.mutation(description="Start a pathway on a case, and keep why.")
    async def start_pathway(self, info: Info, input: StartPathwayInput) -> PathwayRunResult:
        async def work(session: TenantSession, run_id: UUID) -> PathwayRunPayload:
            told = EntryTold(input.pathway, tuple(input.criteria), input.variant, input.reason,
                             moment(input.occurred_at))  # fmt: skip
            case_id = key_of("Case", input.case_id)
            await opening.start(session, info.context.caller, case_id, told, run_id, input.idempotency_key)
            return PathwayRunPayload(key=run_id)

        async def again(session: TenantSession, run_id: UUID) -> PathwayRunPayload:
            return await run_again(info, session, run_id)

        return await change(info, "startPathway", input, uuid7(), work, again)

    @strawberry.mutation(description="Take a run to the next stage. Its gates have to be open.")
    async def move_pathway(self, info: Info, input: MovePathwayInput) -> PathwayRunResult:
        async def work(session: TenantSession, run_id: UUID) -> object:
            return await casework.move(session, info.context.caller, run_id, input.stage,
                                       moment(input.occurred_at), input.reason, known(input))  # fmt: skip

        return await _on_run(info, "movePathway", input, work)

    @strawberry.mutation(description="Complete a form. Duties that it shows to be done are settled by it.")
    async def complete_pathway_form(self, info: Info, input: CompletePathwayFormInput) -> PathwayRunResult:
        async def work(session: TenantSession, run_id: UUID) -> object:
            answers: Any = input.answers
            if not isinstance(answers, dict):
                raise Invalid([FieldError("answers", "must be a JSON object")])
            events = {one.code: moment(one.occurred_at, one.occurred_on) for one in input.events or ()}
            told = FormTold(input.form, answers, events, moment(input.occurred_at))
            return await casework.complete_form(session, info.context.caller, run_id, told, uuid7(), known(input))

        return await _on_run(info, "completePathwayForm", input, work)

    @strawberry.mutation(description="Record that somebody was told, by a call, a letter or papers.")
    async def give_pathway_notice(self, info: Info, input: GivePathwayNoticeInput) -> PathwayRunResult:
        async def work(session: TenantSession, run_id: UUID) -> object:
            told = NoticeTold(input.notification, input.given_to, input.given_at, input.acknowledged, input.note)
            return await casework.give_notice(session, info.context.caller, run_id, told, uuid7(), known(input))

        return await _on_run(info, "givePathwayNotice", input, work)

    @strawberry.mutation(description="Sign off by name. Nobody signs off their own work, unless the pathway says so.")
    async def sign_off_pathway(self, info: Info, input: SignOffPathwayInput) -> PathwayRunResult:
        async def work(session: TenantSession, run_id: UUID) -> object:
            caller = info.context.caller
            return await casework.sign_off(session, caller, run_id, input.sign_off, input.note, uuid7(), known(input))

        return await _on_run(info, "signOffPathway", input, work)

    @strawberry.mutation(description="Open a gate without what it asks for, with reasons.")
    async def open_pathway_gate(self, info: Info, input: OpenPathwayGateInput) -> PathwayRunResult:
        async def work(session: TenantSession, run_id: UUID) -> object:
            caller = info.context.caller
            return await casework.open_gate(session, caller, run_id, input.gate, input.reason, known(input))

        return await _on_run(info, "openPathwayGate", input, work)

    @strawberry.mutation(description="Close a run. What must be done is settled before; other open tasks lapse.")
    async def close_pathway(self, info: Info, input: ClosePathwayInput) -> PathwayRunResult:
        async def work(session: TenantSession, run_id: UUID) -> object:
            return await casework.close(session, info.context.caller, run_id, input.reason, known(input))

        return await _on_run(info, "closePathway", input, work)

    @strawberry.mutation(description="Pin a run to another approved edition. What differs is kept with the action.")
    async def migrate_pathway(self, info: Info, input: MigratePathwayInput) -> PathwayRunResult:
        async def work(session: TenantSession, run_id: UUID) -> object:
            edition_id = key_of("PathwayEdition", input.edition_id)
            return await migrating.migrate(session, info.context.caller, run_id, edition_id, input.stage,
                                           input.reason, known(input))  # fmt: skip

        return await _on_run(info, "migratePathway", input, work)
