"""Wakes those who follow a partnership's changes: one reader of its log a process, however many follow.

The reader is woken by word over Valkey and looks by itself each second, so that a word that is lost only delays. It
holds nothing for anybody: whoever is woken reads the log from the place where they are.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import structlog

from backend.changes import repository, service
from backend.changes.cursors import Place
from backend.changes.models import ChangeKind
from backend.changes.repository import Narrowing
from backend.kit import announcing
from backend.kit.session import open_session
from notifications.alerts.repository import called

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 1.0
HELD_BACK_SECONDS: Final = 0.05  # until an older transaction ends, without which nothing newer is served


@dataclass(eq=False)
class Follower:
    """Somebody who waits for some of the changes: with ``person_id``, for those that concern that person."""

    narrowing: Narrowing
    person_id: UUID | None = None
    _stirred: asyncio.Event = field(default_factory=asyncio.Event)

    def concerns(self, row: Any, callers: dict[UUID, set[UUID]]) -> bool:
        """Whether to look at the log because of a row; ``callers`` are the people called for each alert."""
        if not self.narrowing.takes(row):
            return False
        if self.person_id is None:
            return True
        if row.kind == ChangeKind.ALERT:
            return self.person_id in callers.get(row.subject_id, ())
        return row.person_id in (None, self.person_id)

    def stir(self) -> None:
        self._stirred.set()

    async def stirred(self, seconds: float) -> None:
        """Wait until there may be something, or for so long."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stirred.wait(), seconds)
        self._stirred.clear()


@dataclass(eq=False)
class _Reader:
    """Reads one partnership's log for as long as somebody follows it."""

    tenant_id: UUID
    followers: set[Follower] = field(default_factory=set)
    word: asyncio.Event = field(default_factory=asyncio.Event)
    place: Place | None = None

    async def run(self) -> None:
        while True:
            waiting = LOOK_SECONDS
            try:
                waiting = await self._look()
            except Exception as error:  # a database that is away comes back
                log.warning("changes_unread", exc_info=error)
            with suppress(TimeoutError):
                await asyncio.wait_for(self.word.wait(), waiting)
            self.word.clear()

    async def _look(self) -> float:
        """Stir whom the new rows concern; gives the seconds to the next look."""
        async with open_session(self.tenant_id) as session:
            log_now = await repository.log(session)
            if self.place is None:
                # What was told to nobody before this first look, they read themselves.
                self.place = Place(log_now.horizon)
                self._stir_all()
            rows = await repository.rows(session, self.place, log_now.horizon, Narrowing(), most=service.SCAN)
            alerts = {row.subject_id for row in rows if row.kind == ChangeKind.ALERT}
            callers = await called(session, alerts) if alerts else {}
            held_back = await repository.beyond(session, log_now.horizon)
        self._stir(rows, callers)
        if len(rows) == service.SCAN:
            self.place = Place(rows[-1].transaction, rows[-1].number)
            return 0
        self.place = max(self.place, Place(log_now.horizon))
        return HELD_BACK_SECONDS if held_back else LOOK_SECONDS

    def _stir_all(self) -> None:
        for follower in self.followers:
            follower.stir()

    def _stir(self, rows: Sequence[Any], callers: dict[UUID, set[UUID]]) -> None:
        for follower in self.followers:
            if any(follower.concerns(row, callers) for row in rows):
                follower.stir()


@dataclass
class Hub:
    """The readers of one process. Nothing runs while nobody follows."""

    _readers: dict[UUID, tuple[_Reader, asyncio.Task[None]]] = field(default_factory=dict)
    _listening: asyncio.Task[None] | None = None

    @contextmanager
    def following(self, tenant_id: UUID, narrowing: Narrowing, person_id: UUID | None) -> Iterator[Follower]:
        """A follower, stirred until the block ends."""
        follower = Follower(narrowing, person_id)
        if tenant_id not in self._readers:
            reader = _Reader(tenant_id)
            self._readers[tenant_id] = reader, asyncio.create_task(reader.run())
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen(announcing.announced()))
        reader = self._readers[tenant_id][0]
        reader.followers.add(follower)
        try:
            yield follower
        finally:
            reader.followers.discard(follower)
            if not reader.followers:
                self._readers.pop(tenant_id)[1].cancel()
            if not self._readers:
                self._listening.cancel()
                self._listening = None

    async def _listen(self, words: AsyncIterator[UUID]) -> None:
        async for tenant_id in words:
            if tenant_id in self._readers:
                self._readers[tenant_id][0].word.set()
