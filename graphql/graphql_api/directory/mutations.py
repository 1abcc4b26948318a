"""Keeping the directory. What a policy in force leans on is not taken away from under it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import strawberry
from pydantic import TypeAdapter, ValidationError

from backend.identity.policies import Caller, Permission
from backend.kit.problems import FieldError, Forbidden, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault
from graphql_api.alerts.types import Channel
from graphql_api.context import Info
from graphql_api.directory.services import DirectoryPoint
from graphql_api.directory.types import DirectoryEntry
from graphql_api.ids import key_of
from graphql_api.people.inputs import code_faults, role_faults
from graphql_api.policies.inputs import HoursInput
from graphql_api.problems import ONCE, AnyProblem, mutate
from graphql_api.wording import in_words
from notifications.ladders.hours import Hours
from notifications.ladders.reliance import ladders_kept
from tenants.contacts import directory
from tenants.contacts import directory_repository as stored
from tenants.contacts import service_repository as services
from tenants.contacts import services as keeping
from tenants.contacts.directory import EntryPlan
from tenants.contacts.models import Channel as ChannelValue
from tenants.contacts.models import DirectoryEntry as EntryRow
from tenants.contacts.service_models import DirectoryPoint as PointRow

MOST_HOURS = 50
_HOURS: TypeAdapter[tuple[Hours, ...]] = TypeAdapter(tuple[Hours, ...])
_ADDRESS = "A United Kingdom number, an email address, or for a webhook an https address."
_HOURS_SAID = "When it is there, by the partnership's clocks; leave out for always."


@strawberry.input(description="Enter a fixed contact, an out-of-hours desk or another system.")
class CreateDirectoryEntryInput:
    code: str = strawberry.field(
        description="What alert policies name it by: lower-case words with hyphens. That of a retired entry takes it up"
        " again."
    )
    role: str = strawberry.field(description="What it answers for, such as childrens_social_care.")
    name: str = strawberry.field(description="As people know it, up to 200 characters.")
    area_id: strawberry.ID | None = strawberry.field(default=None, description="Where it serves; leave out for all.")
    channel: Channel = strawberry.field(description="By what it is reached; not PUSH.")  # type: ignore[valid-type]
    address: str = strawberry.field(description=_ADDRESS)
    hours: list[HoursInput] | None = strawberry.field(default=None, description=_HOURS_SAID)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Change all of an entry but its code.")
class ChangeDirectoryEntryInput:
    entry_id: strawberry.ID = strawberry.field(description="An entry in use.")
    role: str = strawberry.field(description="What it answers for, such as childrens_social_care.")
    name: str = strawberry.field(description="As people know it, up to 200 characters.")
    area_id: strawberry.ID | None = strawberry.field(default=None, description="Where it serves; leave out for all.")
    channel: Channel = strawberry.field(description="By what it is reached; not PUSH.")  # type: ignore[valid-type]
    address: str = strawberry.field(description=_ADDRESS)
    hours: list[HoursInput] | None = strawberry.field(default=None, description=_HOURS_SAID)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Never use an entry again. Its code and its history stay.")
class RetireDirectoryEntryInput:
    entry_id: strawberry.ID = strawberry.field(description="An entry that no policy in force leans on.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Make a new secret for a webhook.")
class RotateWebhookSecretInput:
    entry_id: strawberry.ID = strawberry.field(description="An entry that is reached by webhook.")
    overlap_hours: int = strawberry.field(
        default=24, description="How long the present secret signs as well, 0 to 168; 0 when it has leaked."
    )
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Say that a way to reach a service works.")
class VerifyDirectoryPointInput:
    point_id: strawberry.ID = strawberry.field(description="A way to reach a service.")
    how: str = strawberry.field(description="How you made sure, up to 300 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="The way to reach a service as it is now.")
class DirectoryPointPayload:
    point: DirectoryPoint


DirectoryPointResult = Annotated[
    DirectoryPointPayload | AnyProblem,
    strawberry.union("DirectoryPointResult", description="The way to reach a service, or why it was refused."),
]


@strawberry.type(description="The entry as it is now.")
class DirectoryEntryPayload:
    entry: DirectoryEntry
    secret: str | None = strawberry.field(
        description="What messages to a webhook are signed with (Standard Webhooks, whsec_…). It is shown this once;"
        " null when the request is repeated, and for what is reached otherwise."
    )


DirectoryEntryResult = Annotated[
    DirectoryEntryPayload | AnyProblem,
    strawberry.union("DirectoryEntryResult", description="The entry as it is now, or why it was refused."),
]

_Made = tuple[EntryRow, str | None]


def _payload(made: _Made) -> DirectoryEntryPayload:
    return DirectoryEntryPayload(entry=DirectoryEntry.of(made[0]), secret=made[1])


async def _again(session: TenantSession, entry_id: UUID) -> _Made:
    return await stored.entry(session, entry_id), None


async def _leave_webhooks(
    session: TenantSession, caller: Caller, channel: ChannelValue | None, entry_id: UUID | None = None
) -> None:
    """Raise ``Forbidden`` for an application that would enter, change or retire another system's endpoint."""
    if not caller.is_application:
        return
    was = (await stored.entry(session, entry_id)).channel if entry_id is not None else None
    if ChannelValue.WEBHOOK in (channel, was):
        raise Forbidden("An application keeps numbers and addresses, no webhooks. Ask the partnership's administrator.")


