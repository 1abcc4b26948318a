"""A settable database clock: every process on the database sees the same time at once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import asyncpg


class Clock:
    """Replaces the function that all time in the product comes from."""

    def __init__(self, owner_url: str) -> None:
        self._url = owner_url
        self._at: datetime | None = None
        self._kept: asyncpg.Connection | None = None
        self._keeps = False

    @asynccontextmanager
    async def at_hand(self) -> AsyncIterator["Clock"]:
        """Within the block the clock is moved over one connection, opened when it is first needed."""
        self._keeps = True
        try:
            yield self
        finally:
            self._keeps = False
            if self._kept is not None:
                await self._kept.close()
                self._kept = None

    async def freeze(self, at: datetime) -> None:
        """Stop the clock at ``at``."""
        if at.tzinfo is None:
            raise ValueError("an instant needs an offset")
        self._at = at
        await self._define(f"SELECT '{at.isoformat()}'::timestamptz")

    async def advance(self, by: timedelta) -> datetime:
        """Move a stopped clock on; returns where it stands."""
        if self._at is None:
            raise ValueError("freeze the clock before it is advanced")
        await self.freeze(self._at + by)
        return self._at

    async def shift(self, by: timedelta) -> None:
        """Let the clock run, ``by`` ahead of real time."""
        self._at = None
        await self._define(f"SELECT now() + interval '{by.total_seconds()} seconds'")

    async def restore(self) -> None:
        """The clock as it was shipped: the time of the transaction's start."""
        self._at = None
        await self._define("SELECT now()")

    async def _define(self, body: str) -> None:
        kept = self._kept if self._kept is not None and not self._kept.is_closed() else None
        connection = kept or await asyncpg.connect(self._url)
        try:
            await connection.execute(
                "CREATE OR REPLACE FUNCTION app.now() RETURNS timestamptz"
                f" LANGUAGE sql STABLE PARALLEL SAFE AS $$ {body} $$"
            )
        finally:
            if self._keeps:
                self._kept = connection
            else:
                await connection.close()
