"""Keep named posts: make them, appoint to them, end appointments."""

from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry

from backend.identity.policies import Permission
from backend.kit.problems import Invalid
from backend.kit.session import TenantSession
from graphql_api.context import Info
from graphql_api.directory.posts import DirectoryPost
from graphql_api.directory.services import Visibility
from graphql_api.ids import key_of
from graphql_api.people.inputs import code_faults, role_faults
from graphql_api.problems import ONCE, AnyProblem, mutate
from tenants.contacts import posts
from tenants.contacts import service_models as rows
from tenants.contacts.posts import AppointmentTold, PostTold
from tenants.contacts.service_models import Visibility as VisibilityValue


@strawberry.input(description="Make a named post, which nobody holds yet.")
class CreateDirectoryPostInput:
    code: str = strawberry.field(description="Lower-case words with hyphens. It stays as it is.")
    organisation: str = strawberry.field(description="Code of an organisation of the directory.")
    title: str = strawberry.field(description="Such as Designated senior manager; up to 200 characters.")
    role: str | None = strawberry.field(default=None, description="What it answers for, such as designated_officer.")
    area_id: strawberry.ID | None = strawberry.field(default=None, description="Where it answers; leave out for all.")
    visibility: Visibility = strawberry.field(  # type: ignore[valid-type]
        default=VisibilityValue.PROFESSIONAL, description="Who may see it."
    )
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Let somebody hold a post, or deputise in it. The holder before ends on that day.")
class AppointToDirectoryPostInput:
    post_id: strawberry.ID = strawberry.field(description="A post in use.")
    from_on: date = strawberry.field(description="The first day.")
    until_on: date | None = strawberry.field(default=None, description="The first day on which they no longer do.")
    person_id: strawberry.ID | None = strawberry.field(default=None, description="Somebody of the partnership.")
    name: str | None = strawberry.field(default=None, description="Anybody else.")
    deputy: bool = strawberry.field(default=False, description="They stand in for the holder.")
    telephone: str | None = strawberry.field(default=None, description="A United Kingdom number of the post's own.")
    email: str | None = strawberry.field(default=None, description="An address of the post's own.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="End an appointment.")
class EndDirectoryAppointmentInput:
    holder_id: strawberry.ID = strawberry.field(description="An appointment.")
    until_on: date = strawberry.field(description="The first day on which they no longer hold the post.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Take a post out of use. Who held it stays readable.")
class RetireDirectoryPostInput:
    post_id: strawberry.ID = strawberry.field(description="A post.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="The post as it is now.")
class DirectoryPostPayload:
    post: DirectoryPost


DirectoryPostResult = Annotated[
    DirectoryPostPayload | AnyProblem,
    strawberry.union("DirectoryPostResult", description="The post, or why it was refused."),
]


async def _of_holder(session: TenantSession, holder_id: UUID) -> rows.DirectoryPost:
    return await posts.post(session, (await posts.holder(session, holder_id)).post_id)


def _payload(row: rows.DirectoryPost) -> DirectoryPostPayload:
    return DirectoryPostPayload(post=DirectoryPost.of(row))


@strawberry.type
class DirectoryPostMutations:
    @strawberry.mutation(description="Make a named post.")
    async def create_directory_post(self, info: Info, input: CreateDirectoryPostInput) -> DirectoryPostResult:
        async def work(session: TenantSession, post_id: UUID) -> rows.DirectoryPost:
            faults = code_faults("code", input.code)
            faults += role_faults("role", input.role) if input.role is not None else []
            if faults:
                raise Invalid(faults)
            area = key_of("Area", input.area_id) if input.area_id is not None else None
            told = PostTold(input.code, input.organisation, input.title, input.role, area, input.visibility)
            return await posts.create(session, told, post_id, by=info.context.caller.person_id)

        return await mutate(info, input, work, again=posts.post, answer=_payload, needs=Permission.MANAGE_DIRECTORY)

    @strawberry.mutation(description="Let somebody hold a post from a day on, or deputise in it.")
    async def appoint_to_directory_post(self, info: Info, input: AppointToDirectoryPostInput) -> DirectoryPostResult:
        async def work(session: TenantSession, holder_id: UUID) -> rows.DirectoryPost:
            person = key_of("Person", input.person_id) if input.person_id is not None else None
            told = AppointmentTold(input.from_on, person, input.name, input.deputy, input.until_on, input.telephone,
                                   input.email)  # fmt: skip
            post_id = key_of("DirectoryPost", input.post_id)
            made = await posts.appoint(session, post_id, told, holder_id, by=info.context.caller.person_id)
            return await posts.post(session, made.post_id)

        return await mutate(info, input, work, again=_of_holder, answer=_payload, needs=Permission.MANAGE_DIRECTORY)

    @strawberry.mutation(description="End an appointment before a day.")
    async def end_directory_appointment(self, info: Info, input: EndDirectoryAppointmentInput) -> DirectoryPostResult:
        async def work(session: TenantSession, holder_id: UUID) -> rows.DirectoryPost:
            await posts.end(session, holder_id, input.until_on, by=info.context.caller.person_id)
            return await _of_holder(session, holder_id)

        return await mutate(
            info, input, work, again=_of_holder, answer=_payload, needs=Permission.MANAGE_DIRECTORY,
            about=("DirectoryHolder", input.holder_id),
        )  # fmt: skip

    @strawberry.mutation(description="Take a post out of use.")
    async def retire_directory_post(self, info: Info, input: RetireDirectoryPostInput) -> DirectoryPostResult:
        async def work(session: TenantSession, post_id: UUID) -> rows.DirectoryPost:
            return await posts.retire(session, post_id, by=info.context.caller.person_id)

        return await mutate(
            info, input, work, again=posts.post, answer=_payload, needs=Permission.MANAGE_DIRECTORY,
            about=("DirectoryPost", input.post_id),
        )  # fmt: skip
