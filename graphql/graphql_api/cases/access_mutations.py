"""Restricting a case, breaking the glass, linking cases, and teams."""

from typing import Annotated
from uuid import UUID

import strawberry

from backend.cases import links as linking
from backend.cases import repository as files
from backend.cases.access import repository, service, teams
from backend.cases.models import LinkKind as LinkKindValue
from backend.identity.policies import Permission
from backend.kit.ids import uuid7
from backend.kit.problems import FieldError, Invalid, NotFound
from backend.kit.session import TenantSession
from graphql_api.cases.access import EmergencyAccess, Team
from graphql_api.cases.inputs import CASE, WHY
from graphql_api.cases.links import LinkKind
from graphql_api.cases.opening import CasePayload, CaseResult, case_again
from graphql_api.cases.running import key_of, run
from graphql_api.context import Info
from graphql_api.problems import ONCE, ConflictProblem, ForbiddenProblem, NotFoundProblem, ValidationProblem


@strawberry.input(description="Make a case be there for its list alone: these people, its owner and you.")
class RestrictCaseInput:
    case_id: strawberry.ID = strawberry.field(description="A case of yours, or one that your role lets you restrict.")
    person_ids: list[strawberry.ID] = strawberry.field(description="The whole list, up to 100; it replaces the last.")
    reason: str = strawberry.field(description=WHY)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Let roles decide again who sees a case.")
class LiftCaseRestrictionInput:
    case_id: strawberry.ID = strawberry.field(description="A restricted case that you may restrict.")
    reason: str = strawberry.field(description=WHY)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Read a case that is not there for you, in an emergency. Give caseId or caseReference.")
class BreakGlassInput:
    case_id: strawberry.ID | None = strawberry.field(default=None, description="The case.")
    case_reference: str | None = strawberry.field(default=None, description="The case's reference, such as 7F3K-2Q9D.")
    reason: str = strawberry.field(description="Why, in 10 to 1,000 characters. The case's owner reads it.")
    minutes: int = strawberry.field(default=60, description="For how long, 5 to 240.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Link a case to another.")
class LinkCasesInput:
    case_id: strawberry.ID = strawberry.field(description=CASE)
    other_case_id: strawberry.ID = strawberry.field(description="Another case that you may see.")
    kind: LinkKind = strawberry.field(  # type: ignore[valid-type]
        description="How the first stands to the other: UMBRELLA over it, TRANSFER to it."
    )
    reason: str | None = strawberry.field(default=None, description=WHY)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="End a link between cases.")
class UnlinkCasesInput:
    link_id: strawberry.ID = strawberry.field(description="A link between cases that you may both see.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Make a team.")
class CreateTeamInput:
    code: str = strawberry.field(description="Small letters, digits and hyphens, such as assessment-north.")
    name: str = strawberry.field(description="Up to 200 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Say who belongs to a team from now on.")
