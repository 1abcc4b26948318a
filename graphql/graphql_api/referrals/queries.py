"""What whoever asks has sent in."""

from contextlib import suppress
from typing import Annotated

import strawberry
from sqlmodel import col

from backend.identity.policies import Permission
from backend.kit.problems import NotFound
from backend.referrals import repository
from backend.referrals.models import Referral as ReferralRow
from graphql_api.connections import After, Before, Connection, First, Last, Order, Window, listed
from graphql_api.context import Info
from graphql_api.ids import key_of
from graphql_api.referrals.types import Referral


@strawberry.type
class ReferralQueries:
    @strawberry.field(description="A referral that you have sent in yourself.")
    async def referral(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Its id.")]
    ) -> Referral | None:
        info.context.caller.require(Permission.MAKE_REFERRALS)
        with suppress(NotFound):
            async with info.context.db() as session:
                return Referral.of(await repository.referral(session, info.context.caller, key_of("Referral", id)))
        return None

    @strawberry.field(description="The referrals that you have sent in yourself, newest first.")
    async def referrals(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Referral]:
        info.context.caller.require(Permission.MAKE_REFERRALS)
        order = Order(col(ReferralRow.received_at), col(ReferralRow.id), newest_first=True)
        async with info.context.db() as session:
            query = repository.own(info.context.caller)
            return await listed(session, query, order, Window(first, after, last, before), Referral.of)
