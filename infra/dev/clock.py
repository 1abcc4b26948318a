"""A settable database clock: every process on the database sees the same time at once."""

from datetime import datetime, timedelta

import asyncpg


class Clock:
    """Replaces the function that all time in the product comes from."""

    def __init__(self, owner_url: str) -> None:
        self._url = owner_url
        self._at: datetime | None = None

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

    async def _define(self, body: str) -> None:
        connection = await asyncpg.connect(self._url)
        try:
            await connection.execute(
                "CREATE OR REPLACE FUNCTION app.now() RETURNS timestamptz"
                f" LANGUAGE sql STABLE PARALLEL SAFE AS $$ {body} $$"
            )
        finally:
            await connection.close()
