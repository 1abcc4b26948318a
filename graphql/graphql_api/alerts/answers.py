"""Answers to a slot: who gave them, and how they came."""

from enum import Enum

import strawberry

from graphql_api.context import Info
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.scalars import Instant
from notifications.alerts.models import Factor, Given, Via
from notifications.alerts.models import SlotAnswer as AnswerRow

SlotAnswerGiven: type[Enum] = strawberry.enum(Given, name="SlotAnswerGiven", description="Whether somebody comes.")
AnswerMeans: type[Enum] = strawberry.enum(
    Via, name="AnswerMeans",
    description="How an answer came: in the app, by a message's link, by text, by a key pressed in a call, or through "
    "a duty manager who answered for somebody.",
)  # fmt: skip
AnswerFactor: type[Enum] = strawberry.enum(
    Factor, name="AnswerFactor",
    description="What the answerer had shown to have: a sign-in, or the number or mailbox that was verified as theirs.",
)  # fmt: skip


@strawberry.type(description="An answer as it was given. What has become of the slot since is in the slot.")
class SlotAnswer:
    given: SlotAnswerGiven  # type: ignore[valid-type]
    means: AnswerMeans  # type: ignore[valid-type]
    factor: AnswerFactor  # type: ignore[valid-type]
    at: Instant = strawberry.field(description="When it took effect, by the database clock.")
    device_at: Instant | None = strawberry.field(
        description="When the phone says that it was given; null unless it was made offline."
    )
    handover: bool = strawberry.field(description="Whether it answers an offer to take the slot over.")
    reason: str | None = strawberry.field(description="Why a duty manager answered; null for one's own answer.")
    row: strawberry.Private[AnswerRow]

    @strawberry.field(description="Who comes, or does not.")
    def person(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.person_id)

    @strawberry.field(description="The duty manager who said so for them; null for one's own answer.")
    def given_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.given_by)

    @classmethod
    def of(cls, row: AnswerRow) -> "SlotAnswer":
        return cls(
            given=Given(row.given), means=Via(row.via), factor=Factor(row.factor), at=Instant(row.at),
            device_at=Instant(row.device_at) if row.device_at else None,
            handover=row.offer_id is not None, reason=row.reason, row=row,
        )  # fmt: skip
