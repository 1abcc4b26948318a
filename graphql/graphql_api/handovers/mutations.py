"""Writing and signing a hand-over."""

from typing import Annotated
from uuid import UUID

import strawberry

from backend.identity.policies import Permission
from backend.kit.ids import uuid7
from backend.kit.problems import Invalid, NotFound
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault
from graphql_api.context import Info
from graphql_api.handovers.types import Handover
from graphql_api.ids import decode_as
from graphql_api.problems import (
    ONCE,
    ConflictProblem,
    ForbiddenProblem,
    NotFoundProblem,
    ValidationProblem,
    as_problem,
    perform,
)
from notifications.handovers import repository as handovers
from notifications.handovers import service

_MOST = 4_000


@strawberry.input(description="Begin the hand-over of your turn, or of the one before yours, and write its note.")
class WriteHandoverInput:
    role: str = strawberry.field(description="The rota's role, such as paediatrician or sio.")
    note: str | None = strawberry.field(
        default=None,
        description="What who follows must know, up to 4,000 characters; only who hands over writes it."
        " Refer to alerts by their references: no child's details. Writing it anew asks both to sign anew.",
    )
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Sign a hand-over that you leave or receive.")
class AcknowledgeHandoverInput:
    handover_id: strawberry.ID = strawberry.field(description="One of your hand-overs.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="The hand-over as it is now.")
class HandoverPayload:
    handover: Handover


HandoverResult = Annotated[
    HandoverPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("HandoverResult", description="The hand-over as it is now, or why it was refused."),
]


@strawberry.type
class HandoverMutations:
    @strawberry.mutation(description="Begin or rewrite the hand-over of your turn. It is never sent, only shown here.")
    async def write_handover(self, info: Info, input: WriteHandoverInput) -> HandoverResult:
        caller = info.context.caller

        async def work(session: TenantSession, _: UUID) -> HandoverPayload:
            caller.require(Permission.WRITE_HANDOVERS)
            fault = None if input.note is None else text_fault("note", input.note, _MOST)
            if fault is not None:
                raise Invalid([fault])
            return HandoverPayload(
                handover=Handover.of(await service.write(session, input.role, caller.person_id, input.note))
            )

        async def again(session: TenantSession, _: UUID) -> HandoverPayload:
            caller.require(Permission.WRITE_HANDOVERS)
            return HandoverPayload(
                handover=Handover.of(await handovers.latest_of(session, input.role, caller.person_id))
            )

        return await perform(
            info, operation="writeHandover", key=input.idempotency_key, request=[input.role, input.note],
            result_id=uuid7(), work=work, again=again,
        )  # fmt: skip

    @strawberry.mutation(description="Sign a hand-over. Once both have, nothing of it changes any more.")
    async def acknowledge_handover(self, info: Info, input: AcknowledgeHandoverInput) -> HandoverResult:
        caller, wanted = info.context.caller, decode_as("Handover", input.handover_id)
        if wanted is None:
            return as_problem(NotFound("There is no such hand-over in this partnership."))

        async def work(session: TenantSession, handover_id: UUID) -> HandoverPayload:
            caller.require(Permission.WRITE_HANDOVERS)
            signed = await service.acknowledge(session, handover_id, caller.person_id)
            return HandoverPayload(handover=Handover.of(signed))

        async def again(session: TenantSession, handover_id: UUID) -> HandoverPayload:
            caller.require(Permission.WRITE_HANDOVERS)
            return HandoverPayload(handover=Handover.of(await handovers.handover(session, handover_id)))

        return await perform(
            info, operation="acknowledgeHandover", key=input.idempotency_key, request=input.handover_id,
            result_id=wanted, work=work, again=again,
        )  # fmt: skip
