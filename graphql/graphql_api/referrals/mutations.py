"""Making a referral."""

from enum import Enum
from typing import Annotated
from uuid import UUID

import strawberry

from backend.identity.policies import Permission
from backend.kit.session import TenantSession
from backend.referrals import repository, service
from backend.referrals.models import Referral as ReferralRow
from backend.referrals.told import ReferralTold, ReferrerTold
from backend.referrals.told import ReferrerKind as ReferrerKindValue
from graphql_api.cases.inputs import ChildInput, child_told
from graphql_api.context import Info
from graphql_api.ids import key_of
from graphql_api.problems import ONCE, AnyProblem, mutate
from graphql_api.referrals.types import Referral
from graphql_api.referrals.urgent import UrgentCall, urgent_call

ReferrerKind: type[Enum] = strawberry.enum(
    ReferrerKindValue,
    description="Who refers: a PROFESSIONAL; anybody of the PUBLIC, the CHILD or the FAMILY, who stays known to few.",
)


@strawberry.input(description="Who is worried about the child.")
class ReferrerInput:
    kind: ReferrerKind = strawberry.field(description="Decides who is shown the referrer.")  # type: ignore[valid-type]
    name: str | None = strawberry.field(default=None, description="Up to 200 characters; a professional gives it.")
    organisation: str | None = strawberry.field(
        default=None, description="A professional's; default: that of the application which sends it in."
    )
    telephone: str | None = strawberry.field(default=None, description="To be called back.")


@strawberry.input(
    description="Refer children in writing. Whoever is in danger now is helped by a call: dial 999, then social care."
)
class MakeReferralInput:
    area_id: strawberry.ID = strawberry.field(description="The local authority's area where the children are.")
    children: list[ChildInput] = strawberry.field(description="One to 20, born or unborn.")
    referrer: ReferrerInput = strawberry.field(description="Who is worried about them.")
    significant_harm: bool = strawberry.field(
        description="A child is believed to suffer significant harm, or to be at risk of it. False: may be in need."
    )
    concern: str = strawberry.field(description="What the concern is; up to 10,000 characters, as other texts here.")
    origin: str | None = strawberry.field(default=None, description="How and why it arose.")
    needs: str | None = strawberry.field(default=None, description="What the child and the family seem to need.")
    maltreatment_alleged: bool | None = strawberry.field(
        default=None, description="Whether abuse or neglect is alleged; leave out if not known."
    )
    urgent: bool | None = strawberry.field(
        default=None,
        description="Whether a child needs action at once. Whoever is on duty for social care is called then, at any"
        " hour; telephone besides. Left out or false, the referral waits until somebody looks.",
    )
    family_consulted: str | None = strawberry.field(
        default=None, description="What the family knows of the referral and agrees to."
    )
    why_not_consulted: str | None = strawberry.field(default=None, description="Why the family was not asked.")
    their_reference: str | None = strawberry.field(
        default=None, description="Your own reference, up to 80 characters; nobody's name."
    )
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="The referral as it was received.")
class ReferralPayload:
    referral: Referral
    row: strawberry.Private[ReferralRow]

    @strawberry.field(description="Of an urgent referral, who is called and the numbers to telephone; otherwise null.")
    async def urgent_call(self, info: Info) -> UrgentCall | None:
        return await urgent_call(info, self.row)


ReferralResult = Annotated[
    ReferralPayload | AnyProblem,
    strawberry.union("ReferralResult", description="The referral as it was received, or why it was refused."),
]


def _told(given: MakeReferralInput) -> ReferralTold:
    who = given.referrer
    return ReferralTold(
        key_of("Area", given.area_id), tuple(child_told(child) for child in given.children),
        ReferrerTold(ReferrerKindValue(who.kind), who.name, who.organisation, who.telephone),
        given.significant_harm, given.concern, given.origin, given.needs, given.maltreatment_alleged, given.urgent,
        given.family_consulted, given.why_not_consulted, given.their_reference,
    )  # fmt: skip


def _payload(row: ReferralRow) -> ReferralPayload:
    return ReferralPayload(referral=Referral.of(row), row=row)


@strawberry.type
class ReferralMutations:
    @strawberry.mutation(
        description="Refer children to children's social care. It opens a case with the pathway as received, and the"
        " times for its acknowledgement and for the decision begin. An urgent one calls social care's duty at once."
    )
    async def make_referral(self, info: Info, input: MakeReferralInput) -> ReferralResult:
        async def work(session: TenantSession, referral_id: UUID) -> ReferralRow:
            return await service.make(session, info.context.caller, _told(input), referral_id)

        async def again(session: TenantSession, referral_id: UUID) -> ReferralRow:
            return await repository.referral(session, info.context.caller, referral_id)

        return await mutate(info, input, work, again=again, answer=_payload, needs=Permission.MAKE_REFERRALS)
