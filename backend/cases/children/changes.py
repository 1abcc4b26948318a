"""Telling other packages that a child's dates have changed, without knowing them.

A birth, a corrected date of either kind and an unborn child who becomes a subject owe ``CHILD_DATES_CHANGED`` in their
own transaction. A worker then owes each follower its own task, with the child's id, so that one that fails is tried
again alone. Whatever counts back from an expected date, or on from a birth, writes beside its ``register_once``::

    register_once(RECOUNT, recount)
    follow(RECOUNT)

Several changes may come to several runs; look at what is there by then.
"""

from typing import Final
from uuid import UUID

from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor, owe

CHILD_DATES_CHANGED: Final = Actor("child_dates_changed", NOTICES)

_followers: list[Actor] = []


def follow(actor: Actor) -> None:
    """Have ``actor`` run on a child's id after each change of the child's dates."""
    if actor not in _followers:
        _followers.append(actor)


async def tell_followers(session: TenantSession, child_id: UUID) -> None:
    for actor in _followers:
        await owe(session, actor, child_id)
