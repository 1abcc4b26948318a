"""In which areas an event happened. What lies above says it of its own things, each as it stands when it is asked."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias
from uuid import UUID

from backend.kit.session import TenantSession

Find: TypeAlias = Callable[[TenantSession, UUID], Awaitable[frozenset[UUID]]]

_OF_THE_WHOLE_PARTNERSHIP: Final = frozenset({"PathwayEdition", "WebhookEndpoint"})
_finds: Final[dict[str, Find]] = {}


def placed_by(kind: str, find: Find) -> None:
    """Have ``find`` say in which areas a thing of a kind of ``events`` is."""
    _finds[kind] = find


async def areas_of(session: TenantSession, kind: str, subject_id: UUID) -> frozenset[UUID]:
    """The areas of a thing; none where nobody has said which, or where it is the whole partnership's.

    Raises ``KeyError`` for a kind that nobody places.
    """
    return frozenset() if kind in _OF_THE_WHOLE_PARTNERSHIP else await _finds[kind](session, subject_id)
