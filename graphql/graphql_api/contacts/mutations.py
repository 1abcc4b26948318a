"""A person's own contact methods: add, verify, put in order, retire. They need no permission but to be a member."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

import strawberry

from backend.kit.ids import uuid7
from backend.kit.problems import NotFound
from backend.kit.session import TenantSession
from graphql_api.alerts.types import Channel
from graphql_api.contacts.types import ContactMethod, DevicePlatform
from graphql_api.context import Info
from graphql_api.ids import decode_as
from graphql_api.problems import (
    ONCE,
    ConflictProblem,
    ForbiddenProblem,
    NotFoundProblem,
    ValidationProblem,
    as_problem,
    perform,
)
from notifications.verifications import service as verifications
from notifications.verifications.service import Guess
from tenants.contacts import repository as contacts
from tenants.contacts import service
from tenants.contacts.models import Channel as ChannelValue
from tenants.contacts.models import ContactMethod as MethodRow
from tenants.contacts.models import DevicePlatform as PlatformValue

_WHICH = "One of your own contact methods."


@strawberry.input(description="Add a number, address or device of yours. It is used once its code is confirmed.")
class AddContactMethodInput:
    channel: Channel = strawberry.field(description="How messages to it travel.")  # type: ignore[valid-type]
    address: str = strawberry.field(
        description="A United Kingdom number such as 07700 900123, an email address, a device's push token, or what a "
        "browser gives as its push subscription, as JSON."
    )
    platform: DevicePlatform | None = strawberry.field(  # type: ignore[valid-type]
        default=None, description="Of a device: the push service that it listens to. Firebase where it is left out."
    )
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Have a six-digit code sent to a contact method of yours.")
class RequestContactCodeInput:
    contact_method_id: strawberry.ID = strawberry.field(description=_WHICH)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Give back the code that a message brought.")
class ConfirmContactMethodInput:
    contact_method_id: strawberry.ID = strawberry.field(description=_WHICH)
    code: str = strawberry.field(description="The six digits of the latest message.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Never use one of your contact methods again.")
class RetireContactMethodInput:
    contact_method_id: strawberry.ID = strawberry.field(description=_WHICH)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Say which of your contact methods are to be used first.")
class OrderContactMethodsInput:
    contact_method_ids: list[strawberry.ID] = strawberry.field(description="All of yours in use, the preferred first.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="The contact method as it is now.")
class ContactMethodPayload:
    contact_method: ContactMethod


@strawberry.type(description="Your contact methods in use, the preferred first.")
class ContactMethodsPayload:
    contact_methods: list[ContactMethod]


@strawberry.type(description="What came of giving a code back. A wrong guess is no problem of the input: it counts.")
class ConfirmContactMethodPayload:
    contact_method: ContactMethod
    confirmed: bool = strawberry.field(description="False for a code other than that of the latest message.")
    guesses_left: int = strawberry.field(description="At 0, ask for a new code.")


ContactMethodResult = Annotated[
    ContactMethodPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("ContactMethodResult", description="The contact method as it is now, or why it was refused."),
]
ContactMethodsResult = Annotated[
    ContactMethodsPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("ContactMethodsResult", description="Your contact methods now, or why it was refused."),
]
ConfirmContactMethodResult = Annotated[
    ConfirmContactMethodPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("ConfirmContactMethodResult", description="What came of the code, or why it was refused."),
]

_Work = Callable[[TenantSession, UUID, UUID], Awaitable[MethodRow]]


async def _on_one(info: Info, operation: str, method_id: str, key: str, work: _Work) -> ContactMethodResult:
    """Do ``work(session, person, method)`` to one of the caller's methods."""
    wanted, person_id = decode_as("ContactMethod", method_id), info.context.caller.person_id
    if wanted is None:
        return as_problem(NotFound(contacts.NOT_YOURS))

    async def first(session: TenantSession, found: UUID) -> ContactMethodPayload:
        return ContactMethodPayload(contact_method=ContactMethod.of(await work(session, person_id, found)))

    async def again(session: TenantSession, found: UUID) -> ContactMethodPayload:
        row = await contacts.method(session, person_id, found)
        return ContactMethodPayload(contact_method=ContactMethod.of(row))

    return await perform(
        info, operation=operation, key=key, request=method_id, result_id=wanted, work=first, again=again
    )


