"""A person's own contact methods: add, verify, put in order, retire. They need no permission but to be a member."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Protocol
from uuid import UUID

import strawberry

from backend.kit.session import TenantSession
from graphql_api.alerts.types import Channel
from graphql_api.contacts.types import ContactMethod, ContactMethodResult, payload_of
from graphql_api.context import Info
from graphql_api.ids import key_of
from graphql_api.problems import ONCE, AnyProblem, Given, mutate
from notifications.readiness import reliance
from notifications.verifications import service as verifications
from notifications.verifications.service import Guess
from tenants.contacts import repository as contacts
from tenants.contacts import service
from tenants.contacts.models import Channel as ChannelValue
from tenants.contacts.models import ContactMethod as MethodRow

_WHICH = "One of your own contact methods."


@strawberry.input(description="Add a number, address or device of yours. It is used once its code is confirmed.")
class AddContactMethodInput:
    channel: Channel = strawberry.field(description="How messages to it travel.")  # type: ignore[valid-type]
    address: str = strawberry.field(
        description="A United Kingdom number such as 07700 900123, an email address, or a device's push token."
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


@strawberry.type(description="Your contact methods in use, the preferred first.")
class ContactMethodsPayload:
    contact_methods: list[ContactMethod]


@strawberry.type(description="What came of giving a code back. A wrong guess is no problem of the input: it counts.")
class ConfirmContactMethodPayload:
    contact_method: ContactMethod
    confirmed: bool = strawberry.field(description="False for a code other than that of the latest message.")
    guesses_left: int = strawberry.field(description="At 0, ask for a new code.")


ContactMethodsResult = Annotated[
    ContactMethodsPayload | AnyProblem,
    strawberry.union("ContactMethodsResult", description="Your contact methods now, or why it was refused."),
]
ConfirmContactMethodResult = Annotated[
    ConfirmContactMethodPayload | AnyProblem,
    strawberry.union("ConfirmContactMethodResult", description="What came of the code, or why it was refused."),
]

_Work = Callable[[TenantSession, UUID, UUID], Awaitable[MethodRow]]


class _OnOne(Given, Protocol):
    contact_method_id: strawberry.ID


async def _on_one(info: Info, given: _OnOne, work: _Work) -> ContactMethodResult:
    """Do ``work(session, person, method)`` to one of the caller's methods."""
    person_id = info.context.caller.person_id
    return await mutate(
        info, given, lambda session, method_id: work(session, person_id, method_id),
        again=lambda session, method_id: contacts.method(session, person_id, method_id),
        answer=payload_of, about=("ContactMethod", given.contact_method_id),
    )  # fmt: skip


@strawberry.type
class ContactMutations:
    @strawberry.mutation(description="Add a contact method of your own; ask for a code to it next.")
    async def add_contact_method(self, info: Info, input: AddContactMethodInput) -> ContactMethodResult:
        person_id, channel = info.context.caller.person_id, ChannelValue(input.channel)
        return await mutate(
            info, input, lambda session, new: service.add(session, person_id, new, channel, input.address),
            again=lambda session, made: service.added(session, person_id, made, channel, input.address),
            answer=payload_of,
        )  # fmt: skip

    @strawberry.mutation(description="Have a new code sent to a contact method of yours; earlier codes count no more.")
    async def request_contact_code(self, info: Info, input: RequestContactCodeInput) -> ContactMethodResult:
        return await _on_one(info, input, verifications.ask_for_code)

    @strawberry.mutation(description="Verify one of your contact methods by the code sent to it.")
    async def confirm_contact_method(self, info: Info, input: ConfirmContactMethodInput) -> ConfirmContactMethodResult:
        person_id = info.context.caller.person_id
        return await mutate(
            info, input, lambda session, method_id: verifications.confirm(session, person_id, method_id, input.code),
            again=lambda session, method_id: verifications.outcome(session, person_id, method_id),
            answer=_guessed, about=("ContactMethod", input.contact_method_id),
        )  # fmt: skip

    @strawberry.mutation(description="Never use one of your contact methods again. Calls under way still reach it.")
    async def retire_contact_method(self, info: Info, input: RetireContactMethodInput) -> ContactMethodResult:
        return await _on_one(info, input, reliance.retire_method)

    @strawberry.mutation(description="Put your contact methods in order of preference.")
    async def order_contact_methods(self, info: Info, input: OrderContactMethodsInput) -> ContactMethodsResult:
        person_id = info.context.caller.person_id

        async def work(session: TenantSession, _: UUID) -> list[MethodRow]:
            wanted = [key_of("ContactMethod", one) for one in input.contact_method_ids]
            return await service.put_in_order(session, person_id, wanted)

        async def again(session: TenantSession, _: UUID) -> list[MethodRow]:
            rows = (await contacts.every_method(session, [person_id]))[person_id]
            return [row for row in rows if row.retired_at is None]

        return await mutate(info, input, work, again=again, answer=_ordered)


def _ordered(rows: list[MethodRow]) -> ContactMethodsPayload:
    return ContactMethodsPayload(contact_methods=[ContactMethod.of(row) for row in rows])


def _guessed(guess: Guess) -> ConfirmContactMethodPayload:
    return ConfirmContactMethodPayload(
        contact_method=ContactMethod.of(guess.method), confirmed=guess.right, guesses_left=max(guess.left, 0)
    )
