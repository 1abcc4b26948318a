"""Letting an application in and keeping it out."""

from typing import Annotated
from uuid import UUID

import strawberry

from backend.applications import service
from backend.applications.signing import signing
from backend.identity.policies import Permission
from backend.kit.problems import Conflict, NotFound
from backend.kit.session import TenantSession
from graphql_api.applications.types import Application
from graphql_api.context import Info
from graphql_api.problems import ONCE, AnyProblem, mutate
from tenants.applications import repository
from tenants.applications.models import Application as ApplicationRow
from tenants.applications.models import ApplicationGrant as GrantRow

_Found = tuple[ApplicationRow, GrantRow | None]


@strawberry.input(description="Say what an application may do, in place of what was granted before.")
class GrantApplicationInput:
    client_id: str = strawberry.field(description="From applications.")
    scopes: list[str] = strawberry.field(description="Codes of scopes, of those that it asks for.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Keep an application out from its next request on.")
class RevokeApplicationInput:
    client_id: str = strawberry.field(description="From applications.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="The application as it stands now.")
class ApplicationPayload:
    application: Application


ApplicationResult = Annotated[
    ApplicationPayload | AnyProblem,
    strawberry.union("ApplicationResult", description="The application as it stands now, or why it was refused."),
]


def _key(client_id: str) -> UUID:
    try:
        return UUID(client_id)
    except ValueError:
        raise NotFound(repository.NO_APPLICATION) from None


def _payload(found: _Found) -> ApplicationPayload:
    return ApplicationPayload(application=Application.of(*found))


async def _as_it_is(session: TenantSession, client_id: str) -> _Found:
    application = await repository.application(session, _key(client_id))
    return application, (await repository.grants(session, [application.id])).get(application.id)


@strawberry.type
class ApplicationMutations:
    @strawberry.mutation(description="Let an application do what the scopes say, from its next request on.")
    async def grant_application(self, info: Info, input: GrantApplicationInput) -> ApplicationResult:
        async def work(session: TenantSession, _: UUID) -> _Found:
            ours = signing()
            if ours is None:
                raise Conflict("No applications are served here yet: who runs the service must set keys for them.")
            key = _key(input.client_id)
            given = await service.grant(session, ours.issuer, key, input.scopes, by=info.context.caller)
            return await repository.application(session, key), given

        async def again(session: TenantSession, _: UUID) -> _Found:
            return await _as_it_is(session, input.client_id)

        return await mutate(info, input, work, again=again, answer=_payload, needs=Permission.MANAGE_INTEGRATIONS)

    @strawberry.mutation(description="Keep an application out at once, whatever tokens it holds.")
    async def revoke_application(self, info: Info, input: RevokeApplicationInput) -> ApplicationResult:
        async def work(session: TenantSession, _: UUID) -> _Found:
            key = _key(input.client_id)
            application = await repository.application(session, key)
            return application, await service.revoke(session, key, by=info.context.caller)

        async def again(session: TenantSession, _: UUID) -> _Found:
            return await _as_it_is(session, input.client_id)

        return await mutate(info, input, work, again=again, answer=_payload, needs=Permission.MANAGE_INTEGRATIONS)