@strawberry.type
class ContactMutations:
    @strawberry.mutation(description="Add a contact method of your own; ask for a code to it next.")
    async def add_contact_method(self, info: Info, input: AddContactMethodInput) -> ContactMethodResult:
        person_id, channel = info.context.caller.person_id, ChannelValue(input.channel)
        platform = PlatformValue(input.platform) if input.platform else None
        request = [channel.value, input.address, *([platform.value] if platform else [])]

        async def work(session: TenantSession, method_id: UUID) -> ContactMethodPayload:
            added = await service.add(session, person_id, method_id, channel, input.address, platform)
            return ContactMethodPayload(contact_method=ContactMethod.of(added))

        async def again(session: TenantSession, method_id: UUID) -> ContactMethodPayload:
            row = await service.added(session, person_id, method_id, channel, input.address, platform)
            return ContactMethodPayload(contact_method=ContactMethod.of(row))

        return await perform(
            info, operation="addContactMethod", key=input.idempotency_key, request=request,
            result_id=uuid7(), work=work, again=again,
        )  # fmt: skip

    @strawberry.mutation(description="Have a new code sent to a contact method of yours; earlier codes count no more.")
    async def request_contact_code(self, info: Info, input: RequestContactCodeInput) -> ContactMethodResult:
        return await _on_one(
            info, "requestContactCode", input.contact_method_id, input.idempotency_key, verifications.ask_for_code
        )

    @strawberry.mutation(description="Verify one of your contact methods by the code sent to it.")
    async def confirm_contact_method(self, info: Info, input: ConfirmContactMethodInput) -> ConfirmContactMethodResult:
        wanted, person_id = decode_as("ContactMethod", input.contact_method_id), info.context.caller.person_id
        if wanted is None:
            return as_problem(NotFound(contacts.NOT_YOURS))

        async def work(session: TenantSession, method_id: UUID) -> ConfirmContactMethodPayload:
            return _guessed(await verifications.confirm(session, person_id, method_id, input.code))

        async def again(session: TenantSession, method_id: UUID) -> ConfirmContactMethodPayload:
            return _guessed(await verifications.outcome(session, person_id, method_id))

        return await perform(
            info, operation="confirmContactMethod", key=input.idempotency_key,
            request=[input.contact_method_id, input.code], result_id=wanted, work=work, again=again,
        )  # fmt: skip

    @strawberry.mutation(description="Never use one of your contact methods again. Calls under way still reach it.")
    async def retire_contact_method(self, info: Info, input: RetireContactMethodInput) -> ContactMethodResult:
        return await _on_one(
            info, "retireContactMethod", input.contact_method_id, input.idempotency_key, service.retire
        )

    @strawberry.mutation(description="Put your contact methods in order of preference.")
    async def order_contact_methods(self, info: Info, input: OrderContactMethodsInput) -> ContactMethodsResult:
        person_id = info.context.caller.person_id
        wanted = [decode_as("ContactMethod", one) for one in input.contact_method_ids]
        known = [one for one in wanted if one is not None]
        if len(known) < len(wanted):
            return as_problem(NotFound(contacts.NOT_YOURS))

        async def work(session: TenantSession, _: UUID) -> ContactMethodsPayload:
            rows = await service.put_in_order(session, person_id, known)
            return ContactMethodsPayload(contact_methods=[ContactMethod.of(row) for row in rows])

        async def again(session: TenantSession, _: UUID) -> ContactMethodsPayload:
            rows = (await contacts.every_method(session, [person_id]))[person_id]
            in_use = [row for row in rows if row.retired_at is None]
            return ContactMethodsPayload(contact_methods=[ContactMethod.of(row) for row in in_use])

        return await perform(
            info, operation="orderContactMethods", key=input.idempotency_key,
            request=[str(one) for one in known], result_id=person_id, work=work, again=again,
        )  # fmt: skip


def _guessed(guess: Guess) -> ConfirmContactMethodPayload:
    return ConfirmContactMethodPayload(
        contact_method=ContactMethod.of(guess.method), confirmed=guess.right, guesses_left=max(guess.left, 0)
    )
