"""What a partnership seldom changes, remembered by each process for as long as nobody changes it.

A partnership's *revision* is the id of the last transaction that changed its configuration: triggers of
those tables write it, whoever makes the change and by whatever means. A request learns it with its first
question, and one number then tells whether what the process remembers still holds. Transaction ids are
never given twice, so nothing remembered of a change that was rolled back can be taken for another.
"""

from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Final, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from backend.kit.session import TenantSession

T = TypeVar("T")

_MOST_PARTNERSHIPS: Final = 1000
_Known = tuple[int, dict[Hashable, Any]]
_remembered: WeakKeyDictionary[Engine, dict[UUID, _Known]] = WeakKeyDictionary()


async def remembered(session: TenantSession, what: Hashable, load: Callable[[TenantSession], Awaitable[T]]) -> T:
    """What ``load`` gives, asked of the database only where the configuration has moved on.

    The result is shared by every transaction of the process, so it must not be changed, and not be a row
    that belongs to a session. A transaction that has changed the configuration itself reads its own change.
    """
    revision = await session.revision()
    known = _of_database(session).get(session.tenant_id)
    if known is not None and known[0] == revision and what in known[1]:
        found: T = known[1][what]
        return found
    loaded = await load(session)
    # Somebody may have committed a change between the first question and the second; 0 names no change.
    if revision and await session.revision(anew=True) == revision:
        _remember(session, revision, what, loaded)
    return loaded


def _of_database(session: TenantSession) -> dict[UUID, _Known]:
    return _remembered.setdefault(session.get_bind().engine, {})


def _remember(session: TenantSession, revision: int, what: Hashable, value: Any) -> None:
    partnerships = _of_database(session)
    known = partnerships.get(session.tenant_id)
    if known is None or known[0] != revision:
        if len(partnerships) >= _MOST_PARTNERSHIPS:
            partnerships.clear()
        known = partnerships[session.tenant_id] = (revision, {})
    known[1][what] = value
