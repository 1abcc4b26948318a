"""A person's own devices: registered, moved to a new token, revoked; and a lost one revoked for them."""

from uuid import UUID

import strawberry

from backend.identity import service as identity
from backend.identity.policies import Permission
from backend.kit.session import TenantSession
from graphql_api.contacts.types import ContactMethodResult, DevicePlatform, payload_of
from graphql_api.context import Info
from graphql_api.problems import ONCE, mutate
from notifications.readiness import reliance
from tenants.contacts import device_repository as stored
from tenants.contacts import device_service as service
from tenants.contacts import repository as contacts
from tenants.contacts.devices import Subscription, device_address
from tenants.contacts.models import ContactMethod as MethodRow
from tenants.contacts.models import DevicePlatform as PlatformValue


@strawberry.input(description="What a browser's PushManager gives (RFC 8291), in base64url.")
class PushSubscriptionInput:
    endpoint: str = strawberry.field(description="The https address at which it listens.")
    p256dh: str = strawberry.field(description="Its public key: 65 bytes.")
    auth: str = strawberry.field(description="Its secret: 16 bytes.")

    def value(self) -> Subscription:
        return Subscription(self.endpoint, self.p256dh, self.auth)


@strawberry.input(description="Register a device of yours. It is used once the code sent to it is confirmed.")
class RegisterDeviceInput:
    platform: DevicePlatform = strawberry.field(description="Whose push service it listens to.")  # type: ignore[valid-type]
    token: str | None = strawberry.field(default=None, description="Of FCM and APNs: the device's token.")
    subscription: PushSubscriptionInput | None = strawberry.field(default=None, description="Of a browser.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Give a device its new token. The old one is used until the new one is confirmed.")
class RotateDeviceInput:
    contact_method_id: strawberry.ID = strawberry.field(description="One of your own devices.")
    platform: DevicePlatform = strawberry.field(description="Whose push service it listens to.")  # type: ignore[valid-type]
    token: str | None = strawberry.field(default=None, description="Of FCM and APNs: the device's new token.")
    subscription: PushSubscriptionInput | None = strawberry.field(default=None, description="Of a browser.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Never use a device again, such as a lost one.")
class RevokeDeviceInput:
    contact_method_id: strawberry.ID = strawberry.field(
        description="Your own device, or if you manage people anybody's."
    )
    idempotency_key: str = strawberry.field(description=ONCE)


def _address(given: RegisterDeviceInput | RotateDeviceInput) -> tuple[PlatformValue, str]:
    """Raises ``Invalid``."""
    platform = PlatformValue(given.platform)
    subscription = given.subscription.value() if given.subscription is not None else None
    return platform, device_address(platform, given.token, subscription)


@strawberry.type
class DeviceMutations:
    @strawberry.mutation(description="Register a device of your own; ask for a code to it next. Twice is no error.")
    async def register_device(self, info: Info, input: RegisterDeviceInput) -> ContactMethodResult:
        person_id = info.context.caller.person_id

        async def work(session: TenantSession, method_id: UUID) -> MethodRow:
            made = await service.register(session, person_id, method_id, *_address(input))
            made.registered_in = info.context.signed_in.session
            return made

        async def again(session: TenantSession, _: UUID) -> MethodRow:
            return await service.registered(session, person_id, _address(input)[1])

        return await mutate(info, input, work, again=again, answer=payload_of)

    @strawberry.mutation(description="Move one of your devices to a new token; ask for a code to that next.")
    async def rotate_device(self, info: Info, input: RotateDeviceInput) -> ContactMethodResult:
        person_id = info.context.caller.person_id

        async def work(session: TenantSession, old_id: UUID) -> MethodRow:
            old = await contacts.method(session, person_id, old_id)
            made = await service.rotate(session, old, *_address(input))
            made.registered_in = info.context.signed_in.session
            return made

        async def again(session: TenantSession, _: UUID) -> MethodRow:
            return await service.registered(session, person_id, _address(input)[1])

        about = ("ContactMethod", input.contact_method_id)
        return await mutate(info, input, work, again=again, answer=payload_of, about=about)

    @strawberry.mutation(
        description="Revoke a device of your own; or, if you manage people, somebody else's, whatever hangs on it."
        " Unless it is the one in your hand, whoever is signed in on it is signed out."
    )
    async def revoke_device(self, info: Info, input: RevokeDeviceInput) -> ContactMethodResult:
        caller = info.context.caller

        async def work(session: TenantSession, method_id: UUID) -> MethodRow:
            found = await again(session, method_id)
            lost_with_it = found.registered_in
            if lost_with_it is not None and lost_with_it != info.context.signed_in.session:
                await identity.sign_out(session, found.person_id, lost_with_it, by=caller.person_id)
            if found.person_id == caller.person_id:
                return await reliance.retire_method(session, caller.person_id, method_id)
            return await service.revoke(session, method_id, by=caller.person_id)

        async def again(session: TenantSession, method_id: UUID) -> MethodRow:
            found = await stored.device(session, method_id)
            if found.person_id != caller.person_id:
                caller.require(Permission.MANAGE_PEOPLE)
            return found

        about = ("ContactMethod", input.contact_method_id)
        return await mutate(
            info, input, work, again=again, about=about,
            answer=lambda found: payload_of(found, mine=found.person_id == caller.person_id),
        )  # fmt: skip
