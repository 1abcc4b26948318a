"""Telling other packages that who is on call has changed, without knowing them.

Each change to a rota owes ``ROTA_CHANGED`` in its own transaction, whichever process makes it. A worker,
which has imported every package's tasks, then owes each follower its own task: one that fails is tried
again alone. Without followers nothing follows. A follower writes, beside its ``register_once``::

    register_once(RECHECK_COVER, recheck)
    follow(RECHECK_COVER)

and is run with the rota's id. Several changes may come to several runs; look at what is there by then.
"""

from typing import Final
from uuid import UUID

from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor, owe

ROTA_CHANGED: Final = Actor("rota_changed", NOTICES)

_followers: list[Actor] = []


def follow(actor: Actor) -> None:
    """Have ``actor`` run on a rota's id after each change to who is on call there."""
    if actor not in _followers:
        _followers.append(actor)


async def tell_followers(session: TenantSession, rota_id: UUID) -> None:
    for actor in _followers:
        await owe(session, actor, rota_id)
