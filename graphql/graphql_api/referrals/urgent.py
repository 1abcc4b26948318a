"""What whoever made an urgent referral is told: that social care is called, and the numbers to telephone."""

from zoneinfo import ZoneInfo

import strawberry

from backend.referrals import urgent
from backend.referrals.models import Referral as ReferralRow
from graphql_api.context import Info
from graphql_api.directory.services import IN_DANGER
from graphql_api.scalars import Instant
from notifications.who_to_call.resolver import Call


@strawberry.type(description="A number that is answered now.")
class TelephoneNumber:
    service: str
    number: str
    label: str
    until: Instant | None = strawberry.field(description="When it closes; null where it does not.")

    @classmethod
    def of(cls, one: Call, zone: str) -> "TelephoneNumber":
        until = Instant(one.until.replace(tzinfo=ZoneInfo(zone))) if one.until else None
        return cls(service=one.service.name, number=one.point.value, label=one.point.label, until=until)


@strawberry.type(description="What an urgent referral has set going, and what its referrer does besides.")
class UrgentCall:
    called_at: Instant | None = strawberry.field(
        description="Since when whoever is on duty for social care is being called. Null: nobody could be called yet,"
        " so that a call by telephone is the one way."
    )
    in_danger: str = strawberry.field(description="What comes before all of it.")
    telephone: list[TelephoneNumber] = strawberry.field(
        description="Social care's numbers in the area at this hour, in the order in which to try them. Show them:"
        " no answer here tells that anybody has taken the referral up."
    )


async def urgent_call(info: Info, row: ReferralRow) -> UrgentCall | None:
    """None for a referral that said nothing of urgent action."""
    async with info.context.db() as session:
        found = await urgent.told(session, row)
    if found is None:
        return None
    return UrgentCall(
        called_at=Instant(found.called_at) if found.called_at is not None else None, in_danger=IN_DANGER,
        telephone=[TelephoneNumber.of(one, info.context.partnership.zone) for one in found.telephone],
    )  # fmt: skip