def _plan(given: CreateDirectoryEntryInput | ChangeDirectoryEntryInput) -> EntryPlan:
    """What the entry shall say. Raises ``Invalid`` with every fault, ``NotFound`` for an area."""
    faults = [fault] if (fault := text_fault("name", given.name, 200)) else []
    faults += role_faults("role", given.role)
    if isinstance(given, CreateDirectoryEntryInput):
        faults += code_faults("code", given.code)
    if faults:
        raise Invalid(faults)
    return EntryPlan(
        given.role, given.name, key_of("Area", given.area_id) if given.area_id is not None else None,
        ChannelValue(given.channel), given.address, _hours(given.hours or ()),
    )  # fmt: skip


def _hours(given: Sequence[HoursInput]) -> list[dict[str, Any]]:
    if len(given) > MOST_HOURS:
        raise Invalid([FieldError("hours", f"must be at most {MOST_HOURS}")])
    try:
        read = _HOURS.validate_python([hours.plain() for hours in given])
    except ValidationError as error:
        fields = {
            ".".join(["hours", *(str(part) for part in fault["loc"])]): in_words(fault) for fault in error.errors()
        }
        # A list whose item cannot be read is also called too short; the item says more.
        own = {f: said for f, said in fields.items() if not any(other.startswith(f"{f}.") for other in fields)}
        raise Invalid([FieldError(f, said) for f, said in own.items()]) from error
    return [hours.model_dump(mode="json") for hours in read]


@strawberry.type
class DirectoryMutations:
    @strawberry.mutation(description="Enter a contact, a desk or an endpoint. The secret of an endpoint is shown once.")
    async def create_directory_entry(self, info: Info, input: CreateDirectoryEntryInput) -> DirectoryEntryResult:
        async def work(session: TenantSession, entry_id: UUID) -> _Made:
            plan = _plan(input)
            await _leave_webhooks(session, info.context.caller, plan.channel)
            made = await directory.create(session, entry_id, input.code, plan, by=info.context.caller.person_id)
            return made, directory.made_secret(made) if plan.channel is ChannelValue.WEBHOOK else None

        async def again(session: TenantSession, entry_id: UUID) -> _Made:
            taken_up = await stored.entry_by_code(session, input.code)
            return taken_up or await stored.entry(session, entry_id), None

        return await mutate(info, input, work, again=again, answer=_payload, needs=Permission.MANAGE_DIRECTORY)

    @strawberry.mutation(description="Change an entry. Refused while a policy in force would have a fault by it.")
    async def change_directory_entry(self, info: Info, input: ChangeDirectoryEntryInput) -> DirectoryEntryResult:
        async def work(session: TenantSession, entry_id: UUID) -> _Made:
            caller, plan = info.context.caller, _plan(input)
            await _leave_webhooks(session, caller, plan.channel, entry_id)
            async with ladders_kept(session):
                return await directory.change(session, entry_id, plan, by=caller.person_id), None

        return await mutate(
            info, input, work, again=_again, answer=_payload, needs=Permission.MANAGE_DIRECTORY,
            about=("DirectoryEntry", input.entry_id),
        )  # fmt: skip

    @strawberry.mutation(description="Retire an entry. Refused while a policy in force leans on it.")
    async def retire_directory_entry(self, info: Info, input: RetireDirectoryEntryInput) -> DirectoryEntryResult:
        async def work(session: TenantSession, entry_id: UUID) -> _Made:
            caller = info.context.caller
            await _leave_webhooks(session, caller, None, entry_id)
            async with ladders_kept(session):
                return await directory.retire(session, entry_id, by=caller.person_id), None

        return await mutate(
            info, input, work, again=_again, answer=_payload, needs=Permission.MANAGE_DIRECTORY,
            about=("DirectoryEntry", input.entry_id),
        )  # fmt: skip

    @strawberry.mutation(description="Rotate a webhook's secret. The new one is shown once; the present one overlaps.")
    async def rotate_webhook_secret(self, info: Info, input: RotateWebhookSecretInput) -> DirectoryEntryResult:
        async def work(session: TenantSession, entry_id: UUID) -> _Made:
            overlap = timedelta(hours=max(-1, min(input.overlap_hours, 10_000)))
            return await directory.rotate_secret(session, entry_id, overlap, by=info.context.caller.person_id)

        return await mutate(
            info, input, work, again=_again, answer=_payload, needs=Permission.MANAGE_DIRECTORY,
            about=("DirectoryEntry", input.entry_id),
        )  # fmt: skip

    @strawberry.mutation(description="Say that you made sure today that a way to reach a service works.")
    async def verify_directory_point(self, info: Info, input: VerifyDirectoryPointInput) -> DirectoryPointResult:
        async def work(session: TenantSession, point_id: UUID) -> PointRow:
            return await keeping.verify(session, point_id, input.how, by=info.context.caller.person_id)

        return await mutate(
            info, input, work, again=services.point, answer=_point, needs=Permission.MANAGE_DIRECTORY,
            about=("DirectoryPoint", input.point_id),
        )  # fmt: skip


def _point(row: PointRow) -> DirectoryPointPayload:
    return DirectoryPointPayload(point=DirectoryPoint.of(row))
