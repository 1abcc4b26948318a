"""What other packages keep in step with who works on a case, in the transaction that changes it."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias
from uuid import UUID

from backend.kit.session import TenantSession

Follower: TypeAlias = Callable[[TenantSession, UUID], Awaitable[None]]

_followers: list[Follower] = []


def follow(follower: Follower) -> None:
    """Have ``follower`` told of each case onto which somebody came or that somebody came off; it lies over this."""
    if follower not in _followers:
        _followers.append(follower)


async def changed(session: TenantSession, case_id: UUID) -> None:
    """Tell all who follow."""
    for follower in _followers:
        await follower(session, case_id)
