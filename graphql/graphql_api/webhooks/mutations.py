"""Keeping webhook endpoints."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import strawberry

from backend.identity.policies import Permission
from backend.kit.problems import NotFound
from backend.kit.session import TenantSession
from graphql_api.context import Info
from graphql_api.ids import key_of
from graphql_api.problems import ONCE, AnyProblem, mutate
from graphql_api.scalars import Instant
from graphql_api.webhooks.types import WebhookEndpoint
from notifications.webhooks import repository, service
from notifications.webhooks.models import WebhookEndpoint as EndpointRow
from tenants.applications.repository import NO_APPLICATION

_TOLD_ONCE = (
    "What messages are signed with (Standard Webhooks, whsec_…). It is shown this once; null when the request is"
    " repeated, and for whatever makes none."
)


@strawberry.input(description="Have another system told of events.")
class CreateWebhookEndpointInput:
    name: str = strawberry.field(description="As you know it, up to 200 characters.")
    url: str = strawberry.field(description="An https address on the internet at large.")
    types: list[str] = strawberry.field(description="Codes from webhookEventTypes, such as alert.raised.")
    client_id: str | None = strawberry.field(
        default=None, description="An application's, if it is the application's endpoint; leave out for your own."
    )
    area_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Only of what happens in these areas, and what is of no area; leave out for all."
    )
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Make a new secret for an endpoint.")
class RotateWebhookEndpointSecretInput:
    endpoint_id: strawberry.ID = strawberry.field(description="An endpoint that is not retired.")
    overlap_hours: int = strawberry.field(
        default=24, description="How long the present secret signs as well, 0 to 168; 0 when it has leaked."
    )
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input
class _EndpointInput:
    endpoint_id: strawberry.ID = strawberry.field(description="From webhookEndpoints.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Pause an endpoint.")
class PauseWebhookEndpointInput(_EndpointInput):
    pass


@strawberry.input(description="Resume an endpoint that was paused, by whomever.")
class ResumeWebhookEndpointInput(_EndpointInput):
    pass


@strawberry.input(description="Retire an endpoint.")
class RetireWebhookEndpointInput(_EndpointInput):
    pass


@strawberry.input(description="Try an endpoint that is active.")
class SendTestWebhookInput(_EndpointInput):
    pass


@strawberry.input(description="Send an endpoint again what happened.")
class ReplayWebhookInput:
    endpoint_id: strawberry.ID = strawberry.field(description="An endpoint that is active.")
    since: Instant = strawberry.field(description="From when on, within the last 30 days; 1,000 events at most.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="The endpoint as it is now.")
class WebhookEndpointPayload:
    endpoint: WebhookEndpoint
    secret: str | None = strawberry.field(description=_TOLD_ONCE)


WebhookEndpointResult = Annotated[
    WebhookEndpointPayload | AnyProblem,
    strawberry.union("WebhookEndpointResult", description="The endpoint as it is now, or why it was refused."),
]
_Made = tuple[EndpointRow, str | None]


def _payload(made: _Made) -> WebhookEndpointPayload:
    return WebhookEndpointPayload(endpoint=WebhookEndpoint.of(made[0]), secret=made[1])


async def _again(session: TenantSession, endpoint_id: UUID) -> _Made:
    return await repository.endpoint(session, endpoint_id), None


def _application(client_id: str | None) -> UUID | None:
    try:
        return UUID(client_id) if client_id is not None else None
    except ValueError:
        raise NotFound(NO_APPLICATION) from None


_Given = _EndpointInput | RotateWebhookEndpointSecretInput | ReplayWebhookInput
_Work = Callable[[TenantSession, UUID], Awaitable[_Made]]


async def _run(info: Info, given: _Given, work: _Work) -> WebhookEndpointPayload | AnyProblem:
    return await mutate(
        info, given, work, again=_again, answer=_payload, needs=Permission.MANAGE_INTEGRATIONS,
        about=("WebhookEndpoint", given.endpoint_id),
    )  # fmt: skip


@strawberry.type
class WebhookMutations:
    @strawberry.mutation(description="Enter an endpoint. Its secret is shown once.")
    async def create_webhook_endpoint(self, info: Info, input: CreateWebhookEndpointInput) -> WebhookEndpointResult:
        async def work(session: TenantSession, endpoint_id: UUID) -> _Made:
            return await service.create(
                session, endpoint_id, name=input.name, url=input.url, types=input.types,
                application_id=_application(input.client_id), by=info.context.caller.person_id,
                area_ids=[key_of("Area", one) for one in input.area_ids or ()],
            )  # fmt: skip

        needs = Permission.MANAGE_INTEGRATIONS
        return await mutate(info, input, work, again=_again, answer=_payload, needs=needs)

    @strawberry.mutation(description="Make a new secret, shown once; the present one overlaps.")
    async def rotate_webhook_endpoint_secret(
        self, info: Info, input: RotateWebhookEndpointSecretInput
    ) -> WebhookEndpointResult:
        async def work(session: TenantSession, endpoint_id: UUID) -> _Made:
            overlap = timedelta(hours=max(-1, min(input.overlap_hours, 10_000)))
            return await service.rotate_secret(session, endpoint_id, overlap, by=info.context.caller.person_id)

        return await _run(info, input, work)

    @strawberry.mutation(description="Hold back what is for an endpoint until it is resumed.")
    async def pause_webhook_endpoint(self, info: Info, input: PauseWebhookEndpointInput) -> WebhookEndpointResult:
        async def work(session: TenantSession, endpoint_id: UUID) -> _Made:
            return await service.pause(session, endpoint_id, by=info.context.caller.person_id), None

        return await _run(info, input, work)

    @strawberry.mutation(description="Send to an endpoint again, what was held back among it.")
    async def resume_webhook_endpoint(self, info: Info, input: ResumeWebhookEndpointInput) -> WebhookEndpointResult:
        async def work(session: TenantSession, endpoint_id: UUID) -> _Made:
            return await service.resume(session, endpoint_id, by=info.context.caller.person_id), None

        return await _run(info, input, work)

    @strawberry.mutation(description="Never call an endpoint again. Its history stays.")
    async def retire_webhook_endpoint(self, info: Info, input: RetireWebhookEndpointInput) -> WebhookEndpointResult:
        async def work(session: TenantSession, endpoint_id: UUID) -> _Made:
            return await service.retire(session, endpoint_id, by=info.context.caller.person_id), None

        return await _run(info, input, work)

    @strawberry.mutation(description="Send again what happened since an instant; each message has the id it had.")
    async def replay_webhook(self, info: Info, input: ReplayWebhookInput) -> WebhookEndpointResult:
        async def work(session: TenantSession, endpoint_id: UUID) -> _Made:
            await service.replay(session, endpoint_id, input.since, by=info.context.caller.person_id)
            return await repository.endpoint(session, endpoint_id), None

        return await _run(info, input, work)

    @strawberry.mutation(description="Send an endpoint a message that says no more than that it is a test.")
    async def send_test_webhook(self, info: Info, input: SendTestWebhookInput) -> WebhookEndpointResult:
        async def work(session: TenantSession, endpoint_id: UUID) -> _Made:
            return await service.test(session, endpoint_id, by=info.context.caller.person_id), None

        return await _run(info, input, work)
