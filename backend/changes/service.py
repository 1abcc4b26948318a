"""Reads the log of changes for one person."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Generic, Protocol, TypeVar

from backend.changes import cursors, repository
from backend.changes.cursors import Log, Place
from backend.changes.folding import Entry, Sight, fold
from backend.changes.models import ChangeKind
from backend.changes.repository import Narrowing
from backend.identity.policies import Caller
from backend.kit.problems import FieldError, Invalid
from backend.kit.session import TenantSession

SCAN: Final = 1_000
"""Rows read for one page: a busy partnership's log is passed over in bounded steps, whatever little one sees of it."""


class Shown(Protocol):
    """What a caller may see of some rows."""

    @property
    def sight(self) -> Sight: ...


ShownT = TypeVar("ShownT", bound=Shown)
Look = Callable[[TenantSession, Caller, Sequence[Any], datetime], Awaitable[ShownT]]


@dataclass(frozen=True, slots=True)
class Page(Generic[ShownT]):
    """Entries in the log's order, what was seen of them, the place they reach to, and whether there are more."""

    entries: list[Entry]
    shown: ShownT
    log: Log
    reached: Place
    more: bool
    rights: int

    @property
    def cursor(self) -> str:
        """What to ask with next."""
        return cursors.encode(self.log, self.reached, self.rights)

    def cursor_after(self, entry: Entry) -> str:
        """As ``cursor``, for whoever got no further than an entry."""
        return cursors.encode(self.log, entry.place, self.rights)


async def start(session: TenantSession, caller: Caller) -> str:
    """A cursor from which on everything is told. Get it before the first copies are fetched."""
    log = await repository.log(session)
    return cursors.encode(log, Place(log.horizon), cursors.rights(caller))


def place_of(cursor: str, log: Log, caller: Caller) -> Place:
    """Raises ``Invalid`` for what is no cursor, ``Stale`` for one that can no longer be followed."""
    try:
        return cursors.decode(cursor, log, cursors.rights(caller))
    except ValueError:
        raise Invalid([FieldError("since", "must be a cursor that changes or a subscription gave")]) from None


async def page(
    session: TenantSession, caller: Caller, since: str, kinds: Sequence[ChangeKind] | None, look: Look[ShownT], *,
    most: int,
) -> Page[ShownT]:  # fmt: skip
    """The next entries after a cursor, those of lost cases first. Raises as ``place_of`` does.

    Lost cases are told whatever ``kinds`` are wanted: they take things of other kinds with them.
    """
    log = await repository.log(session)
    after = place_of(since, log, caller)
    lost = await repository.lose(session, caller, log.now)
    first = [Entry(ChangeKind.CASE, case_id, case_id, gone=True, place=after) for case_id in lost[:most]]
    wanted = None if kinds is None else {*kinds, ChangeKind.CASE}
    found = await read(session, caller, log, after, Narrowing(wanted), look, most=most - len(first))
    known = {entry.subject_id for entry in first}
    entries = [
        entry for entry in found.entries
        if (kinds is None or entry.gone or entry.kind in kinds) and not (entry.gone and entry.subject_id in known)
    ]  # fmt: skip
    return replace(found, entries=[*first, *entries])


async def read(
    session: TenantSession, caller: Caller, log: Log, after: Place, narrowing: Narrowing, look: Look[ShownT], *,
    most: int,
) -> Page[ShownT]:  # fmt: skip
    """The entries of a narrowed log after a place."""
    rows = await repository.rows(session, after, log.horizon, narrowing, most=SCAN)
    shown = await look(session, caller, rows, log.now)
    entries, reached = fold(rows, shown.sight, most=most) if most else ([], after)
    more = reached is not None or len(rows) == SCAN
    if reached is None:
        read_up_to = Place(rows[-1].transaction, rows[-1].number) if more else Place(log.horizon)
        reached = max(after, read_up_to)
    return Page(entries, shown, log, reached, more, cursors.rights(caller))
