"""One's own notification rules."""

from typing import Annotated

import strawberry

from backend.identity.policies import Permission
from graphql_api.alerts.types import Channel
from graphql_api.context import Info
from graphql_api.problems import ONCE, AnyProblem, mutate
from notifications.ladders import preference_service as service
from notifications.ladders.preferences import ChannelRule as RuleValue
from notifications.ladders.preferences import NotificationRules as RulesValue
from tenants.contacts.models import Channel as ChannelValue


@strawberry.type(description="A channel, and how many seconds after the call it is used.")
class ChannelRule:
    channel: Channel  # type: ignore[valid-type]
    after: int

    @classmethod
    def of(cls, rule: RuleValue) -> "ChannelRule":
        return cls(channel=ChannelValue(rule.channel), after=rule.after)


@strawberry.type(
    description="By which channels you want to be called, in your order. What a policy calls you by is used as well,"
    " and one channel always at once."
)
class NotificationRules:
    urgent: list[ChannelRule] = strawberry.field(description="For calls that want an answer.")
    routine: list[ChannelRule] = strawberry.field(description="For notices.")

    @classmethod
    def of(cls, rules: RulesValue) -> "NotificationRules":
        return cls(
            urgent=[ChannelRule.of(rule) for rule in rules.urgent],
            routine=[ChannelRule.of(rule) for rule in rules.routine],
        )


@strawberry.input(description="A channel, and how many seconds after the call it is used.")
class ChannelRuleInput:
    channel: Channel = strawberry.field(description="A channel that you have a verified way for.")  # type: ignore[valid-type]
    after: int = strawberry.field(default=0, description="0 to 3,600 seconds; the first of a list is 0.")


@strawberry.input(description="Your own rules. An empty list leaves it to the policy.")
class SetNotificationRulesInput:
    urgent: list[ChannelRuleInput] = strawberry.field(description="For calls that want an answer.")
    routine: list[ChannelRuleInput] = strawberry.field(description="For notices.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="Your rules as they are now.")
class NotificationRulesPayload:
    rules: NotificationRules


NotificationRulesResult = Annotated[
    NotificationRulesPayload | AnyProblem,
    strawberry.union("NotificationRulesResult", description="Your rules as they are now, or why they were refused."),
]


@strawberry.type
class NotificationRulesQueries:
    @strawberry.field(description="By which channels you want to be called.")
    async def my_notification_rules(self, info: Info) -> NotificationRules:
        info.context.caller.require(Permission.VIEW_ALERTS)
        async with info.context.db() as session:
            return NotificationRules.of(await service.rules_of(session, info.context.caller.person_id))


@strawberry.type
class NotificationRulesMutations:
    @strawberry.mutation(description="Set by which channels you want to be called, from the next call on.")
    async def set_notification_rules(self, info: Info, input: SetNotificationRulesInput) -> NotificationRulesResult:
        given = {
            name: [(ChannelValue(rule.channel), rule.after) for rule in rules]
            for name, rules in (("urgent", input.urgent), ("routine", input.routine))
        }

        person_id = info.context.caller.person_id
        return await mutate(
            info, input, lambda session, _: service.set_rules(session, person_id, **given),
            again=lambda session, _: service.rules_of(session, person_id), needs=Permission.VIEW_ALERTS,
            answer=lambda rules: NotificationRulesPayload(rules=NotificationRules.of(rules)),
        )  # fmt: skip
