"""A case is not closed on a child whose transfer waits for an answer."""

from typing import Final
from uuid import UUID

from backend.kit.session import TenantSession
from backend.pathways.closing import Kind, Remaining
from backend.sharing import repository
from backend.sharing.kinds import FORMS
from backend.sharing.states import Side, State

_WHAT_TO_DO: Final = {
    Side.OUTGOING: "The other side has not answered this offer: wait for its answer, or withdraw the offer.",
    Side.INCOMING: "This offer waits for your answer: accept it, or refuse it.",
}


async def unanswered(session: TenantSession, case_id: UUID) -> list[Remaining]:
    """The offers that a case is kept open for, the oldest first. A notice that cannot be refused keeps none open."""
    return [
        Remaining(Kind.TRANSFER, FORMS[row.kind].pathway, row.kind.value, _WHAT_TO_DO[row.side], row.id)
        for row in await repository.of_case(session, case_id)
        if row.state is State.OFFERED and FORMS[row.kind].refusable
    ]
