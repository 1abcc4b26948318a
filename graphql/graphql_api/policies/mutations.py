"""Draft a policy, have it checked, put it in force; set one's own notification rules."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

import strawberry

from backend.identity.policies import Permission
from backend.kit.problems import FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault
from graphql_api.context import Info
from graphql_api.policies.inputs import PolicySlotInput, read
from graphql_api.policies.types import AlertPolicy, as_entered
from graphql_api.problems import ONCE, AnyProblem, Given, mutate
from notifications.ladders import repository, service
from notifications.ladders.models import AlertPolicy as PolicyRow


@strawberry.input(description="The next version of a type's policy. It may be incomplete; nothing follows it yet.")
class DraftAlertPolicyInput:
    type: str = strawberry.field(description="Lower-case words with hyphens, such as missing-from-care.")
    title: str = strawberry.field(description="Up to 200 characters.")
    citation: str = strawberry.field(default="", description="Source of the duty to tell, if there is one.")
    manual: bool = strawberry.field(default=False, description="Whether practitioners may raise the type.")
    slots: list[PolicySlotInput] = strawberry.field(description="Who must be reached, each with a ladder.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Have a draft checked against the rotas, people and desks there are.")
class ValidateAlertPolicyInput:
    policy_id: strawberry.ID = strawberry.field(description="A draft.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Put a version in force. Alerts raised from then on follow it.")
class SwitchOnAlertPolicyInput:
    policy_id: strawberry.ID = strawberry.field(description="A version that was validated.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="The version as it is now.")
class AlertPolicyPayload:
    policy: AlertPolicy


AlertPolicyResult = Annotated[
    AlertPolicyPayload | AnyProblem,
    strawberry.union("AlertPolicyResult", description="The version as it is now, or every fault that it has."),
]

_TYPE = "must be lower-case letters, digits and single hyphens, up to 60, such as missing-from-care"


def _check(input: DraftAlertPolicyInput) -> None:
    words = input.type.split("-")
    plain = all(word.isascii() and word.isalnum() and word == word.lower() for word in words)
    faults = [] if plain and len(input.type) <= 60 else [FieldError("type", _TYPE)]
    faults += [fault for fault in [text_fault("title", input.title, 200)] if fault]
    if input.citation:
        faults += [fault for fault in [text_fault("citation", input.citation, 200)] if fault]
    if faults:
        raise Invalid(faults)


async def _change(
    info: Info, given: Given, work: Callable[[TenantSession, UUID], Awaitable[PolicyRow]], policy_id: str | None = None
) -> AlertPolicyResult:
    async def checked(session: TenantSession, new_id: UUID) -> PolicyRow:
        try:
            return await work(session, new_id)
        except Invalid as found:
            raise Invalid([as_entered(fault) for fault in found.errors]) from found

    return await mutate(
        info, given, checked, again=repository.policy, needs=Permission.MANAGE_ALERT_POLICIES,
        about=("AlertPolicy", policy_id) if policy_id is not None else None,
        answer=lambda row: AlertPolicyPayload(policy=AlertPolicy.of(row)),
    )  # fmt: skip


@strawberry.type
class AlertPolicyMutations:
    @strawberry.mutation(description="Write down the next version of a policy. To change a draft, draft again.")
    async def draft_alert_policy(self, info: Info, input: DraftAlertPolicyInput) -> AlertPolicyResult:
        async def work(session: TenantSession, policy_id: UUID) -> PolicyRow:
            _check(input)
            return await service.draft(
                session, input.type, title=input.title, citation=input.citation, manual=input.manual,
                slots=read(input.slots), by=info.context.caller.person_id, policy_id=policy_id,
            )  # fmt: skip

        return await _change(info, input, work)

    @strawberry.mutation(description="Check a draft. Every fault is listed with its remedy.")
    async def validate_alert_policy(self, info: Info, input: ValidateAlertPolicyInput) -> AlertPolicyResult:
        by = info.context.caller.person_id
        return await _change(
            info, input, lambda session, policy_id: service.validate(session, policy_id, by), input.policy_id
        )

    @strawberry.mutation(description="Put a validated version in force. The one before is superseded.")
    async def switch_on_alert_policy(self, info: Info, input: SwitchOnAlertPolicyInput) -> AlertPolicyResult:
        by = info.context.caller.person_id
        return await _change(
            info, input, lambda session, policy_id: service.switch_on(session, policy_id, by), input.policy_id
        )
