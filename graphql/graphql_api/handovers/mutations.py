"""Writing and signing a hand-over."""

from typing import Annotated
from uuid import UUID

import strawberry

from backend.identity.policies import Permission
from backend.kit.problems import Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault
from graphql_api.context import Info
from graphql_api.handovers.types import Handover
from graphql_api.problems import ONCE, AnyProblem, mutate
from graphql_api.scalars import DEVICE_AT, Instant
from notifications.handovers import repository as handovers
from notifications.handovers import service
from notifications.handovers.models import Handover as HandoverRow

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
    device_at: Instant | None = strawberry.field(default=None, description=DEVICE_AT)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="The hand-over as it is now.")
class HandoverPayload:
    handover: Handover


HandoverResult = Annotated[
    HandoverPayload | AnyProblem,
    strawberry.union("HandoverResult", description="The hand-over as it is now, or why it was refused."),
]


def _payload(row: HandoverRow) -> HandoverPayload:
    return HandoverPayload(handover=Handover.of(row))


@strawberry.type
class HandoverMutations:
    @strawberry.mutation(description="Begin or rewrite the hand-over of your turn. It is never sent, only shown here.")
    async def write_handover(self, info: Info, input: WriteHandoverInput) -> HandoverResult:
        person_id = info.context.caller.person_id

        async def work(session: TenantSession, _: UUID) -> HandoverRow:
            fault = None if input.note is None else text_fault("note", input.note, _MOST)
            if fault is not None:
                raise Invalid([fault])
            return await service.write(session, input.role, person_id, input.note)

        return await mutate(
            info, input, work, again=lambda session, _: handovers.latest_of(session, input.role, person_id),
            answer=_payload, needs=Permission.WRITE_HANDOVERS,
        )  # fmt: skip

    @strawberry.mutation(description="Sign a hand-over. Once both have, nothing of it changes any more.")
    async def acknowledge_handover(self, info: Info, input: AcknowledgeHandoverInput) -> HandoverResult:
        person_id = info.context.caller.person_id
        return await mutate(
            info, input,
            lambda session, handover_id: service.acknowledge(session, handover_id, person_id, input.device_at),
            again=handovers.handover, answer=_payload, needs=Permission.WRITE_HANDOVERS,
            about=("Handover", input.handover_id),
        )  # fmt: skip
