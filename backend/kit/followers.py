"""Telling other packages that something has changed, without knowing them.

The package that changes it owes a task of its own in the transaction that does so, whichever process that is. A
worker, which has imported every package's tasks, then owes each follower its own task with the id of what changed: one
that fails is tried again alone. Without followers nothing follows. A follower writes, beside its ``register_once``::

    register_once(RECHECK_COVER, recheck)
    ROTA_FOLLOWERS.add(RECHECK_COVER)

Several changes may come to several runs; look at what is there by then.
"""

from dataclasses import dataclass, field
from uuid import UUID

from backend.kit.session import TenantSession
from backend.kit.tasks import Actor, owe


@dataclass(slots=True)
class Followers:
    """The actors that run on an id after each change to what it names."""

    actors: list[Actor] = field(default_factory=list)

    def add(self, actor: Actor) -> None:
        if actor not in self.actors:
            self.actors.append(actor)

    async def tell(self, session: TenantSession, subject_id: UUID) -> None:
        """Owe each its task."""
        for actor in self.actors:
            await owe(session, actor, subject_id)
