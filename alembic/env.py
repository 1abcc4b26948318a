"""Runs migrations as the owner role, one transaction for all, under a lock against a second runner."""

import asyncio
import os

from alembic import context
from sqlalchemy import Connection, text

from backend.kit.database import make_engine
from backend.models import metadata

_MIGRATION_LOCK = 5_366_420_061


def _include(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "schema" or name in {None, "routing"}


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection, target_metadata=metadata, include_schemas=True, include_name=_include,
        compare_type=True, version_table="schema_version",
    )  # fmt: skip
    with context.begin_transaction():
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        context.run_migrations()


async def _run() -> None:
    url = os.environ.get("DATABASE_OWNER_URL")
    if not url:
        message = "Set DATABASE_OWNER_URL: migrations run as the role that owns the tables."
        raise SystemExit(message)
    engine = make_engine(url, pool_size=1)
    async with engine.connect() as connection:
        await connection.run_sync(_migrate)
        await connection.commit()
    await engine.dispose()


asyncio.run(_run())