class SetTeamMembersInput:
    team_id: strawberry.ID = strawberry.field(description="The team.")
    person_ids: list[strawberry.ID] = strawberry.field(description="All its members, up to 200.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="Until when the case may be read, and the case.")
class BreakGlassPayload(CasePayload):
    access: EmergencyAccess


@strawberry.type(description="The team as it is now.")
class TeamPayload:
    team: Team


BreakGlassResult = Annotated[
    BreakGlassPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("BreakGlassResult", description="Until when the case may be read, or why it was refused."),
]
TeamResult = Annotated[
    TeamPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("TeamResult", description="The team as it is now, or why it was refused."),
]


@strawberry.type
class CaseAccessMutations:
    @strawberry.mutation(description="Restrict a case to its list. To everybody else it is as if it never was.")
    async def restrict_case(self, info: Info, input: RestrictCaseInput) -> CaseResult:
        async def work(session: TenantSession, case_id: UUID) -> CasePayload:
            people = [key_of("Person", one) for one in input.person_ids]
            return CasePayload(
                key=(await service.restrict(session, info.context.caller, case_id, people, input.reason)).id
            )

        async def again(session: TenantSession, case_id: UUID) -> CasePayload:
            return await case_again(info, session, case_id)

        return await run(info, "restrictCase", input, lambda: key_of("Case", input.case_id), work, again)

    @strawberry.mutation(description="Lift a restriction. The list goes on letting its people in.")
    async def lift_case_restriction(self, info: Info, input: LiftCaseRestrictionInput) -> CaseResult:
        async def work(session: TenantSession, case_id: UUID) -> CasePayload:
            caller = info.context.caller
            return CasePayload(key=(await service.lift_restriction(session, caller, case_id, input.reason)).id)

        async def again(session: TenantSession, case_id: UUID) -> CasePayload:
            return await case_again(info, session, case_id)

        return await run(info, "liftCaseRestriction", input, lambda: key_of("Case", input.case_id), work, again)

    @strawberry.mutation(description="Break the glass: read a case for some minutes. Its owner is told at once.")
    async def break_glass(self, info: Info, input: BreakGlassInput) -> BreakGlassResult:
        async def work(session: TenantSession, glass_id: UUID) -> BreakGlassPayload:
            case_id = await _case_meant(session, input)
            row = await service.break_glass(
                session, info.context.caller, case_id, input.reason, input.minutes, glass_id
            )
            return BreakGlassPayload(key=row.case_id, access=EmergencyAccess.of(row))

        async def again(session: TenantSession, glass_id: UUID) -> BreakGlassPayload:
            row = await repository.glass(session, glass_id)
            return BreakGlassPayload(key=row.case_id, access=EmergencyAccess.of(row))

        return await run(info, "breakGlass", input, uuid7(), work, again, needs=Permission.BREAK_GLASS)

    @strawberry.mutation(description="Link a case to another. Both show it, to whoever may see both.")
    async def link_cases(self, info: Info, input: LinkCasesInput) -> CaseResult:
        async def work(session: TenantSession, link_id: UUID) -> CasePayload:
            case_id, other_id = key_of("Case", input.case_id), key_of("Case", input.other_case_id)
            kind = LinkKindValue(input.kind)
            row = await linking.link_cases(session, info.context.caller, case_id, other_id, kind, input.reason, link_id)
            return CasePayload(key=row.case_id)

        async def again(session: TenantSession, link_id: UUID) -> CasePayload:
            return await case_again(info, session, (await files.case_link(session, link_id)).case_id)

        return await run(info, "linkCases", input, uuid7(), work, again)

    @strawberry.mutation(description="End a link between cases.")
    async def unlink_cases(self, info: Info, input: UnlinkCasesInput) -> CaseResult:
        async def work(session: TenantSession, link_id: UUID) -> CasePayload:
            return CasePayload(key=(await linking.unlink_cases(session, info.context.caller, link_id)).case_id)

        async def again(session: TenantSession, link_id: UUID) -> CasePayload:
            return await case_again(info, session, (await files.case_link(session, link_id)).case_id)

        return await run(info, "unlinkCases", input, lambda: key_of("CaseLink", input.link_id), work, again)

    @strawberry.mutation(description="Make a team, without members yet.")
    async def create_team(self, info: Info, input: CreateTeamInput) -> TeamResult:
        async def work(session: TenantSession, team_id: UUID) -> TeamPayload:
            made = await teams.create(session, info.context.caller, input.code, input.name, team_id)
            return TeamPayload(team=Team.of(made))

        return await run(info, "createTeam", input, uuid7(), work, _team_again, needs=Permission.MANAGE_TEAMS)

    @strawberry.mutation(description="Say who belongs to a team from now on; who is left out is off it.")
    async def set_team_members(self, info: Info, input: SetTeamMembersInput) -> TeamResult:
        async def work(session: TenantSession, team_id: UUID) -> TeamPayload:
            people = [key_of("Person", one) for one in input.person_ids]
            return TeamPayload(team=Team.of(await teams.set_members(session, info.context.caller, team_id, people)))

        return await run(
            info, "setTeamMembers", input, lambda: key_of("Team", input.team_id), work, _team_again,
            needs=Permission.MANAGE_TEAMS,
        )  # fmt: skip


async def _team_again(session: TenantSession, team_id: UUID) -> TeamPayload:
    return TeamPayload(team=Team.of(await repository.team(session, team_id)))


async def _case_meant(session: TenantSession, given: BreakGlassInput) -> UUID:
    if (given.case_id is None) == (given.case_reference is None):
        raise Invalid([FieldError("caseId", "give either caseId or caseReference")])
    if given.case_id is not None:
        return key_of("Case", given.case_id)
    found = await files.id_of(session, given.case_reference or "")
    if found is None:
        raise NotFound(files.NO_CASE)
    return found
